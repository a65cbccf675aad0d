"""The part of CrowdSec's local API that its bouncers use: GET /v1/decisions and /v1/decisions/stream.

Authentication is a service's token in X-Api-Key that may read `block_list`; each token is a bouncer of its own. Errors
are in CrowdSec's form, {"message": ...}, for that is what a bouncer reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from sekisho.access import pace
from sekisho.access.rights import Actor, may_read
from sekisho.access.tokens import actor_for_secret
from sekisho.api.blocklist import ORIGIN, decision
from sekisho.api.tell import encoded
from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.records.models import BlockList
from sekisho.workflows.watch_after.blocks import fetched, in_force
from sekisho.workflows.watch_after.models import Block, BlockReader

OVERLAP = timedelta(
    seconds=2
)  # told again, so that nothing committed late is missed; a bouncer takes it twice
KNOWN = {
    "ip", "range", "scope", "value", "type", "scopes", "startup", "origins", "contains", "scenarios_containing",
    "scenarios_not_containing", "dedup", "additional_pull", "community_pull",
}  # fmt: skip
View = Callable[[HttpRequest], HttpResponse]


def _bouncer(view: Callable[[HttpRequest, str], Any]) -> View:
    """Let in who may, answer in CrowdSec's form."""

    @csrf_exempt
    @login_not_required
    @require_safe
    def answered(request: HttpRequest) -> HttpResponse:
        actor = _actor(request)
        if actor is None:
            return _answer({"message": "access forbidden"}, 403)
        try:
            pace.take(actor.by)
            if unknown := set(request.GET) - KNOWN:
                return _answer({"message": f"unknown parameter {sorted(unknown)[0][:60]}"}, 400)
            return _answer(view(request, actor.by))
        except ValueError as error:
            return _answer({"message": str(error)[:200]}, 400)
        except SekishoError as error:
            return _answer({"message": error.text.en}, error.status)

    return answered


def _actor(request: HttpRequest) -> Actor | None:
    actor = actor_for_secret(request.headers.get("X-Api-Key", ""))
    return actor if actor is not None and may_read(actor, BlockList) else None


def _answer(told: Any, status: int = 200) -> HttpResponse:
    response = HttpResponse(encoded(told), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@_bouncer
def decisions(request: HttpRequest, by: str) -> Any:
    """Decisions in force, of one address or range where `ip` or `range` asks; null where there is none."""
    now = clock.now()
    fetched(by)
    asked = request.GET.get("ip") or request.GET.get("range") or request.GET.get("value")
    rows = [row for row in in_force(now) if _wanted(request, row)]
    if asked:
        wanted = ip_network(asked, strict=False)
        rows = [
            r for r in rows if (n := ip_network(r.address)).version == wanted.version and n.overlaps(wanted)
        ]
    return [decision(row, now) for row in rows] or None


@_bouncer
def stream(request: HttpRequest, by: str) -> Any:
    """`startup=true`: all that is in force. Else what came and what went since this bouncer asked the last time."""
    now = clock.now()
    before = BlockReader.objects.filter(pk=by[:100]).values_list("seen_at", flat=True).first()
    startup = request.GET.get("startup", "").lower() == "true" or before is None
    fetched(by, seen_at=now)
    if startup or before is None:
        new = [row for row in in_force(now) if _wanted(request, row)]
        return {"new": [decision(row, now) for row in new], "deleted": []}
    since = before - OVERLAP
    changed = Block.objects.filter(changed_at__gte=since)
    standing = in_force(now)
    new = [row for row in standing.filter(changed_at__gte=since) if _wanted(request, row)]
    ran_out = Q(until_at__gte=since, until_at__lte=now, lifted_at=None)
    gone = (
        changed.filter(lifted_at__gte=since, lifted_at__lte=now) | Block.objects.filter(ran_out)
    ).order_by("pk")
    still = set(standing.filter(address__in=[row.address for row in gone]).values_list("address", flat=True))
    deleted = [row for row in gone if row.address not in still and _wanted(request, row)]
    return {"new": [decision(r, now) for r in new], "deleted": [decision(r, now) for r in deleted]}


def _wanted(request: HttpRequest, row: Block) -> bool:
    """As CrowdSec's filters have it: lists with commas, each of which narrows."""
    scope = "range" if "/" in row.address else "ip"
    scopes = _list(request, "scopes") or _list(request, "scope")
    holding = _list(request, "scenarios_containing")
    without = _list(request, "scenarios_not_containing")
    scenario = f"sekisho/{row.rule}".lower()
    return (
        (not scopes or scope in scopes)
        and (request.GET.get("type", "ban").lower() == "ban")
        and (not (origins := _list(request, "origins")) or ORIGIN in origins)
        and (not holding or any(part in scenario for part in holding))
        and not any(part in scenario for part in without)
    )


def _list(request: HttpRequest, name: str) -> list[str]:
    return [part.strip().lower() for part in request.GET.get(name, "").split(",") if part.strip()]


urlpatterns = [
    path("decisions", decisions, name="bouncer_decisions"),
    path("decisions/stream", stream, name="bouncer_stream"),
]
