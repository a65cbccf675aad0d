"""What refers to a record: other records that name it, and how many of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Value
from django.db.models.functions import Cast

from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.records.facts import Facts
from sekisho.records.fields import AnyReference, Reference, References
from sekisho.records.record import Record
from sekisho.records.register import known, standing
from sekisho.records.register.asked import Asked, Condition
from sekisho.records.register.titles import as_title


@dataclass(frozen=True)
class Referrer:
    """The records of a kind that refer to another one in a field: how many, and the first of them with titles."""

    model: type[Record]
    field: str
    count: int
    first: list[tuple[str, Text]]


def referrers(
    model: type[Record], key: str, *, then: Facts | None = None, at_most: int = 5
) -> list[Referrer]:
    """Everything that refers to a record, in the order of the kinds and their fields."""
    fields = _fields_to(model)
    if then is not None:
        found = [
            _known(other, name, _value(other, name, model, key), then, at_most) for other, name in fields
        ]
        return [r for r in found if r.count]
    numbers = _counted(model, key, fields)
    return [
        _standing(other, name, _value(other, name, model, key), numbers[other.about.name, name], at_most)
        for other, name in fields
        if numbers.get((other.about.name, name))
    ]


def _fields_to(model: type[Record]) -> list[tuple[type[Record], str]]:
    """The fields of all kinds that may refer to the kind."""
    return [
        (other, name)
        for other in KINDS
        for name, f in other.kind_fields().items()
        if isinstance(f, AnyReference)
        or (isinstance(f, Reference | References) and f.target == model.about.name)
    ]


def _value(other: type[Record], name: str, model: type[Record], key: str) -> str:
    any_kind = isinstance(other.kind_fields()[name], AnyReference)
    return f"{model.about.name}:{key}" if any_kind else key


def _asking(name: str, value: str) -> Asked:
    return Asked(conditions=(Condition(name, "is", (value,)),))


def _counted(
    model: type[Record], key: str, fields: list[tuple[type[Record], str]]
) -> dict[tuple[str, str], int]:
    """How many refer by each field: one query."""
    parts: list[models.QuerySet[Any]] = []
    for other, name in fields:
        rows = standing.asked_for(other, _asking(name, _value(other, name, model, key)))
        told = rows.annotate(
            _kind=Value(other.about.name, output_field=models.CharField()),
            _field=Cast(Value(name), models.CharField()),
        )
        parts.append(
            told.values("_kind", "_field")
            .annotate(_count=Count("key"))
            .values_list("_kind", "_field", "_count")
        )
    if not parts:
        return {}
    return {(kind, name): count for kind, name, count in parts[0].union(*parts[1:], all=True)}


def _standing(other: type[Record], name: str, value: str, count: int, at_most: int) -> Referrer:
    rows = standing.asked_for(other, _asking(name, value)).order_by("-key")
    found = rows.values_list("key", standing.title_path(other))[:at_most]
    return Referrer(other, name, count, [(k, as_title(other, t, k)) for k, t in found])


def _known(other: type[Record], name: str, value: str, then: Facts, at_most: int) -> Referrer:
    rows = known.asked_for(other, Asked(conditions=_asking(name, value).conditions, descending=True), then)
    keys = rows["key"].to_list()[:at_most]
    told = known.title_frame(other, then)
    titles = dict(told.filter(told["key"].is_in(keys)).iter_rows()) if keys else {}
    return Referrer(other, name, rows.height, [(k, as_title(other, titles.get(k), k)) for k in keys])
