"""The outermost layer but the headers: under /api/ no answer but a problem tells of an error, whoever gave it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from sekisho.api.errors import TooLarge
from sekisho.api.problems import (
    MEDIA_TYPE,
    NothingHere,
    NotRead,
    WrongMethod,
    answer,
    broken,
    understood,
)
from sekisho.kernel.errors import Refused, SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.evidence import MAX_BYTES

PREFIX = "/api/"
MOST_BYTES = MAX_BYTES + 1024 * 1024  # nothing larger is read at all
_FORBIDDEN = Text("この操作を行う権限がありません。", "You may not do this.")


class Problems:
    """Errors of other layers (an unknown host, a method that is not there, what nobody caught) as problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if _length(request) > MOST_BYTES:
            return answer(request, TooLarge(limit=MOST_BYTES))
        try:
            response = self.get_response(request)
        except Exception as error:  # even what tells of errors may break: a page's template, a full disk
            return answer(request, understood(error))
        if response.status_code < 400 or response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        return answer(request, _error(response))


def _length(request: HttpRequest) -> int:
    given = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


def _error(response: HttpResponseBase) -> SekishoError:
    if response.status_code == 405:
        return WrongMethod(allow=", ".join(sorted(response.headers.get("Allow", "").split(", "))))
    if response.status_code == 413:
        return TooLarge(limit=MOST_BYTES)
    known: dict[int, SekishoError] = {404: NothingHere(), 403: Refused(_FORBIDDEN)}
    return broken() if response.status_code >= 500 else known.get(response.status_code, NotRead())
