"""The one view of the records that all checks share: known at a moment, judged on a day.

Frames are cached by (kind, place of its last change): a change reloads its own kind alone, and for the present state
only the changed records of it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from sekisho.kernel import clock
from sekisho.kernel.kept import Kept
from sekisho.ledger import as_of
from sekisho.records.contents import KINDS
from sekisho.records.facts.frames import frame, patched
from sekisho.records.record import Record

_CACHE_BYTES = 192 * 1024 * 1024
_PART_BYTES = 32 * 1024 * 1024
_OLDER_SIZES = 64
_PATCH_AT_MOST = 5_000  # lines; past that a kind is read anew


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`size`: how many ledger lines were known. `on`: the day that is judged. `known_at`: the moment, None for now."""

    size: int
    on: date
    known_at: datetime | None = None


def snapshot(on: date | None = None, known_at: datetime | None = None) -> Snapshot:
    """The snapshot of a moment (default: now) and a day (default: the day of the moment)."""
    now = clock.now()
    day = on or (clock.day_of(known_at) if known_at else clock.today())
    return Snapshot(as_of.size_at(known_at, now), day, known_at)


class Facts:
    """The frames of one snapshot, by kind: `facts[Unit]` is a lazy frame. Loaded when first asked for."""

    def __init__(self, size: int, changed_at: dict[str, int]) -> None:
        self.size = size
        self.changed_at = changed_at

    def __getitem__(self, model: type[Record]) -> pl.LazyFrame:
        return self.frame(model).lazy()

    def frame(self, model: type[Record]) -> pl.DataFrame:
        """The kind's frame, collected. Columns: key, ver, by, then the kind's facts."""
        return _frames.get(model, self.changed_at[model.about.name])

    def worked_out(
        self,
        make: Callable[..., pl.LazyFrame | pl.DataFrame],
        reads: tuple[type[Record], ...],
        *given: Hashable,
    ) -> pl.LazyFrame:
        """What `make(facts, *given)` makes of these kinds alone: kept until one of them changes.

        For the heavy part of a check that stays as it is when a small register that the check also reads changes.
        `make` is a function of a module, told apart by its name; it gets facts that refuse every other kind.
        """
        if not self.changed_at:
            return make(_Only(self, reads), *given).lazy()
        places = tuple(self.changed_at[model.about.name] for model in reads)
        key = (make.__module__, make.__qualname__, given, places)
        found = _parts.get(key)
        if found is None:
            found = make(_Only(self, reads), *given).lazy().collect()
            _parts.put(key, found)
        return found.lazy()


class _Only(Facts):
    """The facts of some kinds alone."""

    def __init__(self, whole: Facts, kinds: tuple[type[Record], ...]) -> None:
        super().__init__(whole.size, whole.changed_at)
        self._whole, self._kinds = whole, kinds

    def frame(self, model: type[Record]) -> pl.DataFrame:
        if model not in self._kinds:
            raise ValueError(f"{model.about.name} is read, but not among the kinds that the part names")
        return self._whole.frame(model)


class GivenFacts(Facts):
    """Facts that are given instead of read: for tests of checks, and for what-if questions.

    `over`: the facts of all kinds that are not given; without it there are none.
    """

    def __init__(self, frames: dict[type[Record], pl.DataFrame], over: Facts | None = None) -> None:
        super().__init__(over.size if over else 0, {})
        self._frames = frames
        self._over = over

    def frame(self, model: type[Record]) -> pl.DataFrame:
        if model in self._frames:
            return self._frames[model]
        return self._over.frame(model) if self._over else frame(model, [])


def facts_of(seen: Snapshot) -> Facts:
    """The facts of a snapshot."""
    return Facts(seen.size, _changes.at(seen.size))


class _LastChanges:
    """Where each kind changed last, for the newest size asked so far, and for the older sizes that were asked last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: tuple[int, dict[str, int]] | None = None
        self._older: Kept[dict[str, int]] = Kept(_OLDER_SIZES)

    def at(self, size: int) -> dict[str, int]:
        names = [model.about.name for model in KINDS]
        with self._lock:
            if self._newest is None:
                self._newest = (size, as_of.last_change(names, size))
            known, places = self._newest
            if size == known:
                return places
            if size < known:
                return self._of_old(names, size)
            changed = as_of.kinds_changed(known, size)
            places = places | {k: v for k, v in changed.items() if k in places}
            self._newest = (size, places)
            return places

    def _of_old(self, names: list[str], size: int) -> dict[str, int]:
        """It costs a query a kind, and a page of a past moment asks for it many times."""
        found = self._older.get(size)
        if found is None:
            found = as_of.last_change(names, size)
            self._older.put(size, found)
        return found

    def forget(self) -> None:
        with self._lock:
            self._newest = None
            self._older.forget()


class _Frames:
    """Frames by (kind, place of last change), the least recently used dropped past a bound on bytes."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._kept: OrderedDict[tuple[str, int], pl.DataFrame] = OrderedDict()
        self._bytes: float = 0

    def get(self, model: type[Record], changed_at: int) -> pl.DataFrame:
        at = (model.about.name, changed_at)
        with self._lock:
            if at in self._kept:
                self._kept.move_to_end(at)
                return self._kept[at]
            made = self._make(model, changed_at)
            self._keep(at, made)
            return made

    def _make(self, model: type[Record], changed_at: int) -> pl.DataFrame:
        name = model.about.name
        earlier = max((at for kind, at in self._kept if kind == name and at < changed_at), default=None)
        if earlier is not None and changed_at - earlier <= _PATCH_AT_MOST:
            old = self._kept[(name, earlier)]
            return patched(model, old, as_of.changed(name, earlier + 1, changed_at + 1))
        return frame(model, as_of.state(name, changed_at + 1))

    def _keep(self, at: tuple[str, int], made: pl.DataFrame) -> None:
        self._kept[at] = made
        self._bytes += made.estimated_size()
        while self._bytes > _CACHE_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.estimated_size()

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0


_changes = _LastChanges()
_frames = _Frames()
_parts: Kept[pl.DataFrame] = Kept(_PART_BYTES, pl.DataFrame.estimated_size)


def forget() -> None:
    """Drop every cached frame: after the database was replaced (tests, restore)."""
    _changes.forget()
    _frames.forget()
    _parts.forget()
