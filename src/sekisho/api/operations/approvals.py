"""Changes that take approval: asked for, submitted, decided. Who may is settled by the acts (`workflows.approve`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, RootModel, ValidationError, create_model

from sekisho.access.rights import Actor
from sekisho.api.ask import values_in
from sekisho.api.describe import ETAG, IF_MATCH, documented
from sekisho.api.door import actor_of, readable, require_second_factor, writable
from sekisho.api.errors import OutsideToken, Stale
from sekisho.api.kind_shapes import camel, changes_shape
from sekisho.api.problems import renamed
from sekisho.api.read import etag, seen_version, version_of
from sekisho.api.shapes import STRICT, ApprovalTold
from sekisho.api.tell import json_answer, told_names
from sekisho.api.types import Key, Reason, Version
from sekisho.api.words import malformed
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid
from sekisho.records.contents import KINDS
from sekisho.records.described import is_governed
from sekisho.records.fields import clean
from sekisho.records.models import Approval
from sekisho.records.record import Record
from sekisho.records.register import titles
from sekisho.workflows import approve as acts
from sekisho.workflows.change import Change, UnreadableChange, body_values, change_of

router = Router(tags=["承認 / Approvals"])
GOVERNED = tuple(m for m in KINDS if is_governed(m))
SEEN = Field(None, description="見た対象の版番号 / The version of the record that you saw")


class AskRemoval(BaseModel):
    """Take a record out of its register."""

    model_config = STRICT
    op: Literal["remove"]
    kind: Literal[tuple(m.about.name for m in GOVERNED)]  # type: ignore[valid-type]
    key: Key
    reason: Annotated[Reason, Field(min_length=1)]
    version: Version | None = SEEN


class AskErasure(BaseModel):
    """Erase a person's personal values for ever."""

    model_config = STRICT
    op: Literal["erase"]
    kind: Literal["person"]
    key: Key
    reason: Annotated[Reason, Field(min_length=1)]
    version: Version | None = SEEN


def _asking(model: type[Record]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "op": (Literal["write"], ...),
        "kind": (Literal[model.about.name], ...),
        "key": (Key | None, Field(None, description="省略すると次のキー / The next free key if left out")),
        "values": (changes_shape(model), ...),
        "reason": (Reason, ""),
        "draft": (bool, Field(False, strict=True, description="下書きとして残す / Keep it as a draft")),
        "version": (Version | None, SEEN),
    }
    made: type[BaseModel] = create_model(f"Ask{camel(model.about.name)}", __config__=STRICT, **fields)
    return made


_WRITINGS: Any = Union[tuple(_asking(m) for m in GOVERNED)]  # noqa: UP007 - as many as there are
AskWriting: Any = Annotated[_WRITINGS, Field(discriminator="kind")]


class Asking(RootModel[Annotated[AskWriting | AskRemoval | AskErasure, Field(discriminator="op")]]):
    """What is asked for: that a record be written, removed, or a person's values be erased."""


class Edit(BaseModel):
    """The values anew; what is left out is as it stands in the register."""

    model_config = STRICT
    values: dict[str, Any]
    reason: Reason = ""


class Step(BaseModel):
    model_config = STRICT
    reason: Reason = ""


class SendBack(BaseModel):
    model_config = STRICT
    reason: Annotated[Reason, Field(min_length=1)]


STEP = documented(409, 412, 413, 415, 428, parameters=(IF_MATCH,), responses={200: {"headers": ETAG}})


@router.post("", response={201: ApprovalTold}, summary="申請 / Ask", openapi_extra=documented(409, 413, 415))
def approval_ask(request: HttpRequest, asking: Asking) -> HttpResponse:
    """Ask for a change. It is submitted at once unless `draft` is true."""
    asked: Any = asking.root
    model = _asked_kind(request, asked.kind)
    reason = clean(asked.reason)
    try:
        approval = _ask(actor_of(request), model, asked, reason)
    except Invalid as error:
        raise renamed(error) from None
    return told_approval(request, approval, status=201)


@router.get(
    "/{key}",
    response=ApprovalTold,
    summary="取得 / Read",
    openapi_extra=documented(responses={200: {"headers": ETAG}}),
)
def approval_read(request: HttpRequest, key: str) -> HttpResponse:
    """An approval with the values before and after, and whether the caller may decide it."""
    readable(request, "approval")
    version_of(Approval, key)
    return told_approval(request, Approval.objects.get(pk=key))


@router.post("/{key}/edit", response=ApprovalTold, summary="修正 / Edit", openapi_extra=STEP)
def approval_edit(request: HttpRequest, key: str, edit: Edit) -> HttpResponse:
    """Ask for other values: of a draft, or of what was sent back. It is a draft then, to be submitted."""
    ver, change = _seen(request, key)
    if change is None:
        raise UnreadableChange(key=key)
    model = _asked_kind(request, change.model.about.name)
    try:
        values = values_in(model, _shaped(model, edit.values), whole=False)
        edited = acts.edit_draft(actor_of(request), key, values, clean(edit.reason), expected_ver=ver)
    except Invalid as error:
        raise renamed(error) from None
    except Conflict as late:
        raise _stale(late, key) from None
    return told_approval(request, edited)


@router.post("/{key}/submit", response=ApprovalTold, summary="提出 / Submit", openapi_extra=STEP)
def approval_submit(request: HttpRequest, key: str, step: Step | None = None) -> HttpResponse:
    """Hand a draft to those who may approve it."""
    return _stepped(request, acts.submit, key, step)


@router.post("/{key}/withdraw", response=ApprovalTold, summary="取下げ / Withdraw", openapi_extra=STEP)
def approval_withdraw(request: HttpRequest, key: str, step: Step | None = None) -> HttpResponse:
    """Take back what one asked for oneself."""
    return _stepped(request, acts.withdraw, key, step)


@router.post("/{key}/approve", response=ApprovalTold, summary="承認 / Approve", openapi_extra=STEP)
def approval_approve(request: HttpRequest, key: str, step: Step | None = None) -> HttpResponse:
    """Agree to the change, which is then written. By a session with a second factor; a token is one factor only."""
    require_second_factor(request)
    return _stepped(request, acts.approve, key, step)


@router.post("/{key}/send_back", response=ApprovalTold, summary="差戻し / Send back", openapi_extra=STEP)
def approval_send_back(request: HttpRequest, key: str, step: SendBack) -> HttpResponse:
    """Refuse the change for now, with the reason. By a session with a second factor; a token is one factor only."""
    require_second_factor(request)
    return _stepped(request, acts.send_back, key, step)


# --- parts ------------------------------------------------------------------------------------------------------


def _asked_kind(request: HttpRequest, kind: str) -> type[Record]:
    """The kind of a change that is asked for, if the caller may write it, and ask for approvals."""
    model, actor = writable(request, kind), actor_of(request)
    _within_token(actor)
    return model


def _within_token(actor: Actor) -> None:
    if actor.writes is not None and "approval" not in actor.writes:
        raise OutsideToken(kind=Approval.about.label)


def _ask(actor: Actor, model: type[Record], asked: Any, reason: str) -> Approval:
    if asked.op == "remove":
        return acts.ask_removal(actor, model, asked.key, reason, expected_ver=asked.version)
    if asked.op == "erase":
        return acts.ask_erasure(actor, asked.key, reason, expected_ver=asked.version)
    values = values_in(model, asked.values, whole=False)
    return acts.ask(actor, model, asked.key, values, reason, draft=asked.draft, expected_ver=asked.version)


def _shaped(model: type[Record], values: dict[str, Any]) -> BaseModel:
    try:
        return changes_shape(model).model_validate(values)
    except ValidationError as error:
        wrong = malformed("body", error)
        raise Invalid({place.name: [place.text] for place in wrong.places}) from None


def _seen(request: HttpRequest, key: str) -> tuple[int, Change | None]:
    """The version that the caller saw, and the change, of an approval that the caller may read."""
    readable(request, "approval")
    ver = seen_version(request, Approval, key)
    return ver, _change(Approval.objects.get(pk=key))


def _stepped(request: HttpRequest, step: Any, key: str, given: Step | SendBack | None) -> HttpResponse:
    _within_token(actor_of(request))
    ver, _ = _seen(request, key)
    reason = clean(given.reason) if given else ""
    try:
        return told_approval(request, step(actor_of(request), key, reason=reason, expected_ver=ver))
    except Invalid as error:
        raise renamed(error) from None
    except Conflict as late:
        raise _stale(late, key) from None


def _stale(late: Conflict, key: str) -> Conflict:
    return Stale(now=etag(version_of(Approval, key))) if type(late) is Conflict else late


def _change(approval: Approval) -> Change | None:
    """None where an approval from a file holds no change."""
    try:
        return change_of(approval)
    except UnreadableChange:
        return None


def told_approval(request: HttpRequest, approval: Approval, *, status: int = 200) -> HttpResponse:
    change, actor = _change(approval), actor_of(request)
    kind = approval.subject.partition(":")[0]
    readable(request, kind)
    refusal = (
        acts.refusal_of(actor, change, acts.authors_of(approval))
        if change and approval.step == "submitted"
        else None
    )
    in_force = change.in_force_on if change else None
    people = [f"person:{p}" for p in (approval.asked_by_id, approval.decided_by_id) if p]
    told = {
        "key": approval.key,
        "version": approval.ver,
        "step": approval.step,
        "kind": kind,
        "subject": approval.subject,
        "op": change.op if change else None,
        "seen_version": change.seen if change else None,
        "before": body_values(change.model, change.before) if change and change.before else None,
        "after": body_values(change.model, change.values) if change and change.op == "write" else None,
        "in_force_on": in_force.isoformat() if in_force else None,
        "roles": sorted(change.roles) if change else [],
        "asked_by": approval.asked_by_id,
        "asked_at": _iso(approval.asked_at),
        "decided_by": approval.decided_by_id,
        "role": approval.role,
        "at": _iso(approval.at),
        "reason": approval.reason,
        "subject_version": approval.subject_ver,
        "may_decide": bool(change) and approval.step == "submitted" and refusal is None,
        "refusal": refusal.text.as_dict() if refusal else None,
        "names": told_names(titles([approval.subject, *people])),
    }
    headers = {"ETag": etag(approval.ver)}
    if status == 201:
        headers["Location"] = f"/api/approvals/{approval.key}"
    return json_answer(request, told, status=status, tag=etag(approval.ver), headers=headers)


def _iso(instant: Any) -> str | None:
    return clock.iso(instant) if instant else None
