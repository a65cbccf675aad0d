"""Article 4-4: the outline of the basic policy in force today, open to the public. No sign-in, no other data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from sekisho.kernel import clock
from sekisho.public.page import language, member_name, shown
from sekisho.records.facts import Facts, facts_of, snapshot
from sekisho.records.models import Document
from sekisho.records.roles import BOARD
from sekisho.rulebook.language import approvals, stands


@dataclass(frozen=True)
class Outline:
    """What the page shows, and all that it shows."""

    title: str
    version: str
    in_force_on: date
    text: str


def outline_in_force(facts: Facts, on: date) -> Outline | None:
    """The outline of the basic policy in force on a day; None where none is, or it has none.

    Which of several is in force is told as check 4-4 tells it: an approved one first, then the newest.
    """
    approved = approvals(facts, Document, BOARD, on).select("key", "approved_on")
    policies = (
        facts[Document]
        .filter(pl.col("kind") == "basic_policy", stands(on, "in_force_on", "until_on"))
        .join(approved, on="key", how="left")
        .sort(pl.col("approved_on").is_not_null(), "in_force_on", "key")
        .collect()
    )
    newest = policies.tail(1).to_dicts()
    if not newest or not (newest[0]["outline"] or "").strip():
        return None
    row = newest[0]
    return Outline(row["title"], row["version"], row["in_force_on"], row["outline"])


def _etag(request: HttpRequest) -> str:
    seen = snapshot()
    changed = facts_of(seen).changed_at
    places = ".".join(
        str(changed[k]) for k in ("document", "approval", "appointment", "person", "member_profile")
    )
    return f'"{seen.on.isoformat()}.{places}.{language(request)}"'


@login_not_required
@require_safe
@condition(etag_func=_etag)
def public_policy(request: HttpRequest) -> HttpResponse:
    """`?lang=en` for the page's words in English; the outline itself is as the member wrote it."""
    today = clock.today()
    facts = facts_of(snapshot())
    context = {
        "outline": outline_in_force(facts, today),
        "member": member_name(facts, today),
        "on": today,
    }
    return shown(request, "public_policy.html", context)
