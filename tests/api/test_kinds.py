"""The kinds: what they are, for whom."""

from __future__ import annotations

from typing import Any

from sekisho.records.contents import KINDS
from sekisho.records.described import described
from tests.api.calling import service, token_of


def test_all_kinds_with_their_fields(cast: Any):
    items = token_of(cast.nishi).get("kinds").json["items"]
    assert [i["kind"] for i in items] == [m.about.name for m in KINDS]
    unit = next(i for i in items if i["kind"] == "unit")
    assert unit == described(KINDS[1])
    assert unit["governed"] is False
    assert next(f for f in unit["fields"] if f["name"] == "function")["choices"]["system"]["en"]
    governed = {i["kind"] for i in items if i["governed"]}
    assert governed == {
        "system", "appointment", "document", "exception", "tolerance", "location", "stage_gate", "test_plan",
        "watch_rules", "allowed_address",
    }  # fmt: skip


def test_one_kind(cast: Any):
    assert token_of(cast.nishi).get("kinds/incident").json["prefix"] == "INC"


def test_only_the_kinds_that_a_token_reads(cast: Any):
    caller = service(reads=["unit"])
    assert [i["kind"] for i in caller.get("kinds").json["items"]] == ["unit"]
    assert caller.get("kinds/person").code == "outside_token"
