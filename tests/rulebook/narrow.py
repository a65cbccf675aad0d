"""Ask of many days only what a test is about: thirteen days of every check take seconds."""

from __future__ import annotations

import pytest

from sekisho.rulebook import assess, months_ahead
from sekisho.rulebook.contents import all_checks


def only_checks_of(monkeypatch: pytest.MonkeyPatch, *citations: str) -> None:
    """Let every forecast ask the checks of these clauses alone."""
    chosen = [check for check in all_checks() if check.clause in citations]
    assert {check.clause for check in chosen} == set(citations)
    for module in (assess, months_ahead):
        monkeypatch.setattr(module, "all_checks", lambda: chosen)
