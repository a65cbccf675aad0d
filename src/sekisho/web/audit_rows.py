"""The audit matrix as a page shows it: groups that unfold, each with its subjects, a cell for each year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from sekisho.kernel.calendar import year_in_words
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.facts.audit import CLAUSE
from sekisho.rulebook.audit_coverage import COVERED, SOON_OVER, STANDINGS, STATES, Matrix
from sekisho.rulebook.contents import ARTICLES, clause_named
from sekisho.rulebook.words import subject_names
from sekisho.web.cells import record_url

AUDITS_NAMED = 3  # in a cell; of more, their number
GOOD = (COVERED, SOON_OVER)
STANDING_WORDS: dict[str, Text] = {
    "lapsed": Text("失効", "Lapsed"),
    "never": Text("未監査", "Never audited"),
    "not_yet": Text("未監査（期限前）", "Not audited yet"),
    "soon": Text("6か月以内に失効", "Lapses in 6 months"),
    "covered": Text("監査済", "Covered"),
    "excepted": Text("例外承認", "Excepted"),
}
STATE_WORDS: dict[str, Text] = {
    "done": Text("実施", "Done"),
    "under_way": Text("実施中", "Under way"),
    "planned": Text("計画", "Planned"),
    "missed": Text("計画のまま未着手", "Planned, never begun"),
}
KIND_WORDS: dict[str, Text] = {
    CLAUSE: Text("条項", "Clauses"),
    "unit": Text("部署", "Units"),
    "system": Text("対象範囲のシステム", "Systems in scope"),
    "vendor": Text("重要な委託先", "Important vendors"),
}


@dataclass(frozen=True)
class Named:
    """An audit behind a cell: its key, its title, its last day where it is finished, else its first."""

    key: str
    title: Text
    day: date | None

    @property
    def url(self) -> str:
        return record_url("audit", self.key)


@dataclass(frozen=True)
class Mark:
    """What audits do for a subject, or for `number` subjects of a group, in a year."""

    state: str
    audits: tuple[Named, ...]
    more: int = 0
    number: int = 0

    @property
    def word(self) -> Text:
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Year:
    """A fiscal year. `from_now`: how many years after this one; below 0 before it."""

    number: int
    text: Text
    from_now: int


Cells = tuple[tuple[Year, list[Mark]], ...]  # each year with what audits do in it


@dataclass(frozen=True)
class Line:
    """One subject. `cells`: each year with its marks; none: nothing covers it in that year."""

    kind: str
    subject: str
    text: Text
    standing: str
    in_hand: bool
    covered_on: date | None
    audit: Named | None
    lapses_on: date | None
    cells: Cells

    @property
    def reference(self) -> str:
        return f"{self.kind}:{self.subject}"

    @property
    def word(self) -> Text:
        return STANDING_WORDS[self.standing]

    @property
    def due_on(self) -> date | None:
        """The last day that is, or was, in order."""
        return self.lapses_on - timedelta(days=1) if self.lapses_on else None


@dataclass(frozen=True)
class Group:
    """An article with its clauses, or a kind with its records. Counts are of all; `lines` are those that are shown."""

    name: str
    number: str
    text: Text
    total: int
    covered: int
    soon: int
    excepted: int
    lapses_on: date | None
    cells: Cells
    lines: list[Line]
    left_out: int

    @property
    def gaps(self) -> int:
        return self.total - self.covered - self.excepted


def years_of(found: Matrix, month: int) -> list[Year]:
    """The matrix's years, 令和8年度 / FY2026: by the calendar year of the first day, which is in that month."""
    return [
        Year(year, Text(f"{year_in_words(date(year, month, 1)).ja}度", f"FY{year}"), year - found.this_year)
        for year in found.years
    ]


def groups(
    found: Matrix, years: list[Year], chosen: pl.DataFrame, shown: pl.DataFrame, then: Facts | None
) -> list[Group]:
    """The groups of the rows chosen (of `found.subjects`); of these rows, those `shown` as lines."""
    cells = found.cells.filter(pl.col("year").is_in(found.years))
    names = _titles(shown, cells, then)
    audits = {
        key: Named(key, names.get(f"audit:{key}", Text(key, key)), day)
        for key, day in cells.select("audit", "day").unique("audit").iter_rows()
    }
    mine = cells.join(shown, on=["kind", "subject"], how="semi", maintain_order="left")
    marks, sums = _marks(mine, audits, "kind", "subject"), _marks(cells, audits, "group")
    lines: dict[str, list[Line]] = {}
    for row in shown.iter_rows(named=True):
        lines.setdefault(row["group"], []).append(_line(row, marks, years, names))
    rows = {row["group"]: row for row in _tallies(found, chosen).iter_rows(named=True)}
    return [
        _group(rows[name], number, text, _cells(sums, (name,), years), lines.get(name, []))
        for name, number, text in _heads()
        if name in rows
    ]


def worst_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Subjects by how they stand, what is excepted after what is not; within one standing by the day of lapse."""
    rank = pl.col("standing").replace_strict({s: n for n, s in enumerate(STANDINGS)}, return_dtype=pl.Int8)
    return rows.sort("excepted", rank, "lapses_on", "subject", nulls_last=True)


def _heads() -> list[tuple[str, str, Text]]:
    """Every group there may be: its name, the article's number or '', its title."""
    kinds = [(kind, "", words) for kind, words in KIND_WORDS.items() if kind != CLAUSE]
    return [(a.number, a.number, a.title) for a in ARTICLES] + kinds


def _titles(shown: pl.DataFrame, cells: pl.DataFrame, then: Facts | None) -> dict[str, Text]:
    records = [f"{kind}:{key}" for kind, key in shown.select("kind", "subject").iter_rows()]
    behind = {*cells["audit"].to_list(), *shown["audit"].drop_nulls().to_list()}
    return subject_names([*records, *(f"audit:{key}" for key in sorted(behind))], then)


Marks = Mapping[tuple[str, ...], dict[int, list[Mark]]]


def _marks(cells: pl.DataFrame, audits: Mapping[str, Named], *by: str) -> Marks:
    """The marks of each year, by the values of the columns `by`; within a year what is done first."""
    rank = pl.col("state").replace_strict({s: n for n, s in enumerate(STATES)}, return_dtype=pl.Int8)
    summed = (
        cells.group_by(*by, "year", "state", maintain_order=True)
        .agg(pl.col("audit").unique(maintain_order=True), number=pl.struct("kind", "subject").n_unique())
        .sort(*by, "year", rank)
    )
    found: dict[tuple[str, ...], dict[int, list[Mark]]] = {}
    for *names, year, state, keys, number in summed.iter_rows():
        named = tuple(audits[key] for key in keys[:AUDITS_NAMED])
        mark = Mark(state, named, len(keys) - len(named), number)
        found.setdefault(tuple(names), {}).setdefault(year, []).append(mark)
    return found


def _cells(marks: Marks, of: tuple[str, ...], years: list[Year]) -> Cells:
    mine = marks.get(of, {})
    return tuple((year, mine.get(year.number, [])) for year in years)


def _line(row: dict[str, Any], marks: Marks, years: list[Year], names: Mapping[str, Text]) -> Line:
    kind, subject, audit = row["kind"], row["subject"], row["audit"]
    return Line(
        kind=kind,
        subject=subject,
        text=clause_named(subject).text
        if kind == CLAUSE
        else names.get(f"{kind}:{subject}", Text(subject, subject)),
        standing="excepted" if row["excepted"] else row["standing"],
        in_hand=row["in_hand"],
        covered_on=row["covered_on"],
        audit=Named(audit, names.get(f"audit:{audit}", Text(audit, audit)), row["covered_on"])
        if audit
        else None,
        lapses_on=row["lapses_on"],
        cells=_cells(marks, (kind, subject), years),
    )


def _tallies(found: Matrix, chosen: pl.DataFrame) -> pl.DataFrame:
    """The groups of the rows chosen: how many subjects each has in all, how they stand, how many were chosen."""
    standing = pl.col("standing")
    counted = found.subjects.group_by("group").agg(
        total=pl.len(),
        covered=standing.is_in(GOOD).sum(),
        soon=(standing == SOON_OVER).sum(),
        excepted=pl.col("excepted").sum(),
        lapses_on=pl.col("lapses_on").filter(~pl.col("excepted")).min(),
    )
    return counted.join(chosen.group_by("group").agg(chosen=pl.len()), on="group")


def _group(row: dict[str, Any], number: str, text: Text, cells: Cells, lines: list[Line]) -> Group:
    left_out = row.pop("chosen") - len(lines)
    return Group(
        name=row.pop("group"), number=number, text=text, cells=cells, lines=lines, left_out=left_out, **row
    )
