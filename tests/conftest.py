"""What every test stands on: fresh caches, a ledger key of its own, guards that step aside for a flush, the cast."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection

from tests.cast import cast
from tests.plugins.answers import share
from tests.plugins.postgres import temporary_folder, uses_database

__all__ = ["cast"]
_FLUSH_PATIENCE = 100  # tenths of a second


def pytest_configure() -> None:
    """Plain static files, straight from the source tree, and a quick hasher: no test waits for either. No test of
    properties is timed."""
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = temporary_folder("static")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True


@pytest.fixture(autouse=True, scope="session")
def ledger_key() -> None:
    from sekisho.ledger.keys import ensure_key

    ensure_key()


@pytest.fixture(autouse=True, scope="session")
def shared_answers() -> None:
    share()


@pytest.fixture(autouse=True)
def fresh_caches(request: pytest.FixtureRequest) -> None:
    """Facts and assessments are cached by the ledger's size; the next test's ledger has the same sizes again."""
    if uses_database(request.node):
        for cached in ("records.facts.snapshot", "rulebook.months_ahead", "web.kept"):
            if module := sys.modules.get(f"sekisho.{cached}"):
                module.forget()
        cache.clear()


@pytest.fixture(autouse=True)
def guards_step_aside(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits is cleaned up by a flush, which the guards would refuse; after it they are set up again."""
    if not uses_database(request.node):
        yield
        return
    request.getfixturevalue(
        "_django_db_helper"
    )  # set up before this fixture, so torn down (flushed) after it
    yield
    if not connection.in_atomic_block:
        _remove_guards()


def _remove_guards() -> None:
    """Drop the triggers; waits while a page that a live server is still answering reads the same database."""
    from sekisho.ledger import guards
    from sekisho.records.contents import record_tables

    for patience in range(_FLUSH_PATIENCE, -1, -1):
        try:
            guards.remove(connection, record_tables())
        except OperationalError:
            if not patience:
                raise
            time.sleep(0.1)
        else:
            return
