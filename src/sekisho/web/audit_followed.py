"""The audit findings that are open, as a page shows them: one by one, and how many by severity and age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.http import HttpRequest

from sekisho.findings.outcomes import CLAUSE
from sekisho.kernel.texts import Text
from sekisho.records.facts.audit import open_findings
from sekisho.records.models import AuditFinding
from sekisho.rulebook.words import subject_names
from sekisho.web.seen import facts, seen, then

SHOWN = 100
AGES: tuple[tuple[int | None, Text], ...] = (  # up to so many days since it was made
    (90, Text("90日以内", "Up to 90 days")),
    (180, Text("180日以内", "Up to 180 days")),
    (365, Text("1年以内", "Up to a year")),
    (None, Text("1年超", "Over a year")),
)
_ABOUT = {"clause": CLAUSE, "unit": "unit", "system": "system", "vendor": "vendor"}


@dataclass(frozen=True)
class Followed:
    """An open finding. `about`: what it is about, as (kind:key, title). `age`, `late`: days; age None where unknown."""

    reference: str
    text: Text
    severity: str
    severity_word: Text
    audit: tuple[str, Text]
    about: list[tuple[str, Text]]
    owner: tuple[str, Text] | None
    made_on: date | None
    age: int | None
    due_on: date | None
    done_on: date | None
    late: int


def followed(request: HttpRequest) -> dict[str, Any]:
    """The open findings of the request's day: the first of them, their number, and the tally."""
    rows = open_findings(facts(request), seen(request).on)
    shown = rows.head(SHOWN).to_dicts()
    names = subject_names(sorted({r for row in shown for r in _named(row)}), then(request))
    return {
        "findings": [_one(row, names, seen(request).on) for row in shown],
        "findings_all": len(rows),
        "findings_late": int((rows["late"] > 0).sum()),
        "ages": [words for _, words in AGES],
        "tally": _tally(rows, seen(request).on),
    }


def _named(row: dict[str, Any]) -> list[str]:
    """Every subject that the row names."""
    about = [f"{kind}:{row[name]}" for name, kind in _ABOUT.items() if row[name]]
    owner = [f"person:{row['owner']}"] if row["owner"] else []
    return [f"audit_finding:{row['key']}", f"audit:{row['audit']}", *about, *owner]


def _one(row: dict[str, Any], names: dict[str, Text], on: date) -> Followed:
    def named(kind: str, key: str) -> tuple[str, Text]:
        return f"{kind}:{key}", names.get(f"{kind}:{key}", Text(key, key))

    reference, text = named("audit_finding", row["key"])
    severity: Any = AuditFinding.kind_fields()["severity"]
    return Followed(
        reference=reference,
        text=text,
        severity=row["severity"],
        severity_word=severity.label_of(row["severity"]),
        audit=named("audit", row["audit"]),
        about=[named(kind, row[name]) for name, kind in _ABOUT.items() if row[name]],
        owner=named("person", row["owner"]) if row["owner"] else None,
        made_on=row["made_on"],
        age=(on - row["made_on"]).days if row["made_on"] else None,
        due_on=row["due_on"],
        done_on=row["done_on"] if row["done"] else None,
        late=row["late"],
    )


def _tally(rows: pl.DataFrame, on: date) -> list[dict[str, Any]]:
    """By severity, the highest first: how many of each age, in all, overdue. What has no day counts as the oldest."""
    severity: Any = AuditFinding.kind_fields()["severity"]
    band = pl.lit(len(AGES) - 1)
    for number, (days, _) in reversed(list(enumerate(AGES[:-1]))):
        band = pl.when(pl.col("made_on") >= on - timedelta(days=days or 0)).then(number).otherwise(band)
    counts = rows.select("severity", "late", band=band)
    told = []
    for value, words in severity.options.items():
        mine = counts.filter(pl.col("severity") == value)
        by_age = dict(mine["band"].value_counts().iter_rows())
        told.append(
            {
                "severity": value,
                "word": words,
                "ages": [by_age.get(n, 0) for n in range(len(AGES))],
                "all": len(mine),
                "late": int((mine["late"] > 0).sum()),
            }
        )
    return told
