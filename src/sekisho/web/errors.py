"""Errors as pages: what, why and what next, in the reader's language; a fragment where htmx asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

BAD_REQUEST = Text(
    "送信された内容を読み取れませんでした。前の画面に戻り、もう一度お試しください。",
    "The request could not be read. Go back and try again.",
)
FORBIDDEN = Text("この画面を表示する権限がありません。", "You may not see this page.")
STALE_FORM = Text(
    "画面の有効期限が切れました。前の画面に戻って再読み込みし、もう一度送信してください。",
    "The form is too old, or was not sent from here. Go back, reload the page and send it again.",
)
NOT_FOUND = Text(
    "お探しのページは見つかりません。アドレスを確認するか、左のメニューからお進みください。",
    "There is no such page. Check the address, or use the menu on the left.",
)
BROKEN = Text(
    "予期しないエラーが発生しました。時間をおいてもう一度お試しください。続く場合は、発生時刻を管理者へお知らせください。",
    "Something went wrong here. Try again later; if it stays, tell the administrator the time at which it happened.",
)


def answer(request: HttpRequest, error: SekishoError) -> HttpResponse:
    """The page (or fragment) of one of the product's own errors."""
    return _page(request, error.status, error.text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, BROKEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, STALE_FORM)


def _page(request: HttpRequest, status: int, text: Text) -> HttpResponse:
    """The house's page for who is inside, the gate's for who is not; a bare one where either might break again."""
    words = text.in_(get_language() or "ja")
    told = {"status": status, "text": text, "words": words}
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        template = "errors/fragment.html"
    elif status >= 500 or not hasattr(request, "actor"):
        return HttpResponse(render_to_string("errors/bare.html", told), status=status)
    else:
        template = "errors/page.html" if request.user.is_authenticated else "errors/entrance.html"
    return HttpResponse(render_to_string(template, told, request), status=status)
