"""The newest checkpoint, kept outside the database: a truncated or replaced database cannot hide from it.

`SEKISHO_HOME/checkpoint` follows the ledger's head by at most a second, and at the end of a process. Copies of it in
other hands (an auditor's, a printed one) protect against whoever can write both.
"""

import atexit
import os
import threading
import time
from pathlib import Path

from django.conf import settings

PERIOD_SECONDS = 1.0  # a file's replacement costs as much as a commit: not at every one
_lock = threading.Lock()
_waiting: dict[Path, str] = {}
_written_at: dict[Path, float] = {}


def path() -> Path:
    return Path(settings.SEKISHO_HOME) / "checkpoint"


def keep(note: str) -> None:
    """Keep a committed checkpoint: at once, or with the next one if the last was kept less than a second ago."""
    target = path()
    with _lock:
        _waiting[target] = note
        if time.monotonic() - _written_at.get(target, -PERIOD_SECONDS) >= PERIOD_SECONDS:
            _write(target)


def flush() -> None:
    """Write what waits."""
    with _lock:
        for target in list(_waiting):
            _write(target)


def kept() -> str | None:
    """The note that was kept last; None where there is none."""
    flush()
    try:
        return path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _write(target: Path) -> None:
    written = target.with_name(f".checkpoint.{os.getpid()}")
    try:
        written.write_text(_waiting.pop(target), encoding="utf-8")
        os.replace(written, target)
    except FileNotFoundError:  # the whole data folder is gone
        return
    _written_at[target] = time.monotonic()


def forget() -> None:
    """Forget what waits (tests; after a restore)."""
    with _lock:
        _waiting.clear()
        _written_at.clear()


atexit.register(flush)
