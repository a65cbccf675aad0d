"""Article 23, read as the rule: met, the last good day, the day after, never, silence."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, JANUARY, approved, exception

ON = day(2026, 11, 23)
BEGUN = day(2026, 4, 1)
CUT_OVER = day(2026, 10, 1)
JOINED = day(2020, 4, 1)
LEAD = record("person", "P-1", employment="employee", joined_on=JOINED)
OUTSIDER = record("person", "P-9", employment="external", vendor="協力社", joined_on=JOINED)
PLAN = record(
    "document", "D-1", kind="contingency_plan", in_force_on=day(2026, 4, 1), until_on=day(2026, 12, 31)
)


def project(key="PJ-1", **values):
    told = {
        "title": "統合", "kind": "integration", "in_charge": "P-1", "stage": "test", "since_on": BEGUN,
        "systems": ["S-1", "S-2"], "contingency_plan": "D-1",
    }  # fmt: skip
    return record("project", key, **(told | values))


def risk(on=BEGUN, of="PJ-1"):
    return record("risk", f"R-{of}", title="統合", project=of, category="failure", assessed_on=on)


# --- which projects are asked of --------------------------------------------------------------------------------


@pytest.mark.parametrize("clause", ["23-1", "23-2", "23-3", "23-4", "23-5"])
def test_23_is_no_evidence_where_nothing_or_no_integration_is_recorded(clause):
    assert verdict(clause, ON, given()) == Verdict.NO_EVIDENCE
    assert verdict(clause, ON, given(project(kind="change"), LEAD)) == Verdict.NO_EVIDENCE


def test_23_asks_of_an_integration_from_its_first_day():
    facts = given(project(since_on=BEGUN), LEAD)
    assert "PJ-1" not in ask("23-1", day(2026, 3, 31), facts)
    assert ask("23-1", BEGUN, facts)["PJ-1"].reason == "no_risk"


def test_23_asks_of_a_finished_integration_for_a_year_and_of_a_stopped_one_no_more():
    finished = project(stage="finished", finished_on=day(2026, 5, 1))
    facts = given(finished, LEAD)
    assert "PJ-1" in ask("23-1", day(2027, 5, 1), facts)
    assert "PJ-1" not in ask("23-1", day(2027, 5, 2), facts)
    assert "PJ-1" not in ask("23-1", ON, given(project(stage="stopped"), LEAD))


# --- 23-1 -------------------------------------------------------------------------------------------------------


def test_23_1_is_met_where_the_risks_are_assessed_and_somebody_is_in_charge():
    assert verdict("23-1", ON, given(project(), risk(), LEAD)) == Verdict.MET


def test_23_1_falls_short_where_no_risk_names_the_project_or_its_assessment_is_still_to_come():
    for rest in ([], [risk(of="PJ-2")], [risk(on=day(2026, 11, 24))]):
        found = ask("23-1", ON, given(project(), LEAD, *rest))["PJ-1"]
        assert (found.reason, found.since, found.who) == ("no_risk", BEGUN, "person:P-1")


def test_23_1_falls_short_where_nobody_is_in_charge():
    found = ask("23-1", ON, given(project(in_charge=None), risk(), LEAD))["PJ-1"]
    assert (found.reason, found.since, found.who) == ("nobody", BEGUN, "role:project_lead")


def test_23_1_falls_short_the_day_after_the_one_in_charge_leaves():
    gone = record("person", "P-1", employment="employee", joined_on=JOINED, left_on=day(2026, 9, 30))
    facts = given(project(), risk(), gone)
    assert verdict("23-1", day(2026, 9, 30), facts) == Verdict.MET
    found = ask("23-1", day(2026, 10, 1), facts)["PJ-1"]
    assert (found.reason, found.since) == ("left", day(2026, 10, 1))


def test_23_1_is_met_by_an_approved_exception():
    records = (project(), LEAD, CHIEF, exception("23-1", "project:PJ-1"))
    assert verdict("23-1", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("23-1", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 23-2 -------------------------------------------------------------------------------------------------------


def plan(key="TP-1", **values):
    return record(
        "test_plan", key, **({"project": "PJ-1", "systems": ["S-1", "S-2"], "interfaces": ["IFC-1"]} | values)
    )


INTERFACE = record("interface", "IFC-1", project="PJ-1", from_system="S-1", to_system="S-2")
APPROVED = (CHIEF, approved("test_plan:TP-1"))


def test_23_2_is_met_where_an_approved_plan_covers_all():
    assert verdict("23-2", ON, given(project(), INTERFACE, plan(), *APPROVED)) == Verdict.MET


def test_23_2_is_no_evidence_in_test_where_nothing_says_what_there_is_to_cover():
    bare = project(systems=None)
    assert ask("23-2", ON, given(bare, INTERFACE, plan(), *APPROVED))["PJ-1"].reason == "no_systems"
    found = ask("23-2", ON, given(project(), plan(), *APPROVED))["PJ-1"]
    assert (found.outcome, found.reason) == ("no_evidence", "no_interfaces")


def test_23_2_is_met_where_several_approved_plans_cover_all_together():
    parts = (plan(systems=["S-1"], interfaces=None), plan("TP-2", systems=["S-2"]))
    facts = given(project(), INTERFACE, *parts, *APPROVED, approved("test_plan:TP-2"))
    assert verdict("23-2", ON, facts) == Verdict.MET


def test_23_2_asks_for_a_plan_from_the_stage_of_test_on():
    assert ask("23-2", ON, given(project(stage="build"), INTERFACE))["PJ-1"].outcome == "met"
    for stage in ("test", "migration", "finished"):
        found = ask("23-2", ON, given(project(stage=stage), INTERFACE))["PJ-1"]
        assert (found.reason, found.since) == ("no_plan", BEGUN)


def test_23_2_falls_short_where_nobody_entitled_approved_the_plan_by_the_day():
    facts = given(project(), INTERFACE, plan(), CHIEF)
    assert reasons("23-2", ON, facts) == {("PJ-1", "not_approved")}
    own = approved("test_plan:TP-1", by="P-ASK")
    assert reasons("23-2", ON, given(project(), INTERFACE, plan(), CHIEF, own)) == {("PJ-1", "not_approved")}
    late = approved("test_plan:TP-1", on=ON)
    records = (project(), INTERFACE, plan(), CHIEF, late)
    assert reasons("23-2", day(2026, 11, 22), given(*records)) == {("PJ-1", "not_approved")}
    assert verdict("23-2", ON, given(*records)) == Verdict.MET


def test_23_2_falls_short_where_the_plan_leaves_out_a_system_or_an_interface():
    found = ask("23-2", ON, given(project(stage="build"), INTERFACE, plan(systems=["S-1"]), *APPROVED))[
        "PJ-1"
    ]
    assert (found.reason, found.data["system"], found.data["count"]) == ("system_left_out", "S-2", "1")
    assert found.since == JANUARY, "the day on which a plan was approved that leaves it out"
    found = ask("23-2", ON, given(project(), INTERFACE, plan(interfaces=None), *APPROVED))["PJ-1"]
    assert (found.reason, found.data["interface"]) == ("interface_left_out", "IFC-1")


# --- 23-3 -------------------------------------------------------------------------------------------------------

GATE = record("stage_gate", "SGT-1", project="PJ-1", stage="design", passed_on=day(2026, 6, 1))
CHIEF_PERSON = record("person", "P-CSO", employment="officer", joined_on=JOINED)
DECIDED = (CHIEF, CHIEF_PERSON, approved("stage_gate:SGT-1"))


def outsourced(**values):
    return project(**({"vendor": "V-1", "own_staff": ["P-1"]} | values))


def test_23_3_is_met_where_own_people_work_and_decide():
    assert verdict("23-3", ON, given(outsourced(), LEAD, GATE, *DECIDED)) == Verdict.MET


def test_23_3_asks_of_outsourced_integrations_alone():
    assert verdict("23-3", ON, given(project(vendor=None, own_staff=None), LEAD)) == Verdict.NO_EVIDENCE


@pytest.mark.parametrize("staff", [None, ["P-9"], ["P-404"]])
def test_23_3_falls_short_without_own_staff(staff):
    found = ask("23-3", ON, given(outsourced(own_staff=staff), LEAD, OUTSIDER, GATE, *DECIDED))["PJ-1"]
    assert (found.reason, found.since) == ("no_own_staff", BEGUN)


def test_23_3_falls_short_the_day_after_the_last_of_the_own_staff_leaves():
    gone = record("person", "P-1", employment="employee", joined_on=JOINED, left_on=day(2026, 9, 30))
    facts = given(outsourced(), gone, GATE, *DECIDED)
    assert verdict("23-3", day(2026, 9, 30), facts) == Verdict.MET
    assert reasons("23-3", day(2026, 10, 1), facts) == {("PJ-1", "no_own_staff")}


def test_23_3_falls_short_from_the_day_on_which_a_stage_was_passed_without_an_own_decision():
    facts = given(outsourced(), LEAD, GATE)
    assert reasons("23-3", day(2026, 5, 31), facts) == {("PJ-1", "no_gates")}
    found = ask("23-3", day(2026, 6, 1), facts)["PJ-1"]
    assert (found.reason, found.since, found.data["stage"]) == ("no_own_decision", day(2026, 6, 1), "design")
    hired = record("person", "P-CSO", employment="external", vendor="協力社", joined_on=JOINED)
    facts = given(outsourced(), LEAD, GATE, CHIEF, hired, approved("stage_gate:SGT-1"))
    assert reasons("23-3", ON, facts) == {("PJ-1", "no_own_decision")}


def test_23_3_is_no_evidence_where_no_passed_stage_is_on_record_and_is_not_asked_at_the_start():
    for stage, expected in (("start", "met"), ("design", "no_evidence"), ("finished", "no_evidence")):
        assert ask("23-3", ON, given(outsourced(stage=stage), LEAD))["PJ-1"].outcome == expected


def test_23_3_staff_and_23_1_the_one_in_charge_may_leave_after_the_end_but_not_before():
    ended = {"stage": "finished", "finished_on": day(2026, 9, 30)}
    for left, expected in ((day(2026, 9, 30), Verdict.MET), (day(2026, 9, 29), Verdict.FALLS_SHORT)):
        gone = record("person", "P-1", employment="employee", joined_on=JOINED, left_on=left)
        assert verdict("23-1", ON, given(project(**ended), risk(), gone)) == expected
        assert verdict("23-3", ON, given(outsourced(**ended), gone, GATE, *DECIDED)) == expected


# --- 23-4 -------------------------------------------------------------------------------------------------------

DECISION = record("resolution", "RS-1", subject="project:PJ-1", important=True, decided_on=day(2026, 9, 1))


def opinion(on, of="resolution:RS-1"):
    return record("third_party_evaluation", "TE-1", of=of, project="PJ-1", done_on=on, opinion="妥当")


@pytest.mark.parametrize("on", [day(2026, 8, 1), day(2026, 9, 1)])
def test_23_4_is_met_by_an_opinion_up_to_the_day_of_the_decision(on):
    assert verdict("23-4", ON, given(project(), DECISION, opinion(on))) == Verdict.MET


def test_23_4_falls_short_by_an_opinion_of_the_day_after_the_decision():
    found = ask("23-4", ON, given(project(), DECISION, opinion(day(2026, 9, 2))))["RS-1"]
    assert (found.reason, found.since) == ("evaluated_afterwards", day(2026, 9, 1))


def test_23_4_falls_short_from_a_decision_without_an_opinion_on():
    facts = given(project(), DECISION, opinion(day(2026, 8, 1), of="resolution:RS-2"))
    assert "RS-1" not in ask("23-4", day(2026, 8, 31), facts)
    found = ask("23-4", day(2026, 9, 1), facts)["RS-1"]
    assert (found.reason, found.since, found.who) == ("no_evaluation", day(2026, 9, 1), "person:P-1")


def test_23_4_does_not_ask_of_decisions_that_are_not_important_or_of_other_things():
    minor = record("resolution", "RS-1", subject="project:PJ-1", important=False, decided_on=day(2026, 9, 1))
    other = record("resolution", "RS-2", subject="risk:R-1", important=True, decided_on=day(2026, 9, 1))
    assert verdict("23-4", ON, given(project(), minor, other)) == Verdict.NO_EVIDENCE


def test_23_4_is_no_evidence_from_the_cut_over_on_where_no_decision_is_recorded():
    facts = given(project(cut_over_on=CUT_OVER), DECISION_OF_ANOTHER)
    assert "PJ-1" not in ask("23-4", day(2026, 9, 30), facts)
    found = ask("23-4", CUT_OVER, facts)["PJ-1"]
    assert (found.outcome, found.reason) == ("no_evidence", "no_decision_recorded")


DECISION_OF_ANOTHER = record("resolution", "RS-9", subject="project:PJ-9", important=True, decided_on=BEGUN)

# --- 23-5 -------------------------------------------------------------------------------------------------------


def test_23_4_and_23_5_take_the_last_day_of_a_project_without_a_cut_over_for_it():
    ended = project(stage="finished", finished_on=CUT_OVER)
    facts = given(ended, DECISION_OF_ANOTHER, PLAN)
    assert ask("23-4", CUT_OVER, facts)["PJ-1"].reason == "no_decision_recorded"
    found = ask("23-5", CUT_OVER, facts)["PJ-1"]
    assert (found.reason, found.since) == ("not_rehearsed", CUT_OVER)
    assert verdict("23-5", CUT_OVER, given(ended, PLAN, plan(), rehearsal(CUT_OVER))) == Verdict.MET


def rehearsal(on, met=True, kind="fall_back"):
    return record("test_result", "TRS-1", plan="TP-1", kind=kind, done_on=on, criteria_met=met)


def test_23_5_is_met_by_a_plan_in_force_and_a_rehearsal_up_to_the_cut_over():
    for on in (day(2026, 9, 1), CUT_OVER):
        facts = given(project(cut_over_on=CUT_OVER), PLAN, plan(), rehearsal(on))
        assert verdict("23-5", CUT_OVER, facts) == verdict("23-5", ON, facts) == Verdict.MET


def test_23_5_falls_short_the_day_after_the_plan_ends_and_without_one():
    facts = given(project(), PLAN)
    assert verdict("23-5", day(2026, 12, 31), facts) == Verdict.MET
    found = ask("23-5", day(2027, 1, 1), facts)["PJ-1"]
    assert (found.reason, found.since) == ("no_plan", day(2027, 1, 1))
    found = ask("23-5", ON, given(project(contingency_plan=None), PLAN))["PJ-1"]
    assert (found.reason, found.since) == ("no_plan", BEGUN)
    other = record("document", "D-1", kind="other", in_force_on=BEGUN)
    assert reasons("23-5", ON, given(project(), other)) == {("PJ-1", "no_plan")}


@pytest.mark.parametrize(
    "result",
    [
        None,
        rehearsal(day(2026, 10, 2)),
        rehearsal(day(2026, 9, 1), met=False),
        rehearsal(day(2026, 9, 1), kind="system"),
    ],
)
def test_23_5_falls_short_from_a_cut_over_without_a_rehearsal_that_passed(result):
    facts = given(project(cut_over_on=CUT_OVER), PLAN, plan(), *([result] if result else []))
    assert verdict("23-5", day(2026, 9, 30), facts) == Verdict.MET
    found = ask("23-5", CUT_OVER, facts)["PJ-1"]
    assert (found.reason, found.since) == ("not_rehearsed", CUT_OVER)


def test_23_5_asks_for_the_plan_up_to_the_end_of_the_project():
    for ended, expected in ((day(2026, 12, 31), Verdict.MET), (day(2027, 1, 1), Verdict.FALLS_SHORT)):
        facts = given(
            project(stage="finished", cut_over_on=CUT_OVER, finished_on=ended),
            PLAN,
            plan(),
            rehearsal(CUT_OVER),
        )
        assert verdict("23-5", day(2027, 2, 1), facts) == expected
