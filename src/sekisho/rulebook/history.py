"""The verdicts of past months' ends, for the trend of a clause.

A month's end is judged as it was known then: `assess(snapshot(on=last day, known_at=end of that day))`. That never
changes again, so it is kept: by the root of the ledger's tree at that size (the same root: the same records), the day,
and a digest of the rulebook (other checks: another answer). Kept in memory and, where the disk allows, in
SEKISHO_HOME/cache, which may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from django.conf import settings

from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.ledger.models import Checkpoint, Leaf
from sekisho.ledger.note import parse_checkpoint
from sekisho.records.facts import Snapshot, snapshot
from sekisho.rulebook.assess import assess

MONTHS = 24
Verdicts = dict[str, Verdict]


@dataclass(frozen=True)
class Point:
    """A clause on a month's last day. `verdict`: None where the rulebook has no such clause, or not yet `ready`."""

    on: date
    verdict: Verdict | None
    ready: bool = True


def month_ends(before: date, months: int = MONTHS) -> list[date]:
    """The last days of the months that end before a day, oldest first."""
    ends = []
    day = before.replace(day=1) - timedelta(days=1)
    for _ in range(months):
        ends.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return ends[::-1]


def trend(citation: str, before: date, *, months: int = MONTHS, seconds: float = 1.0) -> list[Point]:
    """The clause at the month ends before a day, since the ledger's first line, oldest first."""
    return [_point(day, found, citation) for day, found in past(before, months=months, seconds=seconds)]


def past(
    before: date, *, months: int = MONTHS, seconds: float = 1.0
) -> list[tuple[date, dict[str, Verdict] | None]]:
    """The verdicts of all clauses at the month ends before a day, since the ledger's first line, oldest first.

    Works for at most about `seconds` (one month at least, if one is missing); what is left is None, and the next call
    goes on with it, the newest months first.
    """
    first, today = _first_day(), clock.today()
    days = [d for d in month_ends(before, months) if first <= d < today]
    known = {d: _kept(_key(snapshot(d, clock.end_of(d)))) for d in days}
    until = time.monotonic() + seconds
    for day in reversed(days):
        if known[day] is None:
            known[day] = verdicts_at(day)
            if time.monotonic() > until:
                break
    return list(known.items())


def verdicts_at(day: date) -> Verdicts:
    """The verdict of every clause at the end of a past day, as known then."""
    seen = snapshot(day, clock.end_of(day))
    key = _key(seen)
    with _working:  # two readers of the same page work it out once
        found = _kept(key)
        if found is None:
            found = {c: s.verdict for c, s in assess(seen).states.items()}
            _keep(key, found)
    return found


def _point(day: date, found: Verdicts | None, citation: str) -> Point:
    return Point(day, found.get(citation) if found else None, ready=found is not None)


def _first_day() -> date:
    """The day of the ledger's first line: before it there was nothing to judge."""
    first = Leaf.objects.filter(seq=0).values_list("at", flat=True).first()
    return clock.day_of(first) if first else date.max


# --- what is kept -------------------------------------------------------------------------------------------------

_working = threading.Lock()
_memory: dict[str, Verdicts] = {}
_ENOUGH = 2_000


def _key(seen: Snapshot) -> str:
    told = f"{_root(seen.size)} {seen.on.isoformat()} {rulebook_digest()}"
    return hashlib.sha256(told.encode()).hexdigest()


def _root(size: int) -> str:
    """The tree's root at a size, from its signed checkpoint; where there is none, the size itself."""
    note = Checkpoint.objects.filter(size=size).values_list("note", flat=True).first()
    if note is None:
        return f"size {size}"
    return parse_checkpoint(note.split("\n\n", 1)[0] + "\n")[2].hex()


@lru_cache(maxsize=1)
def rulebook_digest() -> str:
    """A digest of every file that a verdict may depend on: articles, limits, and the words they are written in."""
    digest = hashlib.sha256()
    for package in ("sekisho.rulebook", "sekisho.findings", "sekisho.records"):
        for name, content in sorted(_files(resources.files(package))):
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def _files(folder: Traversable, path: str = "") -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _files(entry, f"{path}{entry.name}/")
        elif entry.name.endswith((".py", ".toml")):
            found.append((path + entry.name, entry.read_bytes()))
    return found


def _kept(key: str) -> Verdicts | None:
    if key in _memory:
        return _memory[key]
    try:
        told = json.loads(_path(key).read_text(encoding="ascii"))
        found = {citation: Verdict(word) for citation, word in told.items()}
    except (OSError, ValueError, AttributeError):
        return None
    return _remember(key, found)


def _keep(key: str, found: Verdicts) -> None:
    _remember(key, found)
    path = _path(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(found, file)
        os.replace(name, path)
    except OSError:
        return  # a full or read-only disk: memory alone keeps it


def _remember(key: str, found: Verdicts) -> Verdicts:
    if len(_memory) >= _ENOUGH:
        _memory.clear()
    _memory[key] = found
    return found


def _path(key: str) -> Path:
    return Path(settings.SEKISHO_HOME) / "cache" / "verdicts" / f"{key}.json"


def forget() -> None:
    """Drop what memory keeps (tests; after the database was replaced). Files are found by the ledger's root alone."""
    _memory.clear()
