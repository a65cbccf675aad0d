"""One event at a time, in process: JSON in, a decision out, in wall time of each."""

from __future__ import annotations

import gc
import json
import sys
import time

from bench.table import Row, percentile
from bench.watch.events import files
from bench.watch.kernel import REFERENCE
from bench.watch.pinned import told

GOAL = "p50 under 3 µs, p99 under 15 µs, p99.9 under 100 µs"


def measure() -> list[Row]:
    rows = []
    for part, name in (("compiled", "compiled kernel"), ("python", "pure Python twin")):
        p50, p99, p999, most = told("bench.watch.latency", part)
        measured = f"p50 {p50:.2f} µs, p99 {p99:.2f} µs, p99.9 {p999:.1f} µs, longest {most / 1000:.1f} ms"
        rows.append(Row(f"one decision, {name}", measured, GOAL if part == "compiled" else ""))
    return rows


def main(part: str) -> list[float]:
    from sekisho.watch.events import decode
    from sekisho.watch.judge import Kernel, make_kernel
    from sekisho.watch.language import compile_rules
    from sekisho.watch.twin import Twin

    program = compile_rules(REFERENCE.read_text())
    kernel: Kernel = Twin(program) if part == "python" else make_kernel(program)
    judge, decide, clock = kernel.decide, kernel.decisions.of, time.perf_counter_ns
    lines = files()[0].read_bytes().splitlines()[:500_000]
    taken = [0] * len(lines)
    gc.collect()
    gc.freeze()
    for n, line in enumerate(lines):
        begun = clock()
        decide(judge(decode(line)))
        taken[n] = clock() - begun
    found = [float(value) for value in taken]
    return [percentile(found, share) / 1000 for share in (0.5, 0.99, 0.999)] + [max(found) / 1000]


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
