"""A file that waits between its preview and its taking: in the data folder, for the session that sent it alone."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

_KEY = "waiting_upload"
_KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Waiting:
    """What was sent: its name as given, the kind that the person named for it ('' for none), its content."""

    name: str
    kind: str
    content: bytes


def keep(session: SessionBase, name: str, kind: str, content: bytes) -> None:
    """Let a file wait; whatever waited before is dropped, as is anybody's that waits for more than a day."""
    drop(session)
    _sweep()
    token = secrets.token_hex(16)
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    session[_KEY] = {"token": token, "name": name, "kind": kind}


def waiting(session: SessionBase) -> Waiting | None:
    """What waits for this session; None where nothing does (any more)."""
    kept = session.get(_KEY)
    if not kept:
        return None
    try:
        content = (_folder() / kept["token"]).read_bytes()
    except OSError:
        return None
    return Waiting(kept["name"], kept["kind"], content)


def drop(session: SessionBase) -> None:
    if kept := session.pop(_KEY, None):
        (_folder() / kept["token"]).unlink(missing_ok=True)


def _sweep() -> None:
    oldest = time.time() - _KEPT_SECONDS
    for path in _folder().glob("*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.SEKISHO_HOME) / "uploads"
