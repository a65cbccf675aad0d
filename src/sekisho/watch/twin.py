"""The kernel in plain Python: the same answers as the compiled one, and the one it is held against.

Each step of a program becomes one function of an event, with its state in dictionaries. Keys that no window can reach
any more are dropped from time to time; nothing is ever dropped for want of room.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from operator import attrgetter
from typing import Any

from sekisho.watch.events import NUMBERS, TYPES, Event, block_of, units
from sekisho.watch.lists import Listed
from sekisho.watch.program import AND, NOT, Match, Op, Program, Step, Test
from sekisho.watch.risk import Model

Read = Callable[[Event], Any]
Holds = Callable[[Event], bool]
Ask = Callable[
    [Event, int, int], bool
]  # event, time, the numbers that hold so far as bits: does the step fire
Sweep = Callable[[int], None]

_SWEEP_EVERY = 65_536  # events
_DEGREE = math.pi / 180
_EARTH = 12742.0  # km, its mean diameter


class Twin:
    """A program at work, with its state. `decide` answers the rules that fire, as places in `program.rules`."""

    compiled = False

    def __init__(self, program: Program, lists: Mapping[str, Listed] | None = None) -> None:
        self.program = program
        self.newest = 0
        self.judged = 0
        self.lists: dict[str, Listed] = {name: Listed() for name in program.lists} | dict(lists or {})
        self._tests = [_holds(test) for test in program.tests]
        self._conditions = [self._condition(c.code) for c in program.conditions]
        self._of_type = program.of_types(TYPES)
        self._states = [_BUILDERS[step.op](step, self.lists) for step in program.steps]
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
        self.judged += 1
        if not self.judged % _SWEEP_EVERY:
            self.sweep()
        bits = 0
        for number in self._of_type[event.typ]:
            if self._conditions[number](event):
                bits |= 1 << number
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

    def sweep(self) -> None:
        """Drop the keys that no window reaches any more."""
        for state in self._states:
            state.sweep(self.newest)

    def keys(self) -> int:
        """How many keys are held, over all steps."""
        return sum(len(state.held) for state in self._states)

    def save(self) -> dict[str, Any]:
        """The state as plain values, for a snapshot of the same program."""
        return {
            "newest": self.newest,
            "judged": self.judged,
            "steps": [state.save() for state in self._states],
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        self.newest, self.judged = saved["newest"], saved["judged"]
        for state, part in zip(self._states, saved["steps"], strict=True):
            state.load(part)

    def _condition(self, code: tuple[int, ...]) -> Holds:
        stack: list[Holds] = []
        for part in code:
            if part >= 0:
                stack.append(self._tests[part])
            elif part == NOT:
                stack.append(_negated(stack.pop()))
            else:
                second, first = stack.pop(), stack.pop()
                stack.append(_both(first, second) if part == AND else _either(first, second))
        return stack[0]

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


_Plan = tuple[int, int, Ask]  # the step's own bit, the bits of which one must hold, the step


@dataclass(slots=True)
class _State:
    """One step's state: `held` by key, and how it is asked, swept, saved and loaded."""

    held: dict[Any, Any]
    ask: Ask
    sweep: Sweep
    save: Callable[[], Any]
    load: Callable[[Any], None]


def kilometres(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """The great-circle distance by the haversine formula; every engine computes it in this order."""
    a = (
        math.sin((lat2 - lat) * _DEGREE / 2) ** 2
        + math.cos(lat * _DEGREE) * math.cos(lat2 * _DEGREE) * math.sin((lon2 - lon) * _DEGREE / 2) ** 2
    )
    return _EARTH * math.asin(math.sqrt(min(a, 1.0)))


# --- fields and tests ---------------------------------------------------------------------------------------


def _reader(field: str) -> Read:
    if field == "ip_block":
        return lambda event: None if event.ip is None else block_of(event.ip)
    return attrgetter(field)


def _key_reader(fields: tuple[str, ...]) -> Read:
    """The key of an event, None where a part is missing."""
    readers = [_reader(field) for field in fields]
    if len(readers) == 1:
        return readers[0]

    def read(event: Event) -> tuple[Any, ...] | None:
        key = tuple([reader(event) for reader in readers])
        return None if None in key else key

    return read


def _both(first: Holds, second: Holds) -> Holds:
    return lambda event: first(event) and second(event)


def _either(first: Holds, second: Holds) -> Holds:
    return lambda event: first(event) or second(event)


def _negated(holds: Holds) -> Holds:
    return lambda event: not holds(event)


def _holds(test: Test) -> Holds:
    read = _reader(test.field)
    if test.match is Match.EXISTS:
        return lambda event: read(event) is not None
    (value,) = test.values
    if test.field in ("typ", "ok"):
        return lambda event: bool(read(event) == value)
    if test.field in NUMBERS:
        return _numeric(read, test.match, float(value))
    if test.match is Match.CIDR:
        return _within(read, str(value))
    return _textual(read, test.match, str(value), test.cased)


def _numeric(read: Read, match: Match, value: float) -> Holds:
    compare: dict[Match, Callable[[float], bool]] = {
        Match.EQUALS: lambda found: found == value,
        Match.LESS: lambda found: found < value,
        Match.AT_MOST: lambda found: found <= value,
        Match.MORE: lambda found: found > value,
        Match.AT_LEAST: lambda found: found >= value,
    }
    holds = compare[match]
    return lambda event: (found := read(event)) is not None and holds(found)


def _textual(read: Read, match: Match, value: str, cased: bool) -> Holds:
    compare: dict[Match, Callable[[str], bool]] = {
        Match.EQUALS: lambda found: found == value,
        Match.CONTAINS: lambda found: value in found,
        Match.STARTS: lambda found: found.startswith(value),
        Match.ENDS: lambda found: found.endswith(value),
    }
    holds = compare[match]
    if cased:
        return lambda event: (found := read(event)) is not None and holds(found)
    return lambda event: (found := read(event)) is not None and holds(lowered(found))


_LOWER = str.maketrans({chr(n): chr(n + 32) for n in range(65, 91)})


def lowered(text: str) -> str:
    """Small letters for A to Z alone: the compiled kernel compares bytes, and so does every engine."""
    return text.translate(_LOWER) if not text.isascii() else text.lower()


def _within(read: Read, value: str) -> Holds:
    network = ip_network(value)
    return lambda event: (found := read(event)) is not None and ip_address(found) in network


# --- the steps ----------------------------------------------------------------------------------------------


def _nothing(_: int) -> None:
    """A profile has no window that would let go of a key."""


def _plain(held: dict[Any, Any], ask: Ask, sweep: Sweep, pack: Any = list, unpack: Any = list) -> _State:
    """A state whose rows are packed one by one."""

    def save() -> list[Any]:
        return [[list(k) if isinstance(k, tuple) else k, pack(v)] for k, v in held.items()]

    def load(saved: list[Any]) -> None:
        held.clear()
        held.update({(tuple(k) if isinstance(k, list) else k): unpack(v) for k, v in saved})

    return _State(held, ask, sweep, save, load)


def _sweeper(held: dict[Any, Any], window: int, last: Callable[[Any], int]) -> Sweep:
    def sweep(now: int) -> None:
        for key in [k for k, row in held.items() if last(row) < now - window]:
            del held[key]

    return sweep


def _count(step: Step, _: Mapping[str, Listed]) -> _State:
    read, window, n = _key_reader(step.key), step.window, step.n
    held: dict[Any, deque[int]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        if key is None:
            return False
        row = held.get(key)
        if row is None:
            row = held[key] = deque(maxlen=n)
        row.append(now)
        return len(row) == n and row[0] > now - window

    sweep = _sweeper(held, window, lambda row: row[-1])
    return _plain(held, ask, sweep, unpack=lambda saved: deque(saved, maxlen=n))


def _distinct(step: Step, _: Mapping[str, Listed]) -> _State:
    read, value_of, window, n = _key_reader(step.key), _reader(step.field), step.window, step.n
    held: dict[Any, dict[Any, int]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, value = read(event), value_of(event)
        if key is None or value is None:
            return False
        row = held.get(key)
        if row is None:
            row = held[key] = {}
        row.pop(value, None)
        row[value] = now
        if len(row) > n:
            del row[next(iter(row))]
        return len(row) == n and next(iter(row.values())) > now - window

    sweep = _sweeper(held, window, lambda row: next(reversed(row.values())))
    return _plain(held, ask, sweep, pack=lambda row: list(row.items()), unpack=dict)


def _sum(step: Step, _: Mapping[str, Listed]) -> _State:
    read, window, limit, least = _key_reader(step.key), step.window, step.n, step.least
    held: dict[Any, deque[tuple[int, int]]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        if key is None or event.amount is None or (amount := units(event.amount)) < least:
            return False
        row = held.setdefault(key, deque())
        row.append((now, min(amount, limit)))
        while row[0][0] <= now - window:
            row.popleft()
        total = sum(a for _, a in row)
        while total - row[0][1] >= limit:
            total -= row.popleft()[1]
        return total >= limit

    sweep = _sweeper(held, window, lambda row: row[-1][0])
    return _plain(held, ask, sweep, unpack=lambda saved: deque((t, a) for t, a in saved))


def _together(step: Step, _: Mapping[str, Listed]) -> _State:
    read, window, inputs = _key_reader(step.key), step.window, step.inputs
    held: dict[Any, list[int]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        if key is None:
            return False
        row = held.setdefault(key, [-1] * len(inputs))
        for place, number in enumerate(inputs):
            if bits >> number & 1:
                row[place] = now
        return all(at >= 0 and now - at <= window for at in row)

    return _plain(held, ask, _sweeper(held, window, max))


def _ordered(step: Step, _: Mapping[str, Listed]) -> _State:
    """For each part of the sequence the latest beginning of a run that came so far: no other run can do better."""
    read, window, inputs = _key_reader(step.key), step.window, step.inputs
    last = len(inputs) - 1
    held: dict[Any, list[int]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        if key is None:
            return False
        row = held.get(key)
        if row is None:
            if not bits >> inputs[0] & 1:
                return False
            row = held[key] = [-1] * last
        fires = bool(bits >> inputs[last] & 1) and row[last - 1] >= 0 and now - row[last - 1] <= window
        for place in range(last - 1, 0, -1):
            if bits >> inputs[place] & 1:
                row[place] = max(row[place], row[place - 1])
        if bits >> inputs[0] & 1:
            row[0] = now
        return fires

    return _plain(held, ask, _sweeper(held, window, max))


def _first_seen(step: Step, _: Mapping[str, Listed]) -> _State:
    read, value_of, window = _key_reader(step.key), _reader(step.field), step.window
    held: dict[Any, dict[Any, int]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, value = read(event), value_of(event)
        if key is None or value is None:
            return False
        row = held.get(key)
        if row is None:
            held[key] = {value: now}
            return False
        seen = row.pop(value, None)
        known = not window or now - next(reversed(row.values()), seen or 0) <= window or (seen is not None and now - seen <= window)  # fmt: skip
        row[value] = now
        return known and (seen is None or bool(window) and now - seen > window)

    def sweep(now: int) -> None:
        for key, row in list(held.items()) if window else ():
            for value in [v for v, at in row.items() if now - at > window]:
                del row[value]
            if not row:
                del held[key]

    return _plain(held, ask, sweep, pack=lambda row: list(row.items()), unpack=dict)


def _speed(step: Step, _: Mapping[str, Listed]) -> _State:
    read, far, fast = _key_reader(step.key), step.far, step.fast
    held: dict[Any, tuple[int, float, float]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, lat, lon = read(event), event.lat, event.lon
        if key is None or lat is None or lon is None:
            return False
        before = held.get(key)
        held[key] = (now, lat, lon)
        if before is None:
            return False
        way = kilometres(before[1], before[2], lat, lon)
        return way > far and way > fast * ((now - before[0]) / 3.6e6)

    return _plain(held, ask, _nothing, unpack=tuple)


def _dormant(step: Step, _: Mapping[str, Listed]) -> _State:
    read, window = _key_reader(step.key), step.window
    held: dict[Any, int] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        if key is None:
            return False
        before = held.get(key)
        held[key] = now
        return before is not None and now - before > window

    return _plain(held, ask, _nothing, pack=int, unpack=int)


def _registered(step: Step, _: Mapping[str, Listed]) -> _State:
    read, value_of, window = _key_reader(step.key), _reader(step.field), step.window
    asked, added, removed = (
        sum(1 << n for n in numbers) for numbers in (step.inputs, step.added_by, step.removed_by)
    )
    held: dict[Any, int] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, value = read(event), value_of(event)
        if key is None or value is None:
            return False
        at = held.get((key, value))
        if bits & removed:
            held.pop((key, value), None)
        if bits & added:
            held.setdefault((key, value), now)
        return bool(bits & asked) and (at is None or now - at < window)

    def save() -> list[Any]:
        return [[list(key) if isinstance(key, tuple) else key, value, at] for (key, value), at in held.items()]  # fmt: skip

    def load(saved: list[Any]) -> None:
        held.clear()
        held.update({(tuple(k) if isinstance(k, list) else k, v): at for k, v, at in saved})

    return _State(held, ask, _nothing, save, load)


def _in_list(step: Step, lists: Mapping[str, Listed]) -> _State:
    value_of, name = _reader(step.field), step.list

    def ask(event: Event, now: int, bits: int) -> bool:
        value = value_of(event)
        return value is not None and lists[name].has(value)

    return _plain({}, ask, _nothing)


def _risk(step: Step, _: Mapping[str, Listed]) -> _State:
    read, above, model = _key_reader(step.key), step.fast, Model(step.features)

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        values = model.values(event)
        if key is None or values is None:
            return False
        score = model.score(key, values)
        model.learn(key, values)
        return score is not None and score > above

    return _State(model.users, ask, _nothing, model.save, model.load)


_BUILDERS: dict[Op, Callable[[Step, Mapping[str, Listed]], _State]] = {
    Op.COUNT: _count,
    Op.DISTINCT: _distinct,
    Op.SUM: _sum,
    Op.TOGETHER: _together,
    Op.ORDERED: _ordered,
    Op.FIRST_SEEN: _first_seen,
    Op.SPEED: _speed,
    Op.DORMANT: _dormant,
    Op.REGISTERED: _registered,
    Op.IN_LIST: _in_list,
    Op.RISK: _risk,
}
