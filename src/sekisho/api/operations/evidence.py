"""Evidence files of a record: listed, fetched with their hash checked, attached."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query, Router

from sekisho.api.ask import facts_known
from sekisho.api.describe import IF_MATCH, documented
from sekisho.api.door import actor_of, readable
from sekisho.api.errors import Malformed, Place, TooLarge, WrongMediaType
from sekisho.api.kind_shapes import Known
from sekisho.api.operations.records import _stale, kept_by_hand
from sekisho.api.problems import renamed
from sekisho.api.read import etag, key_in, seen_version
from sekisho.api.shapes import Files
from sekisho.api.tell import json_answer
from sekisho.api.types import REASON_LENGTH
from sekisho.api.words import UNKNOWN_PARAMETER
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.ledger import evidence as store
from sekisho.records.contents import KINDS
from sekisho.records.fields import clean
from sekisho.records.register import history, one
from sekisho.workflows.attach import MOST_FILES, File, attach

router = Router(tags=["証跡 / Evidence"])
MULTIPART = "multipart/form-data"
MOST_BYTES = store.MAX_BYTES + 64 * 1024  # one file of the greatest size, and the form around it
FORM = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary", "minLength": 1},
                        "minItems": 1,
                        "maxItems": MOST_FILES,
                    },
                    "reason": {"type": "string", "maxLength": REASON_LENGTH},
                },
            }
        }
    },
}  # fmt: skip
KIND = {
    "in": "path", "name": "kind", "required": True, "schema": {"type": "string", "enum": [m.about.name for m in KINDS]},
}  # fmt: skip
BYTES = {
    200: {
        "description": "OK",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_NO_FILE = Text("ファイルを file に付けて送ってください。", "Send the file as 'file'.")
_TOO_LONG = Text("{most} 文字以内で指定してください。", "Use at most {most} characters.")


@router.get(
    "/{kind}/{key}/evidence", response=Files, summary="証跡の一覧 / Files", openapi_extra=documented()
)
def evidence_list(request: HttpRequest, kind: str, key: str, known: Query[Known]) -> HttpResponse:
    """The files that the record keeps, or kept at `known_at`."""
    model = readable(request, kind)
    row = one(model, key_in(model, key), then=facts_known(known.known_at))
    return json_answer(request, {"items": row.values.get("evidence") or []})


@router.get(
    "/{kind}/{key}/evidence/{sha256}",
    summary="証跡の内容 / One file",
    openapi_extra=documented(responses=BYTES),
)
def evidence_read(request: HttpRequest, kind: str, key: str, sha256: str) -> HttpResponse:
    """The content, checked against its hash; of files that an earlier version kept too."""
    model = readable(request, kind)
    name = next(
        (
            str(entry["name"])
            for change in history(model, key_in(model, key))
            for entry in change.values.get("evidence") or []
            if entry["sha256"] == sha256
        ),
        None,
    )
    if name is None:
        raise NotFound(what=f"SHA-256 {sha256[:64]}")
    return HttpResponse(
        store.read(sha256),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


@router.post(
    "/{kind}/{key}/evidence",
    response={201: Files},
    summary="証跡の添付 / Attach",
    openapi_extra=documented(409, 412, 413, 415, 428, parameters=(IF_MATCH,), requestBody=FORM),
)
def evidence_add(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Attach files (`file`, up to 10; 50 MB in all): their contents go into the store, their hashes into the record."""
    model = kept_by_hand(request, kind)
    ver = seen_version(request, model, key)
    files, reason = sent(request)
    try:
        record = attach(actor_of(request), model, key, files, reason=reason, expected_ver=ver)
    except Invalid as error:
        raise renamed(error, "", apart=("evidence", "reason")) from None
    except Conflict as late:
        raise _stale(late, model, key) from None
    told = {"items": record.evidence or []}
    location = f"/api/records/{kind}/{key}/evidence"
    return json_answer(request, told, status=201, headers={"ETag": etag(record.ver), "Location": location})


def sent(request: HttpRequest) -> tuple[list[File], str]:
    """The files and the reason of a form. Raises WrongMediaType, TooLarge, Malformed."""
    if request.content_type != MULTIPART:
        raise WrongMediaType(wanted=MULTIPART, given=(request.content_type or "")[:100])
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLarge(limit=MOST_BYTES)
    wrong = [
        Place("body", name, UNKNOWN_PARAMETER)
        for name in (*(set(request.POST) - {"reason"}), *(set(request.FILES) - {"file"}))
    ]
    given: list[Any] = request.FILES.getlist("file")
    reason = request.POST.get("reason", "")
    if not given:
        wrong.append(Place("body", "file", _NO_FILE))
    if len(reason) > REASON_LENGTH:
        wrong.append(Place("body", "reason", _TOO_LONG.format(most=REASON_LENGTH)))
    if wrong:
        raise Malformed(wrong)
    return [(f.name or "", f.read()) for f in given[: MOST_FILES + 1]], clean(reason)
