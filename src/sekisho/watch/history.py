"""What was judged, to be asked afterwards: sealed segments as Parquet, and the log that is not sealed yet.

A full segment that no start needs any more becomes `kept/<its name>.parquet`, with a column for each field of an event
and for what was decided; `position` is where its frame ends in the log, so that whoever follows the log can go on
from there.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from sekisho.watch import snapshots
from sekisho.watch.segments import FORMAT, LogDamaged, Segment, segments, sync_folder
from sekisho.watch.segments import read_segments as read_log

_TEXT, _INT, _FLOAT, _NAMES = pl.String(), pl.Int64(), pl.Float64(), pl.List(pl.String)
EVENT: Final[dict[str, pl.DataType]] = {
    "seq": _INT, "ts": _INT, "typ": _TEXT, "user": _TEXT, "ip": _TEXT, "country": _TEXT, "lat": _FLOAT,
    "lon": _FLOAT, "device": _TEXT, "ok": pl.Boolean(), "amount": _FLOAT, "asset": _TEXT, "address": _TEXT,
    "network": _TEXT, "api_key": _TEXT, "channel": _TEXT, "agent": _TEXT,
}  # fmt: skip
DECIDED: Final[dict[str, pl.DataType]] = {
    "source": _TEXT, "at": _INT, "action": _TEXT, "score": _INT, "rules": _NAMES, "shadow": _NAMES,
}  # fmt: skip
SCHEMA: Final = {**EVENT, **DECIDED, "position": _INT}
_READ = {"event": pl.Struct(EVENT), **DECIDED}
_AT_ONCE = 100_000  # frames
_DECODED = 10_000  # frames


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was judged: where it starts, how many events were looked at, and those that were wanted."""

    start: int
    events: int
    rows: pl.DataFrame


def log_folder(home: Path) -> Path:
    return home / "watch" / "log"


def kept_folder(home: Path) -> Path:
    return home / "watch" / "kept"


def snapshot_folder(home: Path) -> Path:
    return home / "watch" / "snapshots"


def read(home: Path, since_ms: int = 0, until_ms: int | None = None) -> pl.DataFrame:
    """Every judged event whose `ts` is from `since_ms` to before `until_ms`, in the order in which they were judged."""
    until = 2**62 if until_ms is None else until_ms
    within = pl.col("ts").is_between(since_ms, until, closed="left")
    while True:
        sealed, live = files(home)
        try:
            parts = [pl.scan_parquet(path).filter(within).collect() for path in sealed]
            rest = [part.filter(within) for part in batches(read_log(live))]
        except FileNotFoundError:  # sealed, or past its retention, while it was looked for
            continue
        return pl.concat([pl.DataFrame(schema=SCHEMA), *parts, *rest])


def tables(home: Path, since_ms: int, begin: int, end: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """(position after it, events) of what was judged between two positions and happened since then, part by part.

    For rules that are new: the events alone, without what was decided.
    """
    while True:
        try:
            for reached, table in _tables(home, since_ms, begin, end):
                begin = reached
                yield reached, table
        except FileNotFoundError:  # as above: go on behind the last
            continue
        return


def _tables(home: Path, since_ms: int, begin: int, end: int) -> Iterator[tuple[int, pl.DataFrame]]:
    sealed, live = files(home)
    wanted = (pl.col("ts") >= since_ms) & pl.col("position").is_between(begin, end, closed="right")
    for path in sealed:
        part = pl.scan_parquet(path).filter(wanted).collect()
        if len(part):
            yield int(part["position"][-1]), part.select(list(EVENT))
    for part in batches(_until(end, read_log(live, begin))):
        told = part.filter(wanted)
        if len(told):
            yield int(told["position"][-1]), told.select(list(EVENT))


def _until(end: int, found: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    return takewhile(lambda each: each[0] <= end, found)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Events whose `field` (a text) is `value`; with `within`, those whose text begins so and for which it is true."""

    field: str
    value: str
    within: Callable[[str], bool] | None = None

    @property
    def stands(self) -> bytes:
        """What stands in the frame of each of them."""
        told = msgspec.json.encode(self.value)
        return told if self.within is None else told[:-1]

    @property
    def test(self) -> pl.Expr:
        column = pl.col(self.field)
        return column == self.value if self.within is None else column.str.starts_with(self.value)

    def among(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that are wanted, of those that passed the test."""
        if self.within is None:
            return rows
        found = [text for text in rows[self.field].unique() if self.within(text)]
        return rows.filter(pl.col(self.field).is_in(found))


def backwards(home: Path, wanted: Wanted, upto: int | None = None) -> Iterator[Part]:
    """Part by part, the newest first: the events that are wanted and were judged at most at position `upto`.

    For pages that tell one user's or one address's story: they take as many parts as they can show and look on from
    there another time, so that a request costs the same however long the log is. In a sealed part rows that cannot
    match are passed over; of the log that is not sealed yet, only frames in which the value stands are decoded.
    """
    bound = 2**62 if upto is None else upto
    while True:
        try:
            for part in _backwards(home, wanted, bound):
                bound = part.start
                yield part
        except FileNotFoundError:  # as above: go on before the last
            continue
        return


def _backwards(home: Path, wanted: Wanted, upto: int) -> Iterator[Part]:
    sealed, live = files(home)
    test = wanted.test & (pl.col("position") <= upto)
    for segment in (each for each in reversed(live) if each.start < upto):
        for part in _live_parts(segment, wanted.stands, upto):
            yield Part(part.start, part.events, wanted.among(part.rows.filter(test)))
    for path in (each for each in reversed(sealed) if int(each.stem) < upto):
        whole = pl.scan_parquet(path)
        number = whole.select(pl.len()).collect().item()
        yield Part(int(path.stem), number, wanted.among(whole.filter(test).collect()))


def _live_parts(segment: Segment, stands: bytes, upto: int) -> Iterator[Part]:
    """What is not sealed yet, the newest first, some thousand decoded at a time: who has enough decodes no more."""
    found: list[tuple[int, bytes]] = []
    number = 0
    for position, payload in segment.frames():
        number += 1
        if stands in payload and position <= upto:
            found.append((position, payload))
    for end in range(len(found), 0, -_DECODED):
        begin = max(0, end - _DECODED)
        start = found[begin - 1][0] if begin else segment.start
        yield Part(start, number, pl.concat(batches(found[begin:end])))
        number = 0
    if not found:
        yield Part(segment.start, number, pl.DataFrame(schema=SCHEMA))


def files(home: Path) -> tuple[list[Path], list[Segment]]:
    """The sealed segments, and those that are not. A segment is dropped only after it was sealed: none is missed."""
    found = segments(log_folder(home))
    sealed = kept(home)
    starts = {int(path.stem) for path in sealed}
    return sealed, [segment for segment in found if segment.start not in starts]


def kept(home: Path) -> list[Path]:
    """The sealed segments in order."""
    found = [path for path in kept_folder(home).glob("*.parquet") if path.stem.isdigit()]
    return sorted(found, key=lambda path: int(path.stem))


def seal(home: Path) -> list[Path]:
    """Turn the full segments into Parquet; drop those from which no start can need anything. Answers what was made.

    For one thread at a time, beside the watch that writes: a segment that is not the last is never written again.
    """
    folder, needed = log_folder(home), snapshots.oldest_position(snapshot_folder(home))
    kept_folder(home).mkdir(parents=True, exist_ok=True, mode=0o700)
    found, made = segments(folder), []
    for segment, after in pairwise(found):
        path = kept_folder(home) / f"{segment.start:012d}.parquet"
        if not path.exists():
            write(path, _frame_of(segment, after.start))
            made.append(path)
        if needed is not None and after.start <= needed:
            segment.path.unlink()
            sync_folder(folder)
    return made


def _frame_of(segment: Segment, end: int) -> pl.DataFrame:
    parts = list(batches(segment.frames()))
    whole = pl.concat([pl.DataFrame(schema=SCHEMA), *parts])
    reached = int(whole["position"][-1]) if len(whole) else segment.start
    if reached != end:
        offset = reached - segment.start + len(FORMAT)
        raise LogDamaged(file=segment.path, offset=offset, why="the frame there cannot be read")
    return whole


def write(path: Path, whole: pl.DataFrame) -> None:
    """A sealed part, on disk whole or not at all."""
    made = path.with_suffix(".tmp")
    whole.write_parquet(made, compression="zstd", row_group_size=50_000)
    made.chmod(0o600)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.rename(path)
    sync_folder(path.parent)


def batches(found: Iterable[tuple[int, bytes]]) -> Iterator[pl.DataFrame]:
    """What frames of the log tell, as tables of some thousand rows."""
    positions: list[int] = []
    payloads: list[bytes] = []
    for position, payload in found:
        positions.append(position)
        payloads.append(payload)
        if len(positions) >= _AT_ONCE:
            yield _table(positions, payloads)
            positions, payloads = [], []
    if positions:
        yield _table(positions, payloads)


def _table(positions: list[int], payloads: list[bytes]) -> pl.DataFrame:
    told = pl.read_ndjson(io.BytesIO(b"\n".join(payloads)), schema=_READ)
    placed = told.unnest("event").with_columns(pl.Series("position", positions, dtype=_INT))
    return placed.select(list(SCHEMA))


def frame_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the frame that it was; what is null is left out, as it was in the log."""
    event = {name: row[name] for name in EVENT if row[name] is not None}
    decided = {name: row[name] for name in ("action", "score", "rules", "shadow")}
    return {"at": row["at"], "source": row["source"], "event": event, **decided}
