"""Whether the ledger moved since a page was made: what open pages ask about every second. One query, no records."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from sekisho.web.seen import seen


@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """204 while a page of `since` ledger lines, judged `on` a day, is the present one; else an event."""
    now = seen(request)
    shown = (request.GET.get("since", ""), request.GET.get("on", ""))
    if shown == (str(now.size), now.on.isoformat()):
        return HttpResponse(status=204)
    told = json.dumps({"sekisho:moved": {"size": now.size}})
    return HttpResponse(status=200, headers={"HX-Trigger": told})
