"""Replay from Parquet: the file read, checked and judged."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import polars as pl

from bench.table import Row
from bench.watch.events import files
from bench.watch.kernel import REFERENCE, _said
from bench.watch.pinned import best, told


def measure() -> list[Row]:
    found = told("bench.watch.replay")
    return [Row(f"replay from Parquet, five reference rules ({found['events']:,} events)", _said(found), "at least 1,000,000 events/s")]  # fmt: skip


def main() -> dict[str, Any]:
    from sekisho.watch.hits import Fed, fingerprints
    from sekisho.watch.judge import make_kernel
    from sekisho.watch.language import compile_rules

    program, path = compile_rules(REFERENCE.read_text()), files()[1]
    found: list[Fed] = []

    def make() -> Callable[[], object]:
        found.clear()
        kernel = make_kernel(program, secret=bytes(16))
        return lambda: found.append(kernel.feed_frame(pl.read_parquet(path)))

    seconds = best(make)
    marks = {name: (mark.count, mark.hash) for name, mark in fingerprints(program, found[0].hits).items()}
    return {"events": found[0].judged, "seconds": seconds, "hits": marks}


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
