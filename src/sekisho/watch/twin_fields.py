"""Fields, tests and conditions of the plain Python kernel, as functions of an event."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from operator import attrgetter
from typing import Any

from sekisho.watch.events import NUMBERS, Event, block_of, lowered
from sekisho.watch.program import AND, NOT, Match, Test

Read = Callable[[Event], Any]
Holds = Callable[[Event], bool]


def condition(code: tuple[int, ...], tests: list[Holds]) -> Holds:
    """The function of a condition's postfix code."""
    stack: list[Holds] = []
    for part in code:
        if part >= 0:
            stack.append(tests[part])
        elif part == NOT:
            stack.append(_negated(stack.pop()))
        else:
            second, first = stack.pop(), stack.pop()
            stack.append(_both(first, second) if part == AND else _either(first, second))
    return stack[0]


def reader(field: str) -> Read:
    if field == "ip_block":
        return lambda event: None if event.ip is None else block_of(event.ip)
    return attrgetter(field)


def key_reader(fields: tuple[str, ...]) -> Read:
    """The key of an event, None where a part is missing."""
    readers = [reader(field) for field in fields]
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


def test_of(test: Test) -> Holds:
    read = reader(test.field)
    if test.match is Match.EXISTS:
        return lambda event: read(event) is not None
    (value,) = test.values
    if test.field == "ok":
        return (lambda event: event.ok is True) if value else (lambda event: event.ok is False)
    if test.field == "typ":
        return lambda event: event.typ == value
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


def _within(read: Read, value: str) -> Holds:
    network = ip_network(value)
    return lambda event: (found := read(event)) is not None and ip_address(found) in network
