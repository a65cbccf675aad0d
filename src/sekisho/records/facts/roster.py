"""The CSIRT's duty roster to the minute: who can be reached when, and the spans in which nobody can.

A span begins with its first instant and ends before its last one, so that a shift until 21:00 and one from 21:00 on
leave no gap. Whoever does not work at the member on a day is not on call then; the deputy is. Reads RosterShift and
Person.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from sekisho.kernel import clock
from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Person, RosterShift

SHORTEST_GAP = timedelta(minutes=1)  # a second between two shifts is a matter of how ends are written
GAPS: dict[str, pl.DataType] = {
    name: pl.Datetime("us", "UTC") for name in ("began_at", "from_at", "until_at")
}


def start_of(day: date) -> datetime:
    """The first instant of a day in Japan, in UTC."""
    return datetime.combine(day, time(), clock.JAPAN).astimezone(UTC)


def on_call(facts: Facts) -> pl.LazyFrame:
    """Everybody's spans on call: shift (key), person, is_deputy, from_at, until_at.

    A shift gives one for its person and one for its deputy, each cut to the days on which he or she works here.
    """
    shifts = facts[RosterShift]
    told = {"shift": pl.col("key"), "from_at": pl.col("from_at"), "until_at": pl.col("until_at")}
    spans = pl.concat(
        [
            shifts.select(person="person", is_deputy=pl.lit(False), **told),
            shifts.filter(pl.col("deputy").is_not_null()).select(
                person="deputy", is_deputy=pl.lit(True), **told
            ),
        ]
    )
    people = facts[Person].select(person="key", joined_on="joined_on", left_on="left_on")
    after = pl.col("left_on") + pl.duration(days=1)
    return (
        spans.join(people, on="person")
        .with_columns(
            from_at=pl.max_horizontal("from_at", _start("joined_on")),
            until_at=pl.min_horizontal("until_at", _start(after)),
        )
        .filter(pl.col("from_at") < pl.col("until_at"))
        .select("shift", "person", "is_deputy", "from_at", "until_at")
    )


def gaps(facts: Facts, first: datetime, last: datetime) -> pl.LazyFrame:
    """The spans between two instants (in UTC) in which nobody is on call, in order: GAPS.

    `began_at` is when the gap began, also where that was before `first`; null where nobody ever was on call before.
    """
    edge = pl.LazyFrame(
        {"from_at": [last], "until_at": [last]}, schema={n: GAPS[n] for n in ("from_at", "until_at")}
    )
    spans = on_call(facts).filter(pl.col("from_at") < last).select("from_at", "until_at")
    reached = pl.col("until_at").cum_max().shift(1)
    begins = pl.max_horizontal("began_at", pl.lit(first))
    return (
        pl.concat([spans, edge])
        .sort("from_at")
        .select(began_at=reached, until_at="from_at")
        .with_columns(from_at=begins)
        .filter(
            pl.col("began_at").is_null() | (pl.col("began_at") < pl.col("until_at")),
            pl.col("until_at") - pl.col("from_at") >= SHORTEST_GAP,
        )
        .select(*GAPS)
        .cast(dict(GAPS))  # type: ignore[arg-type]
    )


def _start(day: pl.Expr | str) -> pl.Expr:
    """The first instant of a day in Japan; null for none. Nine hours ahead of UTC, as on every day since 1951."""
    of = pl.col(day) if isinstance(day, str) else day
    return of.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") - pl.duration(hours=9)
