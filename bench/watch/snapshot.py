"""Save and load the state of a million users."""

from __future__ import annotations

import json
import sys
import time

from bench.table import Row, seconds
from bench.watch.kernel import REFERENCE
from bench.watch.memory import USERS, _population, _portions
from bench.watch.pinned import told


def measure() -> list[Row]:
    found = told("bench.watch.snapshot")
    what = f"save and load {USERS:,} users ({found['bytes'] / 1e6:.1f} MB)"
    measured = f"{seconds(found['save'])} and {seconds(found['load'])}"
    return [Row(what, measured, "under 2 s together"), Row("the state is the same", str(found["same"]))]


def main() -> dict[str, float | bool]:
    from sekisho.watch.judge import make_kernel
    from sekisho.watch.language import compile_rules

    program = compile_rules(REFERENCE.read_text())
    kernel, other = make_kernel(program), make_kernel(program)
    for portion in _portions(_population()):
        kernel.feed_lines(portion)
    saved, save, load = b"", [], []
    for _ in range(5):
        start = time.process_time()
        saved = kernel.save()
        save.append(time.process_time() - start)
        start = time.process_time()
        other.load(saved)
        load.append(time.process_time() - start)
    same = kernel.fingerprint() == other.fingerprint()
    return {"bytes": len(saved), "save": min(save), "load": min(load), "same": same}


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
