"""What engines are held against: the twin's hits, one by one."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.watch.events import Event
from sekisho.watch.lists import Listed
from sekisho.watch.program import Program
from sekisho.watch.twin import Twin

Hits = list[tuple[int, int]]  # place of the rule, seq of the event

LISTS = {"listed": Listed(["10.0.0.0/31", "2001:db8::/45", "ABC", "端末", "bc1a"])}


def by_twin(program: Program, events: Iterable[Event], lists: dict[str, Listed] = LISTS) -> Hits:
    twin = Twin(program, lists)
    return [(place, event.seq) for event in events for place in twin.decide(event)]
