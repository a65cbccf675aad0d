"""Answers of checks, shared by the tests of one process.

A check is a pure function of the facts that it reads, the day and the limits. Pages of different tests mostly show the
same few records, so what a check answered to the same frames once is not worked out anew. The product keeps answers by
the place of each kind's last change in the ledger, which says nothing across ledgers; here frames are told apart by
their content. A check that reads a kind that it does not name fails here as it would mislead there.
"""

from __future__ import annotations

import weakref
from typing import Any

_own: list[Any] = []
_contents: weakref.WeakKeyDictionary[Any, dict[str, tuple[int, int]]] = weakref.WeakKeyDictionary()


def share() -> None:
    """Have the assessment keep answers by content."""
    from sekisho.rulebook import assess

    _own.append(assess._key)
    assess._key = _key


def own_key() -> Any:
    """The product's own key, for the tests of what runs again."""
    return _own[0]


def _key(check: Any, facts: Any, seen: Any) -> tuple[object, ...]:
    from sekisho.rulebook.assess import kinds_read

    contents = _contents.setdefault(facts, {})
    return (
        check.clause,
        check.name,
        seen.on,
        *(_content(facts, contents, name) for name in kinds_read(check)),
    )


def _content(facts: Any, contents: dict[str, tuple[int, int]], name: str) -> tuple[int, int]:
    from sekisho.records.contents import kind_named

    if name not in contents:
        rows = list(facts.frame(kind_named(name)).iter_rows())
        contents[name] = (len(rows), hash(tuple(map(str, rows))))
    return contents[name]
