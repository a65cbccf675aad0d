"""Read one state of the database, whoever writes meanwhile: what is compared must be of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_ONE_STATE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def standing_still() -> Iterator[None]:
    """All reads within see the state of the first of them. Writers go on; nothing is written within.

    Inside a transaction that is open already, that one decides what is seen.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ONE_STATE)
            yield
    else:  # not atomic(), which would begin as a writer does and keep the others waiting
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
