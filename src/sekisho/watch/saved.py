"""States as bytes, for snapshots: of which program and kernel they are, and whether they are whole."""

from __future__ import annotations

import zlib
from hashlib import blake2b
from typing import Any, Final

import msgspec

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.program import Program

MAGIC: Final = b"sekisho-watch-1\n"
_HEAD: Final = len(MAGIC) + 20  # what it is, the program's mark, the check sum


class Unusable(SekishoError):
    """A saved state that cannot be taken over; what was there before stays as it was."""

    code = "unusable_state"
    status = 409


STRANGE: Final = Text(
    "保存された判定状態の形式ではありません。", "These bytes are no saved state of the watch."
)
DAMAGED: Final = Text(
    "保存された判定状態が壊れているか、途中で切れています。", "The saved state is damaged or cut off."
)
OF_THE_TWIN: Final = Text(
    "保存された判定状態は Python 版の判定器のものです。ログから作り直してください。",
    "The saved state is the Python twin's, this is the compiled kernel: rebuild it from the log.",
)
OF_THE_COMPILED: Final = Text(
    "保存された判定状態はコンパイル版の判定器のものです。ログから作り直してください。",
    "The saved state is the compiled kernel's, this is the Python twin: rebuild it from the log.",
)
OF_OTHER_RULES: Final = Text(
    "保存された判定状態は別のルールのものです。ログから作り直してください。",
    "The saved state was saved under other rules: rebuild it from the log.",
)


def sealed(kind: str, program: Program, state: dict[str, Any]) -> bytes:
    """The state as bytes."""
    body = msgspec.msgpack.encode(state)
    return b"".join((MAGIC, mark(kind, program), zlib.crc32(body).to_bytes(4, "little"), body))


def opened(kind: str, program: Program, data: bytes | bytearray | memoryview) -> dict[str, Any]:
    """The state again. Raises Unusable."""
    view = memoryview(data).cast("B")
    if len(view) <= _HEAD or bytes(view[: len(MAGIC)]) != MAGIC:
        raise Unusable(STRANGE)
    found, body = bytes(view[len(MAGIC) : _HEAD - 4]), view[_HEAD:]
    if zlib.crc32(body) != int.from_bytes(view[_HEAD - 4 : _HEAD], "little"):
        raise Unusable(DAMAGED)
    if found != mark(kind, program):
        other, told = ("python", OF_THE_TWIN) if kind == "compiled" else ("compiled", OF_THE_COMPILED)
        raise Unusable(told if found == mark(other, program) else OF_OTHER_RULES)
    state: dict[str, Any] = msgspec.msgpack.decode(body)
    return state


def mark(kind: str, program: Program) -> bytes:
    """16 bytes that tell the kernel and the program apart from others."""
    told = repr((kind, program.digest, program.tests, program.conditions, program.steps))
    return blake2b(told.encode(), digest_size=16).digest()
