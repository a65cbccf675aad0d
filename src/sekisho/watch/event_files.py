"""Files of events: lines of JSON, or Parquet. What is bad is told with its place; the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch import events, tables
from sekisho.watch.events import BadEvent, Event

_BLOCK: Final = 4 << 20  # bytes of lines that are read at once
_ROWS: Final = 200_000
_OURS = ("source", "at", "action", "score", "rules", "shadow", "position")  # columns of the kept log
PARQUET = b"PAR1"


class BadEventFile(SekishoError):
    """Data: path, why."""

    code = "bad_event_file"
    status = 422
    text = Text(
        "イベントのファイル {path} を読めません（{why}）。",
        "The file of events {path} cannot be read: {why}.",
    )


def is_parquet(path: Path) -> bool:
    """By its first bytes, whatever its name. Raises OSError."""
    with path.open("rb") as file:
        return file.read(4) == PARQUET


def blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines, some megabytes at a time, with the number (from 0) of lines before them. Raises OSError."""
    before, left = 0, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            block = left + block
            end = block.rfind(b"\n") + 1
            left = block[end:] if end else block
            if end:
                yield before, block[:end]
                before += block.count(b"\n", 0, end)
    if left:
        yield before, left


def frames(path: Path) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of a Parquet file, in portions, with the number of rows before them. Raises BadEventFile."""
    try:
        whole = pl.read_parquet(path)
        if unknown := [name for name in whole.columns if name not in {*tables.COLUMNS, *_OURS}]:
            raise BadEventFile(path=path, why=f"unknown columns: {', '.join(unknown)[:200]}")
        whole = tables.taken(whole)
    except pl.exceptions.PolarsError as error:
        raise BadEventFile(path=path, why=str(error).splitlines()[0][:200]) from error
    except BadEvent as bad:
        raise BadEventFile(path=path, why=bad.data["why"]) from bad
    for start in range(0, len(whole), _ROWS):
        yield start, whole.slice(start, _ROWS)


def each(path: Path) -> Iterator[tuple[int, Event | BadEvent]]:
    """Every event with its line (from 1) or row (from 0); a bad one as the error that it is."""
    if is_parquet(path):
        for before, frame in frames(path):
            yield from enumerate(tables.events(frame), before)
        return
    for before, block in blocks(path):
        for number, line in enumerate(block.split(b"\n"), before + 1):
            if line.strip():
                yield number, _decoded(line)


def _decoded(line: bytes) -> Event | BadEvent:
    try:
        return events.decode(line)
    except BadEvent as bad:
        return bad
