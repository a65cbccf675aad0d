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
from sekisho.watch.judge import make_kernel
from sekisho.watch.lists import Listed
from sekisho.watch.program import Action, Op, Program

SAMPLES: Final = 5
_DAY: Final = 86_400_000
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

    @property
    def length(self) -> float:
        """In days."""
        return max((self.end - self.begin) / _DAY, 1 / 24)


def backtest(
    home: Path, program: Program, begin: int, end: int, lists: Mapping[str, Listed] | None = None
) -> Backtest:
    """Judge what was kept from `begin` to before `end` (ms) by the new rules. Nothing is written."""
    kernel = make_kernel(program, lists)
    decisions = Decisions(program)
    found = Backtest(begin, end)
    for event, action, before in _kept(home, _needed_from(program, begin), end):
        hits = kernel.decide(event)
        if event.ts < begin:
            continue
        found.events += 1
        decision = decisions.of(hits)
        after = {program.rules[place].name for place in hits}
        for name in before | after:
            found.rules.setdefault(name, Compared()).count(event, name in before, name in after)
        was, becomes = action != "allow", decision.action is not Action.ALLOW
        found.alarms.count(event, was, becomes)
        found.actions["old"][action] += 1
        found.actions["new"][decision.action.name.lower()] += 1
    for rule in program.rules:
        found.rules.setdefault(rule.name, Compared())
    found.rules = dict(sorted(found.rules.items()))
    return found


def _needed_from(program: Program, begin: int) -> int:
    """From when on events can matter: profiles without a window look at all that was kept."""
    if any(step.op in _FOREVER or (step.op is Op.FIRST_SEEN and not step.window) for step in program.steps):
        return 0
    return max(begin - program.longest, 0)


def _kept(home: Path, begin: int, end: int) -> Iterator[tuple[Event, str, set[str]]]:
    """Events in the order in which they were judged, with the answer and the rules then. Redacted ones are left out."""
    frame = history.read(home, begin, end)
    decided = frame.select("action", "rules", "shadow").iter_rows()
    for event, (action, rules, shadow) in zip(tables.events(frame), decided, strict=True):
        if isinstance(event, Event):
            yield event, action, {*(rules or ()), *(shadow or ())}
