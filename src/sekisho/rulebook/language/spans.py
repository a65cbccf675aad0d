"""Words about spans of days: how periods cover them without a gap, and whether something is kept up within a limit."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.outcomes import MEMBER
from sekisho.records.record import Record
from sekisho.rulebook.language.answers import Case, answers, falls_short, no_evidence
from sekisho.rulebook.language.records import day_after, expression
from sekisho.rulebook.limits import Limits


def cover(rows: pl.LazyFrame, by: str, start: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """How a set of periods covers the days from a start to a day, per group.

    `rows`: since_on, until_on (null: open) and the column `by`. `start`: one row per group with `by` and `start_on`.
    Returns one row per group of `start`: by, start_on, covered (today), vacant_since (the first day not covered, where
    today is not), gap_from and gap_until (the newest gap between start and the day before today's cover; null if none).
    """
    last_day = pl.lit(on)
    clipped = (
        start.join(rows.select(by, "since_on", "until_on"), on=by, how="left")
        .with_columns(
            lower=pl.max_horizontal("since_on", "start_on"),
            upper=pl.min_horizontal(pl.col("until_on").fill_null(last_day), last_day),
        )
        .with_columns(counts=pl.col("since_on").is_not_null() & (pl.col("lower") <= pl.col("upper")))
        .with_columns(
            lower=pl.when("counts").then("lower"),
            upper=pl.when("counts").then("upper"),
        )
        .sort("lower", nulls_last=True)
        .with_columns(reached=pl.col("upper").cum_max().shift(1).over(by))
        .with_columns(expected=pl.coalesce(pl.col("reached") + pl.duration(days=1), pl.col("start_on")))
        .with_columns(is_gap=pl.col("lower") > pl.col("expected"))
    )
    return (
        clipped.group_by(by)
        .agg(
            pl.col("start_on").first(),
            last=pl.col("upper").max(),
            gap_from=pl.col("expected").filter(pl.col("is_gap")).last(),
            gap_until=(pl.col("lower") - pl.duration(days=1)).filter(pl.col("is_gap")).last(),
        )
        .with_columns(covered=(pl.col("last") == on).fill_null(False))
        .with_columns(
            vacant_since=pl.when(~pl.col("covered")).then(
                pl.coalesce(pl.col("last") + pl.duration(days=1), pl.col("start_on"))
            )
        )
    )


def kept_up(
    subjects: pl.LazyFrame,
    kind: type[Record] | str,
    rows: pl.LazyFrame,
    *,
    at: pl.Expr | str,
    limits: Limits,
    limit: str,
    never: str,
    old: str,
    who: pl.Expr,
    by: pl.Expr | str | None = None,
    since: pl.Expr | str | None = None,
    not_yet: str = "",
) -> pl.LazyFrame:
    """One outcome a subject: is the newest record of it no older than a limit?

        kept_up(
            units, Unit, facts[Equipment], by="unit", at="confirmed_on", limits=limits, limit="unit_list_age",
            never="no_equipment", old="old_equipment", since="since_on", who=role("system_manager", pl.col("key")),
        )

    `subjects`: one row each, with `key` and what `who` and `since` name. `rows`: the records; `by` is the subject's key
    in them, `at` their day; one after the day has not happened yet. For the member as a whole (kind MEMBER) `subjects`
    is a frame of exactly one row, and every row of `rows` counts: no `by`.

    `never`: there is none, since the subject's first day, `since`. With `not_yet` the limit runs from that day for the
    first one, and until it ends there is no evidence, for that reason. `old`: since the day after the newest was last
    good. Data: the subject's key under its kind's name; `last` (old); `first_due` (not_yet).
    """
    done = rows.select(_of=pl.lit(MEMBER) if by is None else expression(by), _last=expression(at))
    newest = done.filter(pl.col("_last") <= limits.day).group_by("_of").agg(pl.col("_last").max())
    told = {"who": who}
    if kind == MEMBER:
        subjects = subjects.with_columns(key=pl.lit(MEMBER))
    else:
        told[kind if isinstance(kind, str) else kind.about.name] = pl.col("key")
    lapses = day_after(limits.last_good(limit, "_last"))
    return answers(
        subjects.join(newest, left_on="key", right_on="_of", how="left"),
        kind,
        *_never(limits, limit, since, never, not_yet, told),
        falls_short(lapses <= limits.day, old, since=lapses, last=pl.col("_last"), **told),
    )


def _never(
    limits: Limits,
    limit: str,
    since: pl.Expr | str | None,
    never: str,
    not_yet: str,
    told: dict[str, pl.Expr],
) -> list[Case]:
    """What is told of a subject without any record."""
    none = pl.col("_last").is_null()
    first = None if since is None else expression(since)
    if not not_yet:
        return [falls_short(none, never, since=first, **told)]
    if first is None:
        raise ValueError("not_yet: say with `since` from which day the limit runs for the first record")
    first_due = limits.last_good(limit, first)
    return [
        falls_short(none & (first_due < limits.day), never, since=day_after(first_due), **told),
        no_evidence(none, not_yet, first_due=first_due, **told),
    ]
