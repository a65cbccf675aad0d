"""Events as members' services send them: their fields, how JSON is read, and what is refused."""

from __future__ import annotations

import socket
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

LARGEST = 8192  # bytes of one event
AMOUNT_UNITS = 1_000_000  # amounts are summed in millionths, as whole numbers

Type = Literal[
    "login",
    "withdraw",
    "address_add",
    "address_remove",
    "password_change",
    "password_reset",
    "second_factor_change",
    "second_factor_reset",
    "api_key_create",
    "api_call",
    "trade",
    "deposit",
]
TYPES: Final[tuple[str, ...]] = get_args(Type)

_Name = Annotated[str, Meta(min_length=1, max_length=128)]
_Short = Annotated[str, Meta(min_length=1, max_length=64)]
_Degrees90 = Annotated[float, Meta(ge=-90, le=90)]
_Degrees180 = Annotated[float, Meta(ge=-180, le=180)]


class Event(msgspec.Struct, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that happened. `seq` is the sender's own number of it, never used twice; `ts` is in ms since 1970 UTC.

    `ok` says whether a login succeeded; `amount` is in the member's reckoning currency; `address` is the
    destination of a withdrawal, or the one that was registered; `network` is the name of the origin's autonomous
    system ("AS4713"); `lat` and `lon` are degrees; `device` is the member's own mark of a device.
    """

    seq: Annotated[int, Meta(ge=0, lt=2**62)]
    ts: Annotated[int, Meta(ge=0, lt=2**42)]
    typ: Type
    user: _Name | None = None
    ip: _Short | None = None
    country: Annotated[str, Meta(min_length=2, max_length=2)] | None = None
    lat: _Degrees90 | None = None
    lon: _Degrees180 | None = None
    device: _Name | None = None
    ok: bool | None = None
    amount: Annotated[float, Meta(ge=0, le=1e12)] | None = None
    asset: _Short | None = None
    address: _Name | None = None
    network: _Short | None = None
    api_key: _Name | None = None
    channel: _Short | None = None
    agent: Annotated[str, Meta(min_length=1, max_length=512)] | None = None


STRINGS: Final = (
    *("user", "ip", "ip_block", "country", "device", "asset"),
    *("address", "network", "api_key", "channel", "agent"),
)
NUMBERS: Final = ("amount", "lat", "lon")
FIELDS: Final = ("typ", "ok", *STRINGS, *NUMBERS)

decoder = msgspec.json.Decoder(Event)
encode = msgspec.json.Encoder().encode


class BadEvent(SekishoError):
    """One event that cannot be judged: `code` says why, `data` where. The events beside it are not touched."""

    code = "bad_event"
    status = 422
    text = Text("このイベントは受け付けられません。{why}", "This event is not acceptable. {why}")


def decode(line: bytes) -> Event:
    """One event from JSON; its address in the one form that an address has.

    Raises BadEvent: too large, not JSON, a field twice, a field unknown, missing or of a wrong type, no address.
    """
    if len(line) > LARGEST:
        raise BadEvent(why=f"larger than {LARGEST} bytes")
    try:
        event = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(why=str(error)) from error
    if event.ip is not None:
        event.ip = address(event.ip)
    return event


def address(text: str) -> str:
    """The one form of an IP address: IPv4 dotted, also where it came mapped into IPv6; else RFC 5952's IPv6."""
    try:
        socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError, UnicodeEncodeError):
        pass
    else:
        return text
    try:
        packed = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError, UnicodeEncodeError) as error:
        raise BadEvent(why=f"ip {text[:64]!r} is no IP address") from error
    if packed.startswith(b"\0" * 10 + b"\xff\xff"):
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    return socket.inet_ntop(socket.AF_INET6, packed)


def block_of(ip: str) -> str:
    """What one subscriber is likely to hold: an IPv4 address itself, the /64 of an IPv6 address."""
    if ":" not in ip:
        return ip
    return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, ip)[:8] + b"\0" * 8) + "/64"


def units(amount: float) -> int:
    """An amount in millionths, half to even: sums of them are exact and the same in any order."""
    return round(amount * AMOUNT_UNITS)


_LOWER: Final = str.maketrans({chr(n): chr(n + 32) for n in range(65, 91)})


def lowered(text: str) -> str:
    """Small letters for A to Z alone: the compiled kernel compares bytes, and so does every engine."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
