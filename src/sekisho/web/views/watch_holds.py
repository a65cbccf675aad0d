"""The queue of held withdrawals: those that wait, the most urgent first, and those that were decided.

Who may ask, release and refuse is settled by `workflows.watch_after.hold`; a button is shown to those alone who may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.assurance import require_second_factor
from sekisho.access.personal import may_see_personal
from sekisho.access.rights import Actor, may_write
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import HeldWithdrawal
from sekisho.records.roles import RELEASERS
from sekisho.web.entry import readable
from sekisho.web.forms import reason_of, version_of
from sekisho.web.seen import actor_of
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.watching import asked
from sekisho.web.watching.addresses import linkable
from sekisho.web.watching.around import notices_of
from sekisho.web.watching.telling import Teller
from sekisho.web.watching.words import lasted
from sekisho.workflows.watch_after import hold

PER_PAGE = 20
DONE = {
    "ask": Text(
        "{key} の許可を申請しました。ほかの権限者2名の許可が必要です。",
        "The release of {key} is asked for. Two other people must give it.",
    ),
    "first": Text(
        "{key} を1人目として許可しました。もう1名の許可で出金されます。",
        "You released {key} as the first. It takes one more person.",
    ),
    "released": Text("{key} の出金を許可しました。", "{key} is released."),
    "refused": Text("{key} の出金を拒否しました。", "{key} is refused."),
}  # fmt: skip
_DECIDERS = ("asked_by", "first_by", "decided_by")
_CHOOSE = Text("操作を選んでください。", "Choose what to do.")


@dataclass(frozen=True, slots=True)
class Possible:
    """What the reader may do with a withdrawal, and why not."""

    ask: bool = False
    release: bool = False
    refuse: bool = False
    why_not: Text | None = None


def watch_holds(request: HttpRequest) -> HttpResponse:
    """`which`: `decided`, else those that wait. `user`: of one user."""
    readable(request, "held_withdrawal")
    if request.method != "POST":
        return _page(request)
    try:
        told = _acted(request)
    except (Conflict, Invalid, NotFound, Refused) as refusal:
        return _page(request, asked.problem_of(refusal), refusal.status)
    messages.success(request, say(told))
    return redirect(door("watch_holds"))


def _acted(request: HttpRequest) -> Text:
    """Ask, release or refuse; what was done in words."""
    given, actor, reason = request.POST, actor_of(request), reason_of(request.POST)
    name, key, seen = given.get("act", ""), given.get("key", "")[:64].replace("\x00", ""), version_of(given)
    if name == "ask":
        hold.ask_release(actor, key, reason, expected_ver=seen)
        return DONE["ask"].format(key=key)
    if name not in ("release", "refuse"):
        raise Conflict(_CHOOSE)
    require_second_factor(request)
    doing = hold.release if name == "release" else hold.refuse
    state = doing(actor, key, reason, expected_ver=seen).state
    return DONE["first" if state == "held" else state].format(key=key)


def possible(actor: Actor, row: HeldWithdrawal) -> Possible:
    """What `hold` would let the actor do: nobody releases what one asked for, nor twice."""
    if actor.person is None or row.state != "held":
        return Possible()
    ask = may_write(actor, HeldWithdrawal) and not row.asked_by_id and row.first_by_id != actor.person
    if not actor.holds(RELEASERS):
        return Possible(ask=ask)
    if row.asked_by_id == actor.person:
        return Possible(refuse=True, why_not=hold.OwnRequest.text)
    if row.first_by_id == actor.person:
        return Possible(refuse=True, why_not=hold.SecondPersonNeeded.text)
    return Possible(ask=ask, release=True, refuse=True)


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    actor, decided = actor_of(request), request.GET.get("which") == "decided"
    sees, user = (
        may_see_personal(actor, HeldWithdrawal),
        request.GET.get("user", "")[:128].replace("\x00", ""),
    )
    waiting = HeldWithdrawal.objects.filter(state="held")
    rows = HeldWithdrawal.objects.exclude(state="held").order_by("-decided_at", "key")
    if not decided:
        rows = waiting.order_by("due_at", "key")
    if user and sees:
        rows = rows.filter(user=user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(request, list(page), sees=sees),
        "decided": decided,
        "waiting": waiting.count(),
        "late": waiting.filter(due_at__lt=clock.now()).count(),
        "user": user if sees else "",
        "sees": sees,
        "problem": problem,
        "tried": request.POST.get("key", ""),
        "typed": reason_of(request.POST),
    }
    return render(request, "watch_holds.html", context, status=status)


def _rows(request: HttpRequest, held: list[HeldWithdrawal], *, sees: bool) -> list[dict[str, Any]]:
    actor, now = actor_of(request), clock.now()
    is_now = bool(request.moment.is_now)  # type: ignore[attr-defined]
    people = {
        f"person:{who}"
        for row in held
        for who in (row.asked_by_id, row.first_by_id, row.decided_by_id)
        if who
    }
    told, notices = Teller([], others=people), notices_of(held)
    return [
        {
            "held": row,
            "rules": told.rules.all(row.rules),
            "age": lasted(row.held_at, row.decided_at or now),
            "late": row.state == "held" and row.due_at is not None and row.due_at < now,
            "notice": notices.get(row.event),
            "may": possible(actor, row) if is_now else Possible(),
            "linked": sees and linkable(row.address),
            "by": {name: told.by(f"person:{who}") for name in _DECIDERS if (who := getattr(row, f"{name}_id"))},
        }
        for row in held
    ]  # fmt: skip
