"""The first page: how the member stands today, what will lapse, and what the reader must do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.findings.outcomes import FALLS_SHORT
from sekisho.findings.verdicts import Duty, Verdict
from sekisho.kernel import clock
from sekisho.records.models import Approval, Incident
from sekisho.rulebook.assess import ClauseState
from sekisho.rulebook.contents import ARTICLES, CLAUSES
from sekisho.rulebook.forecast import Lapse, lapsing, within
from sekisho.rulebook.history import past
from sekisho.web.kept import drawn
from sekisho.web.seen import actor_of, assessment, facts, may_see_state, require_state, seen
from sekisho.web.views.rule import WORST_FIRST

LAPSES_SHOWN = 12
UNSETTLED = ["draft", "open"]


@dataclass(frozen=True)
class Summary:
    """The numbers on top, all of them counted from the records of the snapshot."""

    obligations: int
    verdicts: Counter[Verdict]
    endeavours_short: int
    short_subjects: int
    overdue: int
    overdue_since: date | None
    incidents: int
    serious: int
    waiting: int
    waiting_since: date | None

    @property
    def met(self) -> int:
        return self.verdicts[Verdict.MET] + self.verdicts[Verdict.MET_BY_EXCEPTION]


def home(request: HttpRequest) -> HttpResponse:
    if not may_see_state(actor_of(request)):
        return render(request, "home.html", {"stranger": True})
    state = drawn(request, "parts/home_state.html", lambda: _state(request))
    return render(request, "home.html", {"state": state})


def _state(request: HttpRequest) -> dict[str, Any]:
    """What everybody who may see it sees. `?lapsing=all`: everything that will lapse, not the first few."""
    states = list(assessment(request).states.values())
    lapses = lapsing(seen(request))
    return {
        "summary": _summary(request, states),
        "lapses": lapses if "lapsing" in request.GET else lapses[:LAPSES_SHOWN],
        "lapses_all": len(lapses),
        "lapses_30": _numbers(within(lapses, 30)),
        "lapses_90": _numbers(lapses),
        "articles": _articles(states),
    }


def home_trend(request: HttpRequest) -> HttpResponse:
    """A fragment: the obligations by verdict at past month ends."""
    require_state(request)
    rows = [(day, _obligations(found)) for day, found in past(seen(request).on) if found is not None]
    waiting = sum(found is None for _, found in past(seen(request).on, seconds=0))
    now = {c: s.verdict for c, s in assessment(request).states.items()}
    context = {
        "rows": [*rows, (seen(request).on, _obligations(now))],
        "waiting": waiting,
        "verdicts": [v for v in WORST_FIRST if v is not Verdict.DEFINITION],
    }
    return render(request, "parts/home_trend.html", context)


def _obligations(found: dict[str, Verdict]) -> list[tuple[Verdict, int]]:
    counts = Counter(v for c, v in found.items() if c in CLAUSES and CLAUSES[c].duty is Duty.MUST)
    return [(v, counts[v]) for v in WORST_FIRST if v is not Verdict.DEFINITION]


def _numbers(lapses: list[Lapse]) -> dict[str, int]:
    return {"all": len(lapses), "must": sum(lapse.clause.duty is Duty.MUST for lapse in lapses)}


def _summary(request: HttpRequest, states: list[ClauseState]) -> Summary:
    must = [s for s in states if s.clause.duty is Duty.MUST]
    short = _short_of(must)
    overdue = _short_of(states).filter(pl.col("due") < seen(request).on)
    incidents = facts(request).frame(Incident).filter(pl.col("state").is_in(UNSETTLED))
    waiting = facts(request).frame(Approval).filter(pl.col("step") == "submitted")
    oldest: Any = waiting["asked_at"].min()
    return Summary(
        obligations=len(must),
        verdicts=Counter(s.verdict for s in must),
        endeavours_short=sum(
            s.clause.duty is Duty.SHOULD and s.verdict is Verdict.FALLS_SHORT for s in states
        ),
        short_subjects=short.select("kind", "subject").n_unique() if len(short) else 0,
        overdue=overdue.select("check", "kind", "subject").n_unique() if len(overdue) else 0,
        overdue_since=overdue["due"].min(),  # type: ignore[arg-type]
        incidents=len(incidents),
        serious=len(incidents.filter(pl.col("severity") == "serious")),
        waiting=len(waiting),
        waiting_since=clock.day_of(oldest) if oldest else None,
    )


def _short_of(states: list[ClauseState]) -> pl.DataFrame:
    """The standing findings that fall short, each told once: by the clause whose own check found it."""
    frames = [s.own for s in states]
    if not frames:
        return pl.DataFrame(schema={"due": pl.Date})
    return pl.concat(frames).filter(pl.col("outcome") == FALLS_SHORT, ~pl.col("excepted"))


def _articles(states: list[ClauseState]) -> list[dict[str, Any]]:
    return [
        {"article": article, "states": mine}
        for article in ARTICLES
        if (mine := [s for s in states if s.clause.article == article.number])
    ]
