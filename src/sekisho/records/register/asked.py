"""What a reader asks of a register: words to search for, conditions on fields, an order. From and to a query string.

| parameter | asks |
|---|---|
| q | key, title, a line of text or the title of a referred record contains it (each word of several) |
| FIELD | the value is this; repeated: one of these; `-`: nothing is recorded |
| FIELD__from, FIELD__until | dates, instants (whole days in Japan) and numbers, both ends included |
| sort | a field's name or `key`; `-` before it turns it round |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    Choice,
    Day,
    EvidenceFiles,
    Instant,
    KindField,
    Line,
    Number,
    Quantity,
    Reference,
    Several,
    Words,
    WrongValue,
    clean,
)
from sekisho.records.record import Record

BLANK = "-"  # the written form of "nothing is recorded"
RANGES = (Day, Instant, Number, Quantity)
_LONGEST_SEARCH = 200
_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: `op` is 'is' (one of `values`, None for nothing recorded), 'from' or 'until' (one value)."""

    name: str
    op: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Asked:
    """All that is asked. `problems` tells, by parameter, what could not be read and was left out."""

    search: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = "key"
    descending: bool = False
    problems: Mapping[str, Text] = field(default_factory=dict)

    def parameters(self, model: type[Record]) -> list[tuple[str, str]]:
        """The query string that asks the same, in one order."""
        pairs = [("q", self.search)] if self.search else []
        pairs += [pair for c in self.conditions for pair in written(model, c)]
        if (self.sort, self.descending) != default_order(model):
            pairs.append(("sort", f"-{self.sort}" if self.descending else self.sort))
        return pairs

    def without(self, condition: Condition) -> Asked:
        return replace(self, conditions=tuple(c for c in self.conditions if c != condition))

    def sorted_by(self, name: str) -> Asked:
        """By this column; the other way round where it is by this column already."""
        return replace(self, sort=name, descending=self.sort == name and not self.descending)


def asked_of(model: type[Record], given: Mapping[str, Sequence[str]]) -> Asked:
    """Read a query string (name to its values). Names that are no field's are another's business."""
    conditions: list[Condition] = []
    problems: dict[str, Text] = {}
    for name, kind_field in askable(model).items():
        for parameter, op in _parameters(name, kind_field):
            texts = [t for t in given.get(parameter, ()) if clean(t)][:_MOST_VALUES]
            try:
                if texts and (values := _values(kind_field, op, texts)):
                    conditions.append(Condition(name, op, values))
            except WrongValue as wrong:
                problems[parameter] = wrong.text
    search = clean(" ".join(given.get("q", ())))[:_LONGEST_SEARCH]
    sort, descending = _order(model, given.get("sort", ()))
    return Asked(search, tuple(conditions), sort, descending, problems)


def default_order(model: type[Record]) -> tuple[str, bool]:
    """What happens is listed newest first, what is there by its key."""
    return "key", model.about.domain in ("governance", "incident")


def written(model: type[Record], condition: Condition) -> list[tuple[str, str]]:
    """The parameters that ask this condition."""
    kind_field = model.kind_fields()[condition.name]
    name = condition.name if condition.op == "is" else f"{condition.name}__{condition.op}"
    return [(name, BLANK if v is None else _text(kind_field, v)) for v in condition.values]


def askable(model: type[Record]) -> dict[str, Any]:
    """The fields that may be searched, filtered and sorted by. A personal value that not all readers see is none:

    an answer to "whose address begins with a?" would tell what the page hides.
    """
    return {n: f for n, f in model.kind_fields().items() if not f.personal or n == model.about.title}


def searched(model: type[Record]) -> tuple[list[str], list[str]]:
    """The fields that a search looks into: those with words of their own, and references by their titles."""
    fields = askable(model)
    own = [
        n
        for n, f in fields.items()
        if isinstance(f, Line) or (n == model.about.title and isinstance(f, Words))
    ]
    return own, [n for n in model.about.columns if isinstance(fields[n], Reference)]


def labelled(model: type[Record], word: str) -> dict[str, list[str]]:
    """The choices, by column, whose label holds the word."""
    fields = model.kind_fields()
    choices = {n: fields[n].options for n in model.about.columns if isinstance(fields[n], Choice)}
    wanted = word.casefold()
    found = {
        name: [v for v, words in options.items() if any(wanted in w.casefold() for w in (words.ja, words.en))]
        for name, options in choices.items()
    }
    return {name: values for name, values in found.items() if values}


def _parameters(name: str, kind_field: KindField) -> list[tuple[str, str]]:
    if isinstance(kind_field, EvidenceFiles | Words):
        return []
    ranges = [(f"{name}__from", "from"), (f"{name}__until", "until")]
    return [(name, "is"), *(ranges if isinstance(kind_field, RANGES) else [])]


def _values(kind_field: Any, op: str, texts: list[str]) -> tuple[Any, ...]:
    """The values asked for. Raises WrongValue."""
    if op == "is":
        read = [None if clean(t) == BLANK else _one(kind_field, t) for t in texts]
        return tuple(dict.fromkeys(read))
    bound: KindField = Day() if isinstance(kind_field, Instant) else kind_field
    return (bound.from_text(texts[0]),)


def _one(kind_field: Any, text: str) -> Any:
    if isinstance(kind_field, Instant):
        raise WrongValue(
            Text(
                "日時は「から」「まで」で絞り込んでください（「-」は未記録）。",
                "Ask for instants by __from and __until (`-`: nothing is recorded).",
            )
        )
    return clean(text) if isinstance(kind_field, Several) else kind_field.from_text(text)


def _text(kind_field: KindField, value: Any) -> str:
    if isinstance(kind_field, Instant):
        return Day().to_text(value)
    return str(value) if isinstance(kind_field, Several) else kind_field.to_text(value)


def _order(model: type[Record], given: Sequence[str]) -> tuple[str, bool]:
    wanted = given[0] if given else ""
    name = wanted.removeprefix("-")
    sortable = {n for n, f in askable(model).items() if not isinstance(f, EvidenceFiles | Several)}
    return (name, wanted.startswith("-")) if name in sortable | {"key"} else default_order(model)
