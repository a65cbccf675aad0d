"""The address of a new audit's form, its scope filled in with what is missing. Nothing is written until it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import polars as pl
from django.urls import reverse

from sekisho.kernel.texts import Text
from sekisho.records.facts.audit import CLAUSE
from sekisho.rulebook.audit_coverage import Matrix
from sekisho.web.audit_rows import worst_first
from sekisho.web.templatetags.sekisho import say

LONGEST = (
    6_000  # characters of the query: with the rest of the request's first line well under the server's limit
)
_FIELDS = {CLAUSE: "clauses", "unit": "units", "system": "systems", "vendor": "vendors"}
_TITLE = Text("{year}年度 システム監査（未実施の対象）", "System audit {year}: what was not covered")


@dataclass(frozen=True)
class Plan:
    """`subjects` of `wanting` are named at `url`: a query holds only so many."""

    url: str
    subjects: int
    wanting: int


def plan(found: Matrix, missing: pl.DataFrame) -> Plan:
    """The plan of what is missing: rows of `found.subjects`, in its order. Of records that do not all fit the worst."""
    scope: dict[str, list[str]] = {field: [] for field in _FIELDS.values()}
    room, named = LONGEST, 0
    for kind, name, number in _names(found, missing):
        room -= len(quote(f"{name};"))
        if room < 0:
            break
        scope[_FIELDS[kind]].append(name)
        named += number
    told = {
        "title": str(say(_TITLE.format(year=found.this_year))),
        "plan_year": str(found.this_year),
        **{field: ";".join(names) for field, names in scope.items() if names},
    }
    return Plan(f"{reverse('record_new', args=('audit',))}?{urlencode(told)}", named, len(missing))


def _names(found: Matrix, missing: pl.DataFrame) -> list[tuple[str, str, int]]:
    """What the scope says: kind, name, how many subjects that is. An article of which all is missing by its number."""
    clauses = missing.filter(pl.col("kind") == CLAUSE)
    sizes = dict(found.subjects.filter(pl.col("kind") == CLAUSE)["group"].value_counts().iter_rows())
    said: list[tuple[str, str, int]] = []
    for (article,), rows in clauses.partition_by("group", as_dict=True, maintain_order=True).items():
        if len(rows) == sizes[article]:
            said.append((CLAUSE, str(article), len(rows)))
        else:
            said += [(CLAUSE, citation, 1) for citation in rows["subject"]]
    others = worst_first(missing.filter(pl.col("kind") != CLAUSE))
    return said + [(kind, key, 1) for kind, key in others.select("kind", "subject").iter_rows()]
