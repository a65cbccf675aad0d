"""Follow the log from a position of one's own: every judged event once, in order, after it is on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from sekisho.watch import history
from sekisho.watch.segments import FORMAT, Segment, read_segments, segments

Following = Iterator[tuple[int, dict[str, Any]]]


def follow(home: Path, position: int = 0) -> Following:
    """(position after it, frame) of what stands in the log behind a position, up to its present end.

    Keep the position with what you did about the frame, in one transaction, and begin there the next time. Parts of
    the log that were sealed meanwhile are read from there; those past their retention are left out. Raises LogDamaged.
    """
    while True:
        live = segments(history.log_folder(home))
        try:
            for reached, frame in _all(home, live, position):
                position = reached
                yield reached, frame
        except (
            FileNotFoundError
        ):  # sealed and dropped while it was looked for: it is among the sealed ones now
            continue
        return


def end_of(home: Path) -> int:
    """The position at which the log ends now; 0 where there is none."""
    found = segments(history.log_folder(home))
    return found[-1].start + max(found[-1].path.stat().st_size - len(FORMAT), 0) if found else 0


def _all(home: Path, live: list[Segment], position: int) -> Following:
    first = live[0].start if live else None
    if first is None or position < first:
        yield from _sealed(home, first, position)
    for reached, payload in read_segments(live, position):
        yield reached, msgspec.json.decode(payload)


def _sealed(home: Path, first: int | None, position: int) -> Following:
    """What no segment of the log has any more."""
    for path in history.kept(home):
        if first is not None and int(path.stem) >= first:
            return
        part = pl.scan_parquet(path).filter(pl.col("position") > position).collect()
        for row in part.iter_rows(named=True):
            yield row["position"], history.frame_of(row)
