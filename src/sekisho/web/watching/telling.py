"""A story as the page tells it: events and what stands beside them in one order, with rules and people by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from itertools import groupby
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from sekisho.kernel.texts import Text
from sekisho.records.register import titles
from sekisho.web.cells import person_html
from sekisho.web.templatetags.sekisho import say
from sekisho.web.watching.addresses import linkable
from sekisho.web.watching.around import Happened
from sekisho.web.watching.story import instant
from sekisho.web.watching.words import TYPES, Rules, action_words

_BY = {
    "user": Text("本人", "The user"),
    "service:watch": Text("検知サービス", "The watch"),
}
LEAST: Final = 4  # events in a row that are folded
_FAILED, _SUCCEEDED = Text("失敗", "failed"), Text("成功", "succeeded")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a story."""

    at: datetime
    what: str
    about: Any
    more: dict[str, Any]


class Teller:
    """Tells rows of judged events and what happened beside them; names are looked up once."""

    def __init__(
        self, rows: list[dict[str, Any]], happened: list[Happened] | None = None, others: Iterable[str] = ()
    ) -> None:
        """`others`: whoever else the page names (`person:<key>` and the like)."""
        self.rows, self.happened = rows, happened or []
        self.rules = Rules()
        self._people = titles({who for who in {*others, *_named(self.happened)} if who.startswith("person:")})

    def merged(self) -> list[Told]:
        """Everything in one order, the newest first; what comes again and again in a row is told once."""
        events = (self.event(row) for row in self.rows)
        beside = (Told(h.at, h.what, h.about, h.more | self._beside(h)) for h in self.happened)
        return folded(merge(events, beside, key=lambda told: told.at, reverse=True))

    def event(self, row: dict[str, Any]) -> Told:
        """A judged event with its words."""
        words, tone, icon = action_words(row["action"])
        ended, mark = None, (icon, tone)
        if row["typ"] == "login" and row["ok"] is not None:
            ended = _SUCCEEDED if row["ok"] else _FAILED
            if row["action"] == "allow" and not row["ok"]:
                mark = ("circle-minus", "still")  # nobody came in: no green sign
        more = {
            "typ": TYPES.get(row["typ"], row["typ"]), "ended": ended,
            "words": words, "tone": tone, "mark": mark, "rules": self.rules.all(row["rules"]),
            "shadow": self.rules.all(row["shadow"]),
            "ip_linked": linkable(row["ip"]), "linked": linkable(row["address"]),
        }  # fmt: skip
        return Told(instant(row["at"]), "event", row, more)

    def _beside(self, happened: Happened) -> dict[str, Any]:
        about, what = happened.about, happened.what
        if what in ("notice", "answer"):
            return {"rules": self.rules.all(about.rules)}
        if what == "alert":
            return {
                "rules": self.rules.all([about.rule] if about.rule else []),
                "by": self.by(_by_key(about.decided_by_id)),
            }
        if what in ("freeze", "thaw"):
            return {"by": self.by(about.by if what == "freeze" else about.thawed_by)}
        if what == "held":
            return {"rules": self.rules.all(about.rules)}
        who = {"asked": about.asked_by_id, "first": about.first_by_id}.get(what, about.decided_by_id)
        return {"by": self.by(_by_key(who))}

    def by(self, who: str) -> SafeString:
        """Who acted, as a page writes it."""
        if words := _BY.get(who):
            return format_html("{}", say(words))
        return person_html(who, self._people)


def folded(story: Iterable[Told]) -> list[Told]:
    """A story in which LEAST and more events in a row that are alike stand as one, the others in its `like`."""
    found: list[Told] = []
    for _, run in groupby(story, key=_likeness):
        alike = list(run)
        if len(alike) < LEAST:
            found += alike
        else:
            found.append(replace(alike[0], more=alike[0].more | {"like": alike[1:]}))
    return found


def _likeness(told: Told) -> object:
    """What is alike: the same kind of event from the same network, that ended alike for the same reasons."""
    if told.what != "event":
        return id(told)
    row = told.about
    return (
        *(row[name] for name in ("typ", "ok", "action", "country", "network")),
        *row["rules"],
        *row["shadow"],
    )


def _by_key(person: str | None) -> str:
    return f"person:{person}" if person else ""


def _named(happened: Iterable[Happened]) -> set[str]:
    """Whoever the rows of a story name."""
    found: set[str] = set()
    for each in happened:
        for name in ("by", "thawed_by", "lifted_by"):
            found.add(str(getattr(each.about, name, "") or ""))
        for name in ("asked_by_id", "first_by_id", "decided_by_id"):
            found.add(_by_key(getattr(each.about, name, None)))
    return found
