"""Options for a picker of records: those whose key or title holds what is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sekisho.access.rights import may_read
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS, is_kind
from sekisho.records.fields import clean
from sekisho.records.register import suggestions, titles
from sekisho.web.entry import readable, reader

ANY = "any"
SHOWN = 30
_LONGEST = 100


@require_GET
def lookup(request: HttpRequest, kind: str) -> HttpResponse:
    """`kind`: of the records, or `any`, which asks for `kind:key` and suggests kinds first."""
    typed = clean(str(next(iter(request.GET.values()), "")))[:_LONGEST]
    options = any_options(request, typed) if kind == ANY else options_of(request, kind, typed)
    reference = typed if kind == ANY else f"{kind}:{typed}"
    context = {
        "options": options,
        "picked": titles([reference]).get(reference),
        "field": _field(request),
    }
    return render(request, "parts/lookup.html", context)


def options_of(request: HttpRequest, kind: str, typed: str) -> list[tuple[str, Text]]:
    readable(request, kind)
    return suggestions(kind, typed, SHOWN)


def any_options(request: HttpRequest, typed: str) -> list[tuple[str, Text]]:
    """The kinds, until one is typed; then its records."""
    kind, colon, text = typed.partition(":")
    if colon and is_kind(kind):
        return [(f"{kind}:{key}", title) for key, title in options_of(request, kind, clean(text))]
    readable_kinds = [m.about for m in KINDS if may_read(reader(request), m)]
    return [(f"{a.name}:", a.label) for a in readable_kinds]


def _field(request: HttpRequest) -> str:
    """The form's field that asks, where the title of what is picked stands beside it; '' for others."""
    asking = request.headers.get("HX-Trigger", "")
    return asking if asking.startswith("id_") and not asking.endswith("-picker") else ""
