"""Registers and records of every kind: list, read, create, replace, change, remove, and the ledger's history of one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from sekisho.access.personal import hidden_fields
from sekisho.api import kind_shapes as shapes
from sekisho.api.ask import asked_of, chosen_fields, facts_known, same, values_in
from sekisho.api.describe import IF_MATCH, IF_NONE_MATCH, PUT_MATCH, documented
from sekisho.api.door import actor_of, readable, writable
from sekisho.api.errors import Stale
from sekisho.api.problems import renamed
from sekisho.api.read import (
    creates,
    etag,
    is_known,
    key_in,
    read_body,
    read_query,
    seen_version,
)
from sekisho.api.tell import (
    json_answer,
    links,
    record_headers,
    told_names,
    told_page,
    told_record,
    told_values,
    unchanged,
)
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.fields import clean
from sekisho.records.record import Record, Values
from sekisho.records.register import Change, Row, history, listed, one, times_changed, titles
from sekisho.records.register.listing import references_in
from sekisho.workflows.record import refuse_governed, remove_record, save_record

router = Router(tags=["記録 / Records"])


@router.get("/{kind}", summary="一覧 / List", openapi_extra=documented(each_kind="list"))
def record_list(request: HttpRequest, kind: str) -> HttpResponse:
    """A page of the register: searched, filtered, in order; as it stands, or as it was known at `known_at`."""
    model = readable(request, kind)
    query = read_query(request, shapes.query_shape(model))
    hidden = hidden_fields(actor_of(request), model)
    asked = asked_of(model, query, hidden)
    chosen, then = chosen_fields(model, query), facts_known(query.known_at)
    names = tuple(n for n in chosen if n not in hidden) or (model.about.title,)
    page = listed(model, asked, number=query.page, size=query.page_size, names=names, then=then)
    told = told_page(model, page, query.page, chosen, hidden)
    return json_answer(request, told, headers=links(request, query.page, page.pages))


@router.get(
    "/{kind}/{key}",
    response={200: None, 304: None},
    summary="取得 / Read",
    openapi_extra=documented(each_kind="read", parameters=(IF_NONE_MATCH,)),
)
def record_read(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """The record with its version as ETag; without one where it is read as of the past."""
    model = readable(request, kind)
    query = read_query(request, shapes.Known)
    then = facts_known(query.known_at)
    row = one(model, key_in(model, key), then=then)
    if then is None and is_known(request, etag(row.ver)):
        return unchanged(etag(row.ver))
    told = told_record(model, row, actor_of(request), titles(references_in(model, [row]), then))
    return json_answer(request, told, tag="" if then else etag(row.ver))


@router.post(
    "/{kind}",
    response={201: None},
    summary="作成 / Create",
    openapi_extra=documented(409, 413, 415, each_kind="create"),
)
def record_create(request: HttpRequest, kind: str) -> HttpResponse:
    """A new record under the next free key."""
    model = kept_by_hand(request, kind)
    body: Any = read_body(request, shapes.writing_shape(model, whole=True))
    row = written(request, model, None, values_in(model, body.values, whole=True), 0, body.reason)
    return told_as_written(request, model, row, made=True)


@router.put(
    "/{kind}/{key}",
    response={200: None, 201: None},
    summary="置換え / Replace",
    openapi_extra=documented(409, 412, 413, 415, 428, each_kind="replace", parameters=(PUT_MATCH,)),
)
def record_replace(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """All values anew; its files stay. With `If-None-Match: *` a new record under this key."""
    model = kept_by_hand(request, kind)
    body: Any = read_body(request, shapes.writing_shape(model, whole=True))
    made = creates(request)
    ver = _unused(model, key) if made else seen_version(request, model, key)
    row = written(request, model, key, values_in(model, body.values, whole=True), ver, body.reason)
    return told_as_written(request, model, row, made=made)


@router.patch(
    "/{kind}/{key}",
    summary="変更 / Change",
    openapi_extra=documented(409, 412, 413, 415, 428, each_kind="change", parameters=(IF_MATCH,)),
)
def record_change(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Some values anew: what is left out stays, null takes a value away."""
    model = kept_by_hand(request, kind)
    body: Any = read_body(request, shapes.writing_shape(model, whole=False))
    ver = seen_version(request, model, key)
    row = written(request, model, key, values_in(model, body.values, whole=False), ver, body.reason)
    return told_as_written(request, model, row)


@router.delete(
    "/{kind}/{key}",
    response={204: None},
    summary="削除 / Remove",
    openapi_extra=documented(409, 412, 428, each_kind="remove", parameters=(IF_MATCH,)),
)
def record_remove(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Out of its register; its past stays in the ledger. Refused while other records refer to it."""
    model = kept_by_hand(request, kind)
    query = read_query(request, shapes.RemoveQuery)
    ver = seen_version(request, model, key)
    try:
        remove_record(actor_of(request), model, key, expected_ver=ver, reason=clean(query.reason))
    except Invalid as error:
        raise renamed(error, "") from None
    except Conflict as late:
        raise _stale(late, model, key) from None
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


@router.get("/{kind}/{key}/history", summary="履歴 / History", openapi_extra=documented(each_kind="history"))
def record_history(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """The versions that the ledger holds, newest first; also of a record that was removed."""
    model = readable(request, kind)
    query = read_query(request, shapes.HistoryQuery)
    then = facts_known(query.known_at)
    changes = history(model, key_in(model, key), then=then, at_most=query.limit)
    if not changes:
        raise NotFound(what=f"{model.about.name}:{key}")
    hidden = hidden_fields(actor_of(request), model, key)
    rows = [Row(key, c.ver, c.values) for c in changes]
    people = {c.by for c in changes if c.by.startswith("person:")}
    told = {
        "items": [told_change(model, c, hidden) for c in changes],
        "total": times_changed(model, key, then=then),
        "names": told_names(titles(references_in(model, rows) | people, then)),
    }
    return json_answer(request, told)


# --- parts ------------------------------------------------------------------------------------------------------


def kept_by_hand(request: HttpRequest, kind: str) -> type[Record]:
    """The kind, if the caller may write it as such: approvals are kept by their own acts."""
    model = writable(request, kind)
    refuse_governed(model, {}) if model.about.name == "approval" else None
    return model


def written(
    request: HttpRequest, model: type[Record], key: str | None, values: Values, ver: int, reason: str
) -> Row:
    """The record after the change; one that changes nothing writes nothing. Raises what `save_record` raises."""
    if key is not None and ver:
        standing = one(model, key)
        if standing.ver == ver and same(model, standing.values, values):
            return standing
    try:
        saved = save_record(actor_of(request), model, key, values, expected_ver=ver, reason=clean(reason))
    except Invalid as error:
        raise renamed(error) from None
    except Conflict as late:
        raise _stale(late, model, key) from None
    return one(model, saved.key)


def told_as_written(
    request: HttpRequest, model: type[Record], row: Row, *, made: bool = False
) -> HttpResponse:
    told = told_record(model, row, actor_of(request), titles(references_in(model, [row])))
    headers = record_headers(row.ver, row.key, model, made=made)
    return json_answer(request, told, status=201 if made else 200, tag=etag(row.ver), headers=headers)


def _unused(model: type[Record], key: str) -> int:
    """The version from which a record under a new key starts. Raises Stale where there is one already."""
    standing = model.objects.filter(pk=clean(key)).values_list("ver", flat=True).first()
    if standing is not None:
        raise Stale(now=etag(standing))
    return 0


def _stale(late: Conflict, model: type[Record], key: str | None) -> Conflict:
    """Another writer was first: with the version that was named, that is a stale one."""
    if type(late) is not Conflict or key is None:
        return late
    standing = model.objects.filter(pk=key).values_list("ver", flat=True).first()
    return Stale(now=etag(standing) if standing else Text("削除済み", "removed"))


def told_change(model: type[Record], change: Change, hidden: frozenset[str]) -> dict[str, Any]:
    return {
        "version": change.ver,
        "op": change.op,
        "seq": change.seq,
        "at": clock.iso(change.at),
        "by": change.by,
        "act": change.act,
        "act_name": change.act_name,
        "reason": change.reason,
        "values": None if change.op == "delete" else told_values(model, change.values, hidden),
        "changed": [d.name for d in change.differences],
        "erased": [d.name for d in change.differences if d.erased],
    }
