"""The risk score of a login (Freeman and others, NDSS 2016), kept up event by event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sekisho.watch.events import Event

Values = tuple[tuple[str, ...], ...]


class Model:
    """Counts of what each key and all keys together showed."""

    def __init__(self, features: tuple[tuple[str, ...], ...]) -> None:
        self.features = features
        self.users: dict[Any, Any] = {}

    def values(self, event: Event) -> Values | None:
        raise NotImplementedError

    def score(self, key: Any, values: Values) -> float | None:
        raise NotImplementedError

    def learn(self, key: Any, values: Values) -> None:
        raise NotImplementedError

    def save(self) -> Any:
        raise NotImplementedError

    def load(self, saved: Mapping[str, Any]) -> None:
        raise NotImplementedError
