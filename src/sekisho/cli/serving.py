"""What gunicorn is told, beside its command line: how a worker begins. Used as `-c python:sekisho.cli.serving`."""

from typing import Any

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


def post_worker_init(worker: Any) -> None:
    """On PostgreSQL each worker can place lines in the ledger; one at a time does."""
    from sekisho.ledger import sequencer  # noqa: PLC0415 - Django is ready only in the worker

    sequencer.start()
