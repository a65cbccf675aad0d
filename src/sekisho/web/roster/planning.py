"""The form of a rotation: who, from when on, how long each, how many; and whom a shift may be handed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.rulebook.language import holders
from sekisho.web.roster.asked import instant_of
from sekisho.web.roster.days import local
from sekisho.workflows.roster import TEAM, Rotation

USUAL_HOURS, USUAL_NUMBER = "12", "14"
_MORNING = 9
_WHEN = Text("開始日時を入力してください。", "Give the first minute.")
_WHOLE = Text("整数で入力してください。", "Give a whole number.")


@dataclass(frozen=True)
class Planned:
    """What the form shows: as it was sent, else as it is proposed."""

    people: list[str]
    begin_with: str
    from_at: str
    hours: str
    number: str
    deputies: bool


def team(facts: Facts, on: date) -> list[str]:
    """Who is in the CSIRT on the day or later, by key."""
    held = holders(facts, *TEAM).filter(pl.col("until_on").is_null() | (pl.col("until_on") >= on))
    return held.select(pl.col("person").unique().sort()).collect()["person"].to_list()


def proposed(given: Mapping[str, str], people: list[str], until_at: datetime | None) -> Planned:
    """A rotation of all from the last shift's end on, or from next morning; a link may say otherwise."""
    morning = clock.now().astimezone(clock.JAPAN).replace(hour=_MORNING, minute=0) + timedelta(days=1)
    begin = until_at if until_at and until_at > clock.now() else morning
    asked = instant_of(given.get("from_at", ""))
    return Planned(
        people, "", local(asked or begin), _number(given, "hours", USUAL_HOURS),
        _number(given, "number", USUAL_NUMBER), True,
    )  # fmt: skip


def sent(post: Any) -> Planned:
    """The form as somebody sent it."""
    return Planned(
        post.getlist("people"), post.get("begin_with", ""), post.get("from_at", ""), post.get("hours", ""),
        post.get("number", ""), "deputies" in post,
    )  # fmt: skip


def rotation(planned: Planned) -> Rotation:
    """The rotation that was asked for. Raises Invalid where the form cannot be read."""
    begin = instant_of(planned.from_at)
    if begin is None:
        raise Invalid({"from_at": [_WHEN]})
    numbers = {name: _read(name, getattr(planned, name)) for name in ("hours", "number")}
    people = planned.people
    if planned.begin_with in people:
        first = people.index(planned.begin_with)
        people = people[first:] + people[:first]
    return Rotation(people, begin, numbers["hours"], numbers["number"], planned.deputies)


def _read(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid({name: [_WHOLE]})
    return int(text)


def _number(given: Mapping[str, str], name: str, usual: str) -> str:
    text = given.get(name, "")
    return text if text.isascii() and text.isdigit() and len(text) < 6 else usual
