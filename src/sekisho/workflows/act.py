"""What every act stands on: one transaction in which records are written together with their lines in the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, OperationalError, connection, models, transaction

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.ids import new_id
from sekisho.kernel.texts import Text
from sekisho.ledger.append import append, place, sequence
from sekisho.ledger.canonical import canonical
from sekisho.ledger.entry import Entry
from sekisho.ledger.models import Personal, Version
from sekisho.ledger.personal import commit
from sekisho.records.record import Record, Values

_BATCH = 1000
_LOST_RACES = {"23505", "40001", "40P01"}  # PostgreSQL: unique violation, serialization failure, deadlock


@dataclass
class Act:
    """An act under way. `by` is who acts: `person:<key>`, `service:<name>` or `operator:<login>`."""

    name: str
    by: str
    reason: str = ""
    id: str = field(default_factory=new_id)
    _written: list[Version] = field(default_factory=list)

    def put(
        self, model: type[Record], key: str, values: Values, *, expected_ver: int | None = None
    ) -> Record:
        """Write a record: its new version in the ledger, its present state in its table.

        `values` are all its values (references as keys). `expected_ver` is the version that the writer has seen
        (0: none); Conflict is raised if another stands.
        """
        row = model._base_manager.select_for_update().filter(pk=key).first()
        seen = row.ver if row else 0
        if expected_ver is not None and expected_ver != seen:
            raise Conflict
        record = row or model(key=key)
        before = record.values() if row else {}
        _assign(record, values)
        record.ver = (seen or _last_ver(model, key)) + 1
        body, personal = body_of(record, before, _last_body(model, key) if row else None)
        self._append([self._entry(model, record, "update" if row else "create", body)], personal)
        models.Model.save(record, force_insert=row is None, force_update=row is not None)
        record.__dict__.pop("reference", None)
        return record

    def put_new(self, model: type[Record], rows: Sequence[tuple[str, Values]]) -> list[Record]:
        """Write many records of a kind that has none of their keys yet, in few statements."""
        records, entries, personal = [], [], []
        for key, values in rows:
            record = model(key=key, ver=1)
            _assign(record, values)
            body, kept = body_of(record, {}, None)
            records.append(record)
            personal += kept
            entries.append(self._entry(model, record, "create", body))
        self._append(entries, personal)
        whole: models.QuerySet[Any] = models.QuerySet(model)
        whole.bulk_create(records, batch_size=_BATCH)
        return records

    def remove(self, model: type[Record], key: str, *, expected_ver: int | None = None) -> None:
        """Take a record out of its register. Its versions stay in the ledger, closed by a tombstone."""
        record = model._base_manager.select_for_update().filter(pk=key).first()
        if record is None:
            raise NotFound(what=f"{model.about.name}:{key}")
        if expected_ver is not None and expected_ver != record.ver:
            raise Conflict
        record.ver += 1
        self._append([self._entry(model, record, "delete", b"{}")])
        models.Model.delete(record)

    def note(self, kind: str, rec: str, body: dict[str, Any]) -> None:
        """A line for what changes no record: an act, a piece of evidence, an export."""
        entry = Entry(
            kind, rec, 1, "note", self.id, self.name, self.by, clock.now(), self.reason, canonical(body)
        )
        self._append([entry])

    def _entry(self, model: type[Record], record: Record, op: str, body: bytes) -> Entry:
        return Entry(
            model.about.name,
            record.key,
            record.ver,
            op,
            self.id,
            self.name,
            self.by,
            clock.now(),
            self.reason,
            body,
        )

    def _append(self, entries: Iterable[Entry], personal: Sequence[Personal] = ()) -> None:
        if personal:
            Personal.objects.bulk_create(personal, batch_size=_BATCH)
        self._written += append(entries)

    def _finish(self) -> None:
        if not self._written:
            self.note("act", self.id, {"name": self.name})
        if connection.vendor != "postgresql":
            place(self._written)


@contextmanager
def act(name: str, by: str, reason: str = "") -> Iterator[Act]:
    """One act in one transaction: all of it is kept, or nothing. On PostgreSQL its lines get their places afterwards.

    Raises Conflict where another act wrote the same version at the same instant.
    """
    try:
        with transaction.atomic():
            doing = Act(name, by, reason)
            yield doing
            doing._finish()
    except (IntegrityError, OperationalError) as error:
        if _lost_race(error):
            raise Conflict from error
        raise
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        sequence()


def body_of(record: Record, before: Values, last_body: dict[str, Any] | None) -> tuple[bytes, list[Personal]]:
    """The canonical bytes of a record's version, and the personal values that they commit to.

    A personal value that did not change keeps its commitment, so that its history stays one thread.
    """
    body: dict[str, Any] = {}
    personal: list[Personal] = []
    for name, f in type(record).kind_fields().items():
        value = f.to_body(getattr(record, f.attname))
        if value is None or value == "":
            continue
        if f.personal:
            if last_body and name in last_body and before.get(name) == value:
                value = last_body[name]
            else:
                value, row = commit(value)
                personal.append(row)
        body[name] = value
    return canonical(body), personal


def next_keys(model: type[Record], count: int = 1) -> list[str]:
    """Keys that no record of the kind has or ever had: the prefix and the next numbers.

    On PostgreSQL acts that ask at the same time wait for one another, so that no two get the same key.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"keys of {model.about.name}"])
    start = f"{model.about.prefix}-"
    used = Version.objects.filter(kind=model.about.name, rec__startswith=start, ver=1)
    numbers = [
        int(tail) for rec in used.values_list("rec", flat=True) if (tail := rec[len(start) :]).isdigit()
    ]
    first = max(numbers, default=0) + 1
    return [f"{start}{n:04d}" for n in range(first, first + count)]


def _lost_race(error: Exception) -> bool:
    """Whether a version, or a new record, was there first."""
    if connection.vendor == "postgresql":
        return getattr(error.__cause__, "sqlstate", None) in _LOST_RACES
    return "UNIQUE constraint failed: ledger_version." in str(error)


def _assign(record: Record, values: Values) -> None:
    fields = type(record).kind_fields()
    if unknown := set(values) - set(fields):
        raise NotFound(what=Text(f"項目 {sorted(unknown)}", f"The field {sorted(unknown)}"))
    for name, value in values.items():
        setattr(record, fields[name].attname, value)


def _last_ver(model: type[Record], key: str) -> int:
    """The newest version of a record that was removed before; 0 where it never was."""
    newest = Version.objects.filter(kind=model.about.name, rec=key).aggregate(v=models.Max("ver"))["v"]
    return newest or 0


def _last_body(model: type[Record], key: str) -> dict[str, Any]:
    newest = Version.objects.filter(kind=model.about.name, rec=key).order_by("-ver").first()
    return json.loads(bytes(newest.body)) if newest else {}
