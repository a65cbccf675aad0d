"""Rows of what was measured, as a table for people."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    what: str
    measured: str
    goal: str = ""


def markdown(title: str, rows: list[Row]) -> str:
    lines = [f"### {title}", "", "| what | measured | goal |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {r.what} | {r.measured} | {r.goal} |" for r in rows)]) + "\n"


def timed(act: Callable[[], object], times: int = 5) -> float:
    """The median of several wall times, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return median(found)


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
