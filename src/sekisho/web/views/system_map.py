"""Systems, what they are made of, how they hang together, and on what they rest."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.findings.outcomes import FALLS_SHORT
from sekisho.web.chains.marks import in_words
from sekisho.web.kept import drawn
from sekisho.web.seen import assessment, require_state
from sekisho.web.system_map.asked import MOST_SYSTEMS, asked
from sekisho.web.system_map.drawing import drawing
from sekisho.web.system_map.panel import components_at, panel

FINDINGS_SHOWN = 12
ARTICLE = "12"


def system_map(request: HttpRequest) -> HttpResponse:
    """`unit`, `criticality`, `rests`: which systems; `at`: the chosen node; `panel`: that node's panel, a fragment."""
    require_state(request)
    if node := request.GET.get("panel"):
        context = {
            "panel": panel(request, node),
            "components": components_at(request, node),
            "fragment": True,
        }
        return render(request, "parts/system_map_panel.html", context)
    shown = drawn(request, "parts/system_map.html", lambda: _shown(request))
    return render(request, "system_map.html", {"shown": shown})


def _shown(request: HttpRequest) -> dict[str, Any]:
    asking = asked(request)
    page = Paginator(sorted(asking.chosen), MOST_SYSTEMS).get_page(request.GET.get("systems"))
    picture = drawing(request, asking, page.object_list)
    standing = picture.found.filter(~pl.col("excepted"))
    worst = standing.sort(pl.col("outcome") != FALLS_SHORT, ~pl.col("grave"), "since", nulls_last=True)
    context: dict[str, Any] = {
        "asked": asking,
        "most": MOST_SYSTEMS,
        "drawing": picture,
        "page": page,
        "json": picture.as_json() if asking.drawable else None,
        "findings": in_words(request, worst.head(FINDINGS_SHOWN)),
        "findings_all": len(standing),
        "findings_more": len(standing) - FINDINGS_SHOWN,
        "clauses": [s for s in assessment(request).states.values() if s.clause.article == ARTICLE],
    }
    if node := request.GET.get("at"):
        context |= {"panel": panel(request, node), "components": components_at(request, node)}
    return context
