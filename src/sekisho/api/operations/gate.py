"""The gate before a release goes into use, for pipelines that deploy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from sekisho.api.describe import documented
from sekisho.api.door import readable, require_state
from sekisho.api.shapes import GateTold
from sekisho.api.tell import json_answer
from sekisho.workflows.gate import CLAUSES_ASKED, gate_of, told_gate

router = Router(tags=["ゲート / Gate"])


@router.get(
    "/gate/releases/{key}",
    response=GateTold,
    summary="リリースのゲート / A release's gate",
    openapi_extra=documented(),
)
def release_gate(request: HttpRequest, key: str) -> HttpResponse:
    """Whether a release may go into use now: `open`, or refused with the `reasons`, each with its clause.

    It asks the checks of articles 17 to 20 as if the release were deployed now. For a pipeline: go on where `open` is
    true, and stop on any other answer, an error included. An unknown release is a 404.
    """
    readable(request, "release")
    for citation in CLAUSES_ASKED:
        require_state(request, citation)
    return json_answer(request, told_gate(gate_of(key)))
