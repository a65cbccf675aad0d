"""Monitors and when each was last measured: shared by the articles on quality and on watching the operation."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Measurement, Monitor, System


def systems_in_use(facts: Facts, on: date) -> pl.LazyFrame:
    """The systems in scope that are in use on the day. Columns of System."""
    until = pl.col("in_use_until_on")
    return facts[System].filter(
        pl.col("in_scope"), pl.col("in_use_since_on") <= on, until.is_null() | (until >= on)
    )


def monitors(facts: Facts, on: date, heartbeat: int, cycle: int) -> pl.LazyFrame:
    """The monitors at work on the day, with `gap_minutes` filled: what a monitor leaves open is `heartbeat` minutes for
    one of that kind, `cycle` minutes for any other. Columns of Monitor."""
    standing = (pl.col("since_on") <= on) & (pl.col("until_on").is_null() | (pl.col("until_on") >= on))
    usual = pl.when(pl.col("what") == "heartbeat").then(heartbeat).otherwise(cycle)
    return facts[Monitor].filter(standing).with_columns(gap_minutes=pl.coalesce("gap_minutes", usual))


def measured(facts: Facts, on: date) -> pl.LazyFrame:
    """The measurements up to the end of the day, in Japan. Columns of Measurement and `on` (Date)."""
    day = pl.col("at").dt.convert_time_zone("Asia/Tokyo").dt.date()
    return facts[Measurement].with_columns(on=day).filter(pl.col("on") <= on)


def out_of_bounds() -> pl.Expr:
    """Whether a measured `value` lies on the wrong side of its monitor's `bound`, or its `state` is bad."""
    low = (pl.col("direction") == "at_least") & (pl.col("value") < pl.col("bound"))
    high = (pl.col("direction") == "at_most") & (pl.col("value") > pl.col("bound"))
    return (pl.col("state") == "bad").fill_null(False) | (low | high).fill_null(False)
