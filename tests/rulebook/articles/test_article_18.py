"""Article 18, read as the rule: met, the last good day, the day after, never, silence, the exception."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception
from tests.rulebook.introducing import DEPLOYED, INTRODUCED, ON, Records, deployment, emergency, release

IN_FORCE = day(2026, 2, 1)
BEGUN = day(2026, 4, 1)


def standard(**values):
    told = {"kind": "development_standard", "title": "開発基準", "version": "1", "in_force_on": IN_FORCE}
    return record("document", "D-STD", **(told | values))


def project(**values):
    return record(
        "project",
        "PJ-1",
        **({"title": "更改", "kind": "change", "stage": "build", "since_on": BEGUN} | values),
    )


def review(**values):
    told = {"project": "PJ-1", "security": True, "done_on": day(2026, 6, 1), "result": "指摘なし"}
    return record("design_review", "DV-1", **(told | values))


STANDARD = Records((standard(), approved("document:D-STD"), CHIEF))
GOOD = Records((*STANDARD, project(), review())).but(*INTRODUCED)


def test_18_is_no_evidence_where_nothing_is_recorded():
    assert verdict("18", ON, given()) == Verdict.NO_EVIDENCE


def test_18_is_met_with_a_standard_reviewed_designs_and_analysed_releases():
    assert verdict("18", ON, given(*GOOD)) == Verdict.MET


def test_18_stays_no_evidence_where_one_of_the_three_is_silent():
    for silent in (("deployment",), ("project", "design_review", "release", "deployment")):
        assert verdict("18", ON, given(*GOOD.without(*silent))) == Verdict.NO_EVIDENCE


# --- the standard -----------------------------------------------------------------------------------------------


def test_18_falls_short_before_a_standard_is_in_force_and_is_met_from_its_first_day():
    assert ask("18", day(2026, 1, 31), given(*STANDARD))["member"].reason == "no_standard"
    assert ask("18", IN_FORCE, given(*STANDARD))["member"].outcome != "falls_short"


def test_18_falls_short_the_day_after_the_standard_ends():
    facts = given(*GOOD.but(standard(until_on=day(2026, 10, 31))))
    assert verdict("18", day(2026, 10, 31), facts) == Verdict.MET
    found = ask("18", day(2026, 11, 1), facts)["member"]
    assert (found.reason, found.since, found.who) == (
        "no_standard",
        day(2026, 11, 1),
        "role:chief_system_officer",
    )


def test_18_falls_short_where_there_never_was_a_standard():
    found = ask("18", ON, given(*GOOD.without("document")))["member"]
    assert (found.reason, found.since) == ("no_standard", None)


def test_18_falls_short_where_nobody_entitled_approved_the_standard():
    for approval in (
        approved("document:D-STD", by="P-ASK"),
        approved("document:D-STD", by="P-NOBODY"),
        approved("document:D-STD", on=day(2026, 11, 24)),
    ):
        found = ask("18", ON, given(*GOOD.but(approval)))["member"]
        assert (found.reason, found.since, found.data["document"]) == ("not_approved", IN_FORCE, "D-STD")


# --- designs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "short"),
    [
        ("start", False),
        ("design", False),
        ("build", True),
        ("test", True),
        ("migration", True),
        ("stopped", False),
    ],
)
def test_18_asks_for_a_review_once_the_design_is_done(stage, short):
    facts = given(*GOOD.without("design_review").but(project(stage=stage)))
    assert (("PJ-1", "no_security_review") in reasons("18", ON, facts)) is short


def test_18_falls_short_until_the_day_of_the_review():
    facts = given(*GOOD.but(review(done_on=ON)))
    found = ask("18", day(2026, 11, 22), facts)["PJ-1"]
    assert (found.reason, found.since, found.who) == ("no_security_review", BEGUN, "role:project_lead")
    assert verdict("18", ON, facts) == Verdict.MET


def test_18_counts_from_the_day_on_which_the_design_was_passed_and_turns_to_who_is_in_charge():
    gate = record("stage_gate", "SGT-1", project="PJ-1", stage="design", passed_on=day(2026, 5, 20))
    facts = given(*GOOD.without("design_review").but(project(in_charge="P-7"), gate))
    found = ask("18", ON, facts)["PJ-1"]
    assert (found.since, found.who) == (day(2026, 5, 20), "person:P-7")


def test_18_falls_short_where_no_review_looked_at_security():
    assert reasons("18", ON, given(*GOOD.but(review(security=False)))) == {("PJ-1", "no_security_review")}


def test_18_is_met_where_the_design_of_a_release_of_the_project_was_reviewed():
    of_release = review(project=None, release="RL-1")
    assert reasons("18", ON, given(*GOOD.but(of_release))) == {("PJ-1", "no_security_review")}
    assert verdict("18", ON, given(*GOOD.but(of_release, release(project="PJ-1")))) == Verdict.MET


def test_18_asks_of_a_finished_project_for_a_year():
    finished = project(stage="finished", finished_on=day(2026, 5, 1))
    facts = given(*GOOD.without("design_review").but(finished))
    assert ask("18", day(2027, 5, 1), facts)["PJ-1"].reason == "no_security_review"
    assert "PJ-1" not in ask("18", day(2027, 5, 2), facts)


# --- static analysis --------------------------------------------------------------------------------------------


def test_18_is_met_by_an_analysis_on_the_day_of_the_deployment_and_falls_short_by_one_a_day_later():
    assert verdict("18", ON, given(*GOOD.but(release(static_done_on=DEPLOYED)))) == Verdict.MET
    found = ask("18", ON, given(*GOOD.but(release(static_done_on=day(2026, 10, 6)))))["DP-1"]
    assert (found.reason, found.since, found.who) == (
        "no_static_analysis",
        DEPLOYED,
        "role:system_manager@U-1",
    )


def test_18_falls_short_where_a_release_was_never_analysed_an_emergency_too():
    for bare in (release(static_done_on=None), emergency(static_done_on=None)):
        assert reasons("18", ON, given(*GOOD.but(bare))) == {("DP-1", "no_static_analysis")}


def test_18_falls_short_by_one_finding_over_the_bound_or_where_nobody_counted():
    assert verdict("18", ON, given(*GOOD.but(release(static_findings=0)))) == Verdict.MET
    found = ask("18", ON, given(*GOOD.but(release(static_findings=1))))["DP-1"]
    assert (found.reason, found.data["count"]) == ("findings_over_bound", "1")
    assert reasons("18", ON, given(*GOOD.but(release(static_findings=None)))) == {("DP-1", "not_counted")}


def test_18_asks_nothing_of_a_deployment_still_to_come():
    facts = given(*GOOD.but(release(static_done_on=None), deployment(at=at(2026, 11, 24))))
    assert "DP-1" not in ask("18", ON, facts)


def test_18_is_met_by_an_approved_exception_of_one_deployment():
    records = (*GOOD.but(release(static_findings=3)), exception("18", "deployment:DP-1"))
    assert verdict("18", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("18", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_g18_shares_the_verdict_of_18():
    assert verdict("G18", ON, given(*GOOD)) == Verdict.MET
    assert verdict("G18", ON, given(*GOOD.but(release(static_findings=1)))) == Verdict.FALLS_SHORT
