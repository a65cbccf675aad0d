"""JSON in, decisions out: both kernels with the reference rules and the shipped set, beside msgspec's decoding alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.table import Row
from bench.watch.events import files
from bench.watch.pinned import TIMES, best, rate, told

REFERENCE = Path(__file__).parent / "reference.yaml"
GOALS = {
    "limit": "the limit",
    "reference": "at least 1,000,000 events/s",
    "twin": "at least 150,000 events/s",
}
NAMES = {
    "limit": "msgspec decoding alone, line by line",
    "reference": "compiled kernel, five reference rules",
    "shipped": "compiled kernel, shipped set",
    "unscored": "compiled kernel, shipped set without its risk score",
    "twin": "pure Python twin, five reference rules",
}


def measure() -> list[Row]:
    rows = []
    for part, name in NAMES.items():
        found = told("bench.watch.kernel", part)
        goal = GOALS.get(part, "at least 500,000 events/s")
        rows.append(Row(f"{name} ({found['events']:,} events)", _said(found), goal))
    return rows


def _said(found: dict[str, Any]) -> str:
    hits = "; ".join(f"{name} {count:,} {mark}" for name, (count, mark) in found.get("hits", {}).items())
    return rate(found["events"], found["seconds"]) + (f" ({hits})" if hits else "")


def main(part: str) -> dict[str, Any]:
    data = files()[0].read_bytes()
    return _decoding(data) if part == "limit" else _judging(part, data)


def _decoding(data: bytes) -> dict[str, Any]:
    from sekisho.watch.events import decoder

    lines, decode = data.splitlines(), decoder.decode

    def act() -> None:
        for line in lines:
            decode(line)

    return {"events": len(lines), "seconds": best(lambda: act)}


def _judging(part: str, data: bytes) -> dict[str, Any]:
    from sekisho.watch.contents import shipped
    from sekisho.watch.hits import Fed, fingerprints
    from sekisho.watch.judge import Kernel, make_kernel
    from sekisho.watch.language import compile_rules
    from sekisho.watch.program import Op
    from sekisho.watch.twin import Twin

    program = compile_rules(REFERENCE.read_text()) if part in {"reference", "twin"} else shipped()
    if part == "unscored":
        scored = {len(program.conditions) + n for n, step in enumerate(program.steps) if step.op is Op.RISK}
        steps = tuple(replace(s, inputs=()) if s.op is Op.RISK else s for s in program.steps)
        program = replace(
            program, steps=steps, rules=tuple(r for r in program.rules if r.number not in scored)
        )
    found: list[Fed] = []

    def make() -> Callable[[], object]:
        found.clear()
        kernel: Kernel = Twin(program) if part == "twin" else make_kernel(program, secret=bytes(16))
        return lambda: found.append(kernel.feed_lines(data))

    seconds = best(make, min(TIMES, 3) if part == "twin" else TIMES)
    marks = {name: (mark.count, mark.hash) for name, mark in fingerprints(program, found[0].hits).items()}
    return {"events": found[0].judged, "seconds": seconds, "hits": marks}


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
