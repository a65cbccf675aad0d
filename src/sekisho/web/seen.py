"""What a request sees: one snapshot of the records at its moment, and its assessment, each made once a request."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest

from sekisho.access.rights import Actor, nobody, role_names
from sekisho.kernel.errors import Refused
from sekisho.records.facts import Facts, Snapshot, facts_of, snapshot
from sekisho.records.record import STAFF
from sekisho.rulebook.assess import Assessment, assess


def seen(request: HttpRequest) -> Snapshot:
    """The snapshot of the request's moment."""
    return cast(Snapshot, _once(request, "_seen", _snapshot))


def facts(request: HttpRequest) -> Facts:
    """The facts of the request's snapshot."""
    return cast(Facts, _once(request, "_facts", lambda r: facts_of(seen(r))))


def then(request: HttpRequest) -> Facts | None:
    """The facts of a past moment, for the reads of registers; None where all that is recorded now counts."""
    return facts(request) if seen(request).known_at else None


def assessment(request: HttpRequest) -> Assessment:
    """Every clause, judged of the request's snapshot."""
    return cast(Assessment, _once(request, "_assessment", lambda r: assess(seen(r))))


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; nobody before sign-in."""
    return cast(Actor, getattr(request, "actor", None) or nobody())


def may_see_state(actor: Actor) -> bool:
    """Whether the reader may see how the member stands: whoever works at the member, and the machine's operator."""
    return actor.works_here or actor.operator


def require_state(request: HttpRequest) -> None:
    """Raise Refused where the reader may not see how the member stands: findings speak of records."""
    if not may_see_state(actor_of(request)):
        raise Refused(roles=role_names(frozenset({STAFF})))


def _snapshot(request: HttpRequest) -> Snapshot:
    moment = getattr(request, "moment", None)
    return snapshot() if moment is None else snapshot(moment.on, moment.known_at)


def _once(request: HttpRequest, name: str, make: Any) -> Any:
    if not hasattr(request, name):
        setattr(request, name, make(request))
    return getattr(request, name)
