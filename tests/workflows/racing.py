"""Several people at the same instant: each in a thread of its own, with a connection of its own."""

from __future__ import annotations

import contextvars
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from sekisho.ledger.append import sequence
from sekisho.workflows.verify import verify_all
from tests.cast import Cast, write_cast


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Cast]:
    """The cast, in a database that threads share and in which their acts are committed for good."""
    settings.SEKISHO_HOME = str(tmp_path)
    with on_disk(tmp_path):
        yield write_cast()


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """SQLite: a file of the test's own, as in production; in shared memory it would lock whole tables, and not wait."""
    here = connections["default"]
    if here.vendor != "sqlite":
        yield
        return
    here.ensure_connection()
    settings = connections.settings["default"]
    memory, settings["NAME"] = settings["NAME"], str(folder / "race.sqlite3")
    with closing(sqlite3.connect(settings["NAME"])) as file:
        here.connection.backup(file)
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = here
        settings["NAME"] = memory


def race(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same instant; what each returned or raised, in their order."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, doing: Callable[[], Any]) -> None:
        connections["default"].ensure_connection()
        start.wait()
        try:
            results[place] = doing()
        except Exception as error:
            results[place] = error
        finally:
            connections["default"].close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, place, doing))
        for place, doing in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


def won(results: list[Any]) -> list[Any]:
    return [r for r in results if not isinstance(r, Exception)]


def lost(results: list[Any]) -> list[Exception]:
    return [r for r in results if isinstance(r, Exception)]


def faults() -> list[str]:
    """What is wrong with the ledger or a register, once all lines have their places."""
    sequence()
    return [str(fault) for fault in verify_all().faults]
