"""Answers: records and their pages in the form that the description gives them, written by one encoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from sekisho.access.personal import hidden_fields
from sekisho.access.rights import Actor
from sekisho.api.problems import language_of
from sekisho.api.read import etag
from sekisho.kernel.texts import Text
from sekisho.records.fields import EvidenceFiles
from sekisho.records.record import Record, Values
from sekisho.records.register import Page, Row

_encode = msgspec.json.Encoder().encode


def json_answer(
    request: HttpRequest,
    told: Any,
    *,
    status: int = 200,
    tag: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Nobody but the caller keeps it; with a tag, the caller may ask whether it is still so."""
    return bytes_answer(request, _encode(told), status=status, tag=tag, headers=headers)


def bytes_answer(
    request: HttpRequest,
    body: bytes,
    *,
    status: int = 200,
    tag: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    response["Content-Language"] = language_of(request)
    response["Cache-Control"] = "private, no-cache" if tag else "no-store"
    response["Vary"] = "Authorization, Cookie"
    if tag:
        response["ETag"] = tag
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def unchanged(tag: str) -> HttpResponse:
    return HttpResponse(status=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def encoded(told: Any) -> bytes:
    return _encode(told)


# --- records ----------------------------------------------------------------------------------------------------


def told_values(model: type[Record], values: Values, hidden: Iterable[str] = ()) -> dict[str, Any]:
    """Values in the form of the ledger's bodies; what is not recorded, or hidden, is null. Files are told apart."""
    kept = frozenset(hidden)
    return {
        name: None if name in kept else field.to_body(values[name])
        for name, field in model.kind_fields().items()
        if name in values and not isinstance(field, EvidenceFiles)
    }


def told_record(model: type[Record], row: Row, actor: Actor, names: Mapping[str, Text]) -> dict[str, Any]:
    hidden = hidden_fields(actor, model, row.key)
    return {
        "kind": model.about.name,
        "key": row.key,
        "version": row.ver,
        "values": told_values(model, row.values, hidden),
        "evidence": row.values.get("evidence") or [],
        "hidden": sorted(hidden),
        "names": told_names(names),
    }


def told_page(
    model: type[Record], page: Page, number: int, chosen: tuple[str, ...], hidden: frozenset[str]
) -> dict[str, Any]:
    """A page with the chosen fields; one past the end is empty."""
    rows = page.rows if page.number == number else []
    told = [{n: None if n in hidden else r.values[n] for n in chosen} for r in rows]
    return {
        "items": [
            {"key": r.key, "version": r.ver, "values": told_values(model, values)}
            for r, values in zip(rows, told, strict=True)
        ],
        "total": page.total,
        "page": number,
        "page_size": page.size,
        "pages": page.pages,
        "hidden": sorted(hidden),
        "names": told_names(page.titles) if rows else {},
    }


def told_names(names: Mapping[str, Text]) -> dict[str, dict[str, str]]:
    """The titles of the records that were referred to, by kind:key."""
    return {reference: text.as_dict() for reference, text in sorted(names.items())}


def record_headers(ver: int, key: str, model: type[Record], *, made: bool = False) -> dict[str, str]:
    headers = {"ETag": etag(ver)}
    return headers | ({"Location": f"/api/records/{model.about.name}/{key}"} if made else {})


def links(request: HttpRequest, number: int, pages: int) -> dict[str, str]:
    """The Link header (RFC 8288) of a page: the first, last, previous and next one."""
    wanted = {
        "first": 1,
        "prev": min(number - 1, pages),
        "next": number + 1 if number < pages else 0,
        "last": pages,
    }
    found = [f'<{_page_url(request, n)}>; rel="{rel}"' for rel, n in wanted.items() if n > 0]
    return {"Link": ", ".join(found)}


def _page_url(request: HttpRequest, number: int) -> str:
    pairs = [(n, v) for n, values in request.GET.lists() if n != "page" for v in values]
    return f"{request.path}?{urlencode([*pairs, ('page', str(number))])}"
