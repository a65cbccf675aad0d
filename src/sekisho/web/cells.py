"""A field's value as a person reads it: in a table's cell, on a record's page, in its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from sekisho.access.rights import Actor, may_write
from sekisho.kernel.calendar import instant_in_words, short_day
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Day,
    EvidenceFiles,
    Flag,
    Instant,
    KindField,
    Number,
    Reference,
    References,
    Words,
)
from sekisho.records.record import Record
from sekisho.web.templatetags.sekisho import language, say

Titles = Mapping[str, Text]

NOTHING = mark_safe('<span class="nothing">—</span>')
YES, NO = Text("はい", "Yes"), Text("いいえ", "No")
HIDDEN = Text("権限のある人にのみ表示", "Shown to those entitled")
SHOWN_TO_STAFF = ("name",)  # personal, but staff must know whom a record means

# A choice that tells of a state is told by colour too. The rest are plain words.
TONES = {
    "state": {"draft": "blank", "open": "mild", "closed": "good", "dismissed": "still"},
    "step": {
        "draft": "still", "submitted": "told", "approved": "good", "sent_back": "mild", "withdrawn": "still",
    },
    "severity": {"serious": "bad", "minor": "still"},
    "criticality": {"high": "bad", "medium": "blank", "low": "still"},
    "decision": {"approved": "good", "sent_back": "mild", "change": "told", "no_change": "still"},
    "policy_decision": {"change": "told", "no_change": "still"},
}  # fmt: skip
_YEARS = 2200  # a number that never passes it is a year: no thousands mark


def value_html(field: KindField, value: Any, titles: Titles, *, short: bool = False) -> SafeString:
    """The value in words, references as links. `short`: for a table's cell, at most its first line."""
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(field, Reference):
        return reference_html(f"{field.target}:{value}", titles)
    if isinstance(field, References):
        links = [reference_html(f"{field.target}:{v}", titles) for v in value]
        more = format_html(" +{}", len(links) - 3) if short and len(links) > 3 else ""
        return format_html(
            "{}{}", format_html_join("、", "{}", ((a,) for a in links[: 3 if short else None])), more
        )
    if isinstance(field, AnyReference):
        return reference_html(value, titles)
    if isinstance(field, EvidenceFiles):
        return format_html_join("、", "{}", ((file["name"],) for file in value))
    return _plain(field, value, short)


def _plain(field: KindField, value: Any, short: bool) -> SafeString:
    if isinstance(field, Choice):
        tone = TONES.get(field.name, {}).get(value)
        words = field.label_of(value).in_(language())
        return (
            format_html('<span class="chip {}">{}</span>', tone, words) if tone else format_html("{}", words)
        )
    if isinstance(field, Day):
        return format_html(
            '<time datetime="{}">{}</time>', value.isoformat(), short_day(value).in_(language())
        )
    if isinstance(field, Instant):
        seconds = not short and (value.second or value.microsecond)
        words = instant_in_words(value, seconds=bool(seconds)).in_(language())
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)
    if isinstance(field, Flag):
        return format_html("{}", (YES if value else NO).in_(language()))
    if isinstance(field, Number):
        return format_html("{}", value if field.most <= _YEARS else f"{value:,}")
    if isinstance(field, Words):
        if short:
            return format_html("{}", value.split("\n")[0])
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in value.split("\n")))
    return format_html("{}", value)


def reference_html(reference: str, titles: Titles) -> SafeString:
    """A record as a link by its title; the bare reference where there is no such record."""
    kind, _, key = reference.partition(":")
    title = titles.get(reference)
    if title is None or not is_kind(kind):
        return format_html('<span class="mono">{}</span>', reference if kind == "member" else key)
    return format_html(
        '<a href="{}" title="{}">{}</a>', reverse("record", args=(kind, key)), key, title.in_(language())
    )


def person_html(by: str, titles: Titles) -> SafeString:
    """Who acted, as the ledger writes it: a person by name, a service or operator as it is."""
    return reference_html(by, titles) if by.startswith("person:") else format_html("{}", by)


def may_see_personal(actor: Actor, model: type[Record], key: str) -> bool:
    """Personal values beside the name are for those who keep the register, and the person concerned."""
    return may_write(actor, model) or (model.about.name == "person" and actor.person == key)


def hidden_fields(model: type[Record]) -> frozenset[str]:
    """The personal fields that are not for all staff."""
    return frozenset(n for n, f in model.kind_fields().items() if f.personal and n not in SHOWN_TO_STAFF)


def masked_html() -> SafeString:
    return format_html('<span class="nothing">{}</span>', say(HIDDEN))


def is_number(field: KindField) -> bool:
    """Whether its column stands to the right."""
    return isinstance(field, Number) and field.most > _YEARS
