"""The newest checkpoint, kept outside the database: a truncated or replaced database cannot hide from it.

`SEKISHO_HOME/checkpoint` is replaced after every commit. Copies of it in other hands (an auditor's, a printed one)
protect against whoever can write both.
"""

import os
import threading
from pathlib import Path

from django.conf import settings

from sekisho.ledger.note import parse_checkpoint

_lock = threading.Lock()
_newest: dict[str, int] = {}


def path() -> Path:
    return Path(settings.SEKISHO_HOME) / "checkpoint"


def keep(note: str) -> None:
    """Keep a committed checkpoint, unless a larger one was kept by this process already."""
    _, size, _ = parse_checkpoint(note.partition("\n\n")[0] + "\n")
    target = path()
    with _lock:
        if size <= _newest.get(str(target), -1):
            return
        _newest[str(target)] = size
        written = target.with_name(f".checkpoint.{os.getpid()}")
        written.write_text(note, encoding="utf-8")
        os.replace(written, target)


def kept() -> str | None:
    """The note that was kept last; None where there is none."""
    try:
        return path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def forget() -> None:
    """Forget what this process kept (tests; after a restore)."""
    with _lock:
        _newest.clear()
