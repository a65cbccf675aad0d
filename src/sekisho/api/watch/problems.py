"""What this door refuses as a whole, as application/problem+json: the same form as the REST API's."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import structlog

from sekisho.api.errors import NotSignedIn, Unavailable
from sekisho.api.titles import MEDIA_TYPE, TITLES, TYPE
from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.kernel.ids import new_id
from sekisho.kernel.texts import Text
from sekisho.watch.reading import Refusal

Headers = list[tuple[bytes, bytes]]
_TITLES = {**TITLES, 408: Text("時間切れです", "It took too long")}
NO_STORE: Final = (b"cache-control", b"no-store")
log = structlog.get_logger(__name__)


class NothingHere(NotFound):
    text = Text(
        "このアドレスには何もありません。/watch/v1/decide、/watch/v1/events、/watch/v1/health があります。",
        "There is nothing here. There are /watch/v1/decide, /watch/v1/events and /watch/v1/health.",
    )


class WrongMethod(SekishoError):
    code = "wrong_method"
    status = 405
    text = Text("このアドレスで使えるのは {allow} です。", "Here only {allow} can be used.")


class NotForWatch(SekishoError):
    code = "not_for_watch"
    status = 403
    text = Text(
        "このトークンは監視（watch）用ではありません。管理者に、そのサービス用の監視トークンの発行を依頼してください。",
        "This token is not for the watch. Ask an administrator for a watch token of your service.",
    )


class TooManyEvents(SekishoError):
    code = "too_many_events"
    status = 413
    text = Text(
        "一度に送れるイベントは {most} 件までです（受信: {count} 件）。分けて送ってください。",
        "At most {most} events are taken at once (there were {count}). Send them in parts.",
    )


class NotABatch(SekishoError):
    code = "not_a_batch"
    status = 422
    text = Text(
        "本文全体を JSON として読み取れません。NDJSON（1 行 1 件）なら、1 件の誤りがほかの件に影響しません。",
        "The body as a whole cannot be read as JSON. As NDJSON (a line each), one bad event does not spoil the others.",
    )


class TooSlow(SekishoError):
    code = "too_slow"
    status = 408
    text = Text(
        "本文が {seconds} 秒以内に届きませんでした。接続を確認して送り直してください。",
        "The body did not come within {seconds} seconds. Check the connection and send it again.",
    )


class Broken(SekishoError):
    code = "internal"
    status = 500
    text = Text(
        "予期しないエラーが発生しました。管理者に番号 {id} を伝えてください。",
        "Something went wrong here. Tell the administrator the number {id}.",
    )


def understood(error: Exception) -> SekishoError:
    """The error as one that may be told; what nobody foresaw is logged under a number."""
    if isinstance(error, SekishoError) and (error.status < 500 or error.status == Unavailable.status):
        return error
    number = new_id()
    log.error("unforeseen", number=number, exc_info=error)
    return Broken(id=number)


def problem(error: SekishoError, language: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body."""
    told: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": _TITLES.get(error.status, TITLES[400]).in_(language),
        "status": error.status,
        "detail": error.text.in_(language),
        "code": error.code,
    }
    if isinstance(error, Refusal) and error.where:
        told["problems"] = [{"in": "body", "name": error.where, "text": error.text.in_(language)}]
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-language", language.encode()),
        NO_STORE,
    ]
    if isinstance(error, NotSignedIn):
        headers.append((b"www-authenticate", b'Bearer realm="sekisho"'))
    if isinstance(error, WrongMethod):
        headers.append((b"allow", str(error.data["allow"]).encode()))
    if error.status == Unavailable.status:
        headers.append((b"retry-after", b"5"))
    return error.status, headers, msgspec.json.encode(told)


def language_of(accepted: bytes) -> str:
    """The first of Japanese and English that Accept-Language names; else Japanese."""
    for part in accepted[:500].lower().split(b","):
        tag = part.strip().split(b";")[0].split(b"-")[0]
        if tag in (b"ja", b"en"):
            return tag.decode()
    return "ja"
