"""Who works for whom, down to the last: the graph of outsourced work, and what stops if one of them stops."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.records.facts.chain_graph import (
    Graph,
    of_service,
    of_stop,
    of_system,
    of_vendor,
    together,
    whole,
)
from sekisho.records.facts.concentration import unknown_ends
from sekisho.web.chains.asked import CAUSES, MODES, Asked, asked
from sekisho.web.chains.drawing import Drawing, drawing
from sekisho.web.chains.marks import in_words, states
from sekisho.web.chains.panel import panel
from sekisho.web.chains.stops import answers, questions, weights
from sekisho.web.kept import drawn
from sekisho.web.seen import facts, require_state, seen

MOST_NODES = 150  # past that nobody can read a graph
FINDINGS_SHOWN = 12


def vendor_chain(request: HttpRequest) -> HttpResponse:
    """`by`: a mode; `of`, `kind`: whom; `at`: the node whose panel is open; `panel`: that panel alone, a fragment."""
    require_state(request)
    if node := request.GET.get("panel"):
        return render(request, "parts/vendor_chain_panel.html", {"panel": panel(request, node)})
    shown = drawn(request, "parts/vendor_chain.html", lambda: _shown(request))
    return render(request, "vendor_chain.html", {"shown": shown})


def _shown(request: HttpRequest) -> dict[str, Any]:
    question = asked(request, lambda: "whole" if len(_everything(request)) <= MOST_NODES else "service")
    context: dict[str, Any] = {
        "asked": question,
        "modes": MODES,
        "causes": CAUSES,
        "clauses": states(request),
        "most": MOST_NODES,
    }
    if question.mode == "weights":
        page, kinds = weights(request, question.kind)
        unknown = unknown_ends(facts(request), seen(request).on)
        return context | {"page": page, "kinds": kinds, "unknown_ends": unknown}
    stop = None
    if question.mode == "stops" and question.of:
        context["answers"], stop = answers(request, question)
    graph = _graph(request, question)
    context["size"] = len(graph) if graph else 0
    if graph and len(graph) <= MOST_NODES:
        context |= _drawn(request, drawing(request, graph, stop))
    if node := request.GET.get("at"):
        context["panel"] = panel(request, node)
    return context


def _everything(request: HttpRequest) -> Graph:
    return whole(facts(request), seen(request).on)


def _graph(request: HttpRequest, question: Asked) -> Graph | None:
    """The part of the graph that is asked for; None where nobody is chosen."""
    known, on = facts(request), seen(request).on
    if question.mode == "whole":
        return _everything(request)
    if not question.of:
        return None
    if question.mode == "service":
        kind, _, key = question.of.partition(":")
        return of_service(known, on, kind, key)
    if question.mode == "stops":
        return together(*(of_stop(known, on, q, question.of) for q in questions(question.kind)))
    return {"vendor": of_vendor, "system": of_system}[question.mode](known, on, question.of)


def _drawn(request: HttpRequest, picture: Drawing) -> dict[str, Any]:
    found = in_words(request, picture.found)
    return {
        "drawing": picture,
        "json": picture.as_json(),
        "findings": found[:FINDINGS_SHOWN],
        "findings_all": len(found),
        "findings_more": len(found) - FINDINGS_SHOWN,
    }
