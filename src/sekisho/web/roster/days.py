"""The roster's calendar: each day cut into shifts, and into the spans in which nobody is on duty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.utils.http import urlencode

from sekisho.kernel import clock
from sekisho.kernel.calendar import day_in_words
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.facts.roster import gaps, start_of
from sekisho.records.models import RosterShift

SHIFT = "shift"
GAP, LATER, OPEN, PAST = "gap", "later", "open", "past"  # what a span without anybody is
GAP_WORDS: dict[str, Text] = {
    GAP: Text("空白", "Gap"),
    LATER: Text("空白（先の期間）", "Gap, further ahead"),
    OPEN: Text("未定", "Not planned yet"),
    PAST: Text("当番なし（過去）", "Nobody, in the past"),
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TONES = 8  # colours for people
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Piece:
    """A part of a day. `state`: SHIFT, or what the span without anybody is. `start`, `end`: minutes of the day."""

    state: str
    from_at: datetime
    until_at: datetime
    start: int
    end: int
    times: str
    shift: str = ""
    name: Text | None = None
    deputy: Text | None = None
    tone: int = 0
    is_now: bool = False

    @property
    def word(self) -> Text | None:
        return GAP_WORDS.get(self.state, self.name)

    @property
    def is_shift(self) -> bool:
        return self.state == SHIFT

    @property
    def fill(self) -> str:
        """The query of a rotation that fills it with one shift."""
        hours = max(1, -((self.from_at - self.until_at) // timedelta(hours=1)))
        return urlencode({"from_at": local(self.from_at), "hours": str(hours), "number": "1"})


@dataclass(frozen=True)
class Day:
    on: date
    inside: bool
    is_today: bool
    pieces: list[Piece]

    @property
    def weekday(self) -> Text:
        return Text("月火水木金土日"[self.on.weekday()], _WEEKDAYS[self.on.weekday()])

    @property
    def text(self) -> Text:
        return day_in_words(self.on)

    @property
    def lacks(self) -> bool:
        return any(p.state == GAP for p in self.pieces)


@dataclass(frozen=True)
class Calendar:
    """The roster between two days, both included. `shifts`: its rows; `until_at`: the last end of any shift."""

    days: list[Day]
    shifts: pl.DataFrame
    until_at: datetime | None

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[n : n + 7] for n in range(0, len(self.days), 7)]


def shifts_between(facts: Facts, first: date, last: date) -> pl.DataFrame:
    """The shifts that touch the days, in order. Columns of RosterShift."""
    begin, end = start_of(first), start_of(last + _DAY)
    touching = facts[RosterShift].filter(pl.col("from_at") < end, pl.col("until_at") > begin)
    return touching.sort("from_at", "key").collect()


def calendar(
    facts: Facts,
    shifts: pl.DataFrame,
    first: date,
    last: date,
    *,
    on: date,
    ahead: int,
    names: Mapping[str, Text],
    tones: Mapping[str, int],
    at: datetime,
    month: int | None = None,
) -> Calendar:
    """The calendar from `first` to `last`, of `shifts_between`.

    `ahead`: how many days from `on` may have no gap. `at`: the minute that is marked. `month`: whose days are inside.
    """
    begin, end = start_of(first), start_of(last + _DAY)
    until_at = facts[RosterShift].select(pl.col("until_at").max()).collect().item()
    spans = [_of_shift(row, names, tones) for row in shifts.iter_rows(named=True)]
    window = start_of(on), start_of(on + timedelta(days=ahead))
    for row in gaps(facts, begin, end).collect().iter_rows(named=True):
        spans += _of_gap(row, window, until_at)
    days = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        pieces = sorted(_within(spans, day, at), key=lambda p: (p.from_at, p.shift))
        days.append(Day(day, month in (None, day.month), day == on, pieces))
    return Calendar(days, shifts, until_at)


def tones_of(people: Iterable[str]) -> dict[str, int]:
    """A colour for each person, the same wherever the same people are."""
    return {person: n % TONES for n, person in enumerate(sorted(set(people)))}


def _of_shift(row: dict[str, Any], names: Mapping[str, Text], tones: Mapping[str, int]) -> Piece:
    person, deputy = row["person"], row["deputy"]
    return Piece(
        SHIFT, row["from_at"], row["until_at"], 0, 0, "", row["key"],
        names.get(person, Text(person, person)), names.get(deputy) if deputy else None, tones.get(person, 0),
    )  # fmt: skip


def _of_gap(
    row: dict[str, Any], window: tuple[datetime, datetime], until_at: datetime | None
) -> Iterator[Piece]:
    """A gap, cut where what it is changes: today, at the end of the time ahead, after the last shift of all."""
    edges = sorted({*window, *filter(None, [until_at])})
    begin = row["from_at"]
    for edge in [*(e for e in edges if row["from_at"] < e < row["until_at"]), row["until_at"]]:
        state = _state(begin, window, until_at)
        if not (state == PAST and row["began_at"] is None):  # before the first shift there was no roster yet
            yield Piece(state, begin, edge, 0, 0, "")
        begin = edge


def _state(at: datetime, window: tuple[datetime, datetime], until_at: datetime | None) -> str:
    if at < window[0]:
        return PAST
    if at < window[1]:
        return GAP
    return OPEN if until_at is None or at >= until_at else LATER


def _within(spans: Iterable[Piece], day: date, at: datetime) -> Iterator[Piece]:
    """The parts of the spans that lie in a day."""
    begin, end = start_of(day), start_of(day + _DAY)
    for span in spans:
        first, last = max(span.from_at, begin), min(span.until_at, end)
        if first < last:
            start, stop = (first - begin) // _MINUTE, -((begin - last) // _MINUTE)
            times = f"{_clock(start)}–{_clock(stop)}"
            yield Piece(
                span.state, first, last, start, stop, times,
                span.shift, span.name, span.deputy, span.tone, first <= at < last,
            )  # fmt: skip


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def local(instant: datetime) -> str:
    """An instant as a browser's field takes it."""
    return instant.astimezone(clock.JAPAN).strftime("%Y-%m-%dT%H:%M")
