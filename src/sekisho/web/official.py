"""The official text beside a clause, once the member has imported it; what the newest edition changed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sekisho.records.facts import Snapshot
from sekisho.rulebook.official import Change, Edition, Part, compare
from sekisho.workflows.official_text import current, edition_of, imports


@dataclass(frozen=True)
class Beside:
    """A clause's part of an edition. `lead`: the words that stand before it, where it is an item of them.

    `change`: how this part differs from the edition that was imported before.
    """

    part: Part
    lead: Part | None
    title: str
    amended_on: date | None
    change: Change | None


def beside(citation: str, seen: Snapshot) -> Beside | None:
    """The official text of a clause as known at a moment; None where no edition is imported or it has no such part."""
    edition = edition_at(seen)
    part = edition.find(citation) if edition else None
    if edition is None or part is None:
        return None
    amended = max(edition.amended_on, default=edition.enacted_on)
    change = _changes_now().get(citation) if seen.known_at is None else None
    return Beside(part, _lead(edition, part), edition.title, amended, change)


def edition_at(seen: Snapshot) -> Edition | None:
    """The edition in use at a moment."""
    return current(None if seen.known_at is None else seen.size)


def headings(edition: Edition | None) -> dict[str, str]:
    """The official heading of each article, by its number."""
    parts = edition.parts if edition else ()
    return {part.citation: part.heading for part in parts if part.level == "article" and part.heading}


def _lead(edition: Edition, part: Part) -> Part | None:
    """The words that an item completes: its paragraph, or its article where that has a single unnumbered one."""
    if part.level != "item":
        return None
    above = part.citation
    while "-" in above:
        above = above.rpartition("-")[0]
        found = edition.find(above)
        if found is not None and found.text:
            return found
    return None


def _changes_now() -> dict[str, Change]:
    newest = [each.sha256 for each in imports()[:2]]
    return _changes(newest[1], newest[0]) if len(newest) == 2 else {}


@lru_cache(maxsize=2)
def _changes(before: str, after: str) -> dict[str, Change]:
    """What an edition changed against another, by citation."""
    return {change.citation: change for change in compare(edition_of(before), edition_of(after))}
