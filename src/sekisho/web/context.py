"""What every template is given beside its own data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language


def page(request: HttpRequest) -> dict[str, Any]:
    """`actor`, `moment` and `language`; `second_factor_off` where the installation warns of it."""
    return {
        "actor": getattr(request, "actor", None),
        "moment": getattr(request, "moment", None),
        "language": get_language() or settings.LANGUAGE_CODE,
        "second_factor_off": not settings.SEKISHO_SECOND_FACTOR,
    }
