"""A program as SQL for DuckDB: an independent check of the kernel over a file of events, and ad-hoc questions.

Exact on any rule set without `risk`: arrival order, the running newest time and half-open windows are in the SQL.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb
import polars as pl

from sekisho.watch.engines.language import columns, fields_of, refuse_risk
from sekisho.watch.engines.sql import Dialect, condition, hits_of, text
from sekisho.watch.events import NUMBERS, Event
from sekisho.watch.lists import Listed
from sekisho.watch.program import Op, Program, Step

DUCKDB = Dialect(
    name="DuckDB",
    rows="ord",
    span="now_",
    within=lambda window: f"RANGE BETWEEN {window - 1} PRECEDING AND CURRENT ROW",
    contains="CONTAINS({}, {})",
    starts="STARTS_WITH({}, {})",
    ends="ENDS_WITH({}, {})",
    listed=lambda step: f"(f_{step.field} IN (SELECT value FROM {listed_table(step)}))",
)
_TYPES = {"ok": pl.Boolean, "seq": pl.Int64, "ts": pl.Int64} | dict.fromkeys(NUMBERS, pl.Float64)


def listed_table(step: Step) -> str:
    """The table of the values that are in the step's list."""
    return f"listed_{step.name}"


def statements(program: Program, source: str) -> tuple[str, str]:
    """What makes the relation `e` from a relation in arrival order (`ord`), and the query: ord, seq, place.

    Raises NotInEngine.
    """
    refuse_risk(program, DUCKDB.name)
    fields = ", ".join(f'"{name}" AS f_{name}' for name in fields_of(program))
    held = "".join(f", {condition(program, c, DUCKDB)} AS c{n}" for n, c in enumerate(program.conditions))
    first = f"SELECT ord, seq, MAX(ts) OVER (ORDER BY ord ROWS UNBOUNDED PRECEDING) AS now_, {fields} FROM {source}"
    table = f"CREATE TEMP TABLE e AS SELECT *{held} FROM ({first})"
    parts = [
        f"({hits_of(program, rule.number, DUCKDB, f'ord, seq, {place} AS place')})"
        for place, rule in enumerate(program.rules)
    ]
    return table, "\nUNION ALL\n".join(parts) + "\nORDER BY ord, place"


def run(
    program: Program, events: Iterable[Event], lists: Mapping[str, Listed] | None = None, threads: int = 0
) -> Iterator[tuple[int, int]]:
    """(place of the rule, seq of the event) of every hit, in order of arrival, worked out by DuckDB."""
    fields = fields_of(program)
    found = columns(events, fields)
    schema = {name: _TYPES.get(name, pl.String) for name in found}
    frame = pl.DataFrame(found, schema=schema).with_row_index("ord")
    with tempfile.TemporaryDirectory(prefix="sekisho-duckdb-") as folder, duckdb.connect() as connection:
        path = Path(folder) / "events.parquet"
        frame.write_parquet(path, compression="lz4")
        connection.execute(f"SET threads = {threads}" if threads else "SET preserve_insertion_order = true")
        connection.execute(f"SET temp_directory = {text(folder)}")
        table, query = statements(program, f"read_parquet({text(str(path))})")
        connection.execute(table)
        _fill_lists(program, frame, lists or {}, connection)
        cursor = connection.execute(query)
        while rows := cursor.fetchmany(10_000):
            for _, seq, place in rows:
                yield place, seq


def _fill_lists(
    program: Program, frame: pl.DataFrame, lists: Mapping[str, Listed], connection: duckdb.DuckDBPyConnection
) -> None:
    """Which of the values that occur are listed; texts and networks are the list's own matter."""
    for step in program.steps:
        if step.op is Op.IN_LIST:
            listed = lists.get(step.list, Listed())
            values = [v for v in frame[step.field].unique().drop_nulls().to_list() if listed.has(v)]
            connection.execute(f"CREATE TEMP TABLE {listed_table(step)} (value VARCHAR)")
            if values:
                connection.executemany(f"INSERT INTO {listed_table(step)} VALUES (?)", [[v] for v in values])
