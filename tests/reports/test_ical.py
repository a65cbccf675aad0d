"""The calendar as iCalendar: read back by the library, and looked at byte by byte without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from sekisho.kernel.clock import day_of
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Leaf
from sekisho.records.facts import Snapshot, snapshot
from sekisho.reports.calendar_entries import Entry
from sekisho.reports.ical import ical
from sekisho.rulebook.words import Someone
from tests.cast import Cast

DAY = date(2027, 2, 28)
PLAIN = Entry(DAY, "due", Text("期限", "Due"), Text("監視の追加", "More watching"), "due/action:AC-1/due_on")
LAPSE = Entry(
    DAY, "lapse", Text("部署ごとに管理責任者を置く", "A manager for every unit"), Text("業務部", "Operations"), "lapse/7-1",
    exact=False, clause="7-1", sentence=Text("管理責任者がいません。", "There is no manager."),
    someone=Someone("role:chief", Text("統括管理責任者", "Chief"), (("P-1", Text("佐倉", "Sakura")),)),
)  # fmt: skip
EMPTY = Snapshot(0, DAY)
HOSTILE = 'a;b,c\\d"e\nBEGIN:VEVENT\r\nEND:VCALENDAR\tx 𠮷野家：①〜'

pytestmark = pytest.mark.django_db


def events(content: bytes) -> list[Any]:
    return Calendar.from_ical(content).walk("VEVENT")


def physical(content: bytes) -> list[bytes]:
    """The lines as they are sent. Asserts that CRLF alone ends a line, the last one too."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    return lines


def logical(content: bytes) -> Iterator[str]:
    """The lines unfolded, by RFC 5545 3.1 and nothing else."""
    whole = b"\r\n".join(physical(content)).replace(b"\r\n ", b"")
    return (line.decode("utf-8") for line in whole.split(b"\r\n"))


def values(content: bytes, name: str) -> list[str]:
    return [
        line.partition(":")[2] for line in logical(content) if line.partition(":")[0].split(";")[0] == name
    ]


# --- as the library reads it ------------------------------------------------------------------------------------


def test_an_entry_is_an_event_of_the_whole_day() -> None:
    (event,) = events(ical([PLAIN], EMPTY, "ja", lambda _: "https://x.example/records/action/AC-1/"))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (DAY, DAY + timedelta(days=1))
    assert event["summary"] == "期限：監視の追加"
    assert event["url"] == "https://x.example/records/action/AC-1/"
    assert event["categories"].cats == ["期限"]
    assert (event["transp"], event["class"]) == ("TRANSPARENT", "CONFIDENTIAL")
    assert not event.errors


@pytest.mark.parametrize(
    ("language", "summary", "acts"),
    [
        ("ja", "不足の見込み 7-1 業務部：部署ごとに管理責任者を置く", "対応者：統括管理責任者、佐倉"),
        ("en", "Will fall short 7-1 Operations: A manager for every unit", "Who acts: Chief, Sakura"),
    ],
)
def test_a_finding_says_what_will_be_so_and_who_acts(language: str, summary: str, acts: str) -> None:
    (event,) = events(ical([LAPSE], EMPTY, language))
    assert event["summary"] == summary
    sentence, by, who = str(event["description"]).split("\n")
    assert sentence == LAPSE.text.in_(language)
    assert by in (
        "この日までに不足となる見込みです（日は特定できません）。",
        "By this day; which day is not known.",
    )
    assert who == acts
    assert "url" not in event


def test_what_is_overdue_says_so_first() -> None:
    (event,) = events(ical([replace(PLAIN, late=True)], EMPTY, "en"))
    assert str(event["summary"]).startswith("[Overdue] Due")


def test_the_calendar_names_itself_and_how_often_it_is_worth_asking() -> None:
    calendar = Calendar.from_ical(ical([], EMPTY, "ja"))
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    assert calendar["x-wr-calname"] == "Sekisho 年間カレンダー"
    assert calendar.decoded("refresh-interval") == timedelta(hours=6)
    assert not calendar.errors


@pytest.mark.parametrize("field", ["summary", "description"])
def test_hostile_words_stay_words(field: str) -> None:
    content = ical([replace(PLAIN, title=Text(HOSTILE, HOSTILE))], EMPTY, "ja")
    (event,) = events(content)
    assert str(event[field]).replace("\r\n", "\n") == f"期限：{HOSTILE}".replace("\r\n", "\n")
    assert content.count(b"BEGIN:VEVENT\r\n") == 1
    assert content.count(b"END:VCALENDAR\r\n") == 1


# --- identifiers and stamps -------------------------------------------------------------------------------------


def test_an_identifier_stays_when_the_day_moves_and_when_others_come() -> None:
    (one,) = values(ical([PLAIN], EMPTY, "ja"), "UID")
    moved = values(ical([LAPSE, replace(PLAIN, on=date(2027, 9, 9))], EMPTY, "en"), "UID")
    assert moved[1] == one
    assert len(set(moved)) == 2


def test_the_same_thing_twice_has_two_identifiers() -> None:
    again = replace(LAPSE, on=date(2027, 8, 1))
    assert len(set(values(ical([LAPSE, again], EMPTY, "ja"), "UID"))) == 2


def test_another_member_has_other_identifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    here = values(ical([PLAIN], EMPTY, "ja"), "UID")
    monkeypatch.setattr("sekisho.reports.ical.signer", lambda: type("Other", (), {"name": "sekisho/other"}))
    assert values(ical([PLAIN], EMPTY, "ja"), "UID") != here


def test_the_stamp_is_the_moment_of_the_ledgers_last_line(cast: Cast) -> None:
    newest = Leaf.objects.latest("seq").at
    (stamp,) = values(ical([PLAIN], snapshot(), "ja"), "DTSTAMP")
    assert stamp == newest.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    earlier = Leaf.objects.get(seq=0).at
    past = Snapshot(1, day_of(earlier), earlier)
    assert events(ical([PLAIN], past, "ja"))[0].decoded("dtstamp") == earlier.replace(microsecond=0)


def test_the_same_question_has_the_same_bytes(cast: Cast) -> None:
    assert ical([PLAIN, LAPSE], snapshot(), "ja") == ical([PLAIN, LAPSE], snapshot(), "ja")


# --- as the wire has it -----------------------------------------------------------------------------------------


def well_formed(content: bytes) -> None:
    for line in physical(content):
        assert len(line) <= 75, f"{len(line)} octets: {line!r}"
        line.decode("utf-8")  # no character is cut in two
    for line in logical(content):
        name, colon, _ = line.partition(":")
        assert colon
        assert name.split(";")[0].replace("-", "").isalnum()
        assert not any(ord(c) < 32 and c != "\t" for c in line)


def test_lines_are_folded_at_75_octets_and_end_with_crlf() -> None:
    long = Text("関所" * 300, "gate " * 200)
    content = ical(
        [replace(PLAIN, title=long), LAPSE], EMPTY, "ja", lambda _: "https://x.example/" + "a" * 200
    )
    well_formed(content)
    assert max(map(len, physical(content))) > 70
    assert values(content, "SUMMARY")[0] == f"期限：{long.ja}"
    assert values(content, "DTSTART") == ["20270228", "20270228"]


@given(
    titles=st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), max_size=4),
    days=st.dates(date(2000, 1, 1), date(2199, 1, 1)),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_comes_back(titles: list[str], days: date) -> None:
    told = [replace(PLAIN, on=days, title=Text(t, t), identity=str(n)) for n, t in enumerate(titles)]
    content = ical(told, EMPTY, "ja")
    well_formed(content)
    found = events(content)
    assert [str(e["summary"]) for e in found] == [f"期限：{t}" for t in titles]
    assert all(e.decoded("dtstart") == days for e in found)


def test_an_empty_ledger_has_a_stamp_too() -> None:
    assert events(ical([PLAIN], EMPTY, "ja"))[0].decoded("dtstamp") == datetime(2018, 10, 24, tzinfo=UTC)
