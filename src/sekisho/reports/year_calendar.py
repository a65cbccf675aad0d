"""The year calendar as sets: records' own days, and what will fall short if nobody acts, in one form.

Pages, the iCalendar feed and the command line ask it; `calendar_entries` puts what they show into words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from sekisho.access.rights import Actor, may_read
from sekisho.kernel.clock import add_months
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.records.facts import Facts, Snapshot, facts_of
from sekisho.records.facts.coming import coming
from sekisho.records.facts.coming_days import DUE, ENDS, PLANNED
from sekisho.records.models import Person, System
from sekisho.rulebook.months_ahead import FRESH, Month, ahead
from sekisho.workflows.my_work import as_of, codes_of

LAPSE = "lapse"
WHATS: dict[str, Text] = {
    LAPSE: Text("不足の見込み", "Will fall short"),
    DUE: Text("期限", "Due"),
    ENDS: Text("終了・失効", "Ends"),
    PLANNED: Text("予定", "Planned"),
}
LAPSES: dict[str, pl.DataType | type[pl.DataType]] = {
    **FRESH,
    "what": pl.String,
    "unit": pl.String,
    "late": pl.Boolean,
}
_COUNTED = ("on", "what", "late")


@dataclass(frozen=True)
class Wanted:
    """Which days to show. `what`: one of WHATS, `kind`: a kind of record, `unit`: a unit's key; '' shows all.

    `mine`: only what the reader must do or takes part in.
    """

    what: str = ""
    kind: str = ""
    unit: str = ""
    mine: bool = False


@dataclass(frozen=True)
class Days:
    """The days of a time: `planned` (coming.SCHEMA) and `lapses` (LAPSES) of those `months` that are worked out."""

    planned: pl.DataFrame
    lapses: pl.DataFrame
    months: list[Month] = field(default_factory=list)

    @property
    def waiting(self) -> set[date]:
        """The first days of the months that are not worked out yet."""
        return {month.first for month in self.months if month.fresh is None}

    def filtered(self, *conditions: pl.Expr) -> Days:
        return Days(self.planned.filter(*conditions), self.lapses.filter(*conditions), self.months)

    def between(self, first: date, last: date) -> Days:
        return self.filtered(pl.col("on").is_between(first, last))

    def counts(self) -> pl.DataFrame:
        """How many there are: on, what, late, number."""
        rows = pl.concat([self.planned.select(_COUNTED), self.lapses.select(_COUNTED)])
        return rows.group_by(_COUNTED).agg(number=pl.len()).sort(_COUNTED)

    def kinds(self) -> list[str]:
        """The kinds of what is shown, in the order of the registers."""
        found = {*self.planned["kind"].unique(), *self.lapses["kind"].unique()}
        return [model.about.name for model in KINDS if model.about.name in found]

    def __len__(self) -> int:
        return self.planned.height + self.lapses.height


def year_from(day: date) -> date:
    """The last day of the twelve months that begin with the day's."""
    return add_months(day.replace(day=1), 12) - timedelta(days=1)


def collected(
    actor: Actor,
    seen: Snapshot,
    first: date,
    last: date,
    *,
    seconds: float | None = None,
    months: Collection[date] | None = None,
) -> Days:
    """All that the actor may read of the days from `first` to `last`. `seconds`, `months`: see `months_ahead.ahead`."""
    readable = frozenset(model.about.name for model in KINDS if may_read(actor, model))
    facts = facts_of(seen)
    told = ahead(seen, first, last, seconds=seconds, only=months)
    known = [month.fresh for month in told if month.fresh is not None]
    fresh = pl.concat(known) if known else pl.DataFrame(schema=FRESH)
    planned = coming(facts, seen.on, first, last, readable)
    lapses = _owned(fresh, facts).filter(pl.col("on").is_between(first, last))
    return Days(planned, lapses, told)


def only(days: Days, wanted: Wanted, actor: Actor, seen: Snapshot) -> Days:
    """The days that are wanted."""
    found = days.filtered(*_asked(wanted))
    if not wanted.mine:
        return found
    me = as_of(actor, facts_of(seen), seen.on)
    mine = pl.col("people").list.contains(me.person or "")
    codes = sorted(codes_of(me)) if me.person else []
    return Days(found.planned.filter(mine), found.lapses.filter(pl.col("who").is_in(codes)), found.months)


def _asked(wanted: Wanted) -> Iterable[pl.Expr]:
    for name in ("what", "kind", "unit"):
        if value := getattr(wanted, name):
            yield (pl.col(name) == value).fill_null(False)


def _owned(fresh: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Findings with whose they are: the unit of who must act, else of the subject, as the records tell today."""
    person = pl.col("who").str.extract(r"^person:(.+)$")
    of_person = facts[Person].select(_person="key", _of_person="unit")
    of_system = facts[System].select(_system="key", _of_system="unit")
    rows = fresh.lazy().with_columns(
        _person=person,
        _system=pl.when(pl.col("kind") == "system").then("subject"),
        _unit=pl.when(pl.col("kind") == "unit").then("subject"),
        _office=pl.col("who").str.extract(r"^role:[^@]+@(.+)$"),
    )
    return (
        rows.join(of_person, on="_person", how="left", maintain_order="left")
        .join(of_system, on="_system", how="left", maintain_order="left")
        .with_columns(
            what=pl.lit(LAPSE),
            unit=pl.coalesce("_unit", "_office", "_of_person", "_of_system"),
            late=pl.lit(False),
        )
        .select(*LAPSES)
        .collect()
    )
