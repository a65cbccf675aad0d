"""The door for tools: what one sends becomes incident drafts, and the answer says all that was left out."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from sekisho.access.rights import may_write, require_write
from sekisho.api.describe import documented
from sekisho.api.door import actor_of
from sekisho.api.errors import OutsideToken, TooLarge, WrongMediaType
from sekisho.api.problems import answer
from sekisho.api.read import JSON
from sekisho.api.shapes import Delivery, RefusedDelivery
from sekisho.api.tell import encoded, json_answer
from sekisho.connectors.contents import TOOLS
from sekisho.connectors.contents import tool as tool_named
from sekisho.connectors.language import Unreadable
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.models import Incident
from sekisho.workflows.take_alerts import Taken, take

router = Router(tags=["取込 / Connectors"])
BODY = {"required": True, "content": {JSON: {"schema": {}}}}
TOOL = {
    "in": "path", "name": "tool", "required": True, "schema": {"type": "string"},
    "description": ", ".join(f"`{t.id}`" for t in TOOLS),
}  # fmt: skip


class NothingTaken(SekishoError):
    code = "nothing_taken"
    status = 422
    text = Text(
        "取り込める内容がありませんでした（{count} 件の問題）。delivery.problems を確認してください。",
        "Nothing in it could be taken ({count} problems). See delivery.problems.",
    )


class NotReadable(SekishoError):
    """The delivery as a whole cannot be read: the tool's own words, and the status that says so."""

    code = "unreadable"
    status = 422


@router.post(
    "/{tool}",
    response={200: Delivery, 207: Delivery, 422: RefusedDelivery},
    summary="ツールからの受信 / A tool's delivery",
    openapi_extra=documented(409, 413, 415, requestBody=BODY),
)
def deliver(request: HttpRequest, tool: str) -> HttpResponse:
    """200: all of it was taken. 207: some was left out, and is listed. 422: nothing could be taken. Sent again, the
    same events make no second draft."""
    chosen, actor = tool_named(tool), actor_of(request)
    if not may_write(actor, Incident):
        if actor.writes is not None and "incident" not in actor.writes:
            raise OutsideToken(kind=Incident.about.label)
        require_write(actor, Incident)
    try:
        taken = take(actor, chosen.id, sent(request, chosen.max_bytes))
    except Unreadable as error:
        raise NotReadable(error.text) from None
    if not (taken.created or taken.known):
        return _refused(request, taken)
    left_out = bool(taken.problems or taken.losses)
    return json_answer(request, told(taken), status=207 if left_out else 200)


def sent(request: HttpRequest, most: int) -> bytes:
    """The bytes as they came, no more than the tool may send. Raises WrongMediaType, TooLarge."""
    if request.content_type != JSON:
        raise WrongMediaType(wanted=JSON, given=(request.content_type or "")[:100])
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge(limit=most)
    return request.read(most + 1)


def told(taken: Taken) -> dict[str, Any]:
    return {
        "created": list(taken.created),
        "known": list(taken.known),
        "resolved": list(taken.resolved_notes),
        "problems": [{"where": p.where, "text": p.text.as_dict()} for p in taken.problems],
        "losses": [loss.as_dict() for loss in taken.losses],
        "sha256": taken.sha256,
    }


def _refused(request: HttpRequest, taken: Taken) -> HttpResponse:
    """A problem document that carries the lists: the original is kept as evidence, but no draft came of it."""
    response = answer(request, NothingTaken(count=len(taken.problems)))
    response.content = encoded(msgspec.json.decode(response.content) | {"delivery": told(taken)})
    return response
