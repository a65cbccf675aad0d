"""The rule as a wall: chapters, articles, clauses, each with its verdict at a glance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.findings.verdicts import DUTY_WORDS, VERDICT_WORDS, Duty, Verdict
from sekisho.kernel.texts import Text
from sekisho.rulebook.assess import ClauseState
from sekisho.rulebook.contents import ARTICLES, SOURCE, TITLE, Article
from sekisho.web.kept import drawn
from sekisho.web.official import edition_at, headings
from sekisho.web.seen import assessment, require_state, seen

DUTIES = (Duty.MUST, Duty.SHOULD, Duty.MAY, Duty.SCOPE)  # the heaviest first


@dataclass(frozen=True)
class Wall:
    """An article with those of its clauses that the reader asked for."""

    article: Article
    states: list[ClauseState]

    @property
    def counts(self) -> list[tuple[Verdict, int]]:
        """How many clauses of each verdict, the worst first; what is not there is left out."""
        found = Counter(s.verdict for s in self.states)
        return [(v, found[v]) for v in WORST_FIRST if found[v]]


WORST_FIRST = (
    Verdict.FALLS_SHORT,
    Verdict.NO_EVIDENCE,
    Verdict.MET_BY_EXCEPTION,
    Verdict.MET,
    Verdict.NOT_APPLICABLE,
    Verdict.DEFINITION,
)


def rule(request: HttpRequest) -> HttpResponse:
    """Filters: `verdict` and `duty`, each at most one."""
    require_state(request)
    wall = drawn(request, "parts/rule_wall.html", lambda: _wall(request))
    return render(request, "rule.html", {"title": TITLE, "source": SOURCE, "wall": wall})


def _wall(request: HttpRequest) -> dict[str, Any]:
    states = list(assessment(request).states.values())
    verdict, duty = request.GET.get("verdict", ""), request.GET.get("duty", "")
    chosen = [
        s
        for s in states
        if (s.verdict == verdict or verdict not in VERDICT_WORDS)
        and (s.clause.duty == duty or duty not in DUTY_WORDS)
    ]
    return {
        "chapters": _chapters(chosen),
        "headings": headings(edition_at(seen(request))),
        "totals": totals(states),
        "verdicts": WORST_FIRST,
        "verdict": verdict if verdict in VERDICT_WORDS else "",
        "duty": duty if duty in DUTY_WORDS else "",
        "shown": len(chosen),
        "all": len(states),
    }


def totals(states: list[ClauseState]) -> list[tuple[Duty, list[tuple[Verdict, int]], int]]:
    """Each duty that occurs, with its clauses by verdict (the worst first, 0 included) and their number."""
    found = Counter((s.clause.duty, s.verdict) for s in states)
    rows = []
    for duty in DUTIES:
        row = [(v, found[(duty, v)]) for v in WORST_FIRST]
        if number := sum(n for _, n in row):
            rows.append((duty, row, number))
    return rows


def _chapters(states: list[ClauseState]) -> list[tuple[Text, list[Wall]]]:
    by_article: dict[str, list[ClauseState]] = {}
    for state in states:
        by_article.setdefault(state.clause.article, []).append(state)
    walls = [Wall(a, by_article[a.number]) for a in ARTICLES if a.number in by_article]
    return [(chapter, list(found)) for chapter, found in groupby(walls, key=lambda w: w.article.chapter)]
