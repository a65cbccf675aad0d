"""A kind as programs read it: one form for `sekisho kinds --format json` and for the API."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sekisho.records.record import Kind, Record

_NO_APPROVERS = next(f.default for f in fields(Kind) if f.name == "approvers")


def described(model: type[Record]) -> dict[str, Any]:
    """The kind with all its fields (`KindField.describe`). `governed`: some of its changes take approval."""
    about = model.about
    return {
        "kind": about.name,
        "label": about.label.as_dict(),
        "help": about.help.as_dict(),
        "domain": about.domain,
        "prefix": about.prefix,
        "title": about.title,
        "columns": list(about.columns),
        "clauses": list(about.clauses),
        "readers": sorted(about.readers | about.writers),
        "writers": sorted(about.writers),
        "governed": is_governed(model),
        "fields": [field.describe() for field in model.kind_fields().values()],
    }


def is_governed(model: type[Record]) -> bool:
    """Whether the kind declares who approves its changes; which of them take it depends on the values."""
    return model.about.approvers is not _NO_APPROVERS
