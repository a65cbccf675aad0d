"""One address's story: an IP address (whom it touched, whether it is blocked), or a destination of funds."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.rights import may_write, require_write
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import Alert, BlockList, HeldWithdrawal
from sekisho.watch import history
from sekisho.watch.history import Wanted
from sekisho.web.forms import reason_of
from sekisho.web.seen import actor_of
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.views.watch_blocks import acted
from sekisho.web.watching import addresses, around, asked, blocks, story
from sekisho.web.watching.addresses import Address
from sekisho.web.watching.story import Summed
from sekisho.web.watching.telling import Teller
from sekisho.workflows.watch_after.lists import is_sanctioned

USERS = 15  # that are named
HELD = 20  # withdrawals to a destination
_OUTCOMES = (
    ("passed", Text("通過", "Passed"), "good"),
    ("failed", Text("失敗（遮断・保留なし）", "Failed, not refused"), "blank"),
    ("refused", Text("遮断・保留", "Blocked or held"), "bad"),
)


def watch_address(request: HttpRequest, address: str) -> HttpResponse:
    """`upto`, `until`: look on from there. `only`: `judged` leaves out what was simply allowed."""
    require_write(actor_of(request), HeldWithdrawal)  # it names users: only whose role is to look
    read = addresses.read(address)
    if read.text != address and request.method != "POST":
        return redirect(door("watch_address", read.text))
    if request.method != "POST":
        return _page(request, read)
    try:
        told = _acted(request, read)
    except (Conflict, Invalid, NotFound) as refusal:
        return _page(request, read, asked.problem_of(refusal), refusal.status)
    messages.success(request, say(told))
    return redirect(door("watch_address", read.text))


def _acted(request: HttpRequest, address: Address) -> Text:
    if request.POST.get("act") == "false_alarm" and address.is_ip:
        return asked.mark_false(request, around.alerts_from(address))
    return acted(request)


def _page(request: HttpRequest, address: Address, problem: str = "", status: int = 200) -> HttpResponse:
    place = asked.place(request)
    only = pl.col("action") != "allow" if request.GET.get("only") == "judged" else None
    parts = history.backwards(asked.home(), _wanted(address), place.upto)
    found, sums = story.told(parts, only, first=place.upto is None)
    about = _of_ip(address) if address.is_ip else _of_destination(address)
    entries = [*about["blocked"].now, *about["blocked"].past] if address.is_ip else []
    happened = around.of_ip(address, asked.span_of(place, found)) if address.is_ip else []
    told = Teller(
        found.rows, happened, others={who for entry in entries for who in (entry.by, entry.lifted_by)}
    )
    context = {
        "address": address,
        "story": told.merged(),
        "older": asked.older(request, place, found),
        "first_page": place.upto is None,
        "only": "judged" if only is not None else "",
        "named": [(e, told.rules.named(e.rule), told.by(e.by), told.by(e.lifted_by)) for e in entries],
        "may_act": may_write(actor_of(request), BlockList) and bool(request.moment.is_now),  # type: ignore[attr-defined]
        "may_mark": may_write(actor_of(request), Alert) and bool(request.moment.is_now),  # type: ignore[attr-defined]
        "usual_end": blocks.usual_end(),
        "problem": problem,
        "tried": "".join(request.POST.get(name, "") for name in ("act", "entry", "alert")),
        "given": request.POST,
        "typed": reason_of(request.POST),
        **about,
        **(_sums(address, sums) if sums else {}),
    }  # fmt: skip
    return render(request, "watch_address.html", context, status=status)


def _wanted(address: Address) -> Wanted:
    if address.is_network:
        return Wanted("ip", address.begins, address.holds)
    return Wanted(address.field, address.text)


def _of_ip(address: Address) -> dict[str, Any]:
    return {"blocked": blocks.of_address(address), "proposed": address.text}


def _of_destination(address: Address) -> dict[str, Any]:
    held = HeldWithdrawal.objects.filter(address=address.text)
    return {
        "held": list(held.order_by("-held_at")[:HELD]),
        "held_all": held.count(),
        "sanctioned": is_sanctioned(address.text),
    }


def _sums(address: Address, sums: Summed) -> dict[str, Any]:
    """What the address's events add up to, on the first page."""
    bars, hours = sums.bars()
    groups = [
        (Text("国", "Countries"), "world", "", sums.values("country")),
        (Text("ネットワーク", "Networks"), "network", "", sums.values("network")),
        (Text("端末", "Devices"), "device-desktop", "", sums.values("device")),
    ]
    if not address.is_ip or address.is_network:
        groups.append((Text("IPアドレス", "IP addresses"), "server", "watch_address", sums.values("ip")))
    return {
        "sums": sums, "users": sums.values("user", USERS), "groups": groups, "hours": hours, "outcomes": _OUTCOMES,
        "bars": [(bar.at, [bar.counts.get(name, 0) for name, _, _ in _OUTCOMES]) for bar in reversed(bars)],
    }  # fmt: skip
