"""One user's story: how the account stands, where it was used, and all that happened, the newest first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.assurance import require_second_factor
from sekisho.access.rights import may_write, require_write
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.records.roles import RELEASERS
from sekisho.rulebook.exceptions import limits_on
from sekisho.watch import history
from sekisho.watch.history import Wanted
from sekisho.web.forms import reason_of
from sekisho.web.seen import actor_of, facts, seen
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.watching import around, asked, places, story
from sekisho.web.watching.story import Summed
from sekisho.web.watching.telling import Teller
from sekisho.web.watching.words import ACTIONS
from sekisho.workflows.watch_after import answering

LONGEST = 128  # of an id (watch.events)
NOT_ALLOWED = "judged"  # the filter: what was not simply allowed
_FROZEN = Text("{user} を凍結しました。", "{user} is frozen.")
_THAWED = Text("{user} の凍結を解除しました。", "The freeze of {user} is over.")
_CHOOSE = Text("操作を選んでください。", "Choose what to do.")
_NO_USER = Text("利用者ID {user}", "The user {user}")


def watch_user(request: HttpRequest, user: str) -> HttpResponse:
    """`upto`, `until`: look on from there. `only`: `judged` leaves out what was simply allowed."""
    require_write(actor_of(request), HeldWithdrawal)  # it is personal: only whose role is to look
    if not 0 < len(user) <= LONGEST or "\x00" in user:
        raise NotFound(what=_NO_USER.format(user=repr(user[:40])))
    if request.method != "POST":
        return _page(request, user)
    try:
        return _acted(request, user)
    except (Conflict, Invalid, Refused) as refusal:
        return _page(request, user, asked.problem_of(refusal), refusal.status)


def _acted(request: HttpRequest, user: str) -> HttpResponse:
    actor, reason, name = actor_of(request), reason_of(request.POST), request.POST.get("act", "")
    if name == "freeze":
        answering.freeze(actor, user, reason)
        told = _FROZEN.format(user=user)
    elif name == "thaw":
        require_second_factor(request)
        answering.thaw(actor, user, reason)
        told = _THAWED.format(user=user)
    elif name == "false_alarm":
        told = asked.mark_false(request, around.alerts_of(user))
    else:
        raise Conflict(_CHOOSE)
    messages.success(request, say(told))
    return redirect(door("watch_user", user))


def _page(request: HttpRequest, user: str, problem: str = "", status: int = 200) -> HttpResponse:
    home, place = asked.home(), asked.place(request)
    only = pl.col("action") != "allow" if request.GET.get("only") == NOT_ALLOWED else None
    found, sums = story.told(
        history.backwards(home, Wanted("user", user), place.upto), only, first=place.upto is None
    )
    span = asked.span_of(place, found)
    within = limits_on(facts(request), seen(request).on).value("user_told_time")
    happened = around.of_user(user, span, timedelta(minutes=within))
    stands = around.standing(user)
    frozen_by = stands.frozen.by if stands.frozen else ""
    told = Teller(found.rows, happened, [frozen_by])
    where = places.places(found.rows)
    context = {
        "user": user,
        "stands": stands,
        "frozen_by": told.by(frozen_by),
        "story": told.merged(),
        "places": where,
        "map": places.drawn(where, {name: str(say(words[0])) for name, words in ACTIONS.items()}),
        "older": asked.older(request, place, found),
        "first_page": place.upto is None,
        "only": request.GET.get("only") if only is not None else "",
        "told_within": within,
        "problem": problem,
        "tried": request.POST.get("act", "") + request.POST.get("alert", ""),
        "typed": reason_of(request.POST),
        **(_sums(sums) if sums else {}),
        **_possible(request),
    }
    return render(request, "watch_user.html", context, status=status)


def _sums(sums: Summed) -> dict[str, Any]:
    """What the user's events add up to, on the first page."""
    return {
        "sums": sums,
        "groups": [
            (Text("端末", "Devices"), "device-desktop", "", sums.values("device")),
            (Text("国", "Countries"), "world", "", sums.values("country")),
            (Text("ネットワーク", "Networks"), "network", "", sums.values("network")),
            (Text("IPアドレス", "IP addresses"), "server", "watch_address", sums.values("ip")),
        ],
    }


def _possible(request: HttpRequest) -> dict[str, Any]:
    """What the reader may do here now. Whoever sees the page may freeze; fewer may end it."""
    actor, is_now = actor_of(request), bool(request.moment.is_now)  # type: ignore[attr-defined]
    return {
        "may_freeze": is_now,
        "may_thaw": is_now and actor.holds(RELEASERS),
        "may_mark": is_now and may_write(actor, Alert),
    }
