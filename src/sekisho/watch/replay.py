"""Replays: what rules would have answered, over a file of events or over the kept log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from sekisho.watch.engines.language import without_risk
from sekisho.watch.event_files import blocks, each, frames, is_parquet
from sekisho.watch.events import BadEvent, Event
from sekisho.watch.hits import Fingerprint, Hit, fingerprints
from sekisho.watch.judge import Kernel, make_kernel
from sekisho.watch.lists import Listed
from sekisho.watch.program import Program
from sekisho.watch.twin import Twin

TOLD = 20  # bad events that are told one by one; all are counted


class Engine(StrEnum):
    """What judges: the kernel as it runs in the watch, its twin, and two that check them independently."""

    kernel = "kernel"
    python = "python"
    duckdb = "duckdb"
    flink = "flink"


@dataclass(slots=True)
class Replayed:
    """What came of a file: events judged, hits by rule, and the bad events by their place."""

    engine: str
    events: int = 0
    refused: int = 0
    bad: list[tuple[int, BadEvent]] = field(default_factory=list)
    hits: dict[str, Fingerprint] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()  # rules that the engine cannot say: those that stand on a risk score
    seconds: float = 0.0

    def refuse(self, place: int, why: BadEvent) -> None:
        self.refused += 1
        if len(self.bad) < TOLD:
            self.bad.append((place, why))

    @property
    def events_per_second(self) -> float:
        return round(self.events / self.seconds, 1) if self.seconds > 0 else 0.0


def replay_file(
    program: Program, path: Path, engine: Engine = Engine.kernel, lists: Mapping[str, Listed] | None = None
) -> Replayed:
    """Judge a file of events by the rules, from an empty state.

    Raises OSError, BadEventFile, NotInEngine, NoFlink, FlinkFailed. Bad events are counted and told.
    """
    done = Replayed(engine.value)
    began = time.perf_counter()
    hits: list[Hit] = []
    if engine in {Engine.kernel, Engine.python}:
        kernel = make_kernel(program, lists) if engine is Engine.kernel else Twin(program, lists)
        hits = _fed(kernel, path, done)
    else:
        program, done.left_out = without_risk(program)
        run = {Engine.duckdb: _by_duckdb, Engine.flink: _by_flink}[engine]
        hits = list(run(program, _good(path, done), lists))
    done.hits = fingerprints(program, hits)
    done.seconds = time.perf_counter() - began
    return done


def _fed(kernel: Kernel, path: Path, done: Replayed) -> list[Hit]:
    hits: list[Hit] = []
    portions = (
        ((before, kernel.feed_frame(frame)) for before, frame in frames(path))
        if is_parquet(path)
        else ((before, kernel.feed_lines(block)) for before, block in blocks(path))
    )
    for before, fed in portions:
        hits += fed.hits
        done.events += fed.judged
        for place, why in fed.bad:
            done.refuse(before + place, why)
    return hits


def _good(path: Path, done: Replayed) -> Iterator[Event]:
    for place, found in each(path):
        if isinstance(found, BadEvent):
            done.refuse(place, found)
        else:
            done.events += 1
            yield found


_Run = Callable[[Program, Iterable[Event], Mapping[str, Listed] | None], Iterator[Hit]]


def _by_duckdb(
    program: Program, events: Iterable[Event], lists: Mapping[str, Listed] | None
) -> Iterator[Hit]:
    from sekisho.watch.engines.duckdb_sql import run  # noqa: PLC0415 - DuckDB only where it is asked

    for place, seq in run(program, events, lists):
        yield seq, (place,)


def _by_flink(program: Program, events: Iterable[Event], lists: Mapping[str, Listed] | None) -> Iterator[Hit]:
    from sekisho.watch.engines.flink_cluster import flink_home, run_files  # noqa: PLC0415 - the same

    home = flink_home()
    with TemporaryDirectory(prefix="sekisho-flink-") as folder:
        for place, seq in run_files(home, Path(folder), program, events, lists):
            yield seq, (place,)
