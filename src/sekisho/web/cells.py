"""A field's value as a person reads it: in a table's cell, on a record's page, in its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString

from sekisho.kernel.calendar import instant_in_words, short_day
from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Day,
    EvidenceFiles,
    Flag,
    Instant,
    KindField,
    Number,
    Quantity,
    Reference,
    References,
    Several,
    Words,
)
from sekisho.rulebook import citations
from sekisho.web.templatetags.sekisho import language

Titles = Mapping[str, Text]

NOTHING = SafeString('<span class="nothing">—</span>')
YES, NO = Text("はい", "Yes"), Text("いいえ", "No")
HIDDEN = Text("権限のある人にのみ表示", "Shown to those entitled")

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
_UNQUOTED = "/~:@!$&'()*+,;="  # what Django's own addresses leave as it is
_YEARS = 2200  # a number that never passes it is a year: no thousands mark


class Look(NamedTuple):
    """How values are told: the titles of the records they refer to, the reader's language, whether in short."""

    titles: Titles
    language: str
    short: bool = False


def value_html(field: KindField, value: Any, titles: Titles, *, short: bool = False) -> SafeString:
    """The value in words, references as links. `short`: for a table's cell, at most its first line."""
    return cell_html(field, value, Look(titles, language(), short))


def cell_html(field: KindField, value: Any, look: Look) -> SafeString:
    """As `value_html`, for many values in a row."""
    if value is None or value == "" or value == []:
        return NOTHING
    for types, html in _BY_TYPE:
        if isinstance(field, types):
            return SafeString(html(field, value, look))
    return SafeString(escape(str(value)))


def _references(field: Any, value: list[str], look: Look) -> str:
    return _several([_link(f"{field.target}:{v}", look) for v in _first(value, look)], value)


def _texts(_: Any, value: list[str], look: Look) -> str:
    return _several([escape(v) for v in _first(value, look)], value)


def _first(value: list[str], look: Look) -> list[str]:
    return value[:3] if look.short else value


def _several(shown: list[str], value: list[str]) -> str:
    more = f" +{len(value) - len(shown)}" if len(value) > len(shown) else ""
    return "、".join(shown) + more


def _choice(field: Any, value: str, look: Look) -> str:
    tone = TONES.get(field.name, {}).get(value)
    words = escape(field.label_of(value).in_(look.language))
    return f'<span class="chip {tone}">{words}</span>' if tone else words


def _instant(field: Any, value: datetime, look: Look) -> str:
    seconds = not look.short and bool(value.second or value.microsecond)
    words = instant_in_words(value, seconds=seconds).in_(look.language)
    return f'<time datetime="{value.isoformat()}">{words}</time>'


def _day(field: Any, value: date, look: Look) -> str:
    return f'<time datetime="{value.isoformat()}">{short_day(value).in_(look.language)}</time>'


def _words(field: Any, value: str, look: Look) -> str:
    lines = value.split("\n")
    return escape(lines[0]) if look.short else "<br>".join(map(escape, lines))


def _link(reference: str, look: Look) -> str:
    kind, _, key = reference.partition(":")
    title = look.titles.get(reference)
    if clause := citations.named(reference):
        return f'<a href="{reverse("clause", args=(key,))}">{escape(clause.in_(look.language))}</a>'
    if title is None:
        return f'<span class="mono">{escape(reference if kind == "member" else key)}</span>'
    return f'<a href="{record_url(kind, key)}" title="{escape(key)}">{escape(title.in_(look.language))}</a>'


# By hand and by type: a page of 50 rows has some 400 cells, and format_html takes ten times as long as an f-string.
_BY_TYPE: tuple[tuple[type[KindField], Callable[[Any, Any, Look], str]], ...] = (
    (Reference, lambda field, value, look: _link(f"{field.target}:{value}", look)),
    (Choice, _choice),
    (Day, _day),
    (Instant, _instant),
    (Flag, lambda _, value, look: (YES if value else NO).in_(look.language)),
    (Number, lambda field, value, _: str(value) if field.most <= _YEARS else f"{value:,}"),
    (Quantity, lambda _, value, __: f"{value:,f}"),
    (Words, _words),
    (AnyReference, lambda _, value, look: _link(value, look)),
    (References, _references),
    (Several, _texts),
    (EvidenceFiles, lambda _, value, __: "、".join(escape(file["name"]) for file in value)),
)


def reference_html(reference: str, titles: Titles) -> SafeString:
    """A record as a link by its title; the bare reference where there is no such record."""
    return SafeString(_link(reference, Look(titles, language())))


def record_url(kind: str, key: str) -> str:
    """The address of a record: `reverse`, without its search for each of a hundred links."""
    return f"{_register_url(kind)}{quote(key, safe=_UNQUOTED)}/"


@cache
def _register_url(kind: str) -> str:
    return reverse("register", args=(kind,))


def person_html(by: str, titles: Titles) -> SafeString:
    """Who acted, as the ledger writes it: a person by name, a service or operator as it is."""
    return reference_html(by, titles) if by.startswith("person:") else SafeString(escape(by))


def masked_html() -> SafeString:
    return SafeString(f'<span class="nothing">{escape(HIDDEN.in_(language()))}</span>')


def is_number(field: KindField) -> bool:
    """Whether its column stands to the right."""
    return isinstance(field, Quantity) or (isinstance(field, Number) and field.most > _YEARS)
