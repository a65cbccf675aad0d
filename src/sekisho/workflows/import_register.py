"""The registers as they would be with the file's rows in them: asked for in few queries, never row by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sekisho.records.contents import kind_named
from sekisho.records.fields import Line
from sekisho.records.record import Record, Values
from sekisho.workflows.import_columns import folded
from sekisho.workflows.import_plan import PlannedRow

_AT_ONCE = 900  # values in one IN (...): what every SQLite takes


@dataclass(frozen=True, slots=True)
class Beside:
    """A record as it would be: its values, and the file's row that it comes from (None: it stands already)."""

    key: str
    values: Values
    row: PlannedRow | None


class Registers:
    """What stands, overlaid by the rows of the file that are (still) good. `read` names every kind that was asked."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self._rows: dict[str, dict[str, PlannedRow]] = {}
        self._known: dict[str, dict[str, bool]] = defaultdict(dict)
        self._titles: dict[str, dict[str, list[str]]] = {}

    # --- what stands --------------------------------------------------------------------------------------------

    def standing(self, model: type[Record], keys: Collection[str]) -> dict[str, Values]:
        """The values of those records that stand, by key."""
        self.read.add(model.about.name)
        found = {}
        for part in _parts(keys):
            for record in model.objects.filter(pk__in=part):
                found[record.key] = record.values()
        self._known[model.about.name] |= dict.fromkeys(keys, False) | dict.fromkeys(found, True)
        return found

    def learn(self, kind: str, keys: Collection[str]) -> None:
        """Ask which of the keys stand."""
        self.read.add(kind)
        known = self._known[kind]
        asked = [key for key in keys if key not in known]
        for part in _parts(asked):
            there = set(kind_named(kind).objects.filter(pk__in=part).values_list("pk", flat=True))
            known |= {key: key in there for key in part}

    def stands(self, kind: str, key: str) -> bool:
        """Whether a record stands. Its key must have been learnt."""
        return self._known[kind].get(key, False)

    # --- the file's rows ----------------------------------------------------------------------------------------

    def take_in(self, rows: Iterable[PlannedRow]) -> None:
        """Let these rows, and no others, lie over what stands."""
        self._rows = defaultdict(dict)
        for row in rows:
            self._rows[row.kind][row.key] = row

    def row(self, kind: str, key: str) -> PlannedRow | None:
        return self._rows.get(kind, {}).get(key)

    def rows(self, kind: str) -> Iterable[PlannedRow]:
        return self._rows.get(kind, {}).values()

    # --- both ---------------------------------------------------------------------------------------------------

    def one(self, kind: str, keys: Collection[str]) -> dict[str, Values]:
        """The values that the records of these keys would have, by key."""
        mine = self._rows.get(kind, {})
        found = self.standing(kind_named(kind), [key for key in keys if key not in mine])
        return found | {key: mine[key].values for key in keys if key in mine}

    def among(self, model: type[Record], name: str, values: Collection[Any]) -> list[Beside]:
        """The records that would hold one of the values in a field: those that stand, with the file's over them."""
        kind = model.about.name
        self.read.add(kind)
        mine = self._rows.get(kind, {})
        attribute = model.kind_fields()[name].attname
        found = []
        for part in _parts(values):
            for record in model.objects.filter(**{f"{attribute}__in": part}):
                if record.key not in mine:
                    found.append(Beside(record.key, record.values(), None))
        wanted = set(values)
        found += [Beside(row.key, row.values, row) for row in mine.values() if row.values.get(name) in wanted]
        return found

    def bearing(self, kind: str, title: str) -> list[str]:
        """The keys of the records that bear a title, however it is spaced; the file's rows included."""
        if kind not in self._titles:
            self._titles[kind] = self._index(kind)
        return self._titles[kind].get(folded(title), [])

    def _index(self, kind: str) -> dict[str, list[str]]:
        model = kind_named(kind)
        name = model.about.title
        index: dict[str, list[str]] = defaultdict(list)
        if not isinstance(model.kind_fields()[name], Line):
            return index
        self.read.add(kind)
        mine = self._rows.get(kind, {})
        for key, title in model.objects.values_list("pk", name).iterator():
            if title and not (key in mine and name in mine[key].columns):
                index[folded(title)].append(key)
        for row in mine.values():
            if (title := row.values.get(name)) and name in row.columns:
                index[folded(title)].append(row.key)
        return index


def _parts(values: Collection[Any]) -> Iterator[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
