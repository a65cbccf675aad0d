"""Parts of pages that depend on nothing but the snapshot, the reader's language and the address: drawn once, then kept.

Whoever may see them sees the same; who asks, and whether one may, is settled before. In memory, the least recently
used dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from sekisho.kernel.kept import Kept
from sekisho.web.seen import seen
from sekisho.web.templatetags.sekisho import language

MOST = 256  # parts, of some 50 KB each
_parts: Kept[SafeString] = Kept(MOST)


def drawn(request: HttpRequest, template: str, make: Callable[[], dict[str, Any]]) -> SafeString:
    """The part that a template draws of what `make` returns, at the request's moment and address."""
    key = (template, seen(request), language(), request.get_full_path())
    part = _parts.get(key)
    if part is None:
        part = render_to_string(template, make(), request)
        _parts.put(key, part)
    return part


def forget() -> None:
    """Drop every part (tests; after the database was replaced)."""
    _parts.forget()
