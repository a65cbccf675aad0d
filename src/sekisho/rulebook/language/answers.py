"""What a check answers: one outcome for each subject, by the first case that holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MEMBER, MET, NO_EVIDENCE, SCHEMA
from sekisho.records.record import Record


@dataclass(frozen=True)
class Case:
    """One way of not being met: when it is so, and what is then told."""

    outcome: str
    when: pl.Expr
    reason: str
    since: pl.Expr
    due: pl.Expr
    who: pl.Expr
    data: dict[str, pl.Expr]


def _expr(value: pl.Expr | date | str | None, dtype: type[pl.DataType]) -> pl.Expr:
    return value.cast(dtype) if isinstance(value, pl.Expr) else pl.lit(value, dtype=dtype)


def falls_short(
    when: pl.Expr,
    reason: str,
    *,
    since: pl.Expr | date | None = None,
    due: pl.Expr | date | None = None,
    who: pl.Expr | str | None = None,
    **data: pl.Expr,
) -> Case:
    """The subject falls short when `when` holds (null counts as not)."""
    return Case(
        FALLS_SHORT, when, reason, _expr(since, pl.Date), _expr(due, pl.Date), _expr(who, pl.String), data
    )


def no_evidence(when: pl.Expr, reason: str, *, who: pl.Expr | str | None = None, **data: pl.Expr) -> Case:
    """Nothing is recorded that would answer: silence is never compliance."""
    nothing = pl.lit(None, dtype=pl.Date)
    return Case(NO_EVIDENCE, when, reason, nothing, nothing, _expr(who, pl.String), data)


def answers(
    rows: pl.LazyFrame, kind: type[Record] | str, *cases: Case, subject: pl.Expr | None = None
) -> pl.LazyFrame:
    """One outcome a row: the first case that holds, else met. `subject` is the subject's key (default: `key`)."""
    name = kind if isinstance(kind, str) else kind.about.name
    key = pl.col("key") if subject is None else subject
    asked = [key, *(e for c in cases for e in (c.when, c.since, c.due, c.who, *c.data.values()))]
    needed = sorted({column for expression in asked for column in expression.meta.root_names()})
    # A select of its own keeps the number of rows where every expression is a constant.
    return rows.select(pl.lit(0).alias("_row") if not needed else pl.col(needed)).map_batches(
        partial(_answered, name, key, cases), schema=dict(SCHEMA)
    )


def _answered(name: str, key: pl.Expr, cases: tuple[Case, ...], rows: pl.DataFrame) -> pl.DataFrame:
    """The outcomes of collected rows. Only what is not met pays for its words: most rows are met."""
    holds = [c.when.fill_null(False).cast(pl.Boolean).alias(f"_{n}") for n, c in enumerate(cases)]
    left, found = rows.with_columns(*holds), []
    for n, case in enumerate(cases):
        if left[f"_{n}"].any():
            found.append(_told(name, key, case, left.filter(f"_{n}")))
            left = left.filter(~pl.col(f"_{n}"))
    return pl.concat([*found, _told(name, key, None, left)])


def _told(name: str, key: pl.Expr, case: Case | None, rows: pl.DataFrame) -> pl.DataFrame:
    """The outcomes of rows for which a case holds, or none does: then they are met."""
    nothing = pl.lit(None)
    columns = {
        "kind": pl.lit(name),
        "subject": key,
        "outcome": pl.lit(case.outcome if case else MET),
        "reason": pl.lit(case.reason) if case else nothing,
        "data": _json(case.data) if case else nothing,
        "since": case.since if case else nothing,
        "due": case.due if case else nothing,
        "who": case.who if case else nothing,
    }
    if rows.is_empty():
        return pl.DataFrame(schema=dict(SCHEMA))
    return rows.with_columns(**columns).select(*SCHEMA).cast(dict(SCHEMA))  # type: ignore[arg-type]


def member_answers(rows: pl.LazyFrame, *cases: Case) -> pl.LazyFrame:
    """The outcome of the member as a whole, from a frame of exactly one row."""
    return answers(rows, MEMBER, *cases, subject=pl.lit(MEMBER))


def _json(data: dict[str, pl.Expr]) -> pl.Expr:
    if not data:
        return pl.lit("{}")
    return pl.struct(
        *[value.cast(pl.String).alias(name) for name, value in data.items()]
    ).struct.json_encode()
