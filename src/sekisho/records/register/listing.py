"""Pages of a register, all of it one after another, and one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import models
from django.db.models import Count, Value

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.records.facts import Facts
from sekisho.records.fields import AnyReference, Quantity, Reference, References
from sekisho.records.record import Record, Values
from sekisho.records.register import known, standing
from sekisho.records.register.asked import Asked
from sekisho.records.register.titles import titles

PAGE_SIZES = (50, 100, 200)
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it stood: its key, its version, its values by field name (references as keys)."""

    key: str
    ver: int
    values: Values


@dataclass(frozen=True)
class Page:
    """Some rows of a register. `number` counts from 1; `titles` are those of the records that the rows refer to."""

    rows: list[Row]
    total: int
    number: int
    size: int
    titles: dict[str, Text] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place of the first row, from 1; 0 where there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0


def listed(
    model: type[Record],
    asked: Asked,
    *,
    number: int = 1,
    size: int = PAGE_SIZES[0],
    names: tuple[str, ...] = (),
    then: Facts | None = None,
) -> Page:
    """One page, with the fields `names` (default: the kind's columns). A number past the end gives the last page."""
    columns = names or model.about.columns
    if then is None:
        rows = standing.asked_for(model, asked)
        total = rows.count()
        number = _within(number, total, size)
        part = standing.in_order(model, asked, rows)[(number - 1) * size : number * size]
        found = _rows_of(part, columns)
    else:
        frame = known.asked_for(model, asked, then)
        total = frame.height
        number = _within(number, total, size)
        found = _rows_in(model, frame.slice((number - 1) * size, size), columns)
    return Page(found, total, number, size, titles(references_in(model, found), then))


def each(
    model: type[Record], asked: Asked, *, names: tuple[str, ...] = (), then: Facts | None = None
) -> Iterator[Row]:
    """Every row that is asked for, in order, without holding them all: for exports. Default: all facts and notes."""
    columns = names or tuple(n for n, f in model.kind_fields().items() if f.dtype is not None)
    if then is not None:
        yield from _rows_in(model, known.asked_for(model, asked, then), columns)
        return
    rows = standing.in_order(model, asked, standing.asked_for(model, asked))
    for raw in rows.values_list("key", "ver", *columns).iterator(_CHUNK):
        yield Row(raw[0], raw[1], dict(zip(columns, raw[2:], strict=True)))


def found_keys(model: type[Record], asked: Asked, at_most: int) -> list[str]:
    """The keys of what is asked for now, in order."""
    rows = standing.in_order(model, asked, standing.asked_for(model, asked))
    return list(rows.values_list("key", flat=True)[:at_most])


def one(model: type[Record], key: str, *, then: Facts | None = None) -> Row:
    """One record. Raises NotFound where it is not there, or was not yet, or no longer."""
    if then is None:
        if record := model.objects.filter(pk=key).first():
            return Row(record.key, record.ver, record.values())
    elif found := known.body_at(model, key, then.size):
        return Row(key, found[0], known.values_from(model, [found[1]])[0])
    raise NotFound(what=Text(f"{model.about.ja} {key}", f"{model.about.en} {key}"))


def counts(then: Facts | None = None) -> dict[str, int]:
    """How many records each kind has, by its name. One query now."""
    if then is not None:
        return {model.about.name: then.frame(model).height for model in KINDS}
    parts = [
        model.objects.annotate(_kind=Value(model.about.name, output_field=models.CharField()))
        .values("_kind")
        .annotate(_count=Count("key"))
        .values_list("_kind", "_count")
        .order_by()
        for model in KINDS
    ]
    return dict.fromkeys((m.about.name for m in KINDS), 0) | dict(parts[0].union(*parts[1:], all=True))


def references_in(model: type[Record], rows: list[Row]) -> set[str]:
    """Every record (`kind:key`) that the rows refer to."""
    found: set[str] = set()
    for name, kind_field in model.kind_fields().items():
        values = [v for row in rows if (v := row.values.get(name))]
        if isinstance(kind_field, Reference):
            found |= {f"{kind_field.target}:{v}" for v in values}
        elif isinstance(kind_field, References):
            found |= {f"{kind_field.target}:{v}" for several in values for v in several}
        elif isinstance(kind_field, AnyReference):
            found |= set(values)
    return found


def _within(number: int, total: int, size: int) -> int:
    return min(max(number, 1), max(1, -(-total // size)))


def _rows_of(part: models.QuerySet[Any], columns: tuple[str, ...]) -> list[Row]:
    raw = part.values_list("key", "ver", *columns)
    return [Row(r[0], r[1], dict(zip(columns, r[2:], strict=True))) for r in raw]


def _rows_in(model: type[Record], frame: pl.DataFrame, columns: tuple[str, ...]) -> list[Row]:
    fields = model.kind_fields()
    quantities = {n: f for n in columns if isinstance(f := fields[n], Quantity)}
    chosen = frame.select("key", "ver", *columns)
    return [
        Row(key, ver, _values(dict(zip(columns, rest, strict=True)), quantities))
        for key, ver, *rest in chosen.iter_rows()
    ]


def _values(facts: dict[str, Any], quantities: dict[str, Quantity]) -> Values:
    """Facts as values: the columns of decimals are doubles."""
    return facts | {name: kind_field.from_fact(facts[name]) for name, kind_field in quantities.items()}
