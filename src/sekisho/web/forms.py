"""A form made from a kind: the fields that the kind declares, read by the same words as Excel and CSV.

What a person did not touch is not written: only what differs from the version that the form was made from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Day,
    EvidenceFiles,
    Flag,
    Instant,
    KindField,
    Line,
    Number,
    Quantity,
    Reference,
    References,
    Several,
    Words,
    WrongValue,
    clean,
)
from sekisho.records.record import Problems, Record, Values
from sekisho.records.register import key_of
from sekisho.web.cells import NO, YES
from sekisho.web.templatetags.sekisho import say

REASON, VERSION, KEY = "act_reason", "expected_ver", "key"  # no kind has fields of these names
_UNCHOSEN = Text("選んでください", "Choose")
_UNRECORDED = Text("未記録", "Not recorded")
_LONGEST_REASON = 2_000
_FIND = Text("キーか名称で探す", "Find by key or title")
_FIND_ANY = Text("種別:キー", "kind:key")
_KEY = Text("キー", "Key")
_KEY_HELP = Text(
    "空欄なら自動で採番します（{prefix}-0001 の形）", "Left empty, the next free one is given ({prefix}-0001)"
)


class ValueField(forms.Field):
    """One field of a kind: reads what the person typed as the kind's field reads any text."""

    def __init__(self, kind_field: KindField) -> None:
        self.kind_field = kind_field
        super().__init__(
            required=False,
            label=say(kind_field.label),
            help_text=say(kind_field.help),
            widget=_widget(kind_field),
        )

    def to_python(self, value: Any) -> Any:
        try:
            read = self.kind_field.from_text(value or "")
        except WrongValue as wrong:
            raise forms.ValidationError(say(wrong.text), code=wrong.code) from None
        return _by_key(self.kind_field, read)


class RecordForm(forms.Form):
    """The form of one record. `base`: the values of the version it starts from, None for a new record.

    `given` fills in the fields of a new record; `only` leaves all other fields out.
    """

    def __init__(
        self,
        model: type[Record],
        base: Values | None,
        data: Any = None,
        *,
        given: Mapping[str, str] | None = None,
        only: tuple[str, ...] = (),
    ) -> None:
        super().__init__(data, use_required_attribute=False)
        self.model, self.base = model, base
        self.start: dict[str, str] = {}
        for name, kind_field in model.kind_fields().items():
            if not isinstance(kind_field, EvidenceFiles) and (not only or name in only):
                self.fields[name] = ValueField(kind_field)
                self.start[name] = form_text(kind_field, (base or {}).get(name))
                self.initial[name] = self.start[name] or clean((given or {}).get(name, ""))
        if base is None and not only:
            self.fields[KEY] = _key_field(model)

    def touched(self) -> list[str]:
        """The fields whose text is not that of the version the form was made from."""
        return [n for n, text in self.start.items() if _same_lines(self.data.get(n)) != _same_lines(text)]

    def shown(self) -> list[forms.BoundField]:
        """The kind's fields, in its order."""
        return [self[name] for name in self.start]

    def values(self) -> Values:
        """What the person changed, by field; of a valid form."""
        return {name: self.cleaned_data[name] for name in self.touched()}

    def whole(self) -> Values:
        """The record as it would stand."""
        before = self.base if self.base is not None else dict.fromkeys(self.model.kind_fields())
        return before | self.values()

    def tell(self, problems: Problems) -> None:
        """Put what an act refused beside the fields concerned; the rest on top."""
        for name, texts in problems.items():
            for text in texts:
                place = name if name in self.fields else None
                self.add_error(place, forms.ValidationError(in_words(self.model, text), code="refused"))

    def typed_over(self, current: Values) -> MultiValueDict[str, str]:
        """The data of this form where somebody else changed the record: theirs, but for what was typed here."""
        touched = set(self.touched())
        kinds = self.model.kind_fields()
        texts = {
            name: [
                self.data.get(name) or "" if name in touched else form_text(kinds[name], current.get(name))
            ]
            for name in self.start
        }
        return MultiValueDict(texts)


def _key_field(model: type[Record]) -> forms.CharField:
    return forms.CharField(
        required=False,
        label=say(_KEY),
        help_text=say(_KEY_HELP.format(prefix=model.about.prefix)),
        max_length=64,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )


def reason_of(data: Mapping[str, Any]) -> str:
    """The reason that the person gave for the act."""
    return clean(str(data.get(REASON) or ""))[:_LONGEST_REASON]


def version_of(data: Mapping[str, Any]) -> int:
    """The version that the form was made from; 0 for a new record, or where it was tampered with."""
    given = str(data.get(VERSION) or "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def form_text(kind_field: KindField, value: Any) -> str:
    """A value as its input shows it."""
    if isinstance(kind_field, Instant) and value is not None:
        return str(value.astimezone(clock.JAPAN).strftime("%Y-%m-%dT%H:%M:%S"))
    return kind_field.to_text(value)


def in_words(model: type[Record], text: Text) -> str:
    """A message in the reader's language, with the labels of the fields that it names."""
    labels = {name: str(say(f.label)) for name, f in model.kind_fields().items() if "_" in name}
    told = str(say(text))
    if not labels:
        return told
    names = re.compile(r"(?<![A-Za-z_])(" + "|".join(map(re.escape, labels)) + r")(?![A-Za-z_])")
    return names.sub(lambda found: f"「{labels[found[1]]}」", told)


def _same_lines(text: str | None) -> str:
    """A text as browsers and databases agree on it: they send line ends as CR LF."""
    return (text or "").replace("\r\n", "\n").strip()


def _by_key(kind_field: KindField, value: Any) -> Any:
    """References by the keys that are meant: a person may type a title that only one record bears."""
    if value is None:
        return None
    if isinstance(kind_field, Reference):
        return key_of(kind_named(kind_field.target), value)
    if isinstance(kind_field, References):
        return list(dict.fromkeys(key_of(kind_named(kind_field.target), v) for v in value))
    return value


def _widget(kind_field: Any) -> forms.Widget:
    control = {"class": "form-control", "autocomplete": "off"}
    if kind_field.required:
        control["aria-required"] = "true"
    select = control | {"class": "form-select"}
    if isinstance(kind_field, Choice):
        return forms.Select(
            select, [("", say(_UNCHOSEN)), *((v, say(w)) for v, w in kind_field.options.items())]
        )
    if isinstance(kind_field, Flag):
        return forms.Select(select, [("", say(_UNRECORDED)), ("true", say(YES)), ("false", say(NO))])
    if isinstance(kind_field, Words):
        return forms.Textarea(control | {"rows": "4"})
    if isinstance(kind_field, Several):
        return forms.Textarea(control | {"rows": "2", "spellcheck": "false"})
    return _line(kind_field, control)


def _line(kind_field: KindField, control: dict[str, str]) -> forms.Widget:
    if isinstance(kind_field, Day):
        return forms.TextInput(control | {"type": "date"})
    if isinstance(kind_field, Instant):
        return forms.TextInput(control | {"type": "datetime-local", "step": "1"})
    if isinstance(kind_field, Number | Quantity):
        mode = "numeric" if isinstance(kind_field, Number) else "decimal"
        return forms.TextInput(control | {"inputmode": mode, "class": "form-control num-input"})
    if isinstance(kind_field, Reference | AnyReference):
        return forms.TextInput(control | _picker(kind_field))
    if isinstance(kind_field, Line) and kind_field.max_length:
        return forms.TextInput(control | {"maxlength": str(kind_field.max_length)})
    return forms.TextInput(control)


def _picker(kind_field: Any) -> dict[str, str]:
    """What makes an input suggest records; without scripts the key is typed."""
    kind = kind_field.target if isinstance(kind_field, Reference) else "any"
    options = f"id_{kind_field.name}-options"
    return {
        "spellcheck": "false",
        "placeholder": str(say(_FIND if kind != "any" else _FIND_ANY)),
        "list": options,
        "hx-get": reverse("lookup", args=(kind,)),
        "hx-trigger": "focus once, input changed delay:200ms",
        "hx-target": f"#{options}",
        "hx-include": "this",
        "hx-sync": "this:replace",
    }
