"""What stops if one of those stops that the member depends on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from sekisho.api.ask import snapshot_at
from sekisho.api.describe import documented
from sekisho.api.door import readable
from sekisho.api.kind_shapes import SEARCH_LENGTH
from sekisho.api.operations.rule import Moment
from sekisho.api.shapes import WhatStops
from sekisho.api.tell import json_answer, told_names
from sekisho.records.facts import facts_of
from sekisho.records.facts.concentration import READS, what_stops
from sekisho.records.register import titles

router = Router(tags=["外部委託・クラウド / Outsourcing and cloud"])


class Stop(Moment):
    """What stops: by key, a group by its name, a country by its code."""

    kind: Literal["vendor", "group", "location", "country_locations", "country_vendors", "system"] = Field(
        description="委託先、企業グループ、所在地、国（データセンター／委託先の所在国）、システム"
        " / A vendor, a group, a location, a country (its data centres, or the vendors seated there), a system"
    )
    key: Annotated[str, Field(min_length=1, max_length=SEARCH_LENGTH)]


@router.get(
    "/what-stops", response=WhatStops, summary="停止した場合の影響 / What stops", openapi_extra=documented()
)
def stops(request: HttpRequest, asked: Query[Stop]) -> HttpResponse:
    """Every service, cloud service, system and unit that is hit, subcontractors down to the last included.

    What is not on record is never taken for safe: such a thing is `unknown`. Whoever nothing depends on stops nothing.
    """
    for model in READS:
        readable(request, model.about.name)
    seen = snapshot_at(asked.on, asked.known_at)
    known = facts_of(seen)
    found = what_stops(known, seen.on, asked.kind, asked.key)
    items = [_told(row) for row in found.iter_rows(named=True)]
    spoken = {r for item in items for r in (item["reference"], *item["through"])}
    told = {"on": seen.on.isoformat(), "kind": asked.kind, "key": asked.key, "items": items}
    names = told_names(titles(spoken, known if seen.known_at else None))
    return json_answer(request, told | {"names": names})


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {"reference": f"{row['kind']}:{row['key']}"} | {
        n: row[n] for n in ("effect", "through", "in_scope", "critical")
    }
