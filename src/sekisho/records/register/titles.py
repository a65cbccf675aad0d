"""The words by which records go, asked for in one query, and records found by their words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q, Value

from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.facts import Facts
from sekisho.records.fields import Choice, KindField, Reference, clean
from sekisho.records.record import Record
from sekisho.records.register.known import title_frame
from sekisho.records.register.standing import title_path

_LONGEST = 60


def title_field(model: type[Record]) -> KindField:
    """The field that holds a kind's title; through a reference, the other kind's."""
    field: Any = model.kind_fields()[model.about.title]
    return title_field(kind_named(field.target)) if isinstance(field, Reference) else field


def as_title(model: type[Record], value: str | None, key: str) -> Text:
    """A title's value in words: a choice by its label, the first line of a longer text, the key where there is none."""
    field = title_field(model)
    if isinstance(field, Choice) and value:
        return field.label_of(value)
    first = (value or "").strip().split("\n")[0]
    short = first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
    return Text(short or key, short or key)


def titles(references: Iterable[str], then: Facts | None = None) -> dict[str, Text]:
    """The titles of records (`kind:key`). What is not there is missing. One query, however many kinds."""
    by_kind: dict[str, set[str]] = {}
    for reference in references:
        kind, _, key = reference.partition(":")
        if key and is_kind(kind):
            by_kind.setdefault(kind, set()).add(key)
    rows = _known(by_kind, then) if then else _standing(by_kind)
    return {f"{kind}:{key}": as_title(kind_named(kind), title, key) for kind, key, title in rows}


def suggestions(kind: str, text: str, limit: int = 20) -> list[tuple[str, Text]]:
    """Records of a kind whose key or title holds the text, for a picker: (key, title), in the order of keys."""
    model = kind_named(kind)
    path = title_path(model)
    wanted = clean(text)
    rows = model.objects.filter(Q(key__icontains=wanted) | Q(**{f"{path}__icontains": wanted}))
    found = rows.order_by("key").values_list("key", path)[:limit]
    return [(key, as_title(model, title, key)) for key, title in found]


def key_of(model: type[Record], text: str) -> str:
    """The key that a person means by a key or by a title that only one record bears; else the text itself."""
    wanted = clean(text)
    if model.objects.filter(pk=wanted).exists():
        return wanted
    same = list(model.objects.filter(**{title_path(model): wanted}).values_list("key", flat=True)[:2])
    return str(same[0]) if len(same) == 1 else wanted


def _standing(by_kind: dict[str, set[str]]) -> list[tuple[str, str, str | None]]:
    parts = []
    for kind, keys in sorted(by_kind.items()):
        model = kind_named(kind)
        told: models.QuerySet[Any] = model.objects.filter(pk__in=keys).annotate(
            _kind=Value(kind, output_field=models.CharField())
        )
        parts.append(told.values_list("_kind", "key", title_path(model)))
    return list(parts[0].union(*parts[1:], all=True)) if parts else []


def _known(by_kind: dict[str, set[str]], then: Facts) -> list[tuple[str, str, str | None]]:
    rows: list[tuple[str, str, str | None]] = []
    for kind, keys in sorted(by_kind.items()):
        frame = title_frame(kind_named(kind), then)
        rows += [(kind, key, title) for key, title in frame.filter(frame["key"].is_in(keys)).iter_rows()]
    return rows
