"""Whether the watch is there, and when it last heard each of those who send to it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sekisho.kernel import clock
from sekisho.records.models import WatchSource
from sekisho.watch import history
from sekisho.web.watching.story import instant
from sekisho.workflows.watch_after.models import Heard, Position

_PATIENCE: Final = 0.2  # seconds; it is on the same machine
_LATE: Final = timedelta(minutes=1)  # it reads on every half second
_LOCKS = Path("/proc/locks")


@dataclass(frozen=True, slots=True)
class Source:
    """One who sends events. `record`: its watch source on record, None where there is none."""

    name: str
    record: str | None
    heard_at: datetime | None
    events: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How the watch stands. `acted_at`: when what it judged was last acted on (users told, addresses blocked)."""

    running: bool
    heard_at: datetime | None
    sources: tuple[Source, ...]
    acted_at: datetime | None
    behind: bool

    @property
    def silent(self) -> bool:
        return any(source.silent for source in self.sources)


def standing(home: Path, heard: Mapping[str, tuple[int, int]], mark: int, minutes: int) -> Standing:
    """How it stands now. `heard`: what the log tells of each source; `minutes`: the longest silence by the limit."""
    now = clock.now()
    known = {name: (instant(at), events) for name, (at, events) in heard.items()}
    for name, at in Heard.objects.values_list("source", "last_at"):
        before, events = known.get(name, (at, 0))
        known[name] = (max(before, at), events)
    records = {w.fed_by: w for w in WatchSource.objects.exclude(fed_by=None).filter(until_on=None)}
    sources = []
    for name in sorted({*known, *(n for n in records if n)}):
        last, events = known.get(name, (None, 0))
        record = records.get(name)
        longest = timedelta(minutes=(record.silence_minutes if record else None) or minutes)
        silent = last is None or now - last > longest
        sources.append(Source(name, record.key if record else None, last, events, silent))
    place = Position.objects.first()
    return Standing(
        running(home),
        max((s.heard_at for s in sources if s.heard_at), default=None),
        tuple(sources),
        place.moved_at if place else None,
        _is_behind(place, mark, now),
    )


def _is_behind(place: Position | None, mark: int, now: datetime) -> bool:
    """Whether something was judged that nobody acted on for a while."""
    if place is None or place.at is None or place.moved_at is None:
        return mark > 0
    return mark > int(place.at) and now - place.moved_at > _LATE


def running(home: Path) -> bool:
    """Whether a watch has this home: its socket answers, or its log is locked. Asking disturbs nobody."""
    return _answers(home / "watch" / "socket") or _is_locked(history.log_folder(home) / "lock")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as ours:
        ours.settimeout(_PATIENCE)
        try:
            ours.connect(str(path))
        except OSError:
            return False
        return True


def _is_locked(path: Path) -> bool:
    """As the system tells of all locks: to try the lock could keep a watch from starting."""
    try:
        inode = path.stat().st_ino
        return any(line.split()[5].endswith(f":{inode}") for line in _LOCKS.read_text().splitlines())
    except (OSError, IndexError):
        return False
