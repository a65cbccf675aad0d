"""The block list: what is blocked, until when and why; adding and lifting by hand; how devices fetch it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.rights import may_read, may_write
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import AllowedAddress, BlockList, HeldWithdrawal
from sekisho.web.entry import readable
from sekisho.web.forms import reason_of
from sekisho.web.seen import actor_of
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.watching import asked, blocks
from sekisho.web.watching.addresses import linkable
from sekisho.web.watching.telling import Teller
from sekisho.workflows.watch_after import blocks as acts
from sekisho.workflows.watch_after.feed import ENFORCED_WITHIN
from sekisho.workflows.watch_after.models import Block

_BLOCKED = Text("{address} を遮断リストに加えました。", "{address} is on the block list.")
_LIFTED = Text("{address} の遮断を解除しました。", "The block of {address} is lifted.")
_CHOOSE = Text("操作を選んでください。", "Choose what to do.")


def watch_blocks(request: HttpRequest) -> HttpResponse:
    """`q`: an address, a rule or a word of the reason; `which`: `over` for what no longer blocks."""
    readable(request, "block_list")
    if request.method != "POST":
        return _page(request)
    try:
        told = acted(request)
    except (Conflict, Invalid, NotFound) as refusal:
        return _page(request, asked.problem_of(refusal), refusal.status)
    messages.success(request, say(told))
    return redirect(door("watch_blocks"))


def acted(request: HttpRequest) -> Text:
    """Block or lift, as the form asks; what was done in words. Raises Refused, Invalid, Conflict, NotFound."""
    actor, given, reason = actor_of(request), request.POST, reason_of(request.POST)
    if given.get("act") == "block":
        entry = acts.block(actor, given.get("address", "")[:64], blocks.until_of(given), reason)
        return _BLOCKED.format(address=entry.address)
    if given.get("act") == "lift":
        return _LIFTED.format(address=acts.lift(actor, blocks.entry_of(given), reason).address)
    raise Conflict(_CHOOSE)


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    page = blocks.listed(request.GET)
    readers = blocks.readers()
    told = Teller([], others={who for entry in page for who in (entry.by, entry.lifted_by)})
    base = settings.SEKISHO_PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    actor = actor_of(request)
    context = {
        "page": page,
        "rows": [_row(entry, told) for entry in page],
        "which": request.GET.get("which") if request.GET.get("which") == "over" else "",
        "q": request.GET.get("q", "")[:100],
        "readers": readers,
        "fresh": bool(readers) and clock.now() - readers[0].fetched_at <= ENFORCED_WITHIN,
        "fresh_minutes": ENFORCED_WITHIN // timedelta(minutes=1),
        "forms": [(words, line.format(base=base), hint) for words, line, hint in blocks.FETCHED],
        "allowed": blocks.allowed_today() if may_read(actor, AllowedAddress) else [],
        "may_act": may_write(actor, BlockList) and bool(request.moment.is_now),  # type: ignore[attr-defined]
        "sees_users": may_write(actor, HeldWithdrawal),
        "usual_end": blocks.usual_end(),
        "problem": problem,
        "tried": request.POST.get("act", "") + request.POST.get("entry", ""),
        "given": request.POST,
        "typed": reason_of(request.POST),
    }  # fmt: skip
    return render(request, "watch_blocks.html", context, status=status)


def _row(entry: Block, told: Teller) -> dict[str, Any]:
    """An entry as the table shows it."""
    return {
        "entry": entry, "rule": told.rules.named(entry.rule), "by": told.by(entry.by),
        "lifted_by": told.by(entry.lifted_by), "linked": linkable(entry.address),
    }  # fmt: skip
