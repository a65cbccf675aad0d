"""The year calendar: what will fall short if nobody acts, and every record's own days, by year and by month.

Records' own days are there at once. What will fall short is asked of each month's end, which takes a while: the page
shows the months that are worked out already and fetches the others one after the other (`calendar_ahead`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from sekisho.kernel.calendar import year_in_words
from sekisho.kernel.clock import add_months
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.models import MemberProfile, Unit
from sekisho.records.register import titles
from sekisho.reports.calendar_entries import entries
from sekisho.reports.year_calendar import WHATS, Days, Wanted, collected, only, year_from
from sekisho.rulebook.language import BEGINNING, fiscal_year
from sekisho.rulebook.words import MEMBER_WORD
from sekisho.web.calendar_months import counted, lines_of, month_shown
from sekisho.web.seen import actor_of, facts, require_state, seen, then
from sekisho.web.templatetags.sekisho import door

LATEST_YEARS = 20
SHOWN_LATE = 50
WAIT_LIVE, WAIT_AHEAD = 3.0, 1.0  # seconds that a page in the background works at what is not worked out
FILTERS = ("what", "kind", "unit", "whose")
WEEKDAYS = tuple(
    Text(ja, en)
    for ja, en in zip("日月火水木金土", ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"], strict=True)
)
_NEXT = Text("これからの12か月", "The next 12 months")
_SUBJECTS = {"member": MEMBER_WORD, "clause": Text("条項", "Clauses")}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `alone`: one month is shown. `period`: the period chosen, '' for the next months."""

    first: date
    last: date
    alone: bool
    wanted: Wanted
    period: str

    @property
    def months(self) -> Iterator[date]:
        month = self.first
        while month <= self.last:
            yield month
            month = add_months(month, 1)


def calendar(request: HttpRequest) -> HttpResponse:
    """`from`: the first of twelve months, or `month`: one month (YYYY-MM). `what`, `kind`, `unit`, `whose`: filters.

    `wait`: everything is worked out before the page is sent.
    """
    require_state(request)
    asked, seconds = _asked(request), WAIT_LIVE if "X-Sekisho-Live" in request.headers else 0.0
    days = _days(request, asked, None if "wait" in request.GET else seconds)
    context = {
        "late": _late(request, asked),
        "before": _address(request, asked, -1),
        "after": _address(request, asked, 1),
        **_choices(request, asked, days),
        **_shown(request, asked, _wanted(request, asked, days), set(asked.months), days.waiting),
    }
    return render(request, "calendar.html", context)


def calendar_ahead(request: HttpRequest) -> HttpResponse:
    """A fragment: those of the months in `waiting` (YYYY-MM, by commas) that are worked out by now."""
    require_state(request)
    asked, on = _asked(request), seen(request).on
    waited = {m for text in request.GET.get("waiting", "").split(",") if (m := _month(text, on))}
    days = _days(request, asked, WAIT_AHEAD, waited)
    ready = {month.first for month in days.months if month.fresh is not None} & waited
    context = _shown(request, asked, _wanted(request, asked, days), ready, waited - ready)
    return render(request, "parts/calendar_ahead.html", context)


# --- what is asked ------------------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> Asked:
    given, on = request.GET, seen(request).on
    what, kind = given.get("what", ""), given.get("kind", "")
    wanted = Wanted(
        what if what in WHATS else "",
        kind if is_kind(kind) or kind in _SUBJECTS else "",
        given.get("unit", ""),
        given.get("whose") == "mine",
    )
    if month := _month(given.get("month", ""), on):
        return Asked(month, add_months(month, 1) - timedelta(days=1), True, wanted, "")
    first = _month(given.get("from", ""), on)
    start = first or on.replace(day=1)
    return Asked(start, year_from(start), False, wanted, f"{first:%Y-%m}" if first else "")


def _month(text: str, on: date) -> date | None:
    """The first day of a month that is written 2026-11; None where it is none, or out of reach."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    reaches = BEGINNING.replace(day=1) <= first <= add_months(on, 12 * LATEST_YEARS)
    return first if reaches and len(text) == len("2026-11") else None


def _address(request: HttpRequest, asked: Asked, step: int) -> str:
    """The address of the time before (-1) or after (1); '' where that is out of reach."""
    other = f"{add_months(asked.first, step * (1 if asked.alone else 12)):%Y-%m}"
    name = "month" if asked.alone else "from"
    return _with(request, **{name: other}) if _month(other, seen(request).on) else ""


def _with(request: HttpRequest, **time: str) -> str:
    """This page's query with another time: its filters stay."""
    return f"?{urlencode({n: v for n in FILTERS if (v := request.GET.get(n, ''))} | time)}"


def _choices(request: HttpRequest, asked: Asked, days: Days) -> dict[str, Any]:
    """What the filters offer: the kinds that the time has, the units that exist, periods round the day."""
    on = seen(request).on
    units = facts(request).frame(Unit).filter(pl.col("until_on").is_null() | (pl.col("until_on") >= on))
    names = titles((f"unit:{key}" for key in units["key"]), then(request))
    kinds = dict.fromkeys([*days.kinds(), *filter(None, [asked.wanted.kind])])
    return {
        "whats": WHATS,
        "kinds": [(k, _SUBJECTS.get(k) or kind_named(k).about.label) for k in kinds],
        "units": [(key, names.get(f"unit:{key}", Text(key, key))) for key in units["key"].sort()],
        "periods": _periods(request),
        "has_person": bool(actor_of(request).person),
        "year_url": _with(request),
        "month_url": _with(request, month=f"{max(asked.first, min(on, asked.last)):%Y-%m}"),
    }


def _periods(request: HttpRequest) -> list[tuple[str, Text]]:
    """The next twelve months, then years of the calendar and the member's fiscal years, by their first months."""
    on = seen(request).on
    starts = fiscal_year(facts(request)[MemberProfile], on).collect()["year_from_on"][0]
    years = [date(on.year + n, 1, 1) for n in (-1, 0, 1, 2)]
    fiscal = [add_months(starts, 12 * n) for n in (-1, 0, 1, 2)] if starts.month != 1 else []
    return [
        ("", _NEXT),
        *((f"{d:%Y-%m}", Text(f"{d.year}年（{year_in_words(d).ja}）", f"{d.year}")) for d in years),
        *((f"{d:%Y-%m}", Text(f"{d.year}年度（{year_in_words(d).ja}度）", f"FY {d.year}")) for d in fiscal),
    ]


# --- what is shown ------------------------------------------------------------------------------------------------


def _days(request: HttpRequest, asked: Asked, seconds: float | None, months: set[date] | None = None) -> Days:
    actor, at = actor_of(request), seen(request)
    return collected(actor, at, asked.first, asked.last, seconds=seconds, months=months)


def _wanted(request: HttpRequest, asked: Asked, days: Days) -> Days:
    return only(days, asked.wanted, actor_of(request), seen(request))


def _shown(
    request: HttpRequest, asked: Asked, days: Days, firsts: set[date], waiting: set[date]
) -> dict[str, Any]:
    """The months that begin on `firsts`, how many things there are in all, and the address of what is still `waiting`.

    What was waited for and came is not waited for again, whether it could be kept or not: the fetching ends.
    """
    names = [f"{month:%Y-%m}" for month in sorted(waiting)]
    query = {n: v for n in ("from", "month", *FILTERS) if (v := request.GET.get(n, ""))}
    filters = _with(request)
    return {
        "asked": asked,
        "months": [
            month_shown(m, days, seen(request), alone=asked.alone) for m in asked.months if m in firsts
        ],
        "all": len(days),
        "counts": counted(days),
        "weekdays": WEEKDAYS,
        "before_month": f"{filters}&" if len(filters) > 1 else filters,
        "waiting": len(names),
        "ahead_url": f"{door('calendar_ahead')}?{urlencode(query | {'waiting': ','.join(names)})}",
        "wait_url": f"{door('calendar')}?{urlencode(query | {'wait': '1'})}",
    }


def _late(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """What was to be done before the time that is shown, and is not: where that time is the present one."""
    at = seen(request)
    if not asked.first <= at.on <= asked.last:
        return {}
    earlier = collected(actor_of(request), at, BEGINNING, asked.first - timedelta(days=1), seconds=0)
    mine = _wanted(request, asked, earlier)
    told = entries(mine, at, at_most=SHOWN_LATE)
    return {"lines": lines_of(told), "all": len(mine), "more": len(mine) - sum(e.number for e in told)}
