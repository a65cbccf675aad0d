"""Words of the account pages: a form's field with its label, hint and problems."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.web.templatetags.sekisho import language

register = template.Library()


@register.inclusion_tag("accounts/field.html")
def field(
    bound: BoundField, ja: str, en: str, hint_ja: str = "", hint_en: str = "", **attrs: Any
) -> dict[str, Any]:
    """A field as Tabler shows it; `attrs` go onto the control (underscores become hyphens)."""
    is_check = isinstance(bound.field.widget, CheckboxInput)
    described = [f"{bound.auto_id}-hint"] if hint_ja else []
    described += [f"{bound.auto_id}-problems"] if bound.errors else []
    given = {
        "class": "form-check-input" if is_check else "form-control" + (" is-invalid" if bound.errors else ""),
        "placeholder": "",
        **{name.replace("_", "-"): value for name, value in attrs.items()},
    }
    if described:
        given["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "label": Text(ja, en).in_(language()),
        "hint": Text(hint_ja, hint_en).in_(language()),
        "control": bound.as_widget(attrs=given),
        "is_check": is_check,
    }


@register.filter
def device(user_agent: str) -> str:
    """A browser's long name in short: `Chrome, Windows`."""
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    )  # fmt: skip
    found = [next((name for mark, name in marks if mark in user_agent), "") for marks in (browsers, systems)]
    return ", ".join(name for name in found if name) or user_agent[:40]


@register.simple_tag
def copyable(secret: str, ja: str, en: str) -> SafeString:
    """A secret that is shown this once, with a button that copies it."""
    return format_html(
        '<div class="copyable"><code class="secret" id="secret" tabindex="0">{}</code>'
        '<button type="button" class="btn btn-outline" data-copies="secret" data-done="{}">{}</button></div>',
        secret,
        Text("コピーしました", "Copied").in_(language()),
        Text(ja, en).in_(language()),
    )


@register.filter
def kind_labels(names: list[str]) -> list[Text]:
    """The kinds' names in words."""
    return [kind_named(name).about.label for name in names]
