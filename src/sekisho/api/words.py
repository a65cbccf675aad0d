"""What is wrong with a value of a request, in words: pydantic's codes in two languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sekisho.api.errors import Malformed, Place, Where
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind

_OTHERWISE = Text("値が正しくありません。", "It is not a value that is taken here.")
_WORDS = {
    "missing": Text("必須の項目です。", "It is needed."),
    "extra_forbidden": Text("この名前の項目はありません。", "There is no member of this name."),
    "string_type": Text("文字列で指定してください。", "Give a string."),
    "string_too_long": Text(
        "{max_length} 文字以内で指定してください。", "Use at most {max_length} characters."
    ),
    "string_too_short": Text("空にはできません。", "It must not be empty."),
    "string_pattern_mismatch": Text("形式が正しくありません（{pattern}）。", "It does not match {pattern}."),
    "string_unicode": Text("文字列として読み取れません。", "It is no readable text."),
    "literal_error": Text("次から選んでください: {expected}", "Choose one of: {expected}"),
    "whole_number": Text("整数で指定してください。", "Give a whole number."),
    "quantity": Text(
        "数値か、99.95 のような文字列で指定してください（整数部 12 桁、小数部 6 桁まで）。",
        "Give a number, or a string like 99.95, with at most 12 digits before the point and 6 after it.",
    ),
    "greater_than_equal": Text("{ge} 以上で指定してください。", "Give {ge} or more."),
    "less_than_equal": Text("{le} 以下で指定してください。", "Give {le} or less."),
    "bool_type": Text("true か false で指定してください。", "Give true or false."),
    "list_type": Text("配列で指定してください。", "Give an array."),
    "too_long": Text("{max_length} 件以内で指定してください。", "Give at most {max_length}."),
    "too_short": Text("{min_length} 件以上指定してください。", "Give at least {min_length}."),
    "model_type": Text("オブジェクトで指定してください。", "Give an object."),
    "model_attributes_type": Text("オブジェクトで指定してください。", "Give an object."),
    "dict_type": Text("オブジェクトで指定してください。", "Give an object."),
    "union_tag_not_found": Text("必須の項目です。", "It is needed."),
    "union_tag_invalid": Text(
        "次から選んでください: {expected_tags}",
        "Choose one of: {expected_tags}",
    ),
    "day": Text(
        "日付を 2026-11-23 の形で指定してください（1900年から2199年まで）。",
        "Give a day like 2026-11-23, from 1900 to 2199.",
    ),
    "instant": Text(
        "日時を 2026-11-23T09:00:00+09:00 の形で、時差を付けて指定してください（1900年から2199年まで）。",
        "Give an instant like 2026-11-23T09:00:00+09:00, with its offset, from 1900 to 2199.",
    ),
    "repeated": Text("一度だけ指定してください。", "Give it once."),
}
UNKNOWN_PARAMETER = Text("このパラメーターはありません。", "There is no such parameter.")
_QUOTED = re.compile(r"'([^']*)'")
_TAGS = ("write", "remove", "erase")


def place_of(error: Mapping[str, Any]) -> Place:
    """Where and what, of one error as ninja tells it: its place begins with source and argument."""
    source, *rest = error["loc"]
    where: Where = source if source in ("query", "path", "header") else "body"
    return _place(where, rest[1:] if where == "body" else rest[:1], error)


def malformed(where: Where, error: ValidationError) -> Malformed:
    """The error of a shape that was read by itself."""
    errors = error.errors(include_url=False)
    return Malformed(_place(where, e["loc"] if where == "body" else e["loc"][:1], e) for e in errors)


def _place(where: Where, loc: Sequence[Any], error: Mapping[str, Any]) -> Place:
    """The union that was not told apart is named by what tells it apart."""
    tag = (error.get("ctx") or {}).get("discriminator")
    return Place(where, _dotted([*loc, tag.strip("'")] if tag else loc), in_words(error))


def in_words(error: Mapping[str, Any]) -> Text:
    words = _WORDS.get(error["type"], _OTHERWISE)
    told = dict(error.get("ctx") or {})
    if "expected" in told:  # as pydantic lists choices: 'a', 'b' or 'c'
        told["expected"] = ", ".join(_QUOTED.findall(str(told["expected"]))) or told["expected"]
    return words.format(**told)


def _dotted(loc: Any) -> str:
    """`values.since_on`; the tags by which a union was told apart are left out."""
    steps = [str(step) for step in loc]
    if steps and steps[0] in _TAGS:
        steps = steps[1:]
        if steps and is_kind(steps[0]):
            steps = steps[1:]
    return ".".join(steps)
