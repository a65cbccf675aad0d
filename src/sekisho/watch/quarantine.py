"""Events that were refused: counted by sender and code, and a few of each kept for inspection, without secrets.

What is kept names the fields that came, the size and the error; values only of `typ`, `ts` and `seq`. Two files of a
bounded size hold it, the older one is written over: a flood of bad events costs no more room than a few. After some
days it expires, and the counts of all that was ever refused stay in `counts.json`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec

from sekisho.watch.events import BadEvent, Event
from sekisho.watch.segments import sync_folder

LARGEST: Final = 1 << 20  # bytes of one file
COUNTS: Final = "counts.json"
FILES: Final = ("refused.older.jsonl", "refused.jsonl")
A_MINUTE: Final = 20  # kept of one sender and code each minute
SENDERS: Final = 1_000  # counted apart; those beyond are counted together
_LOOKED_AT = 8192  # bytes of an event in which names are looked for
_NAMES = re.compile(rb'"([^"\\]{1,200})"\s*:')
_PLAIN = re.compile(r"[a-z][a-z0-9_]{0,31}")
_HARMLESS = (
    re.compile(rb'"(typ)"\s*:\s*("[a-z_]{1,32}")\s*[,}]'),
    re.compile(rb'"(ts|seq)"\s*:\s*(\d{1,19})\s*[,}]'),
)
_MOST_NAMES = 32
_OTHERS = "…"


class Quarantine:
    """The refused events of one process, under `home/watch/quarantine`."""

    def __init__(self, home: Path, *, largest: int = LARGEST) -> None:
        self.folder = home / "watch" / "quarantine"
        self.counts: Counter[tuple[str, str]] = Counter()  # (source, code), since this process began
        self._before = _counted_before(self.folder)
        self._largest = largest
        self._waiting: list[bytes] = []
        self._minute = 0
        self._kept_now: Counter[tuple[str, str]] = Counter()
        self._senders: set[str] = set()

    def take(self, source: str, raw: bytes, error: BadEvent, at: int) -> None:
        """Count a refused event, and keep what may be kept of it; `flush` writes it."""
        if source not in self._senders:
            if len(self._senders) >= SENDERS:
                source = _OTHERS
            self._senders.add(source)
        key = (source, error.code)
        self.counts[key] += 1
        if at // 60_000 != self._minute:
            self._minute = at // 60_000
            self._kept_now.clear()
        self._kept_now[key] += 1
        if self._kept_now[key] <= A_MINUTE:
            self._waiting.append(msgspec.json.encode(told(source, raw, error, at)))

    def flush(self) -> None:
        """Write what waits. For one thread at a time."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / FILES[1]
        if path.exists() and path.stat().st_size >= self._largest:
            path.replace(self.folder / FILES[0])
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(b"\n".join(waiting) + b"\n")

    def expire(self, before_ms: int) -> int:
        """Drop what was kept before a time (ms), and keep the counts. Answers how much. For the thread of `flush`."""
        dropped = 0
        for path in (self.folder / name for name in FILES):
            if path.exists():
                dropped += _expired(path, before_ms)
        self.keep_counts()
        return dropped

    def keep_counts(self) -> None:
        """Write how many were ever refused, by sender and code. For the thread of `flush`."""
        if self.counts:
            told: dict[str, dict[str, int]] = {}
            for (source, code), count in sorted((self._before + self.counts).items()):
                told.setdefault(source, {})[code] = count
            _replace(self.folder / COUNTS, msgspec.json.encode(told))

    def ever(self) -> Counter[tuple[str, str]]:
        """How many were ever refused, by (source, code)."""
        return self._before + self.counts

    def by_code(self) -> dict[str, int]:
        """How many were refused, by code."""
        found: Counter[str] = Counter()
        for (_, code), count in self.counts.items():
            found[code] += count
        return dict(found)

    def kept(self) -> list[dict[str, Any]]:
        """What is kept, oldest first."""
        lines = [
            line
            for name in FILES
            if (self.folder / name).exists()
            for line in (self.folder / name).read_bytes().splitlines()
        ]
        return [msgspec.json.decode(line) for line in lines]


def _expired(path: Path, before_ms: int) -> int:
    lines = path.read_bytes().splitlines(keepends=True)
    stay = [line for line in lines if msgspec.json.decode(line)["at"] >= before_ms]
    if not stay:
        path.unlink()
    elif len(stay) < len(lines):
        _replace(path, b"".join(stay))
    return len(lines) - len(stay)


def _counted_before(folder: Path) -> Counter[tuple[str, str]]:
    path = folder / COUNTS
    known: dict[str, dict[str, int]] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    return Counter({(source, code): count for source, by in known.items() for code, count in by.items()})


def _replace(path: Path, data: bytes) -> None:
    """A small file, on disk whole or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_suffix(".tmp")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
    sync_folder(path.parent)


def told(source: str, raw: bytes, error: BadEvent, at: int) -> dict[str, Any]:
    """What may be kept of a refused event."""
    looked_at = raw[:_LOOKED_AT]
    names = [name.decode("utf-8", "replace") for name in _NAMES.findall(looked_at)]
    plain = [name if name in _KNOWN or _PLAIN.fullmatch(name) else _OTHERS for name in names]
    pairs = [pair for pattern in _HARMLESS for pair in pattern.findall(looked_at)]
    harmless = {key.decode(): msgspec.json.decode(value) for key, value in pairs}
    return {
        "at": at,
        "source": source,
        "code": error.code,
        "where": getattr(error, "where", ""),
        "size": len(raw),
        "fields": plain[:_MOST_NAMES],
        "values": harmless,
        "why": {"ja": error.text.ja, "en": error.text.en},
    }


_KNOWN = frozenset(Event.__struct_fields__)
