"""Article 11, read as the rule: risks and investments, a development plan, projects by stages, tests and records."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, office

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
MARCH, JUNE = day(2026, 3, 10), day(2026, 6, 1)
LAST_OF_YEAR = day(2026, 12, 31)
IN_CHARGE = "person:P-LEAD"


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def somebody(key="P-LEAD", **values):
    return record("person", key, name=key, employment="employee", joined_on=LONG_AGO, **values)


def project(stage="build", key="PJ-1", **values):
    told = {"title": key, "kind": "change", "in_charge": "P-LEAD", "since_on": MARCH}
    return record("project", key, stage=stage, **(told | values))


def finished(on=JUNE, key="PJ-1"):
    return project("finished", key, finished_on=on)


def spared(citation, subject, *records):
    """Assert that an approved exception holds to its last day."""
    facts = [*records, exception(citation, subject), CHIEF]
    granted = given(*facts, approved("exception:EX-1"))
    assert verdict(citation, LAST_OF_YEAR, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict(citation, LAST_OF_YEAR, granted) == Verdict.MET_BY_EXCEPTION
    assert verdict(citation, LAST_OF_YEAR + ONE_DAY, granted) == Verdict.FALLS_SHORT


@pytest.mark.parametrize("citation", ["11-1", "11-2", "11-3", "11-4", "11-5", "11-6"])
def test_nothing_recorded_is_no_evidence(citation):
    assert verdict(citation, ON, given()) == Verdict.NO_EVIDENCE


# --- 11-1 -----------------------------------------------------------------------------------------------------------


def risk(assessed_on=MARCH, key="R-1", **values):
    told = {"title": key, "system": "S-1", "category": "failure", "assessed_on": assessed_on}
    return record("risk", key, **(told | values))


def investment(year=2026, key="IV-1", **values):
    return record("investment", key, **({"fiscal_year": year, "title": key, "state": "planned"} | values))


MEMBER = record("member_profile", "MP-1", as_of_on=LONG_AGO, name="会員", fiscal_year_starts=4)


def test_11_1_is_met_where_risks_were_looked_for_and_the_year_has_its_investments():
    assert verdict("11-1", ON, given(system(), risk(), MEMBER, investment())) == Verdict.MET


def test_11_1_asks_for_the_risks_of_each_system_every_twelve_months():
    lapses(
        "11-1", "S-1", [system(), MEMBER, investment(), investment(2027, "IV-2")], risk, MARCH, day(2027, 3, 10),
        never="never_identified", old="old_identification", since_never=LONG_AGO,
    )  # fmt: skip
    outcome = ask("11-1", day(2027, 3, 11), given(system(), risk()))["S-1"]
    assert outcome.who == "role:system_manager@U-1"


def test_11_1_asks_not_of_systems_out_of_scope_and_counts_no_risk_of_another_or_without_a_day():
    others = (system("S-2", in_scope=False), system("S-3", in_use_until_on=ON - ONE_DAY))
    whole = (system(), risk(), MEMBER, investment())
    assert verdict("11-1", ON, given(*whole, *others)) == Verdict.MET
    for values in ({"system": "S-2"}, {"assessed_on": None}):
        found = reasons("11-1", ON, given(system(), risk(**values), MEMBER, investment()))
        assert found == {("S-1", "never_identified")}


def test_11_1_falls_short_from_the_first_day_of_a_year_without_investments():
    facts = given(system(), risk(day(2027, 1, 1)), MEMBER, investment(2026))
    assert reasons("11-1", day(2027, 3, 31), facts) == set()
    assert reasons("11-1", day(2027, 4, 1), facts) == {("member", "no_investment_plan")}
    outcome = ask("11-1", day(2027, 6, 1), facts)["member"]
    assert (outcome.since, outcome.who) == (day(2027, 4, 1), "role:chief_system_officer")
    assert outcome.data == {"year": "2027"}


def test_11_1_counts_no_dropped_investment():
    dropped = given(system(), risk(), MEMBER, investment(state="dropped"))
    assert reasons("11-1", ON, dropped) == {("member", "no_investment_plan")}
    one_left = given(system(), risk(), MEMBER, investment(state="dropped"), investment(key="IV-2"))
    assert verdict("11-1", ON, one_left) == Verdict.MET


def test_11_1_is_met_by_exception_while_one_lasts():
    spared("11-1", "system:S-1", system(), risk(LONG_AGO), MEMBER, investment())


# --- 11-2 -----------------------------------------------------------------------------------------------------------

DIRECTOR = office("board_member", "P-DIR")


def plan(key="D-1", since=MARCH, **values):
    told = {"kind": "development_plan", "title": key, "version": "1", "in_force_on": since}
    return record("document", key, **(told | values))


def test_11_2_is_met_by_a_plan_in_force_that_a_director_approved():
    facts = given(plan(), DIRECTOR, approved("document:D-1", MARCH, "P-DIR"))
    assert verdict("11-2", ON, facts) == Verdict.MET


def test_11_2_falls_short_the_day_after_the_plan_s_last_day():
    facts = given(plan(until_on=JUNE), DIRECTOR, approved("document:D-1", MARCH, "P-DIR"))
    assert verdict("11-2", JUNE, facts) == Verdict.MET
    outcome = ask("11-2", JUNE + ONE_DAY, facts)["member"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", "no_plan", JUNE + ONE_DAY, "role:chief_system_officer",
    )  # fmt: skip


def test_11_2_falls_short_where_none_was_ever_in_force_or_one_is_still_to_come():
    for records in ([plan(kind="mid_term_plan")], [plan(since=ON + ONE_DAY)], [plan(since=None)]):
        assert reasons("11-2", ON, given(*records)) == {("member", "no_plan")}


def test_11_2_asks_for_the_board_s_approval_and_no_other_s_will_do():
    for records in ([], [CHIEF, approved("document:D-1")], [office("board_member", "P-DIR", until=MARCH), approved("document:D-1", JUNE, "P-DIR")]):  # fmt: skip
        outcome = ask("11-2", ON, given(plan(), *records))["member"]
        assert (outcome.reason, outcome.since) == ("no_board_approval", MARCH)


def test_11_2_is_met_by_exception_while_one_lasts():
    spared("11-2", None, plan())


# --- 11-3 -----------------------------------------------------------------------------------------------------------

MANAGER = office("system_manager", "P-MAN")


def gate(stage="start", passed_on=JUNE, **values):
    return record("stage_gate", f"SGT-{stage}", **({"project": "PJ-1", "stage": stage, "passed_on": passed_on} | values))  # fmt: skip


def allowed(stage="start", on=JUNE, **values):
    """The approval of a passing, by the chief system officer unless said otherwise."""
    return approved(f"stage_gate:SGT-{stage}", on, **values)


PASSED = (
    gate("start"),
    gate("design"),
    gate("migration"),
    allowed("start"),
    allowed("design"),
    allowed("migration"),
)


def stages(on, *records):
    return reasons("11-3", on, given(CHIEF, MANAGER, *records))


def test_11_3_is_met_where_each_stage_that_is_past_was_passed_with_approval():
    assert stages(ON, finished(), *PASSED) == set()
    assert stages(ON, project("start"), gate(passed_on=ON), allowed(on=ON)) == set()
    assert verdict("11-3", ON, given(CHIEF, finished(), *PASSED)) == Verdict.MET


@pytest.mark.parametrize(
    ("stage", "lacking"),
    [
        ("start", set()),
        ("design", {"start"}),
        ("build", {"start", "design"}),
        ("test", {"start", "design"}),
        ("migration", {"start", "design", "migration"}),
        ("stopped", set()),
    ],
)
def test_11_3_falls_short_where_a_stage_is_past_without_a_record_of_passing_it(stage, lacking):
    found = {reason for subject, reason in stages(ON, project(stage)) if subject == "PJ-1"}
    assert found == {f"no_gate_{name}" for name in lacking}


def test_11_3_tells_who_acts_and_not_since_when_a_stage_is_past():
    outcome = ask("11-3", ON, given(CHIEF, project("design")))["PJ-1"]
    assert (outcome.outcome, outcome.since, outcome.who) == ("falls_short", None, IN_CHARGE)
    outcome = ask("11-3", ON, given(CHIEF, project("design", in_charge=None)))["PJ-1"]
    assert outcome.who == "role:project_lead"


def test_11_3_counts_no_passing_that_is_still_to_come():
    to_come = (project("design"), gate(passed_on=ON + ONE_DAY), allowed(on=ON))
    assert stages(ON, *to_come) == {("PJ-1", "no_gate_start")}
    assert stages(ON + ONE_DAY, *to_come) == set()


def test_11_3_asks_for_the_approval_by_the_day_of_passing():
    assert stages(ON, project("design"), gate(), allowed(on=JUNE)) == set()
    outcome = ask("11-3", ON, given(CHIEF, project("design"), gate(), allowed(on=JUNE + ONE_DAY)))[
        "SGT-start"
    ]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", "approved_late", JUNE, IN_CHARGE,
    )  # fmt: skip
    assert outcome.data == {"project": "PJ-1", "passed": "2026-06-01", "approved": "2026-06-02"}
    assert stages(JUNE, project("design"), gate(), allowed(on=JUNE + ONE_DAY)) == {
        ("SGT-start", "not_approved")
    }


def test_11_3_takes_the_first_approval_a_correction_later_does_not_make_it_late():
    later = record(
        "approval", "AP-2", subject="stage_gate:SGT-start", step="approved", asked_by="P-ASK", decided_by="P-CSO",
        decision="approved", at=at(2026, 9, 1),
    )  # fmt: skip
    assert stages(ON, project("design"), gate(), allowed(), later) == set()


def test_11_3_falls_short_where_nobody_approved():
    for records in ([], [allowed(step="submitted", decision=None)]):
        assert stages(ON, project("design"), gate(), *records) == {("SGT-start", "not_approved")}


def test_11_3_falls_short_where_the_approver_may_not():
    """Who may: by stage; nobody approves what he or she asked for, or a project that he or she is in charge of."""
    design = [gate("start"), allowed("start"), gate("design")]
    assert stages(ON, project("design"), gate(), allowed(by="P-MAN")) == {("SGT-start", "not_entitled")}
    assert stages(ON, project("build"), *design, allowed("design", by="P-MAN")) == set()
    outcome = ask("11-3", ON, given(CHIEF, project("design"), gate(), allowed(by="P-NOBODY")))["SGT-start"]
    assert (outcome.reason, outcome.data["person"]) == ("not_entitled", "P-NOBODY")
    own = project("design", in_charge="P-CSO")
    assert stages(ON, own, gate(), allowed()) == {("SGT-start", "not_entitled")}
    assert stages(ON, project("design"), gate(), allowed(asked_by="P-CSO")) == {("SGT-start", "not_entitled")}
    assert stages(ON, project("design", in_charge=None), gate(), allowed()) == set()


def test_11_3_counts_an_office_only_while_it_is_held():
    was = office("chief_system_officer", "P-OLD", until=JUNE)
    still, past = allowed(by="P-OLD"), allowed(by="P-OLD", on=JUNE + ONE_DAY)
    assert stages(ON, was, project("design"), gate(), still) == set()
    late = gate(passed_on=JUNE + ONE_DAY)
    assert stages(ON, was, project("design"), late, past) == {("SGT-start", "not_entitled")}


def test_11_3_asks_of_finished_projects_for_twelve_months():
    assert ("PJ-1", "no_gate_start") in stages(day(2027, 6, 1), finished(JUNE))
    assert stages(day(2027, 6, 2), finished(JUNE)) == {("member", "nothing_recorded")}


def test_11_3_judges_of_a_project_that_is_finished_only_later_no_more_than_its_passings():
    """In which stage it was on the day, its record of today does not tell."""
    assert stages(JUNE, finished(ON), gate(), allowed()) == set()
    assert stages(JUNE, finished(ON), gate()) == {("SGT-start", "not_approved")}


def test_11_3_is_met_by_exception_while_one_lasts():
    spared("11-3", "project:PJ-1", project("design"))


# --- 11-4 -----------------------------------------------------------------------------------------------------------


def milestone(due_on=JUNE, key="MS-1", **values):
    return record("milestone", key, **({"title": key, "project": "PJ-1", "due_on": due_on} | values))


def progress(on, *records):
    return reasons("11-4", on, given(*records))


def test_11_4_is_met_on_the_last_day_of_a_milestone_and_falls_short_the_day_after():
    facts = given(project(), somebody(), milestone())
    assert verdict("11-4", JUNE, facts) == Verdict.MET
    outcome = ask("11-4", JUNE + ONE_DAY, facts)["MS-1"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.due, outcome.who) == (
        "falls_short", "overdue", JUNE + ONE_DAY, JUNE, IN_CHARGE,
    )  # fmt: skip
    assert outcome.data == {"project": "PJ-1", "milestone": "MS-1"}


def test_11_4_is_met_where_it_was_done_but_not_before_it_is():
    assert progress(ON, project(), somebody(), milestone(done_on=JUNE + 9 * ONE_DAY)) == set()
    assert progress(ON, project(), somebody(), milestone(done_on=ON + ONE_DAY)) == {("MS-1", "overdue")}


def test_11_4_takes_a_re_plan_until_its_own_day():
    replanned = (project(), somebody(), milestone(replanned_on=ON, replan_reason="部品の遅れ"))
    assert progress(ON, *replanned) == set()
    outcome = ask("11-4", ON + ONE_DAY, given(*replanned))["MS-1"]
    assert (outcome.reason, outcome.due, outcome.since) == ("overdue", ON, ON + ONE_DAY)
    brought_forward = milestone(LAST_OF_YEAR, replanned_on=JUNE, replan_reason="前倒し")
    assert progress(ON, project(), somebody(), brought_forward) == {("MS-1", "overdue")}


def test_11_4_falls_short_without_milestones():
    of_another = milestone(project="PJ-2")
    for records in ([], [of_another]):
        outcome = ask("11-4", ON, given(project(), somebody(), *records))["PJ-1"]
        assert (outcome.reason, outcome.since, outcome.who) == ("no_milestones", MARCH, IN_CHARGE)


def test_11_4_falls_short_without_somebody_in_charge_or_the_day_after_he_leaves():
    outcome = ask("11-4", ON, given(project(in_charge=None), milestone(ON)))["PJ-1"]
    assert (outcome.reason, outcome.since, outcome.who) == ("nobody", MARCH, "role:project_lead")
    leaver = (project(), somebody(left_on=JUNE), milestone(ON))
    assert progress(JUNE, *leaver) == set()
    outcome = ask("11-4", JUNE + ONE_DAY, given(*leaver))["PJ-1"]
    assert (outcome.reason, outcome.since) == ("left", JUNE + ONE_DAY)
    assert (outcome.data["person"], outcome.who) == ("P-LEAD", "role:project_lead")


def test_11_4_asks_only_of_projects_under_way():
    for other in (project("stopped"), finished(), project(since_on=ON + ONE_DAY)):
        assert progress(ON, other, milestone()) == {("member", "nothing_recorded")}


def test_11_4_asks_of_a_project_until_the_day_before_it_is_finished():
    late = milestone(MARCH)
    assert progress(JUNE - ONE_DAY, finished(), somebody(), late) == {("MS-1", "overdue")}
    assert progress(JUNE, finished(), somebody(), late) == {("member", "nothing_recorded")}


def test_11_4_is_met_by_exception_while_one_lasts():
    spared("11-4", "milestone:MS-1", project(), somebody(), milestone())


# --- 11-5 -----------------------------------------------------------------------------------------------------------


def plan_of_tests(key="TP-1", **values):
    return record("test_plan", key, **({"title": key, "project": "PJ-1"} | values))


def result(done_on=JUNE, kind="user_department", key="TRS-1", **values):
    return record("test_result", key, **({"plan": "TP-1", "kind": kind, "done_on": done_on} | values))


def projects_in_test(on, *records):
    return reasons("11-5", on, given(CHIEF, MANAGER, *records))


WHOLE_PLAN = (plan_of_tests(), approved("test_plan:TP-1", MARCH))


@pytest.mark.parametrize("of", [project("test"), project("migration"), finished()], ids=str)
def test_11_5_is_met_by_an_approved_plan_and_a_result_of_the_user_department(of):
    assert verdict("11-5", ON, given(CHIEF, of, *WHOLE_PLAN, result())) == Verdict.MET
    outcome = ask("11-5", ON, given(CHIEF, of))["PJ-1"]
    assert (outcome.outcome, outcome.since, outcome.who) == ("falls_short", MARCH, IN_CHARGE)
    assert projects_in_test(ON, of) == {("PJ-1", "no_plan"), ("PJ-1", "no_user_department")}


def test_11_5_asks_not_before_the_test():
    assert projects_in_test(ON, project("build")) == {("member", "nothing_recorded")}


def test_11_5_asks_for_a_plan_of_this_project_that_is_approved_by_the_day():
    assert projects_in_test(ON, project("test"), plan_of_tests(project="PJ-2"), approved("test_plan:TP-1"), result()) == {
        ("PJ-1", "no_plan"), ("PJ-1", "no_user_department"),
    }  # fmt: skip
    assert projects_in_test(ON, project("test"), plan_of_tests(), result()) == {("PJ-1", "not_approved")}
    late = (project("test"), plan_of_tests(), approved("test_plan:TP-1", ON), result())
    assert projects_in_test(ON - ONE_DAY, *late) == {("PJ-1", "not_approved")}
    assert projects_in_test(ON, *late) == set()
    one_of_two = (*WHOLE_PLAN, plan_of_tests("TP-2"))
    assert projects_in_test(ON, project("test"), *one_of_two, result()) == set()


def test_11_5_takes_the_approval_of_the_chief_or_of_a_system_manager_and_of_nobody_else():
    for by, found in (("P-MAN", set()), ("P-NOBODY", {("PJ-1", "not_approved")})):
        records = (plan_of_tests(), approved("test_plan:TP-1", by=by), result())
        assert projects_in_test(ON, project("test"), *records) == found


def test_11_5_asks_for_a_result_of_the_user_department_that_is_there_by_the_day():
    for lacking in ([], [result(kind="system")], [result(ON + ONE_DAY)]):
        assert projects_in_test(ON, project("test"), *WHOLE_PLAN, *lacking) == {
            ("PJ-1", "no_user_department")
        }
    assert projects_in_test(ON + ONE_DAY, project("test"), *WHOLE_PLAN, result(ON + ONE_DAY)) == set()


def test_11_5_is_met_by_exception_while_one_lasts():
    spared("11-5", "project:PJ-1", project("test"), *WHOLE_PLAN)


# --- 11-6 -----------------------------------------------------------------------------------------------------------


def kept(of="project:PJ-1", kind="requirements", key=None, **values):
    told = {"title": kind, "of": of, "kind": kind, "kept_on": JUNE, "checked_on": JUNE, "intact": True}
    return record("kept_document", key or f"KD-{kind}", **(told | values))


THREE = (kept(), kept(kind="design"), kept(kind="test"))
RELEASE = record("release", "RL-1", title="RL-1", system="S-1", version="1", project="PJ-9")
DEPLOYED = record("deployment", "DP-1", release="RL-1", at=at(2026, 6, 1), deployed_by="P-1")


def maintenance(ended=JUNE, **values):
    night = at(ended.year, ended.month, ended.day, 2)
    told = {
        "system": "S-1",
        "what": "更新",
        "stops_service": False,
        "planned_from_at": night,
        "planned_until_at": night,
    }
    return record("maintenance", "MT-1", **(told | {"done_from_at": night, "done_until_at": night} | values))


def records_of(on, *records):
    return reasons("11-6", on, given(system(), *records))


def test_11_6_is_met_where_a_finished_project_keeps_what_it_must():
    assert verdict("11-6", ON, given(finished(), *THREE)) == Verdict.MET
    assert records_of(ON, project("test")) == {("member", "nothing_recorded")}  # it is not finished


@pytest.mark.parametrize("lacking", range(3))
def test_11_6_falls_short_without_one_of_a_finished_project_s_documents(lacking):
    left = [d for n, d in enumerate(THREE) if n != lacking]
    kind = THREE[lacking].values["kind"]
    outcome = ask("11-6", ON, given(finished(), *left))["PJ-1"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", f"no_{kind}", JUNE, IN_CHARGE,
    )  # fmt: skip
    of_another = kept("project:PJ-2", kind)
    assert records_of(ON, finished(), *left, of_another) == {("PJ-1", f"no_{kind}")}


def test_11_6_asks_from_the_day_of_the_end_for_twelve_months():
    asked = (finished(JUNE), *THREE[1:])
    assert records_of(JUNE - ONE_DAY, finished(JUNE)) == {("member", "nothing_recorded")}
    for on in (JUNE, day(2027, 6, 1)):
        assert ("PJ-1", "no_requirements") in records_of(on, *asked)
    assert records_of(day(2027, 6, 2), *asked) == {("member", "nothing_recorded")}


def test_11_6_counts_no_document_that_is_still_to_be_kept():
    to_come = (finished(), *THREE[1:], kept(kept_on=ON + ONE_DAY, checked_on=ON + ONE_DAY))
    assert records_of(ON, *to_come) == {("PJ-1", "no_requirements")}
    assert records_of(ON + ONE_DAY, *to_come) == set()


@pytest.mark.parametrize("of", ["release:RL-1", "deployment:DP-1", "project:PJ-9"])
def test_11_6_asks_for_any_document_of_a_change(of):
    outcome = ask("11-6", ON, given(system(), RELEASE, DEPLOYED))["DP-1"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", "no_change_record", JUNE, "role:system_manager@U-1",
    )  # fmt: skip
    assert records_of(ON, RELEASE, DEPLOYED, kept(of, "other")) == set()
    assert records_of(ON, RELEASE, DEPLOYED, kept("system:S-1", "other")) == {("DP-1", "no_change_record")}


def test_11_6_asks_for_an_operation_record_of_a_maintenance_that_was_done():
    outcome = ask("11-6", ON, given(system(), maintenance()))["MT-1"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", "no_operation_record", JUNE, "role:system_manager@U-1",
    )  # fmt: skip
    of = "maintenance:MT-1"
    assert records_of(ON, maintenance(), kept(of, "operation")) == set()
    assert records_of(ON, maintenance(), kept(of, "other")) == {("MT-1", "no_operation_record")}
    not_done = maintenance(done_from_at=None, done_until_at=None)
    assert records_of(ON, not_done) == {("member", "nothing_recorded")}


def test_11_6_falls_short_from_the_day_on_which_a_document_failed_its_check():
    broken = (finished(), *THREE[1:], kept(checked_on=ON, intact=False))
    outcome = ask("11-6", ON, given(*broken))["KD-requirements"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", "broken", ON, "role:chief_system_officer",
    )  # fmt: skip
    assert records_of(ON, *broken) == {("KD-requirements", "broken")}


@pytest.mark.parametrize("unsaid", [{"intact": None}, {"checked_on": None}, {"checked_on": ON + ONE_DAY}])
def test_11_6_is_no_evidence_where_a_document_was_never_checked(unsaid):
    facts = given(finished(), *THREE[1:], kept(**unsaid))
    assert reasons("11-6", ON, facts) == {("KD-requirements", "never_checked")}
    assert verdict("11-6", ON, facts) == Verdict.NO_EVIDENCE


def test_11_6_asks_not_whether_a_document_is_whole_that_need_not_be_kept_any_more():
    over = (finished(), *THREE[1:], kept(keep_until_on=ON, intact=False))
    assert records_of(ON, *over) == {("KD-requirements", "broken")}
    assert records_of(ON + ONE_DAY, *over) == set()


def test_11_6_is_met_by_exception_while_one_lasts():
    spared("11-6", "project:PJ-1", finished(), *THREE[1:])
