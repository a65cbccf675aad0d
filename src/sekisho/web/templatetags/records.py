"""The words of the pages of records.

{% load records %}   {% if citation|is_clause %}   {{ bytes|size }}   {{ titles|titled:"unit:U-OPS" }}
"""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.forms import BoundField

from sekisho.kernel.texts import Text
from sekisho.records.fields import AnyReference, Reference, References
from sekisho.rulebook.language import CLAUSES
from sekisho.web.forms import ValueField
from sekisho.web.templatetags.sekisho import say

register = template.Library()


@register.filter
def is_clause(citation: str) -> bool:
    """Whether the clause is in the rulebook (a kind may serve clauses that come with later articles)."""
    return citation in CLAUSES


@register.filter
def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:,.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:,.1f} MB"


@register.filter
def picks(bound: BoundField) -> str:
    """The kind whose records a form's field takes ('any': of every kind); '' for other fields."""
    field = bound.field.kind_field if isinstance(bound.field, ValueField) else None
    if isinstance(field, AnyReference):
        return "any"
    return field.target if isinstance(field, Reference | References) else ""


@register.filter
def picks_many(bound: BoundField) -> bool:
    return isinstance(bound.field, ValueField) and isinstance(bound.field.kind_field, References)


@register.filter
def shape(bound: BoundField) -> str:
    """How wide a form's field is: long texts take the whole line."""
    field = bound.field.kind_field if isinstance(bound.field, ValueField) else None
    return "long" if field is not None and field.type_name in ("long_text", "references", "texts") else ""


@register.filter
def needed(bound: BoundField) -> bool:
    return isinstance(bound.field, ValueField) and bound.field.kind_field.required


@register.filter
def title_of(bound: BoundField, titles: Mapping[str, Text]) -> str:
    """The title of the record that a field names now."""
    value, kind = bound.value() or "", picks(bound)
    reference = value if kind == "any" else f"{kind}:{value}"
    return str(say(titles.get(reference, ""))) if value else ""


@register.filter
def titles_of(bound: BoundField, titles: Mapping[str, Text]) -> list[tuple[str, Text]]:
    """The records that a field of several names now: key and title."""
    keys = [key.strip() for key in str(bound.value() or "").replace("\n", ";").split(";")]
    kind = picks(bound)
    return [(key, titles.get(f"{kind}:{key}", Text(key, key))) for key in dict.fromkeys(keys) if key]
