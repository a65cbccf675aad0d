"""One event out of bytes, or one precise refusal: what is wrong, where, and what to do about it.

The refusals carry no value of the event: they go into logs and answers. `where` is the field, where it is one's.
"""

from __future__ import annotations

import json
import re
from typing import Final

import msgspec

from sekisho.kernel.texts import Text
from sekisho.watch.events import LARGEST, STRINGS, TYPES, BadEvent, Event, address, decoder

_FIELDS: Final = len(Event.__struct_fields__)
_TEXTS: Final = tuple(name for name in ("typ", *STRINGS) if name in Event.__struct_fields__)
_AT = re.compile(r" - at `\$\.?(?:key in )?([A-Za-z0-9_.]{0,64})")
_NAME = re.compile(r"`([A-Za-z][A-Za-z0-9_]{0,63})`")


class Refusal(BadEvent):
    """One event that is not taken. Data: where, and what the text says."""

    def __init__(self, where: str = "", **data: object) -> None:
        super().__init__(where=where, **data)
        self.where = where


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    text = Text(
        "イベントが大きすぎます（{size} バイト、上限は {most} バイト）。長い項目を短くしてください。",
        "The event is too large ({size} bytes; at most {most}). Shorten its long fields.",
    )


class NotJson(Refusal):
    code = "not_json"
    text = Text(
        "JSON として読み取れません（{place}）。UTF-8 の JSON オブジェクト 1 個で送ってください。",
        "It cannot be read as JSON ({place}). Send one JSON object in UTF-8.",
    )


class NotAnObject(Refusal):
    code = "not_an_object"
    text = Text(
        "イベントは JSON オブジェクトです（受信: {got}）。1 件ずつオブジェクトで送ってください。",
        "An event is a JSON object (it came as: {got}). Send an object for each.",
    )


class TooDeep(Refusal):
    code = "too_deep"
    text = Text(
        "入れ子が深すぎます。イベントは入れ子のない JSON オブジェクトです。",
        "It is nested too deeply. An event is a flat JSON object.",
    )


class DuplicateField(Refusal):
    code = "duplicate_field"
    text = Text(
        "項目 {where} が 2 回以上あります。どちらが正しいか判断できないため、1 回だけにしてください。",
        "The field {where} stands there more than once, and nobody can tell which is meant. Send it once.",
    )


class UnknownField(Refusal):
    code = "unknown_field"
    text = Text(
        "項目 {where} はありません。名前を確認するか、外して送ってください。",
        "There is no field {where}. Check its name, or leave it out.",
    )


class MissingField(Refusal):
    code = "missing_field"
    text = Text(
        "項目 {where} がありません。必ず送ってください。", "The field {where} is missing. Always send it."
    )


class UnknownType(Refusal):
    code = "unknown_type"
    text = Text("typ は次のいずれかです: {known}。", "typ is one of: {known}.")


class WrongType(Refusal):
    code = "wrong_type"
    text = Text(
        "項目 {where} の型が違います（必要: {wanted}、受信: {got}）。",
        "The field {where} is of a wrong type (wanted: {wanted}; it came as: {got}).",
    )


class OutOfRange(Refusal):
    code = "out_of_range"
    text = Text(
        "項目 {where} の長さまたは値が範囲外です（{wanted}）。",
        "The field {where} is too long, too short or out of range ({wanted}).",
    )


class BadAddress(Refusal):
    code = "bad_address"
    text = Text(
        "ip が IP アドレスの形ではありません。"
        "IPv4 は 192.0.2.1、IPv6 は 2001:db8::1 の形で、ポートやゾーンを付けずに送ってください。",
        "ip is no IP address. Write IPv4 as 192.0.2.1 and IPv6 as 2001:db8::1, without a port or a zone.",
    )


def read(raw: bytes) -> Event:
    """One event. Raises a Refusal: one of the classes above."""
    if len(raw) > LARGEST:
        raise TooLarge(size=len(raw), most=LARGEST)
    try:
        event = decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except msgspec.DecodeError as error:
        raise NotJson(place=_place(str(error))) from None
    except UnicodeDecodeError:
        raise NotJson(place="not UTF-8") from None
    except RecursionError:
        raise TooDeep from None
    if not _each_once(raw, event):
        _refuse_duplicates(raw)
    if event.ip is not None:
        try:
            event.ip = address(event.ip)
        except BadEvent:
            raise BadAddress("ip") from None
    return event


def _each_once(raw: bytes, event: Event) -> bool:
    """Whether it is plain that no field came twice; the decoder would take the last one without a word.

    Each field that is set took a colon, and each colon inside a text is counted: where no more are there, and none was
    written as an escape, no field came a second time.
    """
    colons = raw.count(b":")
    held = msgspec.structs.astuple(event)
    needed = _FIELDS - held.count(None)
    if colons == needed:
        return True
    if b"\\" in raw:
        return False
    return colons == needed + sum(value.count(":") for value in held if type(value) is str)


def _refuse_duplicates(raw: bytes) -> None:
    def once(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise DuplicateField(name)

    json.loads(raw, object_pairs_hook=once)


def _invalid(told: str) -> Refusal:
    """The refusal that the decoder's message means; values in it are left behind."""
    at = _AT.search(told)
    where = at[1] if at else ""
    names = _NAME.findall(told)
    if told.startswith("Object missing required field"):
        return MissingField(names[0])
    if told.startswith("Object contains unknown field"):
        return UnknownField(names[0] if names else "…")
    if where == "typ" and told.startswith("Invalid enum value"):
        return UnknownType(where, known=", ".join(TYPES))
    wanted = told.removeprefix("Expected ").partition(" - at ")[0]
    if ", got " in wanted:
        wanted, _, got = wanted.partition(", got ")
        if not where:
            return NotAnObject(got=got.replace("`", ""))
        return WrongType(where, wanted=wanted.replace("`", ""), got=got.replace("`", ""))
    return OutOfRange(where, wanted=wanted.replace("`", ""))


def _place(told: str) -> str:
    """The part of the decoder's message that names a byte and no value."""
    found = re.search(r"\(byte (\d+)\)", told)
    return f"byte {found[1]}" if found else "it is incomplete or holds what UTF-8 cannot"
