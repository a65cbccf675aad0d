"""The words of a problem document that both doors use: its media type, its addresses and its titles by status."""

from __future__ import annotations

from typing import Final

from sekisho.kernel.texts import Text

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:sekisho:problem:"
TITLES: Final = {
    400: Text("リクエストを読み取れません", "The request cannot be read"),
    401: Text("認証が必要です", "Sign-in is needed"),
    403: Text("権限がありません", "Not allowed"),
    404: Text("見つかりません", "Not found"),
    405: Text("この操作はできません", "Not a method of this resource"),
    409: Text("現在の状態と矛盾します", "It conflicts with the present state"),
    412: Text("版が最新ではありません", "The version is not the newest"),
    413: Text("大きすぎます", "Too large"),
    415: Text("形式に対応していません", "Not a media type that is read"),
    422: Text("受け付けられない内容です", "Not acceptable as it is"),
    428: Text("版の指定が必要です", "The version is needed"),
    429: Text("リクエストが多すぎます", "Too many requests"),
    500: Text("内部エラー", "Internal error"),
    503: Text("一時的に利用できません", "Unavailable for now"),
}
