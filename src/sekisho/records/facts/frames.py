"""A kind's records as a frame, decoded from the ledger's bodies.

Polars' own reader of JSON lines, about five times as fast as typed objects turned into columns (200,000 records:
0.13 s against 0.65 s of CPU time). Personal fields and evidence are no facts. Every frame has, before the kind's own
columns, `key` (String), `ver` (Int64) and `by` (String: who wrote the newest version).
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import polars as pl

from sekisho.ledger.as_of import Row
from sekisho.records.fields import Day, Instant, KindField, Quantity
from sekisho.records.record import Record

_HEAD: dict[str, pl.DataType | type[pl.DataType]] = {"key": pl.String, "ver": pl.Int64, "by": pl.String}


def fact_fields(model: type[Record]) -> dict[str, KindField]:
    """The fields that are facts, by name."""
    return {n: f for n, f in model.kind_fields().items() if f.dtype is not None and not f.personal}


def schema_of(model: type[Record]) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The columns of the kind's frame and their types."""
    return _HEAD | {name: f.dtype for name, f in fact_fields(model).items() if f.dtype is not None}


def frame(model: type[Record], rows: Iterable[Row]) -> pl.DataFrame:
    """The frame of a state's rows (rec, ver, op, body, by), in their order."""
    keys, vers, bys, bodies = [], [], [], []
    for rec, ver, _, body, by in rows:
        keys.append(rec)
        vers.append(ver)
        bys.append(by)
        bodies.append(bytes(body))
    if not keys:
        return pl.DataFrame(schema=schema_of(model))
    return (
        pl.DataFrame({"key": keys, "ver": vers, "by": bys})
        .hstack(_decoded(model, bodies))
        .select(*schema_of(model))
    )


def _decoded(model: type[Record], bodies: list[bytes]) -> pl.DataFrame:
    fields = fact_fields(model)
    raw = {n: pl.String if isinstance(f, Day | Instant | Quantity) else f.dtype for n, f in fields.items()}
    lines = pl.read_ndjson(io.BytesIO(b"\n".join(bodies)), schema=raw)
    days = [pl.col(n).str.to_date("%Y-%m-%d") for n, f in fields.items() if isinstance(f, Day)]
    instants = [
        pl.col(n).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC")
        for n, f in fields.items()
        if isinstance(f, Instant)
    ]
    quantities = [pl.col(n).cast(pl.Float64) for n, f in fields.items() if isinstance(f, Quantity)]
    return lines.with_columns(*days, *instants, *quantities)


def patched(model: type[Record], old: pl.DataFrame, changes: Iterable[Row]) -> pl.DataFrame:
    """The frame after changes: changed and deleted records out, the changed ones' new states in."""
    rows = list(changes)
    gone = pl.Series("key", [rec for rec, *_ in rows], dtype=pl.String)
    kept = old.filter(~pl.col("key").is_in(gone.implode()))
    return pl.concat([kept, frame(model, [r for r in rows if r[2] != "delete"])])
