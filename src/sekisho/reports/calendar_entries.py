"""The days of the year calendar in words: one entry a thing, or one for many things of the same on the same day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from sekisho.kernel.texts import Text
from sekisho.records.facts import Snapshot, facts_of
from sekisho.records.facts.coming_days import words_of
from sekisho.reports.year_calendar import LAPSE, WHATS, Days
from sekisho.rulebook.language import CLAUSES
from sekisho.rulebook.words import Finding, Someone, subject_names, worded

SINGLE = 5  # as many of the same on one day are told one by one, more of them by their number
_SAME_DAY = ["on", "what", "kind", "field", "late"]
_SAME_FINDING = ["on", "exact", "clause", "check", "reason"]
_MANY = Text("{n} 件", "{n} of them")
_ORDER = {what: n for n, what in enumerate(WHATS)}


@dataclass(frozen=True)
class Entry:
    """One entry. `exact`: it is that day; else it is so by that day. `reference`: the record (kind:key), '' for many.

    `words`: what it is; `title`: of what; `text`: the finding in a sentence, else the same as `line`. `number`: of how
    many it tells. `identity` stays the same as long as the thing does, whatever its day.
    """

    on: date
    what: str
    words: Text
    title: Text
    identity: str
    exact: bool = True
    late: bool = False
    kind: str = ""
    reference: str = ""
    field: str = ""
    clause: str = ""
    number: int = 1
    sentence: Text | None = None
    someone: Someone | None = None
    unit: str | None = None

    @property
    def line(self) -> Text:
        """The entry in one line: what comes first tells most where there is little room."""
        first, then = self.words, self.title
        if self.clause:
            first, then = Text(*(f"{self.clause} {t}" for t in (then.ja, then.en))), first
        return Text(f"{first.ja}：{then.ja}", f"{first.en}: {then.en}")

    @property
    def text(self) -> Text:
        return self.sentence or self.line

    @property
    def what_words(self) -> Text:
        return WHATS[self.what]


def entries(days: Days, seen: Snapshot, *, single: int = SINGLE, at_most: int | None = None) -> list[Entry]:
    """The days' entries, soonest first. `single`: how many of the same on a day are told one by one."""
    planned = _grouped(days.planned, _SAME_DAY, single)
    lapses = _grouped(days.lapses, _SAME_FINDING, single)
    if at_most is not None and planned.height + lapses.height > at_most:
        last = _nth_day(planned, lapses, at_most)
        planned, lapses = planned.filter(pl.col("on") <= last), lapses.filter(pl.col("on") <= last)
    found = [*_planned(planned, seen), *_lapses(lapses, days, seen)]
    return sorted(found, key=_soonest)[:at_most]


def _soonest(entry: Entry) -> tuple[date, bool, int, str]:
    return (entry.on, not entry.exact, _ORDER[entry.what], entry.identity)


def _nth_day(planned: pl.DataFrame, lapses: pl.DataFrame, number: int) -> Any:
    """The day of so many entries' last: what comes after it need not be put into words."""
    return pl.concat([planned["on"], lapses["on"]]).sort()[number - 1]


def _grouped(rows: pl.DataFrame, same: list[str], single: int) -> pl.DataFrame:
    """The rows with `number`: 1, or of more than `single` of the same the first alone with how many they are."""
    told = rows.with_columns(number=pl.len().over(same), _nth=pl.int_range(pl.len()).over(same))
    alone = pl.col("number") <= single
    kept = told.filter(alone | (pl.col("_nth") == 0))
    return kept.with_columns(number=pl.when(alone).then(pl.lit(1)).otherwise("number")).drop("_nth")


# --- records' own days --------------------------------------------------------------------------------------------


def _planned(rows: pl.DataFrame, seen: Snapshot) -> Iterator[Entry]:
    found = list(rows.iter_rows(named=True))
    spoken = [f"{r['kind']}:{r['subject']}" for r in found if r["number"] == 1]
    people = [f"person:{key}" for r in found for key in r["people"] if r["number"] == 1]
    names = subject_names([*spoken, *people], facts_of(seen) if seen.known_at else None)
    for row in found:
        yield _day(row, names)


def _day(row: dict[str, Any], names: dict[str, Text]) -> Entry:
    kind, field, number = row["kind"], row["field"], row["number"]
    entry = Entry(
        row["on"], row["what"], words_of(kind, field), _MANY.format(n=f"{number:,}"),
        f"{row['what']}/{kind}/{field}/{row['on']}", late=row["late"], kind=kind, field=field, number=number,
    )  # fmt: skip
    if number > 1:
        return entry
    reference = f"{kind}:{row['subject']}"
    return replace(
        entry,
        title=names.get(reference, Text(row["subject"], row["subject"])),
        identity=f"{row['what']}/{reference}/{field}",
        reference=reference,
        someone=_people(row["people"], names),
        unit=row["unit"],
    )


def _people(keys: list[str], names: dict[str, Text]) -> Someone | None:
    people = tuple((key, names.get(f"person:{key}", Text(key, key))) for key in keys)
    return Someone(f"person:{keys[0]}", people[0][1], people) if people else None


# --- what will fall short -----------------------------------------------------------------------------------------


def _lapses(rows: pl.DataFrame, days: Days, seen: Snapshot) -> Iterator[Entry]:
    """Findings in words as of the end of their month: who holds an office by then must act."""
    for month in days.months:
        mine = rows.filter(pl.col("on") > month.after, pl.col("on") <= month.until)
        if mine.is_empty():
            continue
        frames = {str(c): f for (c,), f in mine.partition_by("clause", as_dict=True).items()}
        single = {c: f.filter(pl.col("number") == 1) for c, f in frames.items()}
        told = worded(single, Snapshot(seen.size, month.until, seen.known_at))
        for citation, frame in frames.items():
            yield from (_finding(row, finding) for row, finding in _pairs(single[citation], told[citation]))
            yield from (_many(row) for row in frame.filter(pl.col("number") > 1).iter_rows(named=True))


def _pairs(frame: pl.DataFrame, findings: list[Finding]) -> Iterator[tuple[dict[str, Any], Finding]]:
    return zip(frame.iter_rows(named=True), findings, strict=True)


def _finding(row: dict[str, Any], finding: Finding) -> Entry:
    return replace(
        _many(row),
        title=finding.subject_text,
        identity=f"{LAPSE}/{row['clause']}/{row['check']}/{row['reason']}/{row['kind']}:{row['subject']}",
        reference=finding.reference,
        sentence=finding.text,
        someone=finding.someone,
        unit=row["unit"],
    )


def _many(row: dict[str, Any]) -> Entry:
    clause, number = CLAUSES[row["clause"]], row["number"]
    kind = row["kind"] if number == 1 else ""
    return Entry(
        row["on"], LAPSE, clause.text, _MANY.format(n=f"{number:,}"),
        f"{LAPSE}/{clause.citation}/{row['check']}/{row['reason']}/{row['on']}",
        exact=row["exact"], kind=kind, clause=clause.citation, number=number,
    )  # fmt: skip


def register_of(entry: Entry) -> tuple[str, str] | None:
    """(kind, query) of the register's rows of which an entry tells by their number; None for any other."""
    if entry.number == 1 or entry.what == LAPSE:
        return None
    return entry.kind, f"{entry.field}__from={entry.on}&{entry.field}__until={entry.on}"
