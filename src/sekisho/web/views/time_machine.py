"""Show the whole product as of another day: the day that is judged, and what was known by which moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Leaf
from sekisho.records.fields import Day, Instant, WrongValue
from sekisho.records.models import MemberProfile
from sekisho.rulebook.language import BEGINNING, fiscal_year
from sekisho.web.moment import back_to_now, choose
from sekisho.web.seen import actor_of, facts, may_see_state

LATEST_YEARS = 20
_DAY, _INSTANT = Day(), Instant()  # dates are read as in every form
NO_DAY = Text("表示する日を選んでください。", "Choose the day to show.")
OUT_OF_REACH = Text("{first} から {last} までの日を選んでください。", "Choose a day from {first} to {last}.")
NOT_YET = Text(
    "「記録の時点」には過去の日時を指定してください。先の日の判定は「表示する日」で指定します。",
    "'As known at' takes a past instant. To see a day to come, choose it as the day.",
)


@dataclass(frozen=True)
class Pick:
    """A day that is asked for often. `as_known`: with what was recorded by its end."""

    text: Text
    on: date
    as_known: bool


def time_machine(request: HttpRequest) -> HttpResponse:
    """GET explains and offers days; POST `back`, or `on` with `known_at` (an instant) or `as_known`, chooses one."""
    if request.method == "POST":
        return _chosen(request)
    return _page(request)


def _page(request: HttpRequest, problem: Text | None = None, status: int = 200) -> HttpResponse:
    first = Leaf.objects.filter(seq=0).values_list("at", flat=True).first()
    given = request.POST if problem else request.GET
    context = {
        "picks": picks(request),
        "first": first,
        "problem": problem,
        "on": given.get("on", ""),
        "known_at": given.get("known_at", ""),
        "earliest": BEGINNING,
        "latest": latest(),
    }
    return render(request, "time_machine.html", context, status=status)


def latest() -> date:
    return clock.add_months(clock.today(), 12 * LATEST_YEARS)


def picks(request: HttpRequest) -> list[Pick]:
    """Last month's end, the last fiscal year's end, in 30 and 90 days, this fiscal year's end."""
    today = clock.today()
    month_end = today.replace(day=1) - timedelta(days=1)
    begins, ends = _fiscal_year(request, today)
    return [
        Pick(Text("先月末", "End of last month"), month_end, True),
        Pick(Text("昨年度末", "End of last fiscal year"), begins - timedelta(days=1), True),
        Pick(Text("30日後", "In 30 days"), today + timedelta(days=30), False),
        Pick(Text("90日後", "In 90 days"), today + timedelta(days=90), False),
        Pick(Text("今年度末", "End of this fiscal year"), ends, False),
    ]


def _fiscal_year(request: HttpRequest, today: date) -> tuple[date, date]:
    """The first and last day of the member's fiscal year; without a right to see records, that from April."""
    profiles = facts(request)[MemberProfile] if may_see_state(actor_of(request)) else None
    begins = date(today.year - (today.month < 4), 4, 1)
    if profiles is not None:
        begins = fiscal_year(profiles, today).collect()["year_from_on"][0]
    return begins, clock.add_months(begins, 12) - timedelta(days=1)


def _chosen(request: HttpRequest) -> HttpResponse:
    if request.POST.get("back"):
        back_to_now(request.session)
        return redirect(_next(request))
    try:
        on, known_at = _asked(request)
    except WrongValue as wrong:
        return _page(request, wrong.text, status=422)
    if on == clock.today() and known_at is None:
        back_to_now(request.session)
    else:
        choose(request.session, on, known_at)
    return redirect(_next(request))


def _asked(request: HttpRequest) -> tuple[date, datetime | None]:
    """The day and the moment asked for. Raises WrongValue."""
    on = _DAY.from_text(request.POST.get("on", ""))
    known_at = _INSTANT.from_text(request.POST.get("known_at", ""))
    if on is None:
        raise WrongValue(NO_DAY)
    if not BEGINNING <= on <= latest():
        raise WrongValue(OUT_OF_REACH, first=BEGINNING, last=latest())
    if request.POST.get("as_known") and known_at is None:
        known_at = min(clock.end_of(on), clock.now())
    if known_at is not None and known_at > clock.now():
        raise WrongValue(NOT_YET)
    return on, known_at


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("home")
