"""How far safeguards reach: which stand on a day, whether each was verified, and what they cover of each system.

10-1 and the matrix of safeguards ask the same here, so that they cannot differ.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Safeguard

# How a safeguard stands, the best first; NONE: there is no safeguard that stands.
VERIFIED, OLD, INEFFECTIVE, UNVERIFIED, NONE = "verified", "old", "ineffective", "unverified", "none"
STATES = (VERIFIED, OLD, INEFFECTIVE, UNVERIFIED, NONE)
WORKS = ("effective", "partial")  # results of a verification that count
_RANK = {state: rank for rank, state in enumerate(STATES)}


def judged(facts: Facts, on: date, good_until: pl.Expr) -> pl.LazyFrame:
    """Every safeguard that has begun by the day, ended ones too.

    `good_until`: the last good day of a verification of the day in `verified_on`. Columns of Safeguard, and: stands
    (Boolean; one without a first day has always stood), state, covered_until (the last day on which it protected, by
    its verification and its end; null where no verification says that it does). A verification after the day has not
    happened yet.
    """
    verified = pl.when(pl.col("verified_on") <= on).then(pl.col("verified_on"))
    begun = pl.col("since_on").is_null() | (pl.col("since_on") <= on)
    works = pl.col("result").is_in(WORKS) & pl.col("verified_on").is_not_null()
    lacks_result = pl.col("verified_on").is_null() | pl.col("result").is_null()
    state = (
        pl.when(lacks_result).then(pl.lit(UNVERIFIED))
        .when(~works).then(pl.lit(INEFFECTIVE))
        .when(good_until < on).then(pl.lit(OLD))
        .otherwise(pl.lit(VERIFIED))
    )  # fmt: skip
    return (
        facts[Safeguard]
        .filter(begun)
        .with_columns(verified_on=verified)
        .with_columns(
            stands=pl.col("until_on").is_null() | (pl.col("until_on") >= on),
            state=state,
            covered_until=pl.when(works).then(pl.min_horizontal(good_until, "until_on")),
        )
    )


def covering(safeguards: pl.LazyFrame, asked: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """For each row of `asked` (columns `by`): the state of the best of its safeguards, and days that tell since when.

    `safeguards`: rows of `judged` with the columns `by`. Adds state (NONE where none stands), covered_until (the last
    day on which any of them, ended ones too, is known to have protected), found_on (the newest day on which one that
    stands was found ineffective), number (of those that stand), and count_<state> for each state but NONE.
    """
    standing = pl.col("state").filter(pl.col("stands"))
    best = standing.replace_strict(_RANK, return_dtype=pl.Int8).min()
    found = safeguards.group_by(*by).agg(
        best=best,
        number=standing.len(),
        covered_until=pl.col("covered_until").max(),
        found_on=pl.col("verified_on").filter(pl.col("stands") & (pl.col("state") == INEFFECTIVE)).max(),
        **{f"count_{state}": (standing == state).sum() for state in STATES[:-1]},
    )
    counts = [pl.col("number", *(f"count_{state}" for state in STATES[:-1])).fill_null(0)]
    state = (
        pl.col("best").fill_null(_RANK[NONE]).replace_strict(dict(enumerate(STATES)), return_dtype=pl.String)
    )
    return (
        asked.join(found, on=list(by), how="left", maintain_order="left")
        .with_columns(*counts, state=state)
        .drop("best")
    )


def of_systems(safeguards: pl.LazyFrame) -> pl.LazyFrame:
    """The safeguards, one row for each system that they protect (column `system`)."""
    return safeguards.explode("systems").rename({"systems": "system"}).filter(pl.col("system").is_not_null())
