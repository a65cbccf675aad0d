"""What a request sees: one snapshot of the records at its moment, and the assessment of it, each made once a request."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest

from sekisho.records.facts import Facts, Snapshot, facts_of, snapshot
from sekisho.rulebook.assess import Assessment, assess


def seen(request: HttpRequest) -> Snapshot:
    """The snapshot of the request's moment."""
    return cast(Snapshot, _once(request, "_seen", _snapshot))


def facts(request: HttpRequest) -> Facts:
    """The facts of the request's snapshot."""
    return cast(Facts, _once(request, "_facts", lambda r: facts_of(seen(r))))


def assessment(request: HttpRequest) -> Assessment:
    """Every clause, judged of the request's snapshot."""
    return cast(Assessment, _once(request, "_assessment", lambda r: assess(seen(r))))


def _snapshot(request: HttpRequest) -> Snapshot:
    moment = getattr(request, "moment", None)
    return snapshot() if moment is None else snapshot(moment.on, moment.known_at)


def _once(request: HttpRequest, name: str, make: Any) -> Any:
    if not hasattr(request, name):
        setattr(request, name, make(request))
    return getattr(request, name)
