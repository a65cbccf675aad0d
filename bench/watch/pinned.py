"""A measurement in a process of its own on one core: its processor time counts, so that other work matters less."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.home import ROOT

TIMES = int(os.environ.get("SEKISHO_BENCH_TIMES", "5"))


def told(module: str, *arguments: str) -> Any:
    """What `python -m module arguments` prints as JSON, run on one core."""
    core = max(os.sched_getaffinity(0))
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"POLARS_MAX_THREADS": "1"}
    done = subprocess.run(
        ["taskset", "-c", str(core), *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def best(make: Callable[[], Callable[[], object]], times: int = TIMES) -> float:
    """The least processor time of several runs, in seconds; `make` prepares each run and is not counted."""
    found = []
    for _ in range(times):
        act = make()
        gc.collect()
        gc.freeze()
        start = time.process_time()
        act()
        found.append(time.process_time() - start)
        gc.unfreeze()
    return min(found)


def resident() -> int:
    """Bytes of memory that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def rate(events: int, seconds: float) -> str:
    return f"{events / seconds:,.0f} events/s"
