"""When a vulnerability is open, and by when it is to be mended: the most important first (guideline to 10-3).

How the day is found:
1. The days of its severity. One that is likely to be exploited (EPSS) counts as one severity higher; one that is known
   to be exploited (KEV) has the days of exploited ones, if those are fewer.
2. Reached from the internet: as they are. In the internal network: so many times as long. An exposure that nobody
   recorded counts as the internet, a severity that nobody recorded as critical.
3. In an isolated environment instead: the planned day; without one, a fixed number of days.
4. The vulnerability's own due day goes before if it is earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

SEVERITIES = ("low", "medium", "high", "critical")  # the least first
_GRAVEST = len(SEVERITIES) - 1


@dataclass(frozen=True)
class DueDays:
    """The numbers that the due day comes from: days; `likely` in percent, `internal_times` a factor."""

    critical: int
    high: int
    medium: int
    low: int
    exploited: int
    likely: int
    internal_times: int
    isolated: int


def is_open(on: date) -> pl.Expr:
    """Whether a vulnerability was found by the day and is neither mended by then nor beside the point.

    A VEX state has no day: `fixed` counts where no day tells more; `not_affected` counts with its reason alone.
    """
    mended = pl.col("fixed_on") <= on
    said_fixed = pl.col("fixed_on").is_null() & (pl.col("vex") == "fixed")
    reasoned = pl.col("vex_reason").fill_null("").str.strip_chars() != ""
    beside = (pl.col("vex") == "not_affected") & reasoned
    closed = mended.fill_null(False) | said_fixed.fill_null(False) | beside.fill_null(False)
    return (pl.col("found_on") <= on) & ~closed


def due_day(days: DueDays) -> pl.Expr:
    """The last good day of a vulnerability (columns of Vulnerability)."""
    exposure, found = pl.col("exposure"), pl.col("found_on")
    times = pl.when(exposure == "internal").then(days.internal_times).otherwise(1)
    usual = found + pl.duration(days=_days(days) * times)
    planned = pl.coalesce(pl.col("planned_on"), found + pl.duration(days=days.isolated))
    by_rule = pl.when(exposure == "isolated").then(planned).otherwise(usual)
    return pl.min_horizontal(by_rule, "due_on")


def _days(days: DueDays) -> pl.Expr:
    """Days for one that the internet reaches."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    rank = pl.col("severity").replace_strict(ranks, default=_GRAVEST, return_dtype=pl.Int64)
    likely = (pl.col("likelihood") >= days.likely / 100).fill_null(False).cast(pl.Int64)
    raised = pl.min_horizontal(rank + likely, pl.lit(_GRAVEST))
    by_rank = {rank: getattr(days, severity) for severity, rank in ranks.items()}
    usual = raised.replace_strict(by_rank, return_dtype=pl.Int64)
    exploited = pl.min_horizontal(usual, pl.lit(days.exploited))
    return pl.when(pl.col("exploited").fill_null(False)).then(exploited).otherwise(usual)
