"""What every page for the public shares: its language by address, the member's name, caches on the way."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import override

from sekisho.records.facts import Facts
from sekisho.records.models import MemberProfile

CACHED_SECONDS = 300


def language(request: HttpRequest) -> str:
    """By address, not by cookie: one address, one page, for every cache on the way."""
    return "en" if request.GET.get("lang") == "en" else "ja"


def member_name(facts: Facts, on: date) -> str:
    """The member's name as of a day; '' where no profile is on record."""
    profiles = facts.frame(MemberProfile).filter(pl.col("as_of_on") <= on).sort("as_of_on", "key")
    return str(profiles["name"][-1]) if len(profiles) else ""


def shown(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page in the language that its address names."""
    with override(language(request)):
        response = render(request, template, context)
    response.headers["Content-Language"] = language(request)
    if request.user.is_authenticated:  # its answer may carry a session's cookie, which no cache may keep
        patch_cache_control(response, private=True, max_age=0)
    else:
        patch_cache_control(response, public=True, max_age=CACHED_SECONDS)
    return response
