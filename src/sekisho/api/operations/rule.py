"""The rule: every clause with its verdict, one with its findings, the whole assessment, and what will lapse."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from sekisho.api.ask import snapshot_at
from sekisho.api.describe import ETAG, IF_NONE_MATCH, documented
from sekisho.api.door import require_state
from sekisho.api.kind_shapes import Known
from sekisho.api.read import is_known
from sekisho.api.shapes import ClauseDetail, Clauses, ClauseTold, Forecast
from sekisho.api.tell import bytes_answer, encoded, json_answer, unchanged
from sekisho.api.types import Day, Digits
from sekisho.kernel import clock
from sekisho.ledger.models import Leaf
from sekisho.records.facts import Snapshot
from sekisho.rulebook.assess import ClauseState, assess
from sekisho.rulebook.contents import clause_named
from sekisho.rulebook.forecast import Lapse, lapsing
from sekisho.rulebook.history import rulebook_digest
from sekisho.rulebook.told import told, told_clause, told_finding
from sekisho.rulebook.words import findings_of

router = Router(tags=["規則の充足状況 / The rule"])
FARTHEST = 3_660  # days


class Moment(Known):
    """The day that is judged, and what was known."""

    on: Day | None = Field(
        None, description="判定する日（既定は今日） / The day that is judged; today by default"
    )


class Ahead(Moment):
    days: Annotated[int, Field(ge=1, le=FARTHEST), Digits] = Field(
        30, description="何日先まで / So many days ahead"
    )


WITH_TAG: dict[str, Any] = {"responses": {200: {"headers": ETAG}}}


@router.get(
    "/clauses",
    response={200: Clauses, 304: None},
    summary="全条項の判定 / All clauses",
    openapi_extra=documented(parameters=(IF_NONE_MATCH,), **WITH_TAG),
)
def clauses(request: HttpRequest, moment: Query[Moment]) -> HttpResponse:
    """Every clause in the rule's order, with its verdict and how many subjects are met or not."""
    require_state(request)
    seen = snapshot_at(moment.on, moment.known_at)
    tag = tag_of(seen)
    if is_known(request, tag):
        return unchanged(tag)
    return bytes_answer(request, _listed(seen, tag), tag=tag)


@router.get(
    "/clauses/{citation}",
    response={200: ClauseDetail, 304: None},
    summary="一つの条項 / One clause",
    openapi_extra=documented(parameters=(IF_NONE_MATCH,), **WITH_TAG),
)
def clause(request: HttpRequest, citation: str, moment: Query[Moment]) -> HttpResponse:
    """A clause (`7-1`, `G5-1`) with its findings, as `sekisho assess --format json` tells them."""
    asked = clause_named(citation)
    require_state(request, citation)
    seen = snapshot_at(moment.on, moment.known_at)
    tag = tag_of(seen, citation)
    if is_known(request, tag):
        return unchanged(tag)
    state = assess(seen)[citation]
    more = {
        "article": asked.article,
        "guideline": asked.is_guideline,
        "text": asked.text.as_dict(),
        "counts": state.counts,
        "items": list(asked.items),
        "read_with": asked.read_with or None,
    }
    return json_answer(request, told_clause(state, findings_of(state, seen)) | more, tag=tag)


@router.get(
    "/assessment",
    response={200: list[ClauseTold], 304: None},
    summary="判定結果の全体 / The assessment",
    openapi_extra=documented(parameters=(IF_NONE_MATCH,), **WITH_TAG),
)
def assessment(request: HttpRequest, moment: Query[Moment]) -> HttpResponse:
    """Every clause with its findings: the array of `sekisho assess --format json`."""
    require_state(request)
    seen = snapshot_at(moment.on, moment.known_at)
    tag = tag_of(seen, "assessment")
    return unchanged(tag) if is_known(request, tag) else json_answer(request, told(assess(seen)), tag=tag)


@router.get(
    "/forecast", response=Forecast, summary="今後の失効 / What will lapse", openapi_extra=documented()
)
def forecast(request: HttpRequest, ahead: Query[Ahead]) -> HttpResponse:
    """What is in order on the day and will not be within the next days, soonest first."""
    require_state(request)
    seen = snapshot_at(ahead.on, ahead.known_at)
    items = [_lapse(lapse) for lapse in lapsing(seen, (ahead.days,))]
    return json_answer(request, {"on": seen.on.isoformat(), "days": ahead.days, "items": items})


# --- parts ------------------------------------------------------------------------------------------------------


def tag_of(seen: Snapshot, part: str = "") -> str:
    """The same records, the same day, the same rulebook: the same tag. The newest line known stands for the records."""
    newest = Leaf.objects.filter(seq=seen.size - 1).values_list("hash", flat=True).first()
    known_at = seen.known_at.isoformat() if seen.known_at else ""
    words = f"{seen.size} {seen.on} {known_at} {rulebook_digest()} {part}"
    return f'"{hashlib.sha256(bytes(newest or b"") + words.encode()).hexdigest()[:32]}"'


_KEPT = 32
_lock = threading.Lock()
_lists: OrderedDict[str, bytes] = OrderedDict()


def _listed(seen: Snapshot, tag: str) -> bytes:
    """The list of all clauses, made once for each tag."""
    with _lock:
        if tag in _lists:
            _lists.move_to_end(tag)
            return _lists[tag]
    told_list = {
        "on": seen.on.isoformat(),
        "known_at": clock.iso(seen.known_at) if seen.known_at else None,
        "size": seen.size,
        "items": [_listed_clause(state) for state in assess(seen).states.values()],
    }
    body = encoded(told_list)
    with _lock:
        _lists[tag] = body
        while len(_lists) > _KEPT:
            _lists.popitem(last=False)
    return body


def _listed_clause(state: ClauseState) -> dict[str, Any]:
    asked = state.clause
    return {
        "clause": asked.citation,
        "article": asked.article,
        "guideline": asked.is_guideline,
        "duty": asked.duty.value,
        "text": asked.text.as_dict(),
        "verdict": state.verdict.value,
        "counts": state.counts,
    }


def _lapse(lapse: Lapse) -> dict[str, Any]:
    return {
        "clause": lapse.clause.citation,
        "duty": lapse.clause.duty.value,
        "on": lapse.on.isoformat() if lapse.on else None,
        "within": lapse.within,
        "finding": told_finding(lapse.finding),
    }
