"""What the ledger tells of one record: every version, who wrote it in which act, and what it changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from sekisho.ledger.models import Version
from sekisho.records.facts import Facts
from sekisho.records.record import Record, Values
from sekisho.records.register.known import values_from


@dataclass(frozen=True, slots=True)
class Difference:
    """A field's value before and after. `erased`: it was a personal value that is no longer kept."""

    name: str
    before: Any
    after: Any
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One version: `op` is create, update or delete; `seq` is its place in the ledger, None while it waits for one."""

    ver: int
    op: str
    seq: int | None
    at: datetime
    by: str
    act: str
    act_name: str
    reason: str
    values: Values
    differences: tuple[Difference, ...]


def history(
    model: type[Record], key: str, *, then: Facts | None = None, at_most: int | None = None
) -> list[Change]:
    """The versions of a record, newest first; of a past moment, those that were known."""
    rows = _versions(model, key, then).order_by("-ver")
    versions = list(rows[: at_most + 1] if at_most else rows)
    bodies = [json.loads(bytes(v.body)) for v in versions]
    values = values_from(model, bodies)
    told = [
        _change(model, version, bodies[n : n + 2], values[n : n + 2]) for n, version in enumerate(versions)
    ]
    return told[:at_most] if at_most else told


def times_changed(model: type[Record], key: str, *, then: Facts | None = None) -> int:
    """How many versions a record has."""
    return _versions(model, key, then).count()


def change_at(model: type[Record], key: str, ver: int) -> Values | None:
    """The values of one version; None where there is no such version or it closed the record."""
    version = Version.objects.filter(kind=model.about.name, rec=key, ver=ver).first()
    if version is None or version.op == "delete":
        return None
    return values_from(model, [json.loads(bytes(version.body))])[0]


def _versions(model: type[Record], key: str, then: Facts | None) -> models.QuerySet[Version]:
    rows = Version.objects.filter(kind=model.about.name, rec=key).select_related("leaf")
    return rows.filter(leaf__seq__lt=then.size) if then else rows


def _change(
    model: type[Record], version: Version, bodies: list[dict[str, Any]], values: list[Values]
) -> Change:
    """A version beside the one before it (the second of the lists, where there is one)."""
    leaf = getattr(version, "leaf", None)
    body, before = bodies[0], bodies[1] if len(bodies) > 1 else {}
    differences = tuple(
        Difference(
            name,
            values[1][name] if len(values) > 1 else None,
            values[0][name],
            erased=kind_field.personal and name in body and values[0][name] is None,
        )
        for name, kind_field in model.kind_fields().items()
        if body.get(name) != before.get(name)
    )
    return Change(
        ver=version.ver,
        op=version.op,
        seq=leaf.seq if leaf else None,
        at=leaf.at if leaf else version.made_at,
        by=version.by,
        act=version.act,
        act_name=version.act_name,
        reason=version.reason,
        values=values[0],
        differences=differences if version.op != "delete" else (),
    )
