"""The year calendar as iCalendar (RFC 5545): all-day events that a calendar program subscribes to.

The library escapes texts, folds lines at 75 octets and ends them with CRLF. What the same records tell on the same day
has the same bytes: identifiers follow from the ledger's name and the thing, DTSTAMP from the ledger's last line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from icalendar import Calendar, Event
from icalendar.enums import CLASS, TRANSP

from sekisho.kernel.texts import Text
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Leaf
from sekisho.records.facts import Snapshot
from sekisho.reports.calendar_entries import Entry

MEDIA_TYPE = "text/calendar; charset=utf-8"
NAME = Text("Sekisho 年間カレンダー", "Sekisho year calendar")
_REFRESH = timedelta(hours=6)
_BEGINNING = datetime(2018, 10, 24, tzinfo=UTC)  # the stamp of a calendar of an empty ledger
_LATE = Text("【期限超過】", "[Overdue] ")
_BY = Text("この日までに不足となる見込みです（日は特定できません）。", "By this day; which day is not known.")
_ACTS = Text("対応者：{who}", "Who acts: {who}")


def ical(
    entries: Iterable[Entry], seen: Snapshot, language: str, link: Callable[[Entry], str] | None = None
) -> bytes:
    """The calendar of these entries. `link`: the address that an entry leads to, '' for none."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Sekisho//Calendar//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):  # RFC 7986, and what came before it
        calendar.add(name, NAME.in_(language))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    stamp = stamp_of(seen)
    for entry, uid in _identified(entries):
        calendar.add_component(_event(entry, uid, stamp, language, link(entry) if link else ""))
    return calendar.to_ical()


def stamp_of(seen: Snapshot) -> datetime:
    """When the newest line that the snapshot knows was written, to the second."""
    newest = Leaf.objects.filter(seq=seen.size - 1).values_list("at", flat=True).first()
    return newest.astimezone(UTC).replace(microsecond=0) if newest else _BEGINNING


def _identified(entries: Iterable[Entry]) -> Iterator[tuple[Entry, UUID]]:
    """Each entry with its identifier; what lapses, is mended by itself and lapses again is told apart by its turn."""
    origin, turns = signer().name, Counter[str]()
    for entry in entries:
        turns[entry.identity] += 1
        yield entry, uuid5(NAMESPACE_URL, f"{origin}/{entry.identity}/{turns[entry.identity]}")


def _event(entry: Entry, uid: UUID, stamp: datetime, language: str, url: str) -> Event:
    event = Event()
    event.add("uid", str(uid))
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("summary", _summary(entry, language))
    event.add("description", "\n".join(_description(entry, language)))
    event.add("categories", [entry.what_words.in_(language)])
    event.add("class", CLASS.CONFIDENTIAL)
    event.add("transp", TRANSP.TRANSPARENT)  # it fills nobody's day
    if url:
        event.add("url", url)
    return event


def _summary(entry: Entry, language: str) -> str:
    late = _LATE.in_(language) if entry.late else ""
    what = f"{entry.what_words.in_(language)} " if entry.clause else ""
    return f"{late}{what}{entry.line.in_(language)}"


def _description(entry: Entry, language: str) -> Iterator[str]:
    yield entry.text.in_(language)
    if not entry.exact:
        yield _BY.in_(language)
    if entry.someone is not None:
        names = [name.in_(language) for _, name in entry.someone.people]
        office = [] if entry.someone.code.startswith("person:") else [entry.someone.text.in_(language)]
        yield _ACTS.format(who=("、" if language == "ja" else ", ").join(office + names)).in_(language)
