"""Steps of the plain Python kernel: each becomes one function of an event, with its state in a dictionary."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.watch.events import Event, units
from sekisho.watch.lists import Listed
from sekisho.watch.program import Op, Step
from sekisho.watch.risk import Model
from sekisho.watch.twin_fields import key_reader, reader

# event, time, the numbers that hold so far as bits: does the step fire
Ask = Callable[[Event, int, int], bool]
Sweep = Callable[[int], None]

_DEGREE = math.pi / 180
_EARTH = 12742.0  # km, its mean diameter
_KM_OF_DEGREE = 112  # a degree of latitude is less


@dataclass(slots=True)
class State:
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


def _nothing(_: int) -> None:
    """A profile has no window that would let go of a key."""


def _plain(held: dict[Any, Any], ask: Ask, sweep: Sweep, pack: Any = list, unpack: Any = list) -> State:
    """A state whose rows are packed one by one."""

    def save() -> list[Any]:
        return [[list(k) if isinstance(k, tuple) else k, pack(v)] for k, v in held.items()]

    def load(saved: list[Any]) -> None:
        held.clear()
        held.update({(tuple(k) if isinstance(k, list) else k): unpack(v) for k, v in saved})

    return State(held, ask, sweep, save, load)


def _sweeper(held: dict[Any, Any], window: int, last: Callable[[Any], int]) -> Sweep:
    def sweep(now: int) -> None:
        for key in [k for k, row in held.items() if last(row) < now - window]:
            del held[key]

    return sweep


def _count(step: Step, _: Mapping[str, Listed]) -> State:
    read, window, n = key_reader(step.key), step.window, step.n
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


def _distinct(step: Step, _: Mapping[str, Listed]) -> State:
    read, value_of, window, n = key_reader(step.key), reader(step.field), step.window, step.n
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


def _sum(step: Step, _: Mapping[str, Listed]) -> State:
    read, window, limit, least = key_reader(step.key), step.window, step.n, step.least
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


def _together(step: Step, _: Mapping[str, Listed]) -> State:
    read, window, inputs = key_reader(step.key), step.window, step.inputs
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


def _ordered(step: Step, _: Mapping[str, Listed]) -> State:
    """For each part of the sequence the latest beginning of a run that came so far: no other run can do better."""
    read, window, inputs = key_reader(step.key), step.window, step.inputs
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


def _first_seen(step: Step, lists: Mapping[str, Listed]) -> State:
    return _seen_within(step, lists) if step.window else _seen_ever(step, lists)


def _seen_ever(step: Step, _: Mapping[str, Listed]) -> State:
    """Most keys show one value: it stands alone, several in a set."""
    read, value_of = key_reader(step.key), reader(step.field)
    held: dict[Any, Any] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, value = read(event), value_of(event)
        if key is None or value is None:
            return False
        seen = held.get(key)
        if seen is None:
            held[key] = value
            return False
        if seen == value:
            return False
        if type(seen) is not set:
            held[key] = {seen, value}
        elif value in seen:
            return False
        else:
            seen.add(value)
        return True

    def pack(seen: Any) -> list[Any]:
        return sorted(seen) if type(seen) is set else [seen]

    return _plain(held, ask, _nothing, pack, lambda saved: set(saved) if len(saved) > 1 else saved[0])


def _seen_within(step: Step, _: Mapping[str, Listed]) -> State:
    read, value_of, window = key_reader(step.key), reader(step.field), step.window
    held: dict[Any, dict[Any, int]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, value = read(event), value_of(event)
        if key is None or value is None:
            return False
        row = held.setdefault(key, {})
        last = next(reversed(row.values()), None)
        before = row.pop(value, None)
        row[value] = now
        return last is not None and now - last <= window and (before is None or now - before > window)

    def sweep(now: int) -> None:
        for key, row in list(held.items()):
            for value in [v for v, at in row.items() if now - at > window]:
                del row[value]
            if not row:
                del held[key]

    return _plain(held, ask, sweep, pack=lambda row: list(row.items()), unpack=dict)


def _speed(step: Step, _: Mapping[str, Listed]) -> State:
    read, far, fast = key_reader(step.key), step.far, step.fast
    held: dict[Any, tuple[int, float, float]] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key, lat, lon = read(event), event.lat, event.lon
        if key is None or lat is None or lon is None:
            return False
        before = held.get(key)
        held[key] = (now, lat, lon)
        if before is None or _KM_OF_DEGREE * (abs(before[1] - lat) + abs(before[2] - lon)) < far:
            return False  # surely nearer: not worth the sines
        way = kilometres(before[1], before[2], lat, lon)
        return way > far and way > fast * ((now - before[0]) / 3.6e6)

    return _plain(held, ask, _nothing, unpack=tuple)


def _dormant(step: Step, _: Mapping[str, Listed]) -> State:
    read, window = key_reader(step.key), step.window
    held: dict[Any, int] = {}

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        if key is None:
            return False
        before = held.get(key)
        held[key] = now
        return before is not None and now - before > window

    return _plain(held, ask, _nothing, pack=int, unpack=int)


def _registered(step: Step, _: Mapping[str, Listed]) -> State:
    read, value_of, window = key_reader(step.key), reader(step.field), step.window
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
        return [
            [list(key) if isinstance(key, tuple) else key, value, at] for (key, value), at in held.items()
        ]

    def load(saved: list[Any]) -> None:
        held.clear()
        held.update({(tuple(k) if isinstance(k, list) else k, v): at for k, v, at in saved})

    return State(held, ask, _nothing, save, load)


def _in_list(step: Step, lists: Mapping[str, Listed]) -> State:
    value_of, name = reader(step.field), step.list

    def ask(event: Event, now: int, bits: int) -> bool:
        value = value_of(event)
        return value is not None and lists[name].has(value)

    return _plain({}, ask, _nothing)


def _risk(step: Step, _: Mapping[str, Listed]) -> State:
    read, above, model = key_reader(step.key), step.fast, Model(step.features)

    def ask(event: Event, now: int, bits: int) -> bool:
        key = read(event)
        values = model.values(event)
        if key is None or values is None:
            return False
        score = model.score(key, values)
        model.learn(key, values)
        return score is not None and score > above

    return State(model.users, ask, _nothing, model.save, model.load)


BUILDERS: dict[Op, Callable[[Step, Mapping[str, Listed]], State]] = {
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
