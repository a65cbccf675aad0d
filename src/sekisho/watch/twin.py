"""The kernel in plain Python: the same answers as the compiled one, and the one it is held against.

Each step of a program becomes one function of an event, with its state in dictionaries. Keys that no window can reach
any more are dropped from time to time; nothing is ever dropped for want of room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from io import BytesIO
from typing import Any

import msgspec

from sekisho.watch import tables
from sekisho.watch.decision import Decisions
from sekisho.watch.events import TYPES, BadEvent, Event, decode
from sekisho.watch.hits import Fed
from sekisho.watch.lists import Listed
from sekisho.watch.narrowed import narrowed
from sekisho.watch.program import Program
from sekisho.watch.saved import opened, sealed
from sekisho.watch.twin_fields import Holds, condition, test_of
from sekisho.watch.twin_steps import BUILDERS, Ask, kilometres

__all__ = ["Twin", "kilometres"]

_SWEEP_EVERY = 65_536  # events at least, and as many as twice the keys: sweeping stays a small part
_Plan = tuple[int, int, Ask]  # the step's own bit, the bits of which one must hold, the step


class Twin:
    """A program at work, with its state. `decide` answers the rules that fire, as places in `program.rules`.

    It keeps keys as they are and needs no secret; it takes one so that both kernels are made alike.
    """

    compiled = False

    def __init__(
        self, program: Program, lists: Mapping[str, Listed] | None = None, secret: bytes | None = None
    ) -> None:
        self.program = program
        self.newest = 0
        self.judged = 0
        self._sweep_at = _SWEEP_EVERY
        self.lists: dict[str, Listed] = {name: Listed() for name in program.lists} | dict(lists or {})
        self.decisions = Decisions(program)
        tests = [test_of(test) for test in program.tests]
        self._of_type = {name: self._conditions(name, tests) for name in TYPES}
        self._states = [BUILDERS[step.op](step, self.lists) for step in program.steps]
        self._plans: dict[int, tuple[_Plan, ...]] = {}
        self._reported = {rule.number: place for place, rule in enumerate(program.rules)}
        self._answers: dict[int, tuple[int, ...]] = {0: ()}

    def decide(self, event: Event) -> tuple[int, ...]:
        """Judge one event and keep what follows from it."""
        now = event.ts
        if now < self.newest:
            now = self.newest
        else:
            self.newest = now
        self.judged = judged = self.judged + 1
        if judged >= self._sweep_at:
            self.sweep()
        bits, asked = self._of_type[event.typ]
        for bit, holds in asked:
            if holds(event):
                bits |= bit
        if not bits:
            return ()
        plan = self._plans.get(bits)
        if plan is None:
            plan = self._plans[bits] = self._plan(bits)
        for bit, needs, ask in plan:
            if bits & needs and ask(event, now, bits):
                bits |= bit
        answer = self._answers.get(bits)
        if answer is None:
            answer = self._answers[bits] = self._answer(bits)
        return answer

    def feed_lines(self, data: bytes) -> Fed:
        """Judge events in lines of JSON; a bad line is told by its number from 1, and the others go on."""
        fed, decide = Fed(), self.decide
        hits, act, action = fed.hits, fed.actions.append, self.decisions.of
        for number, line in enumerate(BytesIO(data), 1):
            if line.isspace():
                continue
            try:
                event = decode(line.rstrip(b"\n"))
            except BadEvent as bad:
                fed.refuse(number, bad)
                continue
            places = decide(event)
            if places:
                hits.append((event.seq, places))
                act(action(places).action)
            else:
                act(0)
        return fed

    def feed_frame(self, frame: Any) -> Fed:
        """Judge the events of a Polars frame; a bad row is told by its number from 0."""
        fed = Fed()
        for number, event in enumerate(tables.events(frame)):
            if isinstance(event, BadEvent):
                fed.refuse(number, event)
            else:
                places = self.decide(event)
                if places:
                    fed.hits.append((event.seq, places))
                fed.actions.append(self.decisions.of(places).action)
        return fed

    def sweep(self) -> None:
        """Drop the keys that no window reaches any more."""
        for state in self._states:
            state.sweep(self.newest)
        self._sweep_at = self.judged + max(_SWEEP_EVERY, 2 * self.keys())

    def keys(self) -> int:
        """How many keys are held, over all steps."""
        return sum(len(state.held) for state in self._states)

    def save(self) -> bytes:
        """The state, for a snapshot of the same program."""
        steps = [state.save() for state in self._states]
        return sealed("python", self.program, {"newest": self.newest, "judged": self.judged, "steps": steps})

    def load(self, saved: bytes) -> None:
        """Take over a state. Raises Unusable."""
        found = opened("python", self.program, saved)
        self.newest, self.judged = found["newest"], found["judged"]
        for state, part in zip(self._states, found["steps"], strict=True):
            state.load(part)

    def fingerprint(self) -> int:
        """A number over everything that can still matter: equal for equal states, in whatever order they came about."""
        self.sweep()
        encode = msgspec.msgpack.Encoder(order="sorted").encode
        steps = [sorted(_parts(encode, state.save())) for state in self._states]
        told = encode([self.newest, self.judged, steps])
        return int.from_bytes(blake2b(told, digest_size=8).digest(), "little")

    def _conditions(self, name: str, tests: list[Holds]) -> tuple[int, tuple[tuple[int, Holds], ...]]:
        """What holds for every event of a type, and what has to be asked of each."""
        always, asked = 0, []
        for number, told in enumerate(self.program.conditions):
            code = narrowed(told.code, self.program.tests, name)
            if not isinstance(code, bool):
                asked.append((1 << number, condition(code, tests)))
            elif code:
                always |= 1 << number
        return always, tuple(asked)

    def _plan(self, bits: int) -> tuple[_Plan, ...]:
        """The steps that can be asked when these conditions hold, in order."""
        first = len(self.program.conditions)
        reachable, plan = bits, []
        for n, (step, state) in enumerate(zip(self.program.steps, self._states, strict=True)):
            needs = sum(1 << i for i in {*step.inputs, *step.added_by, *step.removed_by})
            if needs & reachable:
                plan.append((1 << (first + n), needs, state.ask))
                reachable |= 1 << (first + n)
        return tuple(plan)

    def _answer(self, bits: int) -> tuple[int, ...]:
        return tuple(sorted(place for number, place in self._reported.items() if bits >> number & 1))


def _parts(encode: Any, saved: Any) -> Iterator[bytes]:
    """The rows of a step, or the named tables of a model, one by one."""
    for part in saved.items() if isinstance(saved, dict) else saved:
        yield encode(part)
