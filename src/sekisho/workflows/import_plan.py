"""What an import would do, row by row: the plan that a person sees before anything is taken."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sekisho.kernel.texts import Text
from sekisho.records.record import Record, Values
from sekisho.workflows.import_errors import Problem, shortened

Action = Literal["create", "change", "unchanged", "bad"]
ACTIONS: tuple[Action, ...] = ("create", "change", "unchanged", "bad")


@dataclass(slots=True, eq=False)
class PlannedRow:
    """One row of the file and what becomes of it.

    `columns`: field -> column (from 0) of the fields that the file has. `before`: the record's values as they stand,
    None where there is none yet. `values`: all values that it would have.
    """

    model: type[Record]
    sheet: str
    number: int
    columns: dict[str, int]
    key: str = ""
    before: Values | None = None
    values: Values = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.model.about.name

    @property
    def action(self) -> Action:
        if self.problems:
            return "bad"
        if self.before is None:
            return "create"
        return "change" if self.changes else "unchanged"

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Field -> (old, new), of the fields that would change. Of a new record: those that hold something."""
        fields = self.model.kind_fields()
        before = self.before or {}
        found = {}
        for name in self.columns:
            if name in fields and name in self.values:
                old, new = before.get(name), self.values[name]
                if held(fields[name].to_body(old)) != held(fields[name].to_body(new)):
                    found[name] = (old, new)
        return found

    def add(self, code: str, text: Text, name: str = "") -> None:
        """A problem of one of its cells, or of the whole row where the file has no such column."""
        self.problems.append(
            Problem(code, shortened(text), self.sheet, self.number, self.columns.get(name), name)
        )

    def cell(self, name: str) -> str:
        """Where a field of this row stands in the file."""
        return Problem("", self.model.about.label, self.sheet, self.number, self.columns.get(name)).cell


@dataclass(eq=False)
class ImportPlan:
    """`problems` are those of the file and its sheets; each row holds its own. `mark`: the state it was made from."""

    name: str
    sha256: str
    rows: list[PlannedRow]
    problems: list[Problem]
    mark: int
    kinds_read: frozenset[str]

    @cached_property
    def counts(self) -> dict[Action, int]:
        """How many rows are new, changed, unchanged, and bad."""
        counted = Counter(row.action for row in self.rows)
        return {action: counted[action] for action in ACTIONS}

    @cached_property
    def counts_by_kind(self) -> dict[str, dict[Action, int]]:
        counted: dict[str, Counter[Action]] = {}
        for row in self.rows:
            counted.setdefault(row.kind, Counter())[row.action] += 1
        return {kind: {a: c[a] for a in ACTIONS} for kind, c in counted.items()}

    @property
    def is_good(self) -> bool:
        return not self.problems and not self.counts["bad"]

    @property
    def all_problems(self) -> Iterator[Problem]:
        """Those of the file and its sheets first, then row by row."""
        yield from self.problems
        for row in self.rows:
            yield from row.problems

    @cached_property
    def fingerprint(self) -> str:
        """The same for two plans that would do the same: what a preview showed can be told from what is then taken."""
        digest = hashlib.sha256(self.sha256.encode())
        for row in self.rows:
            if row.action in ("create", "change"):
                fields = row.model.kind_fields()
                changed = {n: fields[n].to_body(new) for n, (_, new) in row.changes.items()}
                digest.update(
                    json.dumps([row.kind, row.key, row.action, changed], ensure_ascii=False).encode()
                )
        return digest.hexdigest()


def held(value: Any) -> Any:
    """A value in body form, an empty one as None."""
    return None if value in ("", []) else value
