"""How long the watch keeps persons, its history and what it refused: limits, or the member's own numbers.

The limits `watch_personal_days`, `watch_history_days` and `watch_refused_days` are defaults of the product; a member
shortens them freely by a tolerance, and lengthens them by one that was approved.
"""

from __future__ import annotations

from datetime import timedelta

from sekisho.kernel import clock
from sekisho.records.facts import facts_of, snapshot
from sekisho.rulebook.exceptions import limits_on
from sekisho.watch.retention import Policy


def policy() -> Policy:
    """The policy of today."""
    today = clock.today()
    limits = limits_on(facts_of(snapshot(today)), today)
    return Policy(
        limits.value("watch_personal_days"),
        limits.value("watch_history_days"),
        limits.value("watch_refused_days"),
    )


def personal() -> timedelta:
    """How long the rows of what follows a decision tell of persons: as long as the log does."""
    return timedelta(days=policy().personal_days)
