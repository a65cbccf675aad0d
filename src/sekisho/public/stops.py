"""Article 13-2: planned stops of the service, open to users. No sign-in, and nothing but what was announced."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import polars as pl
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from sekisho.kernel import clock
from sekisho.public.page import language, member_name, shown
from sekisho.records.facts import Facts, facts_of, snapshot
from sekisho.records.models import Maintenance

KEPT = timedelta(days=7)  # how long a stop whose time is over still stands on the page


@dataclass(frozen=True)
class Stop:
    """What the page shows of a stop, and all that it shows: which system it is, and what is done, are the member's.

    `change`: the announcement of a change, '' where none was made; `changed_at`: when it was made.
    """

    from_at: datetime
    until_at: datetime
    text: str
    announced_at: datetime
    change: str
    changed_at: datetime | None
    running: bool


@dataclass(frozen=True)
class Stops:
    """The stops to come and those of now, the next one first; and those that are over, the last first."""

    coming: tuple[Stop, ...]
    past: tuple[Stop, ...]


def announced_stops(facts: Facts, now: datetime) -> Stops:
    """The stops that were announced by an instant and are not over for longer than KEPT.

    A change counts from its own announcement on. A stop's time is the planned one: whether it really was over is told
    by the member's announcement, not by this page.
    """
    rows = (
        facts.frame(Maintenance)
        .filter("stops_service", pl.col("announced_at") <= now, pl.col("planned_until_at") > now - KEPT)
        .sort("planned_from_at", "key")
    )
    found = [_stop(row, now) for row in rows.iter_rows(named=True)]
    coming = tuple(stop for stop in found if stop.until_at > now)
    return Stops(coming, tuple(stop for stop in reversed(found) if stop.until_at <= now))


def _stop(row: dict[str, Any], now: datetime) -> Stop:
    changed = row["change_announced_at"]
    told = changed is not None and changed <= now
    begins, ends = row["planned_from_at"], row["planned_until_at"]
    return Stop(
        begins,
        ends,
        (row["announcement"] or "").strip(),
        row["announced_at"],
        (row["change_announcement"] or "").strip() if told else "",
        changed if told else None,
        begins <= now < ends,
    )


def _seen(request: HttpRequest) -> tuple[Facts, Stops]:
    """What the request sees, worked out once."""
    if not hasattr(request, "_stops"):
        facts = facts_of(snapshot())
        request._stops = (facts, announced_stops(facts, clock.now()))  # type: ignore[attr-defined]
    return cast(tuple[Facts, Stops], request._stops)  # type: ignore[attr-defined]


def _etag(request: HttpRequest) -> str:
    """By what is shown: it changes with the clock as well as with the records."""
    facts, stops = _seen(request)
    told = f"{member_name(facts, clock.today())}|{clock.today()}|{stops}|{language(request)}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


@login_not_required
@require_safe
@condition(etag_func=_etag)
def public_stops(request: HttpRequest) -> HttpResponse:
    """`?lang=en` for the page's words in English; the announcements themselves are as the member wrote them."""
    facts, stops = _seen(request)
    today = clock.today()
    context = {"stops": stops, "member": member_name(facts, today), "on": today, "days": KEPT.days}
    return shown(request, "public_stops.html", context)
