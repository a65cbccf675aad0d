"""What every act stands on: one transaction in which records are written together with their lines in the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, OperationalError, connection, models, transaction

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.ids import new_id
from sekisho.kernel.texts import Text
from sekisho.ledger import sequencer
from sekisho.ledger.append import append, place, sequence
from sekisho.ledger.canonical import canonical
from sekisho.ledger.entry import Entry
from sekisho.ledger.models import Personal, Version
from sekisho.ledger.personal import commit
from sekisho.records.record import Record, Values

_BATCH = 1000
LONGEST_REASON = 2000  # characters: with it an entry stays under the 64 KiB of C2SP's entry bundles
_TOO_LONG = Text(
    f"理由は {LONGEST_REASON} 文字までです。", f"A reason has at most {LONGEST_REASON} characters."
)
NEEDS_REASON = Text("理由を入力してください。", "Give the reason.")
_LOST_RACES = {"23505", "40001", "40P01"}  # PostgreSQL: unique violation, serialization failure, deadlock


def require_reason(reason: str) -> None:
    """Raise Invalid where an act that needs its reason has none."""
    if not reason.strip():
        raise Invalid({"reason": [NEEDS_REASON]})


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
        body, personal = body_of(
            record, before, _last_body(model, key) if row and _has_personal(model) else None
        )
        self._append([self._entry(model, record, "update" if row else "create", body)], personal)
        models.Model.save(record, force_insert=row is None, force_update=row is not None)
        record.__dict__.pop("reference", None)
        return record

    def put_new(self, model: type[Record], rows: Sequence[tuple[str, Values]]) -> list[Record]:
        """Write many records of a kind, in few statements. Raises Conflict where one of their keys stands already."""
        return self.put_many(model, rows, only_new=True)

    def put_many(
        self, model: type[Record], rows: Sequence[tuple[str, Values]], *, only_new: bool = False
    ) -> list[Record]:
        """Write many records of a kind, new and standing, in few statements. Each key at most once."""
        keys = [key for key, _ in rows]
        standing = _standing(model, keys)
        if only_new and standing:
            raise Conflict
        bodies = _last_bodies(model, list(standing)) if _has_personal(model) else {}
        vers = _last_vers(model, [key for key in keys if key not in standing])
        fresh: list[Record] = []
        changed: list[Record] = []
        entries: list[Entry] = []
        personal: list[Personal] = []
        for key, values in rows:
            row = standing.get(key)
            record = row or model(key=key, ver=vers.get(key, 0))
            before = record.values() if row else {}
            _assign(record, values)
            record.ver += 1
            body, kept = body_of(record, before, bodies.get(key))
            personal += kept
            entries.append(self._entry(model, record, "update" if row else "create", body))
            (changed if row else fresh).append(record)
        self._append(entries, personal)
        whole: models.QuerySet[Any] = models.QuerySet(model)
        whole.bulk_create(fresh, batch_size=_BATCH)
        _update_rows(model, changed)
        return fresh + changed

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
    if len(reason) > LONGEST_REASON:
        raise Invalid({"reason": [_TOO_LONG]})
    try:
        with transaction.atomic():
            doing = Act(name, by, reason)
            yield doing
            doing._finish()
    except (IntegrityError, OperationalError) as error:
        if _lost_race(error):
            raise Conflict from error
        raise
    if not sequencer.runs_here():
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


def _has_personal(model: type[Record]) -> bool:
    return any(f.personal for f in model.kind_fields().values())


def _standing(model: type[Record], keys: list[str]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for start in range(0, len(keys), _BATCH):
        rows = model._base_manager.select_for_update().filter(pk__in=keys[start : start + _BATCH])
        found |= {row.key: row for row in rows}
    return found


def _last_bodies(model: type[Record], keys: list[str]) -> dict[str, dict[str, Any]]:
    """The newest bodies of standing records, by key."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(keys), _BATCH):
        versions = Version.objects.filter(
            kind=model.about.name, rec__in=keys[start : start + _BATCH]
        ).order_by("ver")
        found |= {rec: json.loads(bytes(body)) for rec, body in versions.values_list("rec", "body")}
    return found


def _last_vers(model: type[Record], keys: list[str]) -> dict[str, int]:
    """The newest versions of records that were removed before; others are missing."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), _BATCH):
        versions = Version.objects.filter(kind=model.about.name, rec__in=keys[start : start + _BATCH])
        found |= dict(versions.values_list("rec").annotate(v=models.Max("ver")).order_by())
    return found


def _update_rows(model: type[Record], records: Sequence[Record]) -> None:
    """Write changed rows with one prepared statement."""
    if not records:
        return
    quote = connection.ops.quote_name
    columns = [f for f in model._meta.concrete_fields if not f.primary_key]
    assignments = ", ".join(f"{quote(str(f.column))} = %s" for f in columns)
    rows = [
        [*(f.get_db_prep_save(getattr(r, f.attname), connection) for f in columns), r.key] for r in records
    ]
    table = quote(model._meta.db_table)
    statement = f"UPDATE {table} SET {assignments} WHERE {quote('key')} = %s"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


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
