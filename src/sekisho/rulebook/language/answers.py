"""What a check answers: one outcome for each subject, by the first case that holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
    columns = {
        "kind": pl.lit(name),
        "subject": key.cast(pl.String),
        "outcome": _first(cases, [pl.lit(c.outcome) for c in cases], pl.lit(MET)),
        "reason": _first(cases, [pl.lit(c.reason) for c in cases], pl.lit(None, dtype=pl.String)),
        "data": _first(cases, [_json(c.data) for c in cases], pl.lit(None, dtype=pl.String)),
        "since": _first(cases, [c.since for c in cases], pl.lit(None, dtype=pl.Date)),
        "due": _first(cases, [c.due for c in cases], pl.lit(None, dtype=pl.Date)),
        "who": _first(cases, [c.who for c in cases], pl.lit(None, dtype=pl.String)),
    }
    return rows.select(**columns).cast(dict(SCHEMA))  # type: ignore[arg-type]


def member_answers(rows: pl.LazyFrame, *cases: Case) -> pl.LazyFrame:
    """The outcome of the member as a whole, from a frame of exactly one row."""
    return answers(rows, MEMBER, *cases, subject=pl.lit(MEMBER))


def _first(cases: tuple[Case, ...], values: list[pl.Expr], otherwise: pl.Expr) -> pl.Expr:
    chosen = otherwise
    for case, value in reversed(list(zip(cases, values, strict=True))):
        chosen = pl.when(case.when.fill_null(False)).then(value).otherwise(chosen)
    return chosen


def _json(data: dict[str, pl.Expr]) -> pl.Expr:
    if not data:
        return pl.lit("{}")
    return pl.struct(
        *[value.cast(pl.String).alias(name) for name, value in data.items()]
    ).struct.json_encode()
