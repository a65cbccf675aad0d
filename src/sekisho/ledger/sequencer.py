"""The sequencer of a server on PostgreSQL: a thread that gives waiting lines their places about every 100 ms.

Every server process may run one; an advisory lock lets one at a time work.
"""

from __future__ import annotations

import threading

import structlog
from django.db import DatabaseError, connection

from sekisho.kernel.errors import SekishoError
from sekisho.ledger.append import sequence

PERIOD_SECONDS = 0.1
_log = structlog.get_logger(__name__)
_running: threading.Thread | None = None


def start() -> None:
    """Run the sequencer in this process from now on. Does nothing on SQLite, or where it runs already."""
    global _running  # noqa: PLW0603 - one thread a process
    if connection.vendor != "postgresql" or runs_here():
        return
    _running = threading.Thread(target=_run, name="sequencer", daemon=True)
    _running.start()


def runs_here() -> bool:
    return _running is not None and _running.is_alive()


def _run() -> None:
    stopped = threading.Event()
    while not stopped.wait(PERIOD_SECONDS):
        try:
            sequence()
        except (
            DatabaseError,
            SekishoError,
        ) as error:  # such as a key that cannot be used: say so, and try again
            _log.warning("sequencer_waits", error=type(error).__name__)
            connection.close()
