"""The counts of the last days: of each sealed part once, of the log's live end as it grows.

A sealed part never changes, so that its counts are kept in memory; of a part that still grows only what came since
the last look is read. Parts are looked at the newest first, and those that nobody counted yet for so many seconds at
the most: what is older is counted by later looks, and the page says how far back its counts reach.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final

import polars as pl

from sekisho.kernel.kept import Kept
from sekisho.watch import history
from sekisho.watch.segments import Segment, read_segments
from sekisho.web.watching.counts import COUNTED, EMPTY, Counts, added, beside, counted
from sekisho.web.watching.newest import MOST, Wanted, among, as_rows, in_sealed, kept_of

SECONDS: Final = 1.5
_sealed: Kept[Counts] = Kept(128 << 20, lambda counts: counts.size)
_together: Kept[Counts] = Kept(64 << 20, lambda counts: counts.size)
_growing: Kept[Part] = Kept(8)
_lock = Lock()  # one request reads the growing end, the others wait and find it read


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of the log: sealed (`path`), or growing and read up to a position; then `newest` rows are at hand."""

    counts: Counts
    path: Path | None = None
    segment: Segment | None = None
    reached: int = 0
    newest: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=history.SCHEMA))


@dataclass(frozen=True, eq=False)
class Looked:
    """The parts that were counted, the newest first. `whole`: nothing of the time that was asked about is left out.

    `mark` is a position: a later look with the same mark found nothing new.
    """

    parts: tuple[Part, ...]
    whole: bool
    mark: int

    @cached_property
    def counts(self) -> Counts:
        """All of them together; those of the sealed parts are added up once."""
        sealed = [part for part in self.parts if part.path]
        return beside([_added(sealed), *(part.counts for part in self.parts if not part.path)])

    def newest(self, wanted: Wanted, until_ms: int | None = None) -> list[dict[str, Any]]:
        """The newest rows that are wanted, judged by an instant; parts that have none are not read."""
        return as_rows(
            _rows(part, wanted, until_ms) for part in self.parts if wanted.within(part.counts.answers)
        )


def look(home: Path, since_ms: int, seconds: float = SECONDS) -> Looked:
    """Count what was judged since an instant, as far as that takes no longer than so many seconds."""
    until = time.monotonic() + seconds
    while True:
        try:
            sealed, live = history.files(home)
            return _look(home, sealed, live, since_ms, until)
        except FileNotFoundError:  # sealed, or past its retention, while it was looked for
            continue


def ever_judged(home: Path) -> bool:
    """Whether anything was ever judged that is still kept."""
    sealed, live = history.files(home)
    return bool(sealed) or any(True for segment in live for _ in segment.frames())


def _look(home: Path, sealed: list[Path], live: list[Segment], since_ms: int, until: float) -> Looked:
    parts: list[Part] = []
    with _lock:
        parts += [_grown(home, segment) for segment in reversed(live)]
    mark = max((part.reached for part in parts), default=0)
    for path in reversed(sealed):
        oldest = parts[-1].counts.since if parts else None
        if oldest is not None and oldest < since_ms:  # what stands before it was judged earlier
            break
        counts = _counts_of(path, until)
        if counts is None:
            return Looked(tuple(parts), False, mark)
        parts.append(Part(counts, path))
    return Looked(tuple(parts), True, mark)


def _grown(home: Path, segment: Segment) -> Part:
    """A growing part, with what came since it was last looked at."""
    key = (home, segment.start)
    part = _growing.get(key) or Part(EMPTY, segment=segment, reached=segment.start)
    for table in history.batches(read_segments([segment], part.reached)):
        part = Part(
            added([part.counts, counted(table)]),
            None,
            segment,
            int(table["position"][-1]),
            kept_of(part.newest, table),
        )
    _growing.put(key, part)
    return part


def _counts_of(path: Path, until: float) -> Counts | None:
    """Counts of a sealed part; None where they would have to be made and time is up."""
    found = _sealed.get(path)
    if found is None:
        if time.monotonic() > until:
            return None
        found = counted(pl.scan_parquet(path).select(COUNTED).collect())
        _sealed.put(path, found)
    return found


def _added(sealed: list[Part]) -> Counts:
    key = tuple(part.path for part in sealed)
    found = _together.get(key)
    if found is None:
        found = added(part.counts for part in sealed)
        _together.put(key, found)
    return found


def _rows(part: Part, wanted: Wanted, until_ms: int | None) -> pl.DataFrame:
    if part.path is not None:
        return in_sealed(part.path, wanted, until_ms)
    if until_ms is None or part.segment is None:
        return among(part.newest, wanted)
    tables: Iterator[pl.DataFrame] = history.batches(part.segment.frames())
    return pl.concat([part.newest.clear(), *(among(table, wanted, until_ms) for table in tables)]).tail(MOST)


def forget() -> None:
    """Drop everything (tests; after the data folder was replaced)."""
    _sealed.forget()
    _together.forget()
    _growing.forget()
