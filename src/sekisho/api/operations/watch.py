"""What follows the watch's decisions: the queue of held withdrawals, the block list, frozen users, false alarms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel

from sekisho.access.personal import may_see_personal
from sekisho.api.blocklist import entries, nftables, plain
from sekisho.api.describe import documented
from sekisho.api.door import actor_of, readable, require_second_factor, writable
from sekisho.api.read import JSON, key_in, read_body
from sekisho.api.tell import json_answer
from sekisho.api.watch_shapes import (
    Because,
    Blocking,
    BlocksTold,
    BlockTold,
    FalseAlarmsTold,
    Freezing,
    FrozenTold,
    FrozenUser,
    HeldState,
    Lister,
    Marked,
    QueueTold,
)
from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.workflows.watch_after import answering, blocks, false_alarms, hold
from sekisho.workflows.watch_after.models import Frozen

router = Router(tags=["検知 / Watch"])
MOST = 10_000
LISTED = {
    200: {
        "description": "OK",
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            JSON: {"schema": {"$ref": "#/components/schemas/BlocksTold"}},
        },
    }
}


def _body(shape: type[BaseModel], *problems: int) -> dict[str, Any]:
    """An operation with a body that is read once the caller is known to be entitled."""
    body = {"required": True, "content": {JSON: {"schema": shape.model_json_schema()}}}
    return documented(409, 413, 415, *problems, requestBody=body)


# --- held withdrawals -------------------------------------------------------------------------------------------------


@router.get("/withdrawals", response=QueueTold, summary="保留中の出金 / Queue", openapi_extra=documented())
def withdrawal_queue(request: HttpRequest) -> HttpResponse:
    """The withdrawals that wait for a decision, the most urgent first."""
    readable(request, "held_withdrawal")
    seen, now = may_see_personal(actor_of(request), HeldWithdrawal), clock.now()
    rows = HeldWithdrawal.objects.filter(state="held").order_by("due_at", "key")[:MOST]
    items = [
        {
            "key": row.key, "version": row.ver, "event": row.event, "user": row.user if seen else None,
            "asset": row.asset, "amount": HeldWithdrawal.kind_fields()["amount"].to_body(row.amount),
            "address": row.address if seen else None, "rules": row.rules or [], "held_at": clock.iso(row.held_at),
            "due_at": clock.iso(row.due_at) if row.due_at else None,
            "seconds_left": int((row.due_at - now).total_seconds()) if row.due_at else None,
            "asked_by": row.asked_by_id, "first_by": row.first_by_id,
        }
        for row in rows
    ]  # fmt: skip
    return json_answer(request, {"at": clock.iso(now), "items": items})


@router.post(
    "/withdrawals/{key}/ask_release", response=HeldState, summary="許可の申請 / Ask", openapi_extra=_body(Because)
)  # fmt: skip
def withdrawal_ask(request: HttpRequest, key: str) -> HttpResponse:
    """Ask that a withdrawal be released; whoever asks is none of the two who release it."""
    writable(request, "held_withdrawal")
    reason = read_body(request, Because).reason
    return _state(request, hold.ask_release(actor_of(request), key_in(HeldWithdrawal, key), reason))


@router.post(
    "/withdrawals/{key}/release", response=HeldState, summary="許可 / Release", openapi_extra=_body(Because)
)
def withdrawal_release(request: HttpRequest, key: str) -> HttpResponse:
    """Release, as the first or the second of two. By a session with a second factor; a token releases nothing."""
    writable(request, "held_withdrawal")
    require_second_factor(request)
    reason = read_body(request, Because).reason
    return _state(request, hold.release(actor_of(request), key_in(HeldWithdrawal, key), reason))


@router.post(
    "/withdrawals/{key}/refuse", response=HeldState, summary="拒否 / Refuse", openapi_extra=_body(Because)
)
def withdrawal_refuse(request: HttpRequest, key: str) -> HttpResponse:
    """Refuse for good. By a session with a second factor; a token refuses nothing."""
    writable(request, "held_withdrawal")
    require_second_factor(request)
    reason = read_body(request, Because).reason
    return _state(request, hold.refuse(actor_of(request), key_in(HeldWithdrawal, key), reason))


def _state(request: HttpRequest, held: HeldWithdrawal) -> HttpResponse:
    told = {
        "key": held.key, "version": held.ver, "state": held.state, "asked_by": held.asked_by_id,
        "first_by": held.first_by_id, "decided_by": held.decided_by_id,
        "decided_at": clock.iso(held.decided_at) if held.decided_at else None,
    }  # fmt: skip
    return json_answer(request, told)


# --- the block list ---------------------------------------------------------------------------------------------------


@router.get(
    "/blocklist",
    response=BlocksTold,
    summary="遮断リスト / Block list",
    openapi_extra=documented(responses=LISTED),
)
def blocklist(request: HttpRequest, asked: Query[Lister]) -> HttpResponse:
    """What is blocked now, for devices: as JSON, plain text (one a line), or a file for `nft -f`."""
    readable(request, "block_list")
    actor = actor_of(request)
    if actor.service:  # a device that enforces it; a person who looks at it enforces nothing
        blocks.fetched(actor.by)
    if asked.form != "json":
        text = plain() if asked.form == "plain" else nftables()
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Cache-Control"] = "no-store"
        return response
    return json_answer(request, {"at": clock.iso(clock.now()), "items": entries(blocks.in_force())})


@router.post(
    "/blocklist", response={201: BlockTold}, summary="遮断の追加 / Block", openapi_extra=_body(Blocking)
)
def block_add(request: HttpRequest) -> HttpResponse:
    """Block an address or a network until an instant. Addresses that are never blocked are refused (409)."""
    writable(request, "block_list")
    wanted = read_body(request, Blocking)
    entry = blocks.block(actor_of(request), wanted.address, wanted.until_at, wanted.reason)
    return json_answer(request, entries([entry])[0], status=201)


@router.post(
    "/blocklist/{entry}/lift", response=BlockTold, summary="遮断の解除 / Lift", openapi_extra=_body(Because)
)
def block_lift(request: HttpRequest, entry: str) -> HttpResponse:
    """Lift a block before its time."""
    writable(request, "block_list")
    reason = read_body(request, Because).reason
    if not (entry.isascii() and entry.isdigit() and len(entry) < 19):
        raise NotFound(what=Text(f"遮断 {entry[:40]}", f"The block {entry[:40]}"))
    return json_answer(request, entries([blocks.lift(actor_of(request), int(entry), reason)])[0])


# --- frozen users -----------------------------------------------------------------------------------------------------


@router.get(
    "/frozen", response=FrozenTold, summary="凍結中の利用者 / Frozen users", openapi_extra=documented()
)
def frozen_list(request: HttpRequest) -> HttpResponse:
    """The users whose accounts the watch treats as frozen, the newest first."""
    readable(request, "held_withdrawal")
    seen = may_see_personal(actor_of(request), HeldWithdrawal)
    rows = Frozen.objects.filter(thawed_at=None).order_by("-pk")[:MOST]
    return json_answer(request, {"items": [_frozen(row, seen=seen) for row in rows]})


@router.post("/frozen", response={201: FrozenUser}, summary="凍結 / Freeze", openapi_extra=_body(Freezing))
def frozen_add(request: HttpRequest) -> HttpResponse:
    """Have the watch treat a user's account as frozen."""
    writable(request, "held_withdrawal")
    asked = read_body(request, Freezing)
    row = answering.freeze(actor_of(request), asked.user, asked.reason)
    return json_answer(request, _frozen(row, seen=True), status=201)


@router.post(
    "/frozen/thaw", response=FrozenUser, summary="凍結の解除 / End a freeze", openapi_extra=_body(Freezing)
)
def frozen_thaw(request: HttpRequest) -> HttpResponse:
    """End a freeze. By a session with a second factor."""
    writable(request, "held_withdrawal")
    require_second_factor(request)
    asked = read_body(request, Freezing)
    row = answering.thaw(actor_of(request), asked.user, asked.reason)
    return json_answer(request, _frozen(row, seen=True))


def _frozen(row: Frozen, *, seen: bool) -> dict[str, Any]:
    return {
        "user": row.user if seen else None, "from_at": clock.iso(row.from_at), "by": row.by,
        "thawed_at": clock.iso(row.thawed_at) if row.thawed_at else None,
    }  # fmt: skip


# --- false alarms -----------------------------------------------------------------------------------------------------


@router.get(
    "/false_alarms", response=FalseAlarmsTold, summary="誤検知の件数 / False alarms", openapi_extra=documented()
)  # fmt: skip
def false_alarm_counts(request: HttpRequest) -> HttpResponse:
    """Each rule's alerts and false alarms."""
    readable(request, "alert")
    return json_answer(request, {"items": [asdict(counted) for counted in false_alarms.by_rule()]})


@router.post(
    "/alerts/{key}/false_alarm", response=Marked, summary="誤検知 / Mark", openapi_extra=_body(Because)
)
def false_alarm_mark(request: HttpRequest, key: str) -> HttpResponse:
    """An alert is a false alarm, with the reason; what it blocked is lifted."""
    writable(request, "alert")
    reason = read_body(request, Because).reason
    alert = false_alarms.mark(actor_of(request), key_in(Alert, key), reason)
    return json_answer(request, {"key": alert.key, "version": alert.ver, "decision": "false_alarm"})
