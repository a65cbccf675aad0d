"""What the caller must do, approve or acknowledge, and by when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from sekisho.access.rights import Actor
from sekisho.api.describe import documented
from sekisho.api.door import actor_of
from sekisho.api.shapes import Work
from sekisho.api.tell import json_answer
from sekisho.records.facts import snapshot
from sekisho.workflows.my_work import Task, my_work

router = Router(tags=["マイタスク / My work"])


@router.get("", response=Work, summary="マイタスク / My work", openapi_extra=documented())
def work(request: HttpRequest) -> HttpResponse:
    """The tasks of the person, soonest first; nobody but a person has any. A token tells of the kinds that it reads."""
    actor, seen = actor_of(request), snapshot()
    tasks = [task for task in my_work(actor, seen) if _reaches(actor, task)]
    items = [
        {
            "what": task.what,
            "reference": task.reference,
            "text": task.text.as_dict(),
            "due": task.due.isoformat() if task.due else None,
            "overdue": task.is_overdue(seen.on),
            "clause": task.clause or None,
        }
        for task in tasks
    ]
    return json_answer(request, told(seen.on.isoformat(), items))


def told(on: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"on": on, "items": items}


def _reaches(actor: Actor, task: Task) -> bool:
    return actor.reads is None or task.reference.partition(":")[0] in actor.reads
