"""The gate as a pipeline reads it: open or refused, with the reasons; any error is no 'open'."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.contents import KINDS
from sekisho.records.models import Judgement, Release, TestPlan, TestResult
from sekisho.workflows.act import act
from sekisho.workflows.gate import gate_of, told_gate
from tests.api.calling import service, token_of


@pytest.fixture
def released(cast: Any) -> Any:
    """RL-1 has all that is asked for; of RL-2 nothing but its name is on record."""
    today = clock.today()
    with act("given", "operator:test") as doing:
        told = {"system": "S-EXC", "version": "1", "authors": ["P-0006"]}
        doing.put(Release, "RL-1", told | {"title": "一", "static_done_on": today, "static_findings": 0})
        doing.put(Release, "RL-2", told | {"title": "二"})
        doing.put(TestPlan, "TP-1", {"title": "計画", "release": "RL-1", "criteria": "不具合0件"})
        doing.put(
            TestResult, "TRS-1", {"plan": "TP-1", "kind": "field", "done_on": today, "criteria_met": True}
        )
        judged = {"release": "RL-1", "verdict": "fit", "judged_by": "P-0002", "at": clock.now()}
        doing.put(Judgement, "JU-1", judged)
    return cast


def test_a_release_is_open_or_refused_with_reasons_in_both_languages(released: Any):
    nishi = token_of(released.nishi)
    good = nishi.get("gate/releases/RL-1")
    assert (good.status, good.json["open"], good.json["reasons"]) == (200, True, [])
    bad = nishi.get("gate/releases/RL-2")
    assert (bad.status, bad.json["release"], bad.json["open"], bad.json["emergency"]) == (
        200,
        "RL-2",
        False,
        False,
    )
    assert [r["clause"] for r in bad.json["reasons"]] == ["17", "18", "19-1", "19-2", "20-1"]
    assert all(set(r["text"]) == {"ja", "en"} for r in bad.json["reasons"])
    assert bad.json | {"at": ""} == told_gate(gate_of("RL-2")) | {"at": ""}
    assert bad.headers["Cache-Control"] == "no-store"


def test_an_unknown_release_is_a_404_and_an_unknown_parameter_is_refused(released: Any):
    nishi = token_of(released.nishi)
    assert nishi.get("gate/releases/RL-404").status == 404
    assert nishi.get("gate/releases/RL-1?force=1").status == 422


def test_a_pipelines_token_must_reach_what_the_checks_read(released: Any):
    assert service("ci", reads=["release"]).get("gate/releases/RL-1").code == "outside_token"
    every = [m.about.name for m in KINDS]
    assert service("ci", reads=every).get("gate/releases/RL-1").json["open"] is True
    without = [name for name in every if name != "judgement"]
    assert service("ci", reads=without).get("gate/releases/RL-1").code == "outside_token"
