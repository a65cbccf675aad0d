"""Verify all that is kept: the ledger, the registers that rest on it, and the evidence."""

from __future__ import annotations

import json
from typing import Any

from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.ledger import as_of, evidence
from sekisho.ledger import verify as ledger
from sekisho.ledger.faults import Report
from sekisho.ledger.models import Head, Pending
from sekisho.ledger.one_state import one_state
from sekisho.ledger.personal import values_of
from sekisho.records.contents import KINDS
from sekisho.records.record import Record

_CHUNK = 5_000


def verify_all(outside: list[tuple[str, str]] | None = None) -> Report:
    """Every line of the ledger, every register against it, every piece of evidence, while others go on writing."""
    digests: set[str] = set()
    with one_state():
        report = ledger.verify(outside)
        size = Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0
        waiting = set(Pending.objects.values_list("version__kind", "version__rec"))
        for model in KINDS:
            _register(report, model, size, waiting, digests)
    for digest in sorted(digests):
        _evidence(report, digest)
    return report


def _register(
    report: Report, model: type[Record], size: int, waiting: set[tuple[str, str]], digests: set[str]
) -> None:
    kind = model.about.name
    stands = {rec: (ver, json.loads(bytes(body))) for rec, ver, _, body, _ in as_of.state(kind, size)}
    opened = _opened(model, [body for _, body in stands.values()])
    for record in model.objects.order_by("pk").iterator(2000):
        known = stands.pop(record.key, None)
        if (kind, record.key) in waiting:
            continue
        if known is None:
            report.add("record_unknown", kind=kind, rec=record.key)
            continue
        ver, body = known
        digests.update(e["sha256"] for e in body.get("evidence", []))
        if differing := _differing(record, ver, body, opened):
            report.add("record_differs", kind=kind, rec=record.key, ver=ver, fields=", ".join(differing))
    for rec, (ver, _) in sorted(stands.items()):
        if (kind, rec) not in waiting:
            report.add("record_missing", kind=kind, rec=rec, ver=ver)


def _opened(model: type[Record], bodies: list[dict[str, Any]]) -> dict[str, str]:
    """The personal values that the bodies of a kind commit to, by commitment; erased ones are missing."""
    names = [n for n, f in model.kind_fields().items() if f.personal]
    wanted = [body[n]["$c"] for body in bodies for n in names if isinstance(body.get(n), dict)]
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _CHUNK):
        found |= values_of(wanted[start : start + _CHUNK])
    return found


def _differing(record: Record, ver: int, body: dict[str, Any], opened: dict[str, str]) -> list[str]:
    """The fields whose value in the register is not that of the ledger's newest version."""
    found = [] if record.ver == ver else ["ver"]
    for name, field in type(record).kind_fields().items():
        value = field.to_body(getattr(record, field.attname))
        known = body.get(name)
        if field.personal and isinstance(known, dict):
            known = opened.get(known["$c"])  # an erased value is blank in the register too
        if (None if value == "" else value) != known:
            found.append(name)
    return found


def _evidence(report: Report, digest: str) -> None:
    report.evidence += 1
    try:
        evidence.read(digest)
    except NotFound:
        report.add("evidence_missing", sha256=digest)
    except SekishoError:
        report.add("evidence_changed", sha256=digest)
