"""Who is on call at a minute, who comes next, and the gaps that lie ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.facts.roster import gaps, on_call
from sekisho.web.roster.days import local

GAPS_SHOWN = 12
_LONGEST_PLAN = timedelta(days=14)


@dataclass(frozen=True)
class OnCall:
    """Somebody who is on call, and until when without a pause in that shift."""

    shift: str
    person: str
    name: Text
    is_deputy: bool
    until_at: datetime


@dataclass(frozen=True)
class Next:
    """Who comes on duty next, and when."""

    shift: str
    person: str
    name: Text
    from_at: datetime


@dataclass(frozen=True)
class Gap:
    """A span ahead without anybody. `told`: whether it lies in the time that may have none."""

    from_at: datetime
    until_at: datetime
    told: bool

    @property
    def hours(self) -> str:
        return hours_between(self.from_at, self.until_at)

    @property
    def plan(self) -> dict[str, str]:
        """What a rotation would be that fills it (or the first two weeks of it) with one shift."""
        length = min(self.until_at - self.from_at, _LONGEST_PLAN)
        hours = max(1, -(-length // timedelta(hours=1)))
        return {"from_at": local(self.from_at), "hours": str(hours), "number": "1"}


def hours_between(first: datetime, last: datetime) -> str:
    """How many hours, to a tenth: 12, 7.5."""
    return f"{round((last - first) / timedelta(hours=1), 1):g}"


def at_minute(facts: Facts, at: datetime) -> pl.DataFrame:
    """Everybody on call at the instant, who is on duty before who stands in. Columns of `on_call`."""
    spans = on_call(facts).filter(pl.col("from_at") <= at, pl.col("until_at") > at)
    return spans.sort("is_deputy", "from_at", "shift").collect()


def next_after(facts: Facts, at: datetime) -> pl.DataFrame:
    """The next to come on duty after the instant: one row of `on_call`, or none."""
    later = on_call(facts).filter(~pl.col("is_deputy"), pl.col("from_at") > at)
    return later.sort("from_at", "shift").head(1).collect()


def named(rows: pl.DataFrame, names: Mapping[str, Text]) -> list[OnCall]:
    """Each person once, as he or she comes first."""
    return [
        OnCall(r["shift"], r["person"], _name(r, names), r["is_deputy"], r["until_at"])
        for r in rows.unique("person", keep="first", maintain_order=True).iter_rows(named=True)
    ]


def coming(rows: pl.DataFrame, names: Mapping[str, Text]) -> Next | None:
    for r in rows.iter_rows(named=True):
        return Next(r["shift"], r["person"], _name(r, names), r["from_at"])
    return None


def gaps_ahead(facts: Facts, at: datetime, window: datetime, until_at: datetime | None) -> list[Gap]:
    """The gaps from the instant on: those of the time ahead, and those between later shifts."""
    last = max(filter(None, [window, until_at]))
    if last <= at:
        return []
    rows = gaps(facts, at, last).collect().iter_rows(named=True)
    return [Gap(r["from_at"], r["until_at"], r["from_at"] < window) for r in rows]


def _name(row: dict[str, Any], names: Mapping[str, Text]) -> Text:
    return names.get(row["person"], Text(row["person"], row["person"]))
