"""What the named lists held, and from where in the log: so that what was judged can be judged again as it was.

`home/watch/lists/changes.jsonl` has a line for each change, on disk before an event is judged by it:

    {"position": 700, "at": 1795402800000, "add": {"frozen_users": ["u1"]}, "remove": {}, "digest": "5f0c..."}

It holds for the events behind that position. A list stands in it from its first line on, empty or not. `digest` is of
all entries after it: the last one is checked at the start. A line that a crash cut short was never in force. Changes
that are older than persons may be kept become one line, which tells no more than what was still listed then.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import msgspec

from sekisho.watch.lists import Listed
from sekisho.watch.segments import LogDamaged, sync_folder

NAME: Final = "changes.jsonl"
Entries = dict[str, frozenset[str]]  # of each list


class Line(msgspec.Struct):
    """One change, as it stands in the file."""

    position: int
    at: int
    add: dict[str, list[str]]
    remove: dict[str, list[str]]
    digest: str


@dataclass(frozen=True, slots=True)
class Change:
    """From what the lists held to what they hold now; made beside, and kept when it comes into force."""

    before: str
    add: dict[str, list[str]]
    remove: dict[str, list[str]]
    after: Entries
    digest: str


class Listings:
    """The file, for the one process that judges."""

    def __init__(self, home: Path, end: int) -> None:
        """Open it; `end` is the log's end. Raises LogDamaged."""
        self.path = listings_path(home)
        self._lock = threading.Lock()
        _cut_tail(self.path)
        lines = read(home)
        self.entries = _after(lines)
        self.digest = _digest(self.entries)
        if lines and self.digest != lines[-1].digest:
            raise LogDamaged(
                file=self.path, offset=self.path.stat().st_size, why="the lists are not what its end says"
            )
        if (
            lines and lines[-1].position > end
        ):  # the log lost its end in a crash: events there are to come again
            self._append(Line(end, lines[-1].at, {}, {}, self.digest))

    def change(self, lists: Mapping[str, Listed]) -> Change | None:
        """What is another with these lists; None where nothing is, and that is known. From any thread."""
        before, digest = self.entries, self.digest
        after = before | {name: listed.entries() for name, listed in lists.items()}
        none: frozenset[str] = frozenset()
        add = {name: sorted(held - before.get(name, none)) for name, held in after.items()}
        remove = {name: sorted(held - after[name]) for name, held in before.items()}
        add = {name: entries for name, entries in add.items() if entries or name not in before}
        remove = {name: entries for name, entries in remove.items() if entries}
        return Change(digest, add, remove, after, _digest(after)) if add or remove else None

    def keep(self, change: Change, position: int, at: int) -> None:
        """From this position on it holds: on disk when this returns. Raises OSError."""
        with self._lock:
            if change.before != self.digest:
                raise ValueError("the lists changed since this change was made")
            self._append(Line(position, at, change.add, change.remove, change.digest))
            self.entries, self.digest = change.after, change.digest

    def forget(self, before_ms: int) -> int:
        """Make one line of the changes from before a time (ms). Answers how many are gone."""
        with self._lock:
            lines = _read(self.path)
            old = list(takewhile(lambda line: line.at < before_ms, lines))
            if len(old) < 2:
                return 0
            standing = _after(old)
            last = old[-1]
            one = Line(last.position, last.at, {n: sorted(e) for n, e in standing.items()}, {}, last.digest)
            _write(self.path, [one, *lines[len(old) :]])
            return len(old) - 1

    def _append(self, line: Line) -> None:
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fdatasync(file.fileno())
        if new:
            sync_folder(self.path.parent)


class Replayed:
    """The lists as they were, while the log is read again. Positions are asked for in order."""

    def __init__(self, home: Path) -> None:
        self._waiting = _effective(read(home))
        self._held: dict[str, set[str]] = {}
        self._next = 0

    def at(self, position: int) -> dict[str, Listed] | None:
        """The lists that are others for the frame that ends at a position than for the one before; None: none is."""
        touched: set[str] = set()
        while self._next < len(self._waiting) and self._waiting[self._next][0] < position:
            touched |= _apply(self._held, self._waiting[self._next][1])
            self._next += 1
        return {name: Listed(self._held[name]) for name in touched} or None

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int, dict[str, Listed] | None]]:
        """Parts of the log between changes: (begin, end, the lists that are others from there on)."""
        inside = sorted({position for position, _ in self._waiting if begin < position < end})
        for start, stop in zip([begin, *inside], [*inside, end], strict=True):
            yield start, stop, self.at(start + 1)


def listings_path(home: Path) -> Path:
    return home / "watch" / "lists" / NAME


def read(home: Path) -> list[Line]:
    """Every whole line, oldest first; a torn last one is cut off by who writes next. Raises LogDamaged."""
    return _read(listings_path(home))


def _read(path: Path) -> list[Line]:
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        return [msgspec.json.decode(line, type=Line) for line in whole.splitlines()]
    except msgspec.DecodeError as error:
        raise LogDamaged(file=path, offset=0, why=str(error)) from error


def _effective(lines: list[Line]) -> list[tuple[int, Line]]:
    """With where each came into force: not behind any that came later (the log may have lost its end between).

    Of what was before the first nothing is known: it is taken to have held already.
    """
    found: list[tuple[int, Line]] = []
    least = lines[-1].position if lines else 0
    for line in reversed(lines):
        least = min(least, line.position)
        found.append((least, line))
    return [(0 if place == 0 else position, line) for place, (position, line) in enumerate(found[::-1])]


def _apply(held: dict[str, set[str]], line: Line) -> set[str]:
    """Change the lists by a line; the names of those that it touches."""
    for name, entries in line.add.items():
        held.setdefault(name, set()).update(entries)
    for name, entries in line.remove.items():
        held.setdefault(name, set()).difference_update(entries)
    return line.add.keys() | line.remove.keys()


def _after(lines: list[Line]) -> Entries:
    held: dict[str, set[str]] = {}
    for line in lines:
        _apply(held, line)
    return {name: frozenset(entries) for name, entries in held.items()}


def _digest(entries: Mapping[str, frozenset[str]]) -> str:
    told: dict[str, Any] = {name: sorted(held) for name, held in sorted(entries.items()) if held}
    return blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()


def _cut_tail(path: Path) -> None:
    """A line that a crash cut short goes."""
    if path.exists():
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(path, whole)


def _write(path: Path, lines: list[Line]) -> None:
    made = path.with_suffix(".tmp")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
    sync_folder(path.parent)
