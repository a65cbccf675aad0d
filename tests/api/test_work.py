"""My work by the API: the same tasks as on the page, within a token's bounds."""

from __future__ import annotations

from typing import Any

from sekisho.workflows.my_work import my_work
from tests.api.calling import service, token_of


def test_a_person_gets_the_own_tasks(cast: Any):
    told = token_of(cast.sakura).get("work").json
    tasks = my_work(cast.sakura.actor)
    assert tasks
    assert [(i["what"], i["reference"], i["text"]) for i in told["items"]] == [
        (t.what, t.reference, t.text.as_dict()) for t in tasks
    ]


def test_a_bounded_token_tells_of_its_kinds_alone(cast: Any):
    told = token_of(cast.sakura, reads=["unit"]).get("work").json
    assert {i["reference"].split(":")[0] for i in told["items"]} == {"unit"}


def test_a_service_has_no_tasks(cast: Any):
    assert service(reads=["unit"]).get("work").json["items"] == []
