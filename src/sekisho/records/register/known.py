"""What is asked of a register as it was known at a past moment, in frames.

Personal values are no facts: where a kind has some, they are read beside, as far as they are not erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from sekisho.kernel import clock
from sekisho.ledger import as_of
from sekisho.ledger.models import Leaf
from sekisho.ledger.personal import values_of
from sekisho.records.contents import kind_named
from sekisho.records.facts import Facts
from sekisho.records.fields import Choice, Instant, KindField, Reference, Several
from sekisho.records.record import Record, Values
from sekisho.records.register.asked import Asked, Condition, labelled, searched


def asked_for(model: type[Record], asked: Asked, then: Facts) -> pl.DataFrame:
    """The records asked for, in order, with the kind's facts and its personal values as columns."""
    rows = whole_frame(model, then)
    for condition in asked.conditions:
        rows = rows.filter(_where(model, condition))
    for word in asked.search.split():
        rows = rows.filter(_found(model, word, then))
    return _in_order(model, asked, rows, then)


def whole_frame(model: type[Record], then: Facts) -> pl.DataFrame:
    """The kind's facts, with its personal values where it has any."""
    frame = then.frame(model)
    names = [n for n, f in model.kind_fields().items() if f.personal]
    if not names:
        return frame
    bodies = {rec: json.loads(bytes(body)) for rec, _, _, body, _ in as_of.state(model.about.name, then.size)}
    kept = values_of(c for body in bodies.values() for n in names if (c := _commitment(body.get(n))))
    columns = {
        n: [kept.get(_commitment(bodies[key].get(n)) or "") for key in frame["key"].to_list()] for n in names
    }
    return frame.with_columns(pl.Series(n, values, dtype=pl.String) for n, values in columns.items())


def title_frame(model: type[Record], then: Facts) -> pl.DataFrame:
    """`key` and `title` of every record of the kind; null where its title is not known any more."""
    name = model.about.title
    title: Any = model.kind_fields()[name]
    frame = whole_frame(model, then) if title.personal else then.frame(model)
    if not isinstance(title, Reference):
        return frame.select("key", title=pl.col(name))
    of = title_frame(kind_named(title.target), then).rename({"key": name})
    return frame.select("key", name).join(of, on=name, how="left").select("key", "title")


def body_at(model: type[Record], key: str, size: int) -> tuple[int, dict[str, Any]] | None:
    """The version and body of a record when the ledger had `size` lines; None where it was not there."""
    newest = (
        Leaf.objects.filter(kind=model.about.name, rec=key, seq__lt=size)
        .order_by("-seq")
        .select_related("version")
        .first()
    )
    if newest is None or newest.version.op == "delete":
        return None
    return newest.version.ver, json.loads(bytes(newest.version.body))


def values_from(model: type[Record], bodies: Iterable[dict[str, Any]]) -> list[Values]:
    """The values of bodies, personal ones filled in. What was erased is None."""
    fields = model.kind_fields()
    given = list(bodies)
    wanted = {
        c for body in given for n, f in fields.items() if f.personal and (c := _commitment(body.get(n)))
    }
    kept = values_of(wanted) if wanted else {}
    return [{n: _value(f, body.get(n), kept) for n, f in fields.items()} for body in given]


def _value(kind_field: KindField, value: Any, kept: dict[str, str]) -> Any:
    if kind_field.personal:
        value = kept.get(_commitment(value) or "")
    return kind_field.from_body(value)


def _commitment(value: Any) -> str | None:
    return value.get("$c") if isinstance(value, dict) else None


def _where(model: type[Record], condition: Condition) -> pl.Expr:
    kind_field = model.kind_fields()[condition.name]
    column = pl.col(condition.name)
    if condition.op != "is":
        return _range(kind_field, condition, column)
    blank = column.is_null() if None in condition.values else pl.lit(False)
    values = [_fact(v) for v in condition.values if v is not None]
    if isinstance(kind_field, Several):
        there = pl.any_horizontal(pl.lit(False), *(column.list.contains(v) for v in values))
    else:
        there = column.is_in(values) if values else pl.lit(False)
    return there.fill_null(False) | blank


def _range(kind_field: KindField, condition: Condition, column: pl.Expr) -> pl.Expr:
    value = condition.values[0]
    if isinstance(kind_field, Instant):
        if condition.op == "until":
            return column <= clock.end_of(value)
        return column > clock.end_of(value - timedelta(days=1))
    return column >= _fact(value) if condition.op == "from" else column <= _fact(value)


def _fact(value: Any) -> Any:
    """A value as the frames hold it."""
    return float(value) if isinstance(value, Decimal) else value


def _found(model: type[Record], word: str, then: Facts) -> pl.Expr:
    own, references = searched(model)
    fields: Any = model.kind_fields()
    found = [_contains(pl.col(n), word) for n in ("key", *own)]
    for name in references:
        of = title_frame(kind_named(fields[name].target), then)
        keys = of.filter(_contains(pl.col("title"), word))["key"]
        found.append(pl.col(name).is_in(keys.implode()))
    found += [pl.col(name).is_in(values) for name, values in labelled(model, word).items()]
    return pl.any_horizontal(e.fill_null(False) for e in found)


def _contains(column: pl.Expr, word: str) -> pl.Expr:
    return column.str.to_lowercase().str.contains(word.lower(), literal=True)


def _in_order(model: type[Record], asked: Asked, rows: pl.DataFrame, then: Facts) -> pl.DataFrame:
    if asked.sort == "key":
        return rows.sort("key", descending=asked.descending)
    kind_field: Any = model.kind_fields()[asked.sort]
    column = pl.col(asked.sort)
    if isinstance(kind_field, Reference):
        of = title_frame(kind_named(kind_field.target), then)
        column = column.replace_strict(of["key"], of["title"], default=None, return_dtype=pl.String)
    elif isinstance(kind_field, Choice):
        order = list(kind_field.options)
        column = column.replace_strict(order, list(range(len(order))), default=None, return_dtype=pl.Int64)
    return rows.sort(column, "key", descending=asked.descending, nulls_last=[True, False])
