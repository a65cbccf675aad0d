"""The one byte form of a value: RFC 8785 (JCS), restricted to where it needs no number formatting.

The domain is str, bool, None, int within 2**53-1, list, and dict with ASCII keys. Within it the standard library's
sorted, compact JSON is byte for byte what RFC 8785 section 3.2 asks for: ASCII keys sort alike by code point and by
UTF-16 unit (3.2.3), and the escapes of strings are the same (3.2.2.2). Outside it they differ (-0.0, 1e-7, keys
beyond the BMP), so a guard refuses. Decimals and times are recorded as strings.
"""

import json
from collections.abc import Iterable
from typing import Any, Final, cast

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

LARGEST_INT: Final = 2**53 - 1
"""RFC 7493 section 2.2: the largest integer that every JSON reader holds exactly."""

DEEPEST: Final = 64
"""How deep lists and objects may nest; far from any stack's end, in this writer and in any reader."""

_PLAIN: Final = frozenset({str, bool, type(None)})
_encode: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode

_TYPE = Text("{type} 型は使えません", "the type {type} is not allowed; record decimals and times as strings")
_INT = Text("整数が大きすぎます（絶対値 2^53-1 まで）", "the integer is beyond 2^53-1; record it as a string")
_KEY = Text("項目名は ASCII の文字列に限ります", "keys must be ASCII strings")
_DEEP = Text("入れ子が深すぎます（{deepest} 段まで）", "it nests deeper than {deepest} levels")
_SURROGATE = Text("文字列に不正な文字（単独のサロゲート）があります", "a string holds a lone surrogate")


class NotCanonical(SekishoError):
    """The value is outside the domain that has one byte form. `at` is where in the value, such as `$.units[2]`."""

    code = "not_canonical"
    status = 422
    text = Text(
        "台帳に記録できない値です（{at}）。{why}。",
        "This value cannot be written to the ledger ({at}): {why}.",
    )


_Place = tuple[Any, str | int] | None  # the container's own place, then the key or index in it


def canonical(value: object) -> bytes:
    """The canonical UTF-8 bytes of `value`. Raises :class:`NotCanonical`, and never writes a near miss.

    A subclass of str (a Django choice, a safe string) counts as the text that it holds. Tuples are refused: they
    would come back as lists.
    """
    kind = type(value)
    if kind is dict or kind is list:
        _guard(cast("dict[object, object] | list[object]", value), None, DEEPEST)
    elif kind not in _PLAIN:
        _guard_other(value, None)
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        raise NotCanonical(at="$", why=_SURROGATE) from None


def _guard(value: dict[object, object] | list[object], place: _Place, levels: int) -> None:
    """Refuse a list or object unless all in it is in the domain. The flat case costs no loop in Python."""
    if not levels:
        raise NotCanonical(at=_shown(place), why=_DEEP.format(deepest=DEEPEST))
    if type(value) is dict:
        _guard_keys(value, place)
        if _PLAIN.issuperset(map(type, value.values())):
            return
        items: Iterable[tuple[Any, Any]] = value.items()
    else:
        if _PLAIN.issuperset(map(type, value)):
            return
        items = enumerate(value)
    for key, item in items:
        kind = type(item)
        if kind is dict or kind is list:
            _guard(item, (place, key), levels - 1)
        elif kind not in _PLAIN:
            _guard_other(item, (place, key))


def _guard_keys(value: dict[object, object], place: _Place) -> None:
    try:
        ascii_only = "".join(value).isascii()  # type: ignore[arg-type]
    except TypeError:
        ascii_only = False
    if not ascii_only:
        raise NotCanonical(at=_shown(place), why=_KEY)


def _guard_other(item: object, place: _Place) -> None:
    """An int in range and a subclass of str are in the domain; nothing else is that is not plain."""
    if type(item) is int:
        if not -LARGEST_INT <= item <= LARGEST_INT:
            raise NotCanonical(at=_shown(place), why=_INT)
    elif not isinstance(item, str):
        raise NotCanonical(at=_shown(place), why=_TYPE.format(type=type(item).__name__))


def _shown(place: _Place) -> str:
    steps: list[str] = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "$" + "".join(reversed(steps))
