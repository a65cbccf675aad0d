"""`sekisho gate`: the exit codes on which pipelines rely, and what people read."""

from __future__ import annotations

import json

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Release, TestPlan, TestResult
from sekisho.workflows.act import act


@pytest.fixture
def released(cast):
    """RL-1, an emergency, has all that is asked for; of RL-2 nothing but its name is on record."""
    today = clock.today()
    with act("given", "operator:test") as doing:
        told = {"system": "S-EXC", "version": "1", "authors": ["P-0006"]}
        hurried = {"title": "一", "emergency": True, "static_done_on": today, "static_findings": 0}
        doing.put(Release, "RL-1", told | hurried)
        doing.put(Release, "RL-2", told | {"title": "二"})
        doing.put(TestPlan, "TP-1", {"title": "計画", "release": "RL-1", "criteria": "不具合0件"})
        doing.put(
            TestResult, "TRS-1", {"plan": "TP-1", "kind": "field", "done_on": today, "criteria_met": True}
        )


def test_exit_code_0_where_it_is_open(released, here):
    done = here("gate", "RL-1", language="en")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("RL-1 (emergency change): open")
    assert "導入可" in here("gate", "RL-1").out


def test_exit_code_1_and_the_reasons_where_it_is_refused(released, here):
    done = here("gate", "RL-2", language="en")
    assert done.code == 1
    assert done.out.startswith("RL-2: refused")
    for clause in ("17", "18", "19-1", "19-2", "20-1"):
        assert f"\n{clause} " in done.out
    assert "導入不可" in here("gate", "RL-2").out


def test_json_for_programs(released, here):
    done = here("gate", "RL-2", "--format", "json")
    told = json.loads(done.out)
    assert (done.code, told["release"], told["open"]) == (1, "RL-2", False)
    assert {r["clause"] for r in told["reasons"]} == {"17", "18", "19-1", "19-2", "20-1"}
    assert json.loads(here("gate", "RL-1", "--format", "json").out)["open"] is True


def test_exit_code_2_where_nobody_knows_the_release(released, here):
    assert "RL-404" in here("gate", "RL-404").complaint
