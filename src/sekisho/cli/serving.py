"""What gunicorn is told, beside its command line: how a worker begins. Used as `-c python:sekisho.cli.serving`."""

import ctypes
import os
import signal
from typing import Any

WITH_STARTER = "SEKISHO_WITH_STARTER"  # set by a starter that stays: the pages end when it does
_PR_SET_PDEATHSIG = 1  # prctl(2)

worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 20
keepalive = 5
max_requests = 0
limit_request_line = 8190
limit_request_fields = 100
accesslog = None  # requests are logged by the product itself
loglevel = "warning"
proc_name = "sekisho"


def on_starting(_: Any) -> None:
    """Whatever ends the starter, SIGKILL too, ends the pages in order."""
    if os.environ.pop(WITH_STARTER, ""):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """On PostgreSQL each worker can place lines in the ledger; one at a time does."""
    from sekisho.ledger import sequencer  # noqa: PLC0415 - Django is ready only in the worker

    sequencer.start()
