"""What system audits cover: the audit universe over the years of the cycle, what is missing, and what is followed."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.kernel.texts import Text
from sekisho.records.facts.audit import CLAUSE
from sekisho.records.models import Audit, MemberProfile
from sekisho.rulebook.audit_coverage import (
    CITATION,
    COVERED,
    LAPSED,
    NEVER,
    NOT_YET,
    SOON_OVER,
    Matrix,
    matrix,
)
from sekisho.rulebook.language import fiscal_year
from sekisho.rulebook.words import findings_of
from sekisho.web.audit_followed import followed
from sekisho.web.audit_plan import Plan, plan
from sekisho.web.audit_rows import GOOD, KIND_WORDS, groups, worst_first, years_of
from sekisho.web.entry import may_edit
from sekisho.web.kept import drawn
from sekisho.web.seen import assessment, facts, require_state, seen, then

AUDITORS_CITATION = "24-1"
LINES_A_KIND = 50  # of records, where all kinds are shown; the worst first
LINES_A_PAGE = 200  # where one kind is
FINDINGS_SHOWN = 100


def audit_coverage(request: HttpRequest) -> HttpResponse:
    """Filters: `kind`, one of the universe's; `gaps`: what lapsed, is missing or lapses soon. `unfold`: all open."""
    require_state(request)
    found = matrix(assessment(request), facts(request))
    kind = request.GET.get("kind", "")
    kind = kind if kind in KIND_WORDS else ""
    context = {
        "shown": drawn(request, "parts/audit_coverage_state.html", lambda: _state(request, found, kind)),
        "plan": _plan(request, found, kind),
    }
    return render(request, "audit_coverage.html", context)


def _plan(request: HttpRequest, found: Matrix, kind: str) -> Plan | None:
    """What the reader may put into a new audit: all that is missing, of one kind where one is shown."""
    missing = found.missing if not kind else found.missing.filter(pl.col("kind") == kind)
    if missing.is_empty() or not may_edit(request, Audit):
        return None
    return plan(found, missing)


def _state(request: HttpRequest, found: Matrix, kind: str) -> dict[str, Any]:
    """What everybody sees who may see it."""
    gaps = "gaps" in request.GET
    chosen = found.subjects.filter(
        (pl.col("kind") == kind) if kind else pl.lit(True),
        (pl.col("standing") != COVERED) & ~pl.col("excepted") if gaps else pl.lit(True),
    )
    page = _page(request, chosen, kind)
    month = fiscal_year(facts(request)[MemberProfile], seen(request).on).collect()["year_from_on"][0].month
    counts, years = _counts(found.subjects), years_of(found, month)
    return {
        "kind": kind,
        "gaps": gaps,
        "unfold": "unfold" in request.GET or gaps or bool(kind),
        "kinds": _kinds(found.subjects),
        "counts": counts,
        "lacking": counts["all"] - counts["covered"] - counts["excepted"],
        "state": assessment(request)[CITATION],
        "years": years,
        "groups": groups(found, years, chosen, _shown(chosen, page, kind), then(request)),
        "page": page,
        **_auditors(request),
        **followed(request),
    }


def _page(request: HttpRequest, chosen: pl.DataFrame, kind: str) -> Page[Any]:
    """Of one kind of record there may be thousands: they come in pages. The clauses are few."""
    number = len(chosen) if kind and kind != CLAUSE else 0
    return Paginator(range(number), LINES_A_PAGE).get_page(request.GET.get("page"))


def _shown(chosen: pl.DataFrame, page: Page[Any], kind: str) -> pl.DataFrame:
    """The lines: every clause in the rule's order, and of records the worst first."""
    if kind == CLAUSE:
        return chosen
    if kind:
        return worst_first(chosen).slice(max(0, page.start_index() - 1), LINES_A_PAGE)
    records = [
        worst_first(chosen.filter(pl.col("kind") == k)).head(LINES_A_KIND) for k in KIND_WORDS if k != CLAUSE
    ]
    return pl.concat([chosen.filter(pl.col("kind") == CLAUSE), *records])


def _counts(subjects: pl.DataFrame) -> dict[str, int]:
    standing, excepted = pl.col("standing"), pl.col("excepted")
    told = subjects.select(
        all=pl.len(),
        covered=standing.is_in(GOOD).sum(),
        soon=(standing == SOON_OVER).sum(),
        lapsed=((standing == LAPSED) & ~excepted).sum(),
        never=((standing == NEVER) & ~excepted).sum(),
        not_yet=((standing == NOT_YET) & ~excepted).sum(),
        excepted=excepted.sum(),
    ).row(0, named=True)
    return {name: int(number) for name, number in told.items()}


def _kinds(subjects: pl.DataFrame) -> list[tuple[str, Text, dict[str, int]]]:
    """Each kind with how its subjects stand."""
    return [
        (kind, words, _counts(subjects.filter(pl.col("kind") == kind))) for kind, words in KIND_WORDS.items()
    ]


def _auditors(request: HttpRequest) -> dict[str, Any]:
    """What 24-1 finds about the regularity of audits and about auditors, what stands before what is excepted."""
    state = assessment(request)[AUDITORS_CITATION]
    rows = state.findings.sort("excepted", maintain_order=True)
    found = findings_of(state, seen(request), rows.head(FINDINGS_SHOWN))
    return {"auditors": found, "auditors_state": state, "auditors_all": len(rows)}
