"""The filters of a register in words: what may be asked of each field, and what is asked now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.http import urlencode

from sekisho.kernel.calendar import short_day
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Flag,
    KindField,
    Number,
    Quantity,
    Reference,
    References,
    Several,
)
from sekisho.records.record import Record
from sekisho.records.register import BLANK, Asked, Condition, titles
from sekisho.records.register.asked import RANGES, written
from sekisho.web.cells import NO, YES
from sekisho.web.templatetags.sekisho import say

_FROM = Text("{label}が{value}以後", "{label} from {value}")
_LEAST = Text("{label}が{value}以上", "{label} at least {value}")
_UNTIL = Text("{label}が{value}以前", "{label} until {value}")
_MOST = Text("{label}が{value}以下", "{label} at most {value}")
_UNRECORDED = Text("未記録", "not recorded")
_SEARCH = Text("検索", "Search")


@dataclass(frozen=True)
class Filter:
    """What may be asked of a field. `form`: choice, reference, text, days, numbers or decimals.

    `values` are those asked for now.
    """

    name: str
    label: Text
    form: str
    values: list[str]
    options: list[tuple[str, Text]]
    kind: str = ""
    title: Text | None = None

    @property
    def first(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the address without it."""

    label: str
    url: str


def filter_fields(model: type[Record], asked: Asked) -> list[Filter]:
    """The filters that fit the fields, in the order of the kind."""
    now = {(c.name, c.op): c for c in asked.conditions}
    return [f for name, field in model.kind_fields().items() if (f := _filter(model, name, field, now))]


def _filter(
    model: type[Record], name: str, field: KindField, now: dict[tuple[str, str], Condition]
) -> Filter | None:
    if isinstance(field, Choice | Flag):
        options = list(field.options.items()) if isinstance(field, Choice) else [("true", YES), ("false", NO)]
        blank = [] if field.required else [(BLANK, _UNRECORDED)]
        return Filter(name, field.label, "choice", _texts(model, now.get((name, "is"))), options + blank)
    if isinstance(field, Reference | References | AnyReference):
        kind = "any" if isinstance(field, AnyReference) else field.target
        return Filter(name, field.label, "reference", _texts(model, now.get((name, "is"))), [], kind)
    if isinstance(field, Several):
        return Filter(name, field.label, "text", _texts(model, now.get((name, "is"))), [])
    if isinstance(field, RANGES):
        bounds = [(_texts(model, now.get((name, op))) or [""])[0] for op in ("from", "until")]
        return Filter(name, field.label, _range(field), bounds, [])
    return None


def _range(field: KindField) -> str:
    if isinstance(field, Number):
        return "numbers"
    return "decimals" if isinstance(field, Quantity) else "days"


def _texts(model: type[Record], condition: Condition | None) -> list[str]:
    return [text for _, text in written(model, condition)] if condition else []


def chips(model: type[Record], asked: Asked, known: dict[str, Text], then: Facts | None) -> list[Chip]:
    """What is asked now, each with the address that no longer asks it."""
    fields = model.kind_fields()
    named = known | titles(_spoken_of(model, asked) - known.keys(), then) if asked.conditions else {}
    found = []
    if asked.search:
        url = urlencode(replace(asked, search="").parameters(model))
        found.append(Chip(f"{say(_SEARCH)}: {asked.search}", f"?{url}"))
    for condition in asked.conditions:
        url = urlencode(asked.without(condition).parameters(model))
        found.append(Chip(_words(model, fields[condition.name], condition, named), f"?{url}"))
    return found


def _words(model: type[Record], field: KindField, condition: Condition, named: dict[str, Text]) -> str:
    label = say(field.label)
    told = [
        _value(field, v, text, named)
        for v, (_, text) in zip(condition.values, written(model, condition), strict=True)
    ]
    if condition.op == "is":
        return f"{label}: {', '.join(told)}"
    is_number = isinstance(field, Number | Quantity)
    words = {"from": _LEAST if is_number else _FROM, "until": _MOST if is_number else _UNTIL}[condition.op]
    return str(say(words.format(label=label, value=told[0])))


def _value(field: KindField, value: object, text: str, named: dict[str, Text]) -> str:
    if value is None:
        return str(say(_UNRECORDED))
    if isinstance(field, Choice):
        return str(say(field.label_of(str(value))))
    if isinstance(field, Flag):
        return str(say(YES if value else NO))
    if isinstance(value, date):
        return str(say(short_day(value)))
    return str(say(named.get(_reference(field, text), text)))


def _reference(field: KindField, text: str) -> str:
    if isinstance(field, AnyReference):
        return text
    return f"{field.target}:{text}" if isinstance(field, Reference | References) else ""


def _spoken_of(model: type[Record], asked: Asked) -> set[str]:
    fields = model.kind_fields()
    pairs: Iterable[tuple[str, str]] = (
        (c.name, text) for c in asked.conditions for _, text in written(model, c) if text != BLANK
    )
    return {r for name, text in pairs if (r := _reference(fields[name], text))}
