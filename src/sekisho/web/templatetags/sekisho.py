"""The words of our templates: texts in the reader's language, days, badges, icons, addresses of pages and records.

{% load sekisho %}
{% say "件数" "Count" %}   {% say "{n} 件" "{n} items" n=3 %}   {{ text|say }}   {{ date|day:"short" }}
{% icon "home" %}   {% verdict_badge state.verdict %}   {% duty_badge clause.duty %}   {% door "work" as url %}
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from sekisho.findings.outcomes import CLAUSE
from sekisho.findings.verdicts import DUTY_WORDS, VERDICT_WORDS, Duty, Verdict
from sekisho.kernel.calendar import day_in_words, instant_in_words, month_in_words, short_day
from sekisho.kernel.clock import iso
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind
from sekisho.rulebook.contents import Article

register = template.Library()

VERDICT_SIGNS: dict[Verdict, str] = {
    Verdict.MET: "check",
    Verdict.MET_BY_EXCEPTION: "shield-check",
    Verdict.FALLS_SHORT: "x",
    Verdict.NO_EVIDENCE: "question-mark",
    Verdict.NOT_APPLICABLE: "minus",
    Verdict.DEFINITION: "book",
}
DUTY_SIGNS: dict[Duty, str] = {
    Duty.MUST: "gavel",
    Duty.SHOULD: "target",
    Duty.MAY: "info-circle",
    Duty.SCOPE: "zoom-in",
}


def language() -> str:
    """The reader's language: 'ja' or 'en'."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"


# --- texts ------------------------------------------------------------------------------------------------------


@register.simple_tag(name="say")
def say_tag(ja: str, en: str, one: str = "", **data: object) -> str:
    """Fixed words in the reader's language, `{fields}` filled; `one`: the English where n is 1."""
    text = Text(ja, one if one and data.get("n") == 1 else en)
    return (text.format(**data) if data else text).in_(language())


@register.filter(name="say")
def say(text: Any) -> Any:
    """A Text in the reader's language; anything else as it is, nothing as nothing."""
    if text is None:
        return ""
    return text.in_(language()) if isinstance(text, Text) else text


@register.filter(name="day")
def day(value: date | None, form: str = "long") -> SafeString | str:
    """令和8年11月23日（月） / Mon, 23 Nov 2026; 'short' without the weekday; 'month' without the day."""
    if value is None or value == "":
        return ""
    words = {"long": day_in_words, "short": short_day, "month": month_in_words}[form](value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words.in_(language()))


@register.filter(name="moment")
def moment(value: datetime | None, form: str = "") -> SafeString | str:
    """令和8年11月23日 14:30 / 23 Nov 2026, 14:30 in Japan's time; 'seconds' with them."""
    if value is None or value == "":
        return ""
    words = instant_in_words(value, seconds=form == "seconds")
    return format_html('<time datetime="{}">{}</time>', iso(value), words.in_(language()))


@register.filter(name="iso")
def iso_form(value: datetime) -> str:
    """An instant as programs write it."""
    return iso(value)


@register.simple_tag
def official_heading(article: Article, headings: dict[str, str]) -> str:
    """An article's heading: for Japanese the official one where the text is imported, else ours."""
    official = headings.get(article.number) if language() == "ja" else None
    return official or str(say(article.title))


_UNITS = {
    "months": Text("か月", "months"),
    "days": Text("日", "days"),
    "minutes": Text("分", "minutes"),
    "number": Text("件", ""),
    "percent": Text("％", "%"),
}


@register.simple_tag
def limit_unit(unit: str) -> str:
    return str(say(_UNITS.get(unit, Text(unit, unit))))


@register.filter(name="count")
def count(value: int | None) -> str:
    """1234 as 1,234."""
    return "" if value is None else f"{value:,}"


# --- signs ------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, title: str = "", classes: str = "") -> SafeString:
    """One of the icons of the sprite; without a title it is decoration and hidden from screen readers."""
    told = (
        format_html('role="img" aria-label="{}"', title)
        if title
        else SafeString('aria-hidden="true" focusable="false"')
    )
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" {}><use href="{}#{}"></use></svg>',
        classes,
        told,
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def verdict_badge(verdict: Verdict | str, duty: Duty | str = "") -> SafeString:
    """A verdict by colour, sign and word. With the duty, an endeavour that falls short looks milder."""
    which = Verdict(verdict)
    mild = "mild" if duty and Duty(duty) in (Duty.SHOULD, Duty.MAY) else ""
    return format_html(
        '<span class="verdict {} {}">{}<span>{}</span></span>',
        which.value,
        mild,
        icon(VERDICT_SIGNS[which]),
        say(VERDICT_WORDS[which]),
    )


@register.simple_tag
def verdict_word(verdict: Verdict | str) -> str:
    return str(say(VERDICT_WORDS[Verdict(verdict)]))


@register.simple_tag
def verdict_sign(verdict: Verdict | str) -> SafeString:
    """A verdict's sign alone; the word must stand beside it."""
    return icon(VERDICT_SIGNS[Verdict(verdict)])


@register.simple_tag
def duty_badge(duty: Duty | str) -> SafeString:
    """A duty by sign and word."""
    which = Duty(duty)
    return format_html(
        '<span class="duty {}">{}<span>{}</span></span>',
        which.value,
        icon(DUTY_SIGNS[which]),
        say(DUTY_WORDS[which]),
    )


@register.simple_tag
def duty_word(duty: Duty | str) -> str:
    return str(say(DUTY_WORDS[Duty(duty)]))


# --- addresses --------------------------------------------------------------------------------------------------


@register.simple_tag(name="door")
def door(name: str, *args: object) -> str:
    """The address of a page by its name; '' where this installation does not serve it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.filter(name="record_url")
def record_url(reference: str | None) -> str:
    """The address of a record's page from `kind:key`; '' for the member as a whole or nothing."""
    kind, _, key = (reference or "").partition(":")
    return door("record", kind, key) if key and is_kind(kind) else ""


@register.filter(name="subject_url")
def subject_url(reference: str | None) -> str:
    """The address of what a finding is about: a record's page, a clause's; '' for the member as a whole."""
    kind, _, key = (reference or "").partition(":")
    return door("clause", key) if kind == CLAUSE else record_url(reference)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """This page's query string with changes; None takes a field out."""
    fields = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            fields.pop(name, None)
        else:
            fields[name] = str(value)
    told: str = fields.urlencode()
    return f"?{told}" if told else "?"


@register.filter(name="lines")
def lines(text: str | None) -> SafeString:
    """A text of several lines as paragraphs' lines, escaped."""
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in (text or "").splitlines()))
