"""The watch's words of our templates: how an event was answered.

{% load watch %}   {% watch_action row.action %}   {% watch_action name number %}   {{ row.amount|amount }}
"""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sekisho.web.templatetags.sekisho import icon, say
from sekisho.web.watching.words import action_words

register = template.Library()


@register.simple_tag
def watch_action(action: str, number: int | None = None) -> SafeString:
    """An answer by colour, sign and word; with a number, how many there were."""
    words, tone, sign = action_words(action)
    told = "" if number is None else f" {number:,}"
    return format_html('<span class="chip watch-action {}">{}{}{}</span>', tone, icon(sign), say(words), told)


@register.filter(name="amount")
def amount(value: float | Decimal | None) -> str:
    """1234567.5 as 1,234,567.5; nothing as nothing."""
    if value is None:
        return ""
    whole, _, rest = f"{value:,.8f}".partition(".")
    return f"{whole}.{rest.rstrip('0')}".rstrip(".")
