"""The months of the year calendar as they are shown: weeks of days with their numbers, and the entries one by one."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sekisho.kernel.calendar import short_day
from sekisho.kernel.clock import add_months
from sekisho.kernel.texts import Text
from sekisho.records.facts import Snapshot
from sekisho.reports.calendar_entries import SINGLE, Entry, entries, register_of
from sekisho.reports.year_calendar import WHATS, Days
from sekisho.web.templatetags.sekisho import door, subject_url

SHOWN_A_MONTH = 100  # entries of each month of a year
SHOWN_ALONE = 1_000  # of a month that is shown alone
SINGLE_ALONE = 50  # how many of the same on a day a month that is shown alone tells one by one
SIGNS = {"lapse": "alert-triangle", "due": "calendar-due", "ends": "hourglass", "planned": "calendar-event"}
Counts = list[tuple[str, Text, int]]


@dataclass(frozen=True)
class Line:
    """An entry as it is shown: where it leads, and its sign."""

    entry: Entry
    url: str
    icon: str


@dataclass(frozen=True)
class Cell:
    """A day of the grid. `what`: the gravest of its entries; `words` tells how many there are of each."""

    day: date
    inside: bool
    today: bool
    what: str
    number: int
    words: Text
    lines: list[Line]


@dataclass(frozen=True)
class Shown:
    """A month as it is shown. `more`: how many are not listed. `waiting`: it is not all worked out yet.

    `undated`: how many come within the month without a day that is known; they stand in the list alone.
    """

    first: date
    weeks: list[list[Cell]]
    counts: Counts
    undated: int
    lines: list[Line]
    more: int
    waiting: bool

    @property
    def total(self) -> int:
        return sum(number for _, _, number in self.counts)

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"


def month_shown(first: date, days: Days, seen: Snapshot, *, alone: bool) -> Shown:
    """The month that begins on `first`. `alone`: it is the only one on the page, and told in full."""
    mine = days.between(first, add_months(first, 1) - timedelta(days=1))
    single, most = (SINGLE_ALONE, SHOWN_ALONE) if alone else (SINGLE, SHOWN_A_MONTH)
    told = entries(mine, seen, single=single, at_most=most)
    lines = lines_of(told)
    dated = Days(mine.planned, mine.lapses.filter(pl.col("exact")), mine.months)
    return Shown(
        first,
        list(_weeks(first, dated, [line for line in lines if line.entry.exact], seen.on)),
        counted(mine),
        len(mine) - len(dated),
        lines,
        len(mine) - sum(entry.number for entry in told),
        any(m.first == first and m.fresh is None for m in days.months),
    )


def lines_of(told: Iterable[Entry]) -> list[Line]:
    return [Line(entry, url_of(entry), SIGNS[entry.what]) for entry in told]


def url_of(entry: Entry) -> str:
    """Where an entry leads: its record, the register's rows of its day, its clause; '' for nowhere."""
    if found := register_of(entry):
        return f"{door('register', found[0])}?{found[1]}"
    return subject_url(entry.reference) or (door("clause", entry.clause) if entry.clause else "")


def counted(days: Days) -> Counts:
    """How many there are of each, in the order of gravity."""
    rows = days.counts().group_by("what").agg(pl.col("number").sum())
    found = dict(rows.iter_rows())
    return [(what, words, found.get(what, 0)) for what, words in WHATS.items()]


def _weeks(first: date, days: Days, lines: list[Line], today: date) -> Iterator[list[Cell]]:
    numbers: dict[date, Counter[str]] = {}
    for on, what, _, number in days.counts().iter_rows():
        numbers.setdefault(on, Counter())[what] += number
    by_day: dict[date, list[Line]] = {}
    for line in lines:
        by_day.setdefault(line.entry.on, []).append(line)
    for week in calendar.Calendar(calendar.SUNDAY).monthdatescalendar(first.year, first.month):
        yield [
            _cell(
                day, day.month == first.month, day == today, numbers.get(day, Counter()), by_day.get(day, [])
            )
            for day in week
        ]


def _cell(day: date, inside: bool, today: bool, numbers: Counter[str], lines: list[Line]) -> Cell:
    told = [(what, words, numbers[what]) for what, words in WHATS.items() if numbers[what]]
    words = Text(
        f"{short_day(day).ja}：" + "、".join(f"{words.ja} {n} 件" for _, words, n in told),
        f"{short_day(day).en}: " + ", ".join(f"{words.en} {n}" for _, words, n in told),
    )
    return Cell(day, inside, today, told[0][0] if told else "", sum(numbers.values()), words, lines)
