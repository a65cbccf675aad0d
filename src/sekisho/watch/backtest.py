"""What changed rules would have done over the kept log, beside what the rules in force did then.

The old hits are those that stand in the log: what was really answered. The new rules begin with what was kept before
the days that are asked about, as far back as their windows reach, so that their state is the one they would have had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from sekisho.watch import history, tables
from sekisho.watch.decision import Decisions
from sekisho.watch.events import Event
from sekisho.watch.frames import NAMES
from sekisho.watch.judge import make_kernel
from sekisho.watch.listings import Replayed
from sekisho.watch.lists import Listed
from sekisho.watch.program import Op, Program

SAMPLES: Final = 5
_DAY: Final = 86_400_000
_JAPAN: Final = 9 * 3_600_000  # ms by which the clock in Japan is ahead of UTC
_FOREVER = {Op.SPEED, Op.DORMANT, Op.REGISTERED, Op.RISK}


@dataclass(slots=True)
class Compared:
    """One rule, or all of them together: hits and users then and now, and some events that only one of them hit."""

    old: int = 0
    new: int = 0
    old_users: set[str] = field(default_factory=set)
    new_users: set[str] = field(default_factory=set)
    gained: int = 0
    lost: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)  # of events gained (and lost), a few of each

    def count(self, event: Event, before: bool, after: bool) -> None:
        user = event.user
        if before:
            self.old += 1
            self.old_users |= {user} if user is not None else set()
        if after:
            self.new += 1
            self.new_users |= {user} if user is not None else set()
        if after and not before:
            self.gained += 1
            self._sample(event, "gained", self.gained)
        elif before and not after:
            self.lost += 1
            self._sample(event, "lost", self.lost)

    def _sample(self, event: Event, change: str, number: int) -> None:
        if number <= SAMPLES:
            told: dict[str, Any] = msgspec.to_builtins(event)
            self.samples.append({"change": change} | told)


@dataclass(slots=True)
class Backtest:
    """The days, how many events they had, the rules one by one, and the alarms (answers other than allow)."""

    begin: int
    end: int
    events: int = 0
    rules: dict[str, Compared] = field(default_factory=dict)
    alarms: Compared = field(default_factory=Compared)
    actions: dict[str, Counter[str]] = field(default_factory=lambda: {"old": Counter(), "new": Counter()})
    days: dict[int, list[int]] = field(
        default_factory=dict
    )  # alarms (old, new) of each day in Japan, by its start

    def count(self, event: Event, old: str, before: set[str], new: str, after: set[str]) -> None:
        """One event, its answer and the rules that fired, then and by the new rules."""
        self.events += 1
        for name in before | after:
            self.rules.setdefault(name, Compared()).count(event, name in before, name in after)
        was, becomes = old != "allow", new != "allow"
        self.alarms.count(event, was, becomes)
        self.actions["old"][old] += 1
        self.actions["new"][new] += 1
        alarms = self.days.setdefault((event.ts + _JAPAN) // _DAY * _DAY - _JAPAN, [0, 0])
        alarms[0] += was
        alarms[1] += becomes

    @property
    def length(self) -> float:
        """In days."""
        return max((self.end - self.begin) / _DAY, 1 / 24)


def backtest(
    home: Path,
    program: Program,
    begin: int,
    end: int,
    lists: Mapping[str, Listed] | None = None,
    *,
    otherwise: Mapping[str, Listed] | None = None,
) -> Backtest:
    """Judge what was kept from `begin` to before `end` (ms) by the new rules. Nothing is written.

    The lists are those that the watch had then, but `lists` stand throughout; `otherwise`: those it kept nothing of.
    """
    given = lists or {}
    kernel = make_kernel(program, {**(otherwise or {}), **given})
    decisions = Decisions(program)
    found = Backtest(begin, end)
    were = Replayed(home)
    for position, event, action, before in _kept(home, needed_from(program, begin), end):
        if others := were.at(position):
            kernel.lists.update({name: listed for name, listed in others.items() if name not in given})
        hits = kernel.decide(event)
        if event.ts < begin:
            continue
        after = {program.rules[place].name for place in hits}
        found.count(event, action, before, NAMES[decisions.of(hits).action], after)
    for rule in program.rules:
        found.rules.setdefault(rule.name, Compared())
    found.rules = dict(sorted(found.rules.items()))
    return found


def needed_from(program: Program, begin: int) -> int:
    """From when on events can matter: profiles without a window look at all that was kept."""
    if any(step.op in _FOREVER or (step.op is Op.FIRST_SEEN and not step.window) for step in program.steps):
        return 0
    return max(begin - program.longest, 0)


def _kept(home: Path, begin: int, end: int) -> Iterator[tuple[int, Event, str, set[str]]]:
    """Position, event, and the answer and rules of then, in the order in which they were judged; redacted ones are
    left out.
    """
    frame = history.read(home, begin, end)
    decided = frame.select("position", "action", "rules", "shadow").iter_rows()
    for event, (position, action, rules, shadow) in zip(tables.events(frame), decided, strict=True):
        if isinstance(event, Event):
            yield position, event, action, {*(rules or ()), *(shadow or ())}
