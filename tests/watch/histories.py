"""Counts, sums and sequences worked out from everything that was counted before: slow, and plainly right."""

from __future__ import annotations

from sekisho.watch.events import Event, block_of
from sekisho.watch.program import Op, Program, Step

KNOWN = {Op.COUNT, Op.DISTINCT, Op.SUM, Op.TOGETHER, Op.ORDERED}


class History:
    """All events that each step was asked about, by key."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.newest = 0
        self.rows: list[dict[tuple, list[tuple[int, Event, set[int]]]]] = [{} for _ in program.steps]

    def told(self, event: Event, fired: tuple[int, ...]) -> dict[int, bool]:
        """Whether each step fires; `fired` tells which conditions hold, and which earlier steps."""
        self.newest = max(self.newest, event.ts)
        told = {}
        for n, step in enumerate(self.program.steps):
            holds = {number for number in fired if number < len(self.program.conditions) + n}
            told[n] = bool(holds & set(step.inputs)) and self._fires(n, step, event, holds)
        return told

    def _fires(self, n: int, step: Step, event: Event, holds: set[int]) -> bool:
        key = tuple(value(event, field) for field in step.key)
        if step.op not in KNOWN or None in key:
            return False
        if step.op is Op.DISTINCT and value(event, step.field) is None:
            return False
        if step.op is Op.SUM and (event.amount is None or round(event.amount * 1e6) < step.least):
            return False
        row = self.rows[n].setdefault(key, [])
        row.append((self.newest, event, holds))
        return _FIRES[step.op](step, row, self.newest)


def value(event: Event, field: str):
    return (event.ip and block_of(event.ip)) if field == "ip_block" else getattr(event, field)


def _within(step, row, now):
    return [event for at, event, _ in row if now - at < step.window]


def _ordered(step, row, now):
    """From this event backwards, each part by the newest event that meets it: so the run begins as late as it can."""
    at, place = now, len(row) - 1
    if step.inputs[-1] not in row[place][2]:
        return False
    for part in reversed(step.inputs[:-1]):
        place = next((n for n in range(place - 1, -1, -1) if part in row[n][2]), -1)
        if place < 0:
            return False
        at = row[place][0]
    return now - at <= step.window


def _together(step, row, now):
    met = set().union(*(holds for at, _, holds in row if now - at <= step.window))
    return set(step.inputs) <= met


_FIRES = {
    Op.COUNT: lambda step, row, now: len(_within(step, row, now)) >= step.n,
    Op.DISTINCT: lambda step, row, now: (
        len({value(e, step.field) for e in _within(step, row, now)}) >= step.n
    ),
    Op.SUM: lambda step, row, now: sum(round(e.amount * 1e6) for e in _within(step, row, now)) >= step.n,
    Op.TOGETHER: _together,
    Op.ORDERED: _ordered,
}
