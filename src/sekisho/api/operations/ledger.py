"""The ledger: its newest signed checkpoint, and one line with its proof. What is given can be verified without us."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from sekisho.access.oversight import may_see_line
from sekisho.access.rights import role_names
from sekisho.api.describe import documented
from sekisho.api.door import actor_of
from sekisho.api.shapes import CheckpointTold, LineTold
from sekisho.api.tell import json_answer
from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.ledger.append import envelope_of
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Leaf
from sekisho.ledger.note import parse_checkpoint
from sekisho.ledger.proof import newest_checkpoint, proof_of
from sekisho.records.record import STAFF

router = Router(tags=["台帳 / Ledger"])
_EMPTY = Text("チェックポイント", "A checkpoint")
_LINE = Text("台帳の行 #{seq}", "The ledger line #{seq}")
_HIDDEN = Text("この行を見る権限がありません。", "You may not see this line.")


@router.get(
    "/checkpoint",
    response=CheckpointTold,
    summary="最新の署名済みチェックポイント / Newest checkpoint",
    openapi_extra=documented(),
)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Keep it where the ledger's keeper cannot reach it: a later ledger can be held against it."""
    actor = actor_of(request)
    if not (actor.works_here or actor.operator or actor.service):
        raise Refused(roles=role_names(frozenset({STAFF})))
    newest = newest_checkpoint()
    if newest is None:
        raise NotFound(what=_EMPTY)
    _, size, root = parse_checkpoint(newest.note.split("\n\n", 1)[0] + "\n")
    told = {
        "size": size,
        "root": root.hex(),
        "at": clock.iso(newest.at),
        "note": newest.note,
        "verifier_key": signer().vkey,
    }
    return json_answer(request, told)


@router.get(
    "/{seq}", response=LineTold, summary="一行と包含証明 / One line, proved", openapi_extra=documented()
)
def line(request: HttpRequest, seq: int = Path(..., ge=0, le=2**53)) -> HttpResponse:
    """The exact texts of a line, its hash, and its proof against the newest checkpoint."""
    leaf = Leaf.objects.filter(seq=seq).select_related("version").first()
    if leaf is None:
        raise NotFound(what=_LINE.format(seq=seq))
    if not may_see_line(actor_of(request), leaf.kind):
        raise Refused(_HIDDEN)
    return json_answer(request, told_line(leaf))


def told_line(leaf: Leaf) -> dict[str, Any]:
    version, newest = leaf.version, newest_checkpoint()
    return {
        "seq": leaf.seq,
        "kind": leaf.kind,
        "rec": leaf.rec,
        "version": version.ver,
        "op": version.op,
        "at": clock.iso(leaf.at),
        "by": version.by,
        "act": version.act,
        "act_name": version.act_name,
        "reason": version.reason,
        "entry": envelope_of(version, leaf.at).decode(),
        "body": bytes(version.body).decode(),
        "hash": bytes(leaf.hash).hex(),
        "proof": _proof(leaf, newest) if newest else None,
    }


def _proof(leaf: Leaf, newest: Any) -> dict[str, Any]:
    proof = proof_of(leaf, newest)
    return {
        "size": proof.size,
        "root": proof.root.hex(),
        "path": [h.hex() for h in proof.path],
        "checkpoint": newest.note,
        "holds": proof.holds,
    }
