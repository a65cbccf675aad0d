"""What is asked of the registers as they stand now, in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast

from sekisho.kernel import clock
from sekisho.records.contents import kind_named
from sekisho.records.fields import Choice, Instant, Reference, Several
from sekisho.records.record import Record
from sekisho.records.register.asked import Asked, Condition, labelled, searched


def title_path(model: type[Record]) -> str:
    """The lookup of a kind's title, through the references that it goes by."""
    title: Any = model.kind_fields()[model.about.title]
    return (
        f"{title.name}__{title_path(kind_named(title.target))}"
        if isinstance(title, Reference)
        else title.name
    )


def asked_for(model: type[Record], asked: Asked) -> models.QuerySet[Any]:
    """The records asked for, not yet in order."""
    rows: models.QuerySet[Any] = model.objects.all()
    for condition in asked.conditions:
        rows = _where(rows, model, condition)
    for word in asked.search.split():
        rows = rows.filter(_found(model, word))
    return rows


def in_order(model: type[Record], asked: Asked, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """By the column asked for, nothing recorded last, then by key."""
    by_key = F("key").desc() if asked.descending else F("key").asc()
    if asked.sort == "key":
        return rows.order_by(by_key)
    return rows.order_by(_by_column(model, asked), by_key)


def _by_column(model: type[Record], asked: Asked) -> OrderBy:
    kind_field: Any = model.kind_fields()[asked.sort]
    column: Any = F(asked.sort)
    if isinstance(kind_field, Reference):
        column = F(f"{asked.sort}__{title_path(kind_named(kind_field.target))}")
    elif isinstance(kind_field, Choice):  # in the order in which the choices are declared
        whens = [When(**{asked.sort: value}, then=Value(n)) for n, value in enumerate(kind_field.options)]
        column = Case(*whens, output_field=models.IntegerField())
    return OrderBy(column, descending=asked.descending, nulls_last=True)


def _where(rows: models.QuerySet[Any], model: type[Record], condition: Condition) -> models.QuerySet[Any]:
    kind_field: Any = model.kind_fields()[condition.name]
    if condition.op != "is":
        return rows.filter(_range(kind_field, condition))
    blank = Q(**{f"{condition.name}__isnull": True}) if None in condition.values else Q()
    values = [v for v in condition.values if v is not None]
    if not values:
        return rows.filter(blank)
    if not isinstance(kind_field, Several):
        return rows.filter(Q(**{f"{condition.name}__in": values}) | blank)
    text = f"_{condition.name}_text"
    return rows.annotate(**{text: Cast(condition.name, models.TextField())}).filter(
        any_of(Q(**{f"{text}__contains": listed_text(v)}) for v in values) | blank
    )


def _range(kind_field: Any, condition: Condition) -> Q:
    value = condition.values[0]
    lookup = "gte" if condition.op == "from" else "lte"
    if isinstance(kind_field, Instant):
        value = clock.end_of(value if condition.op == "until" else value - timedelta(days=1))
        lookup = "gt" if condition.op == "from" else "lte"
    return Q(**{f"{condition.name}__{lookup}": value})


def _found(model: type[Record], word: str) -> Q:
    """The word stands in the key, a line of the record, or the title of a record that its columns refer to."""
    own, references = searched(model)
    fields: Any = model.kind_fields()
    paths = ["key", *own, *(f"{n}__{title_path(kind_named(fields[n].target))}" for n in references)]
    own_words = [Q(**{f"{path}__icontains": word}) for path in paths]
    by_label = [Q(**{f"{name}__in": values}) for name, values in labelled(model, word).items()]
    return any_of([*own_words, *by_label])


def listed_text(text: str) -> str:
    """A text as it stands in the text of a stored JSON list (PostgreSQL writes letters, SQLite keeps escapes)."""
    return json.dumps(text, ensure_ascii=connection.vendor != "postgresql")


def any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
