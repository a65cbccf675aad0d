"""What only this door refuses: what cannot be read, callers that are not known, versions that were not named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sekisho.kernel.errors import Conflict, SekishoError
from sekisho.kernel.texts import Text

Where = Literal["body", "query", "path", "header"]


@dataclass(frozen=True, slots=True)
class Place:
    """Something wrong in a request. `name`: the member with dots (`values.since_on`), the parameter, or the header."""

    where: Where
    name: str
    text: Text


class Malformed(SekishoError):
    """The request is not what the API's description allows."""

    code = "malformed"
    status = 422
    text = Text(
        "リクエストの形式が API の定義と異なります。problems の各項目を直してください。",
        "The request is not as the API describes it. Mend what 'problems' lists.",
    )

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = list(places)
        super().__init__()


class NotSignedIn(SekishoError):
    code = "not_signed_in"
    status = 401
    text = Text(
        "認証が必要です。Authorization: Bearer にトークンを付けて送ってください（発行はアカウント画面）。",
        "Sign-in is needed. Send your token as 'Authorization: Bearer ...' (made on the account page).",
    )


class BadToken(NotSignedIn):
    code = "bad_token"
    text = Text(
        "トークンが無効です（誤り・期限切れ・失効、または所有者が在籍していません）。新しいトークンを発行してください。",
        "The token is not valid: wrong, expired or revoked, or its owner works here no longer. Make a new one.",
    )


class OutsideToken(SekishoError):
    code = "outside_token"
    status = 403
    text = Text(
        "このトークンでは「{kind}」を扱えません。範囲を広げたトークンを発行してください。",
        "This token does not reach '{kind}'. Make one that does.",
    )


class Forged(SekishoError):
    code = "csrf"
    status = 403
    text = Text(
        "画面のセッションで書き込むには CSRF トークンが必要です。プログラムからはトークンを使ってください。",
        "To write with a page's session takes its CSRF token. From a program, use a token of its own.",
    )


class TokenDecidesNothing(SekishoError):
    """A token is one factor; whoever decides an approval signs in with two."""

    code = "second_factor_needed"
    status = 403
    text = Text(
        "トークンでは承認・差戻しはできません。二要素認証でサインインして、画面から行ってください。",
        "A token approves and sends back nothing. Sign in with a second factor and do it on the page.",
    )


class PastIsPast(SekishoError):
    code = "past_is_read_only"
    status = 403
    text = Text(
        "画面で過去・将来の日を表示中のため、このセッションでは変更できません。今日の表示に戻してください。",
        "This session shows another day, so it changes nothing. Go back to today first.",
    )


class WrongMediaType(SekishoError):
    code = "wrong_media_type"
    status = 415
    text = Text(
        "Content-Type は {wanted} で送ってください（届いたのは「{given}」）。",
        "Send it as Content-Type {wanted} (it came as '{given}').",
    )


class TooLarge(SekishoError):
    code = "too_large"
    status = 413
    text = Text(
        "本文が大きすぎます。上限は {limit} バイトです。分割して送ってください。",
        "The body is too large: at most {limit} bytes are taken. Send it in parts.",
    )


class VersionNeeded(SekishoError):
    code = "version_needed"
    status = 428
    text = Text(
        "どの版に対する変更かを If-Match で指定してください（取得時の ETag の値。新規作成は If-None-Match: *）。",
        'Say which version you change: If-Match with the ETag that you read (to create: "If-None-Match: *").',
    )


class Stale(Conflict):
    code = "stale"
    status = 412
    text = Text(
        "指定の版は最新ではありません（現在は {now}）。読み直してから、もう一度行ってください。",
        "That is not the newest version (which is {now}). Read it again, then repeat your change.",
    )


class Unavailable(SekishoError):
    code = "unavailable"
    status = 503
    text = Text(
        "データベースに接続できないか、書き込めません。しばらくしてからもう一度送ってください。",
        "The database cannot be reached or written just now. Try again in a while.",
    )
