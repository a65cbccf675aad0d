"""What was made once and may be asked for again: kept in memory, the least recently used dropped past a bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A store of values by key. `most` bounds the sum of `weigh(value)`; a value heavier than that is not kept."""

    def __init__(self, most: int, weigh: Callable[[Value], float] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[Value, float]] = OrderedDict()
        self._weight = 0.0

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: Value) -> None:
        weight = self._weigh(value)
        with self._lock:
            self._weight -= self._values.pop(key, (value, 0.0))[1]
            if weight > self._most:
                return
            self._values[key] = (value, weight)
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._values.popitem(last=False)[1][1]

    def forget(self) -> None:
        with self._lock:
            self._values.clear()
            self._weight = 0.0

    def __len__(self) -> int:
        return len(self._values)
