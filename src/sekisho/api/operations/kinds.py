"""The kinds of record, with their fields: what every program that reads or writes records begins with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from sekisho.access.rights import may_read
from sekisho.api.describe import documented
from sekisho.api.door import actor_of, readable
from sekisho.api.shapes import Kinds, KindTold
from sekisho.api.tell import json_answer
from sekisho.records.contents import KINDS
from sekisho.records.described import described

router = Router(tags=["記録の種類 / Kinds"])


@router.get("", response=Kinds, summary="種類の一覧 / All kinds", openapi_extra=documented())
def kinds(request: HttpRequest) -> HttpResponse:
    """Those that the caller may read, in the order in which they refer to one another."""
    readable_kinds = [m for m in KINDS if may_read(actor_of(request), m)]
    return json_answer(request, {"items": [described(m) for m in readable_kinds]})


@router.get("/{kind}", response=KindTold, summary="一つの種類 / One kind", openapi_extra=documented())
def kind(request: HttpRequest, kind: str) -> HttpResponse:
    return json_answer(request, described(readable(request, kind)))
