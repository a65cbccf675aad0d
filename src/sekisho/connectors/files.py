"""Input that every tool's `read` shares: the bytes of a saved file, and never more of them than asked for."""

import os
import stat
from pathlib import Path

from sekisho.connectors.language import Unreadable, one_line
from sekisho.kernel.texts import Text

_NO_FILE = Text(
    "ファイル「{name}」を開けません（{reason}）。", "The file '{name}' cannot be opened: {reason}."
)
_NOT_PLAIN = Text("「{name}」は通常のファイルではありません。", "'{name}' is not a plain file.")
_TOO_BIG = Text(
    "「{name}」は大きすぎます（上限 {most} バイト）。", "'{name}' is too big: at most {most} bytes are taken."
)


def from_file(path: Path, *, max_bytes: int) -> bytes:
    """The bytes of a plain file of at most `max_bytes`. Raises Unreadable; never waits on a pipe or a device."""
    name = one_line(path.name, 60)
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(_NOT_PLAIN, name=name)
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise Unreadable(_NO_FILE, name=name, reason=error.strerror or "?") from None
    if len(data) > max_bytes:
        raise Unreadable(_TOO_BIG, name=name, most=max_bytes)
    return data


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
