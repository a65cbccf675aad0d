"""Errors as application/problem+json (RFC 9457), in the reader's language, without internals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from sekisho.access.pace import TooManyRequests
from sekisho.api.errors import (
    Malformed,
    NotSignedIn,
    Place,
    TooLarge,
    Unavailable,
)
from sekisho.api.titles import MEDIA_TYPE, TITLES, TYPE
from sekisho.api.words import place_of
from sekisho.kernel.errors import Invalid, NotFound, SekishoError
from sekisho.kernel.ids import new_id
from sekisho.kernel.texts import Text
from sekisho.workflows.record import NeedsApproval

MOST_PROBLEMS = 50
LONGEST_NAME = 100
log = structlog.get_logger(__name__)

DETAILS = {
    400: Text(
        "リクエストを読み取れませんでした。宛先のホスト名、アドレス、本文の形式を確認してください。",
        "The request could not be read. Check its host name, its address and the form of its body.",
    ),
    404: Text(
        "このアドレスには何もありません。/api/docs を参照してください。",
        "There is nothing here. See /api/docs.",
    ),
    405: Text("このアドレスで使えるのは {allow} です。", "Here only {allow} can be used."),
    500: Text(
        "予期しないエラーが発生しました。管理者に番号 {id} を伝えてください。",
        "Something went wrong here. Tell the administrator the number {id}.",
    ),
}


class NotRead(SekishoError):
    code = "bad_request"
    text = DETAILS[400]


class NothingHere(NotFound):
    text = DETAILS[404]


class WrongMethod(SekishoError):
    code = "wrong_method"
    status = 405
    text = DETAILS[405]


class Broken(SekishoError):
    code = "internal"
    status = 500
    text = DETAILS[500]


def install(api: NinjaAPI) -> None:
    """Answer every exception of an operation with a problem."""

    def told(request: HttpRequest, error: Any) -> HttpResponse:
        return answer(request, understood(error))

    for known in (Exception, SekishoError, HttpError, ValidationError, Http404):
        api.add_exception_handler(known, told)


def understood(error: Exception) -> SekishoError:
    """The error as one of the product's own; what nobody foresaw is logged under a number and told as that."""
    cause = error.__cause__
    if isinstance(error, HttpError) and isinstance(cause, Exception) and not isinstance(cause, HttpError):
        return understood(cause)
    if isinstance(error, SekishoError):
        return _without_internals(error)
    if isinstance(error, ValidationError):
        return Malformed(place_of(e) for e in error.errors)
    if isinstance(error, HttpError):
        return {401: NotSignedIn, 404: NothingHere}.get(error.status_code, NotRead)()
    if isinstance(error, Http404):
        return NothingHere()
    if isinstance(error, RequestDataTooBig):
        return TooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError):
        return NotRead()
    if isinstance(error, OperationalError):
        log.error("database unavailable", error=str(error))
        return Unavailable()
    return broken(error)


def broken(error: BaseException | None = None) -> SekishoError:
    """What is told of an unforeseen error: the number under which the log has it."""
    number = new_id()
    log.error("unforeseen", number=number, database=isinstance(error, DatabaseError), exc_info=error)
    return Broken(id=number)


def _without_internals(error: SekishoError) -> SekishoError:
    """An error of our own that is nobody's to mend from outside tells nothing but its number."""
    return error if error.status < 500 or isinstance(error, Unavailable | Broken) else broken(error)


def answer(request: HttpRequest, error: SekishoError) -> HttpResponse:
    """The problem document of an error."""
    language = language_of(request)
    title = TITLES.get(error.status, TITLES[400])
    told: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": title.in_(language),
        "status": error.status,
        "detail": error.text.in_(language),
        "code": error.code,
    }
    if places := _places(error)[:MOST_PROBLEMS]:
        told["problems"] = [
            {"in": p.where, "name": p.name[:LONGEST_NAME], "text": p.text.in_(language)} for p in places
        ]
    if isinstance(error, NeedsApproval):
        told["links"] = [{"rel": "ask", "href": "/api/approvals", "method": "POST"}]
    return respond(told, error.status, language, _headers(error))


def respond(told: Mapping[str, Any], status: int, language: str, headers: Mapping[str, str]) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(told), status=status, content_type=MEDIA_TYPE)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response[name] = value
    return response


def language_of(request: HttpRequest) -> str:
    """What Accept-Language prefers of Japanese and English; without it, what was chosen by click; else Japanese."""
    best, weight = "", 0.0
    for part in request.headers.get("Accept-Language", "")[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        quality = _quality(parameters)
        if language in ("ja", "en") and quality > weight:
            best, weight = language, quality
    return best or str(getattr(request, "LANGUAGE_CODE", "") or settings.LANGUAGE_CODE)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _places(error: SekishoError) -> list[Place]:
    if isinstance(error, Malformed):
        return error.places
    if isinstance(error, Invalid):
        return [Place("body", name, text) for name, texts in error.problems.items() for text in texts]
    return []


def _headers(error: SekishoError) -> dict[str, str]:
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="sekisho"'}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.data["seconds"])}
    if isinstance(error, WrongMethod):
        return {"Allow": str(error.data["allow"])}
    return {"Retry-After": "5"} if isinstance(error, Unavailable) else {}


def renamed(error: Invalid, prefix: str = "values", apart: Iterable[str] = ("key", "reason")) -> Invalid:
    """The same error, its fields named as they stand in the request's body."""
    names = {n: n if n in apart else f"{prefix}.{n}" if n else prefix for n in error.problems}
    again = Invalid({names[n]: texts for n, texts in error.problems.items()})
    again.text = error.text
    return again
