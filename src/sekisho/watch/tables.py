"""Events in tables (Parquet files, the kept log): which columns are taken, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import polars as pl

from sekisho.watch.events import NUMBERS, STRINGS, TYPES, BadEvent, Event, address

_TEXTS: Final = tuple(name for name in STRINGS if name != "ip_block")
COLUMNS: Final[dict[str, Any]] = {
    "seq": pl.Int64,
    "ts": pl.Int64,
    "typ": pl.String,
    "ok": pl.Boolean,
    **dict.fromkeys(_TEXTS, pl.String),
    **dict.fromkeys(NUMBERS, pl.Float64),
}
_LONGEST: Final = {"user": 128, "device": 128, "address": 128, "api_key": 128, "agent": 512, "country": 2}
_BOUNDS: Final = {"lat": (-90.0, 90.0), "lon": (-180.0, 180.0), "amount": (0.0, 1e12)}


def taken(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that events have, in the types that both kernels read. Other columns are left out.

    Raises BadEvent where a column that every event needs is missing, or one has a type that cannot be read.
    """
    missing = [name for name in ("seq", "ts", "typ") if name not in frame.columns]
    if missing:
        raise BadEvent(why=f"the table has no column {', '.join(missing)}")
    wanted = [pl.col(name).cast(kind) for name, kind in COLUMNS.items() if name in frame.columns]
    try:
        return frame.select(wanted)
    except pl.exceptions.PolarsError as error:
        raise BadEvent(why=f"the table has a column of a wrong type: {str(error).splitlines()[0]}") from error


def wrong(frame: pl.DataFrame) -> dict[int, BadEvent]:
    """The rows of `taken` columns that are no events, each with why; addresses are looked at by the kernel."""
    tests = [pl.any_horizontal(pl.col("seq", "ts", "typ").is_null()), ~pl.col("typ").is_in(TYPES)]
    tests += [~pl.col("seq").is_between(0, 2**62 - 1), ~pl.col("ts").is_between(0, 2**42 - 1)]
    for name in frame.columns:
        if name in _BOUNDS:
            tests.append(~pl.col(name).is_between(*_BOUNDS[name]) | pl.col(name).is_nan())
        elif name in _TEXTS:
            shortest = 2 if name == "country" else 1
            tests.append(~pl.col(name).str.len_chars().is_between(shortest, _LONGEST.get(name, 64)))
    bad = frame.lazy().with_row_index("row").filter(pl.any_horizontal(tests)).collect()
    return {row.pop("row"): _why(row) for row in bad.iter_rows(named=True)}


def _why(row: dict[str, Any]) -> BadEvent:
    found = event_of(row)
    return found if isinstance(found, BadEvent) else BadEvent(why="it is no event")


def event_of(row: dict[str, Any]) -> Event | BadEvent:
    """The event of a row, or why it is none."""
    try:
        event = msgspec.convert({name: value for name, value in row.items() if value is not None}, Event)
        if event.ip is not None:
            event.ip = address(event.ip)
    except msgspec.ValidationError as error:
        return BadEvent(why=str(error))
    except BadEvent as bad:
        return bad
    return event


def events(frame: pl.DataFrame) -> Iterator[Event | BadEvent]:
    """The events of a frame in its order; in place of a row that is none, why."""
    for row in taken(frame).iter_rows(named=True):
        yield event_of(row)
