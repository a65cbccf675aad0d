"""Words about single records: the days they hold, what is overdue, who must act, days and instants in Japan."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.rulebook.language.clauses import BEGINNING


def active(rows: pl.LazyFrame, on: date, since: str = "since_on", until: str = "until_on") -> pl.LazyFrame:
    """The rows whose days contain the day, both ends included; no end is open."""
    return rows.filter(stands(on, since, until))


def stands(on: date | pl.Expr, since: str = "since_on", until: str = "until_on") -> pl.Expr:
    """Whether a row's days contain the day, both ends included; no end is open, no beginning has not come."""
    return (pl.col(since) <= on) & (pl.col(until).is_null() | (pl.col(until) >= on))


def blank(column: str) -> pl.Expr:
    """Whether a field of text holds nothing to read."""
    return pl.col(column).fill_null("").str.strip_chars() == ""


def overdue(on: date, due: str = "due_on", done: str = "done_on") -> pl.Expr:
    """Whether something was due before the day and is not done by it. On its last day it is not overdue yet."""
    return (pl.col(due) < on) & (pl.col(done).is_null() | (pl.col(done) > on))


def role(name: str, unit: pl.Expr | None = None) -> pl.Expr:
    """Who must act, by role; with `unit`, the one of that unit."""
    if unit is None:
        return pl.lit(f"role:{name}")
    return pl.concat_str(pl.lit(f"role:{name}@"), unit)


def person(key: str | pl.Expr) -> pl.Expr:
    """Who must act: the person whose key stands in the column; null where none stands there."""
    return pl.concat_str(pl.lit("person:"), expression(key))


def reference(kind: str, key: str = "key") -> pl.Expr:
    """`kind:key` as any_reference fields hold it."""
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(key))


def key_in(column: str, kind: str) -> pl.Expr:
    """The key that an any_reference field holds where it is of the kind; null where it is of another, or empty."""
    start = f"{kind}:"
    of_kind = pl.col(column).str.starts_with(start)
    return pl.when(of_kind).then(pl.col(column).str.strip_prefix(start))


def expression(value: pl.Expr | str) -> pl.Expr:
    """A column by its name; an expression as it is."""
    return pl.col(value) if isinstance(value, str) else value


def day_of(instant: str | pl.Expr) -> pl.Expr:
    """The day in Japan of an instant."""
    return expression(instant).dt.convert_time_zone("Asia/Tokyo").dt.date()


def fiscal_year(profiles: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """The member's fiscal year on a day, one row: year (Int64, that of its first day), year_from_on, last_from_on.

    `profiles`: the member's profiles; the newest of the day that names a first month decides, else it is April.
    `last_from_on` is the first day of the year before.
    """
    named = profiles.filter(pl.col("as_of_on") <= on, pl.col("fiscal_year_starts").is_not_null())
    month = named.sort("as_of_on", "key").select(month=pl.col("fiscal_year_starts").last().fill_null(4))
    year = (pl.lit(on.year) - (pl.col("month") > on.month).cast(pl.Int64)).cast(pl.Int64)
    return month.select(
        year=year,
        year_from_on=pl.date(year, pl.col("month"), 1),
        last_from_on=pl.date(year - 1, pl.col("month"), 1),
    )


def first_day(profiles: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """The first day on which the rule bound the member, one row: first_on. Never before the rule came into force.

    `profiles`: the member's profiles; the newest of the day that says when business began decides.
    """
    said = profiles.filter(pl.col("as_of_on") <= on, pl.col("business_since_on").is_not_null())
    began = pl.col("business_since_on").last()
    return said.sort("as_of_on", "key").select(first_on=pl.max_horizontal(began, pl.lit(BEGINNING)))


def minute_of(instant: str | pl.Expr) -> pl.Expr:
    """An instant as people in Japan write it: 2026-11-23 18:05."""
    return expression(instant).dt.convert_time_zone("Asia/Tokyo").dt.to_string("%Y-%m-%d %H:%M")


def day_after(day: str | pl.Expr) -> pl.Expr:
    """The first day past a last good day."""
    return expression(day) + pl.duration(days=1)


def one(**columns: pl.Expr | object) -> pl.LazyFrame:
    """A frame of one row with these constants."""
    return pl.LazyFrame({"_": [0]}).with_columns(**columns)


def summed_up(rows: pl.LazyFrame, **columns: pl.Expr) -> pl.LazyFrame:
    """Exactly one row of aggregates, also of no rows."""
    return rows.select(**columns)
