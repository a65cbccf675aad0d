"""Every register by domain: what it is for, the clauses that it serves, how many records it holds."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.access.rights import may_read
from sekisho.kernel.texts import Text
from sekisho.records.contents import DOMAINS, KINDS
from sekisho.records.record import Kind
from sekisho.records.register import counts
from sekisho.web.entry import may_edit, past, reader


@dataclass(frozen=True)
class Entry:
    """One register. `writes`: the reader may add to it."""

    about: Kind
    count: int
    writes: bool


def registers(request: HttpRequest) -> HttpResponse:
    """Those that the reader may read."""
    held = counts(past(request))
    domains: list[tuple[str, Text, list[Entry]]] = []
    for domain, words in DOMAINS.items():
        entries = [
            Entry(model.about, held[model.about.name], may_edit(request, model))
            for model in KINDS
            if model.about.domain == domain and may_read(reader(request), model)
        ]
        if entries:
            domains.append((domain, words, entries))
    return render(request, "registers.html", {"domains": domains})
