"""A service of the sample member that may ask the watch: for whoever tries it out on this machine."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from sekisho.access import tokens
from sekisho.access.models import WATCH
from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.workflows.account import issue_watch_token

SERVICE: Final = "demo"
LASTS: Final = timedelta(days=90)


def watch_token() -> str:
    """Its token, kept for this installation's owner alone; a new one where the one that is kept no longer stands."""
    try:
        kept = file().read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        kept = ""
    return kept if kept and tokens.find(kept, WATCH) else _issued()


def file() -> Path:
    return Path(settings.SEKISHO_HOME) / "sample-watch-token.txt"


def _issued() -> str:
    until = clock.now() + LASTS
    _, secret = issue_watch_token(
        operator_actor("sample"), label="見本の送信元", service=SERVICE, expires_at=until
    )
    descriptor = os.open(file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as kept:
        kept.write(secret + "\n")
    return secret
