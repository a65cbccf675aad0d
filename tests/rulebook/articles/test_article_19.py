"""Article 19, read as the rule: met, the last good day, the day after, never, silence, the exception."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, reasons, verdict
from tests.rulebook.granting import approved, exception
from tests.rulebook.introducing import (
    AUTHOR,
    DEPLOYED,
    INTRODUCED,
    LAST_LOOKED_BACK,
    ON,
    deployment,
    emergency,
    judgement,
    plan,
    release,
    result,
    system,
)

BEFORE = day(2026, 10, 4)
AFTER = day(2026, 10, 6)
MISSED = INTRODUCED.but(result(met=False))
MEASURE = {
    "shortfall_measure": "応答時間の超過を許容し、翌週に増強する。",
    "shortfall_permitted_by": "P-MGR",
    "shortfall_permitted_on": BEFORE,
}


@pytest.mark.parametrize("clause", ["19-1", "19-2"])
def test_19_is_no_evidence_where_nothing_is_recorded_or_nothing_was_deployed(clause):
    assert verdict(clause, ON, given()) == Verdict.NO_EVIDENCE
    assert verdict(clause, ON, given(*INTRODUCED.without("deployment"))) == Verdict.NO_EVIDENCE


@pytest.mark.parametrize("clause", ["19-1", "19-2"])
def test_19_asks_of_a_deployment_for_a_year_and_of_none_out_of_reach(clause):
    bare = INTRODUCED.without("test_plan", "test_result")
    assert "DP-1" in ask(clause, LAST_LOOKED_BACK, given(*bare))
    assert "DP-1" not in ask(clause, day(2027, 10, 6), given(*bare))
    assert "DP-1" not in ask(clause, day(2026, 10, 4), given(*bare))
    assert "DP-1" not in ask(clause, ON, given(*bare.but(system(in_scope=False))))


# --- 19-1 -------------------------------------------------------------------------------------------------------


def test_19_1_is_met_where_the_release_was_evaluated_by_the_criteria_of_its_plan():
    assert verdict("19-1", ON, given(*INTRODUCED)) == Verdict.MET


def test_19_1_is_met_by_an_evaluation_on_the_day_of_the_deployment_and_falls_short_by_one_a_day_later():
    assert verdict("19-1", ON, given(*INTRODUCED.but(result(on=DEPLOYED)))) == Verdict.MET
    found = ask("19-1", ON, given(*INTRODUCED.but(result(on=AFTER))))["DP-1"]
    assert (found.reason, found.since, found.who) == ("not_evaluated", DEPLOYED, "role:system_manager@U-1")
    assert found.data["test_plan"] == "TP-1"


def test_19_1_falls_short_where_there_is_no_plan_an_emergency_too():
    for bare in (INTRODUCED, INTRODUCED.but(emergency())):
        found = ask("19-1", ON, given(*bare.without("test_plan", "test_result")))["DP-1"]
        assert (found.reason, found.since) == ("no_plan", DEPLOYED)


def test_19_1_falls_short_where_the_plan_names_no_criteria():
    for criteria in (None, "  "):
        found = ask("19-1", ON, given(*INTRODUCED.but(plan(criteria=criteria))))["DP-1"]
        assert (found.reason, found.data["test_plan"]) == ("no_criteria", "TP-1")


def test_19_1_falls_short_where_the_release_never_was_evaluated():
    assert reasons("19-1", ON, given(*INTRODUCED.without("test_result"))) == {("DP-1", "not_evaluated")}
    counted_only = INTRODUCED.but(result(met=None, passed=120, failed=0))
    assert reasons("19-1", ON, given(*counted_only)) == {("DP-1", "not_evaluated")}


def test_19_1_is_met_by_an_evaluation_that_found_it_below_the_level():
    """What then was done is asked by 19-2."""
    assert verdict("19-1", ON, given(*MISSED)) == Verdict.MET


def test_19_1_takes_the_plan_of_the_project_for_a_release_without_its_own():
    shared = plan(release=None, project="PJ-1")
    assert reasons("19-1", ON, given(*INTRODUCED.but(shared))) == {("DP-1", "no_plan")}
    assert verdict("19-1", ON, given(*INTRODUCED.but(shared, release(project="PJ-1")))) == Verdict.MET


def test_19_1_asks_by_the_releases_own_plan_where_both_are_there():
    own = plan("TP-2")
    records = INTRODUCED.but(plan(release=None, project="PJ-1"), release(project="PJ-1"), own)
    found = ask("19-1", ON, given(*records))["DP-1"]
    assert (found.reason, found.data["test_plan"]) == ("not_evaluated", "TP-2")
    assert verdict("19-1", ON, given(*records.but(result("TRS-2", plan="TP-2")))) == Verdict.MET
    assert verdict("19-1", ON, given(*records.but(plan("TP-2", criteria=None)))) == Verdict.MET


def test_19_1_takes_no_result_of_a_plan_without_criteria():
    records = INTRODUCED.but(plan(criteria=None), plan("TP-2"))
    assert reasons("19-1", ON, given(*records)) == {("DP-1", "not_evaluated")}


def test_19_1_is_met_by_an_approved_exception():
    records = (*INTRODUCED.without("test_plan"), exception("19-1", "deployment:DP-1"))
    assert verdict("19-1", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("19-1", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 19-2 -------------------------------------------------------------------------------------------------------


def test_19_2_is_met_where_the_level_is():
    assert verdict("19-2", ON, given(*INTRODUCED)) == Verdict.MET


def test_19_2_is_no_evidence_where_no_result_up_to_the_deployment_tells_the_level():
    for bare in (INTRODUCED.without("test_result"), INTRODUCED.but(result(on=AFTER))):
        found = ask("19-2", ON, given(*bare))["DP-1"]
        assert (found.outcome, found.reason) == ("no_evidence", "no_result")


def test_19_2_is_met_by_a_measure_that_permits_the_shortfall_on_the_day_at_the_latest():
    for on in (BEFORE, DEPLOYED):
        permitted = release(**(MEASURE | {"shortfall_permitted_on": on}))
        assert verdict("19-2", ON, given(*MISSED.but(permitted))) == Verdict.MET
    late = release(**(MEASURE | {"shortfall_permitted_on": AFTER}))
    found = ask("19-2", ON, given(*MISSED.but(late)))["DP-1"]
    assert (found.reason, found.since, found.data["permitted"]) == ("permitted_late", DEPLOYED, "2026-10-06")


def test_19_2_falls_short_where_no_measure_permits_it():
    found = ask("19-2", ON, given(*MISSED))["DP-1"]
    assert (found.reason, found.since, found.data["test"]) == ("no_measure", DEPLOYED, "system")
    for lacking in MEASURE:
        permitted = release(**(MEASURE | {lacking: None}))
        assert reasons("19-2", ON, given(*MISSED.but(permitted))) == {("DP-1", "no_measure")}, lacking


def test_19_2_falls_short_where_an_author_permitted_it():
    own = release(**(MEASURE | {"shortfall_permitted_by": AUTHOR}))
    found = ask("19-2", ON, given(*MISSED.but(own)))["DP-1"]
    assert (found.reason, found.data["person"]) == ("permitted_by_author", AUTHOR)


def test_19_2_looks_at_the_newest_result_of_each_kind_of_test_up_to_the_deployment():
    mended = result("TRS-2", on=day(2026, 10, 1))
    assert verdict("19-2", ON, given(*MISSED.but(mended))) == Verdict.MET
    mended_late = result("TRS-2", on=AFTER)
    assert verdict("19-2", ON, given(*MISSED.but(mended_late))) == Verdict.FALLS_SHORT
    other_kind = result("TRS-2", on=day(2026, 10, 1), kind="performance")
    assert verdict("19-2", ON, given(*MISSED.but(other_kind))) == Verdict.FALLS_SHORT
    worse = result("TRS-2", on=day(2026, 10, 1), met=False)
    assert verdict("19-2", ON, given(*INTRODUCED.but(worse))) == Verdict.FALLS_SHORT


def test_19_2_falls_short_by_a_test_of_the_project_too():
    records = INTRODUCED.but(release(project="PJ-1"), plan("TP-2", release=None, project="PJ-1"))
    missed = result("TRS-2", met=False, plan="TP-2", kind="user_department")
    found = ask("19-2", ON, given(*records.but(missed)))["DP-1"]
    assert (found.reason, found.data["test"]) == ("no_measure", "user_department")


def test_19_2_asks_nothing_of_a_release_that_was_held_back():
    later = deployment(at=at(2026, 12, 7))
    assert "DP-1" not in ask("19-2", ON, given(*MISSED.but(later)))
    assert ask("19-2", day(2026, 12, 7), given(*MISSED.but(later)))["DP-1"].reason == "no_measure"


def test_19_2_is_met_by_an_approved_exception():
    records = (*MISSED.but(judgement()), exception("19-2", "deployment:DP-1"))
    assert verdict("19-2", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("19-2", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
