"""Monitors, what they measured and when: shared by the articles on quality and on watching the operation."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.kernel.clock import end_of
from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Maintenance, Measurement, Monitor

_KNOWN = ("good", "bad")


def monitors(facts: Facts, on: date, heartbeat: int, cycle: int) -> pl.LazyFrame:
    """The monitors at work on the day, with `gap_minutes` filled: what a monitor leaves open is `heartbeat` minutes for
    one of that kind, `cycle` minutes for any other. Columns of Monitor, and `begun_at`: the end of its first day, from
    which its first value is waited for."""
    standing = (pl.col("since_on") <= on) & (pl.col("until_on").is_null() | (pl.col("until_on") >= on))
    usual = pl.when(pl.col("what") == "heartbeat").then(heartbeat).otherwise(cycle)
    next_day = (pl.col("since_on") + pl.duration(days=1)).cast(pl.Datetime("us"))
    return (
        facts[Monitor]
        .filter(standing)
        .with_columns(
            gap_minutes=pl.coalesce("gap_minutes", usual),
            begun_at=next_day.dt.replace_time_zone("Asia/Tokyo").dt.convert_time_zone("UTC"),
        )
    )


def measured(facts: Facts, on: date) -> pl.LazyFrame:
    """The measurements up to the end of the day, in Japan, that tell something. Columns of Measurement.

    One without a value whose state is not known tells nothing, unless it was taken in a planned stop.
    """
    tells = pl.col("value").is_not_null() | pl.col("state").is_in(_KNOWN) | pl.col("planned")
    return facts[Measurement].filter(pl.col("at") <= end_of(on), tells.fill_null(False))


def comparable() -> pl.Expr:
    """Whether a measurement, beside its monitor's `bound` and `direction`, says if all is well."""
    bounded = pl.col("bound").is_not_null() & pl.col("direction").is_not_null()
    return pl.col("state").is_in(_KNOWN).fill_null(False) | (pl.col("value").is_not_null() & bounded)


def out_of_bounds() -> pl.Expr:
    """Whether a measured `value` lies on the wrong side of its monitor's `bound`, or its `state` is bad."""
    low = (pl.col("direction") == "at_least") & (pl.col("value") < pl.col("bound"))
    high = (pl.col("direction") == "at_most") & (pl.col("value") > pl.col("bound"))
    return (pl.col("state") == "bad").fill_null(False) | (low | high).fill_null(False)


def planned_stops(facts: Facts) -> pl.LazyFrame:
    """When systems stood still as planned: system, stop_from, stop_until. No two of a system overlap.

    As done where that is known, else as planned.
    """
    stops = (
        facts[Maintenance]
        .filter(pl.col("stops_service"))
        .select(
            "system",
            stop_from=pl.coalesce("done_from_at", "planned_from_at"),
            stop_until=pl.coalesce("done_until_at", "planned_until_at"),
        )
        .sort("system", "stop_from")
    )
    earlier = pl.col("stop_until").cum_max().shift(1).over("system")
    return stops.with_columns(stop_from=pl.max_horizontal("stop_from", earlier)).filter(
        pl.col("stop_from") < pl.col("stop_until")
    )
