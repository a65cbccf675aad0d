"""Article 8, read as the rule: met, the last good day, the day after, never, silence."""

import json

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, reasons, record, state, verdict
from tests.rulebook.granting import approved, exception, office

ON = day(2026, 11, 23)
START = day(2020, 4, 1)
REP = office("representative_director", "P-REP")


def unit(key, function, since=START, until=None):
    return record("unit", key, name=key, function=function, since_on=since, until_on=until)


# --- 8-1: assessment --------------------------------------------------------------------------------------------

ASSESSED = day(2026, 4, 1)


def assessment(assessed_on=ASSESSED, by="U-RISK", of="U-SYS", firm=None, key="AS-1"):
    told = {
        "framework": "情報の安全管理規則 第4章",
        "assessed_by": by,
        "scope_unit": of,
        "assessed_by_firm": firm,
    }
    return record("assessment", key, assessed_on=assessed_on, **told)


def test_8_1_is_met_for_a_year_after_an_assessment_and_falls_short_the_day_after():
    assert verdict("8-1", day(2027, 4, 1), given(assessment())) == Verdict.MET
    outcome = ask("8-1", day(2027, 4, 2), given(assessment()))["member"]
    assert (outcome.reason, outcome.since) == ("old_assessment", day(2027, 4, 2))
    assert (outcome.who, outcome.data) == ("role:risk_manager", {"last": "2026-04-01"})


def test_8_1_falls_short_where_the_assessed_unit_assessed_itself():
    outcome = ask("8-1", ON, given(assessment(by="U-SYS")))["member"]
    assert (outcome.reason, outcome.since) == ("self_assessed", ASSESSED)
    assert outcome.data == {"assessment": "AS-1", "assessed_on": "2026-04-01", "unit": "U-SYS"}


@pytest.mark.parametrize("by", [{"firm": "監査法人"}, {"firm": "監査法人", "by": None}, {"of": None}])
def test_8_1_counts_a_firm_and_a_unit_that_assessed_the_member_as_a_whole(by):
    assert verdict("8-1", ON, given(assessment(**({"by": "U-SYS"} | by)))) == Verdict.MET


def test_8_1_the_newest_assessment_counts_from_its_own_day_on():
    facts = given(assessment(day(2024, 4, 1)), assessment(ON, key="AS-2"))
    assert verdict("8-1", ON, facts) == Verdict.MET
    assert reasons("8-1", day(2026, 11, 22), facts) == {("member", "old_assessment")}


def test_8_1_several_by_the_unit_itself_are_told_by_the_newest_and_count_since_the_first():
    facts = given(assessment(by="U-SYS"), assessment(day(2026, 10, 1), by="U-IT", of="U-IT", key="AS-2"))
    outcome = ask("8-1", ON, facts)["member"]
    assert (outcome.reason, outcome.since) == ("self_assessed", ASSESSED)
    assert outcome.data == {"assessment": "AS-2", "assessed_on": "2026-10-01", "unit": "U-IT"}


def test_8_1_of_several_the_newest_tells_whether_the_assessor_is_known():
    older = assessment(day(2026, 3, 1), by=None)
    assert reasons("8-1", ON, given(older, assessment(by="U-SYS", key="AS-2"))) == {
        ("member", "self_assessed")
    }


def test_8_1_a_newer_assessment_by_the_unit_itself_does_no_harm_until_the_objective_one_lapses():
    facts = given(assessment(), assessment(day(2026, 10, 1), by="U-SYS", key="AS-2"))
    assert verdict("8-1", day(2027, 4, 1), facts) == Verdict.MET
    outcome = ask("8-1", day(2027, 4, 2), facts)["member"]
    assert (outcome.reason, outcome.since, outcome.data["assessment"]) == (
        "self_assessed",
        day(2027, 4, 2),
        "AS-2",
    )


def test_8_1_is_no_evidence_in_silence_before_the_first_one_and_where_nobody_is_named():
    assert reasons("8-1", ON, given()) == {("member", "nothing_recorded")}
    assert verdict("8-1", day(2026, 3, 31), given(assessment())) == Verdict.NO_EVIDENCE
    assert reasons("8-1", ON, given(assessment(by=None))) == {("member", "unknown_assessor")}


def test_8_1_is_met_by_an_approved_exception_while_it_lasts():
    facts = (assessment(day(2025, 1, 1)), REP, exception("8-1"))
    assert verdict("8-1", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert (
        verdict("8-1", ON, given(*facts, approved("exception:EX-1", by="P-REP"))) == Verdict.MET_BY_EXCEPTION
    )
    assert verdict("8-1", ON, given(*facts, approved("exception:EX-1", by="P-2"))) == Verdict.FALLS_SHORT
    after = day(2027, 1, 1)
    assert verdict("8-1", after, given(*facts, approved("exception:EX-1", by="P-REP"))) == Verdict.FALLS_SHORT


# --- 8-2: decisions ---------------------------------------------------------------------------------------------

DECIDED = day(2026, 9, 29)  # 90 days after 1 July
YES = {"decision": "change", "decision_reason": "監視を二重にする", "decided_on": DECIDED}
NO = {"decision": "no_change", "decision_reason": "再発の見込みがない", "decided_on": DECIDED}


def incident(state="closed", closed=True, **values):
    told = {"title": "停止", "kind": "failure", "severity": "minor", "detected_at": at(2026, 6, 1)}
    return record(
        "incident", "INC-1", state=state, closed_at=at(2026, 7, 1) if closed else None, **told, **values
    )


def risk(assessed_on=day(2026, 7, 1), **values):  # noqa: B008 - a date never changes
    return record("risk", "R-1", title="停止", category="failure", assessed_on=assessed_on, **values)


RESULTS = pytest.mark.parametrize(
    ("made", "key", "kind", "who"),
    [
        (incident, "INC-1", "incident", "role:chief_system_officer"),
        (risk, "R-1", "risk", "role:risk_manager"),
    ],
)


@RESULTS
@pytest.mark.parametrize("decision", [YES, NO])
def test_8_2_is_met_with_a_decision_and_its_reason(made, key, kind, who, decision):
    assert verdict("8-2", ON, given(made(**decision))) == Verdict.MET


@RESULTS
def test_8_2_falls_short_the_day_after_ninety_days_without_a_decision(made, key, kind, who):
    assert verdict("8-2", day(2026, 9, 29), given(made())) == Verdict.MET
    outcome = ask("8-2", day(2026, 9, 30), given(made()))[key]
    assert (outcome.reason, outcome.who) == (f"no_decision_on_{kind}", who)
    assert (outcome.since, outcome.due) == (day(2026, 9, 30), day(2026, 9, 29))
    assert outcome.data == {kind: key, "ready_on": "2026-07-01"}


@RESULTS
@pytest.mark.parametrize("reason", [None, "", "　"])
def test_8_2_falls_short_where_the_decision_has_no_reason(made, key, kind, who, reason):
    facts = given(made(**(YES | {"decision_reason": reason})))
    assert reasons("8-2", ON, facts) == {(key, f"no_reason_on_{kind}")}


@RESULTS
def test_8_2_asks_from_the_day_of_the_result_and_for_a_reason_from_the_day_after_the_time_is_over(
    made, key, kind, who
):
    facts = given(made(**(YES | {"decision_reason": None})))
    assert set(ask("8-2", day(2026, 7, 1), facts)) == {key}
    assert verdict("8-2", day(2026, 9, 29), facts) == Verdict.MET
    assert verdict("8-2", day(2026, 9, 30), facts) == Verdict.FALLS_SHORT


@RESULTS
def test_8_2_a_late_decision_mends_the_finding_from_its_day_on(made, key, kind, who):
    facts = given(made(**(YES | {"decided_on": day(2026, 10, 10)})))
    assert reasons("8-2", day(2026, 10, 9), facts) == {(key, f"no_decision_on_{kind}")}
    assert verdict("8-2", day(2026, 10, 10), facts) == Verdict.MET


@RESULTS
def test_8_2_a_decision_without_a_day_counts(made, key, kind, who):
    assert verdict("8-2", ON, given(made(**(YES | {"decided_on": None})))) == Verdict.MET


def test_8_2_a_decision_older_than_the_newest_assessment_of_its_risk_is_none():
    assert verdict("8-2", ON, given(risk(**(YES | {"decided_on": day(2026, 7, 1)})))) == Verdict.MET
    stale = given(risk(**(YES | {"decided_on": day(2026, 6, 30)})))
    assert reasons("8-2", ON, stale) == {("R-1", "no_decision_on_risk")}


def test_8_2_the_owner_of_the_risk_must_act():
    assert ask("8-2", ON, given(risk(owner="P-1")))["R-1"].who == "person:P-1"


@pytest.mark.parametrize("made", [incident("open", closed=False), incident("dismissed"), risk(None)])
def test_8_2_asks_nothing_of_what_is_not_closed_or_not_assessed(made):
    assert verdict("8-2", ON, given(made)) == Verdict.NO_EVIDENCE


def test_8_2_is_no_evidence_in_silence_and_met_where_only_one_of_the_two_kinds_is_kept():
    assert reasons("8-2", ON, given()) == {("member", "nothing_recorded")}
    assert verdict("8-2", day(2026, 6, 30), given(incident(), risk())) == Verdict.NO_EVIDENCE
    assert verdict("8-2", ON, given(risk(**YES), incident())) == Verdict.FALLS_SHORT


# --- 8-3: joint review ------------------------------------------------------------------------------------------

LAUNCH = day(2026, 8, 1)
REVIEWED = {
    "user_reviewed_on": LAUNCH, "user_reviewed_by": "P-USER",
    "risk_reviewed_on": day(2026, 7, 1), "risk_reviewed_by": "P-RISK",
}  # fmt: skip
STAFF = (
    unit("U-USER", "user"),
    unit("U-RISK", "risk"),
    record("person", "P-USER", name="利用", employment="employee", unit="U-USER", joined_on=START),
    record("person", "P-RISK", name="審査", employment="employee", unit="U-RISK", joined_on=START),
)


def change(launched_on=LAUNCH, **values):
    told = {"service": "ステーキング", "kind": "new"}
    return record("service_change", "SC-1", launched_on=launched_on, **told, **(REVIEWED | values))


def test_8_3_is_met_where_both_departments_reviewed_by_the_day_of_the_launch():
    assert verdict("8-3", ON, given(change(), *STAFF)) == Verdict.MET


@pytest.mark.parametrize("department", ["user", "risk"])
def test_8_3_falls_short_where_one_department_reviewed_the_day_after_the_launch_or_never(department):
    late = given(change(**{f"{department}_reviewed_on": day(2026, 8, 2)}), *STAFF)
    assert reasons("8-3", day(2026, 8, 2), late) == {("SC-1", f"late_review_by_{department}")}
    assert reasons("8-3", LAUNCH, late) == {("SC-1", f"no_review_by_{department}")}
    never = given(change(**{f"{department}_reviewed_on": None, f"{department}_reviewed_by": None}), *STAFF)
    outcome = ask("8-3", ON, never)["SC-1"]
    assert (outcome.reason, outcome.since) == (f"no_review_by_{department}", LAUNCH)
    assert outcome.who == "role:risk_manager"


@pytest.mark.parametrize("department", ["user", "risk"])
def test_8_3_falls_short_where_a_reviewer_is_not_named(department):
    facts = given(change(**{f"{department}_reviewed_by": None}), *STAFF)
    assert reasons("8-3", ON, facts) == {("SC-1", f"no_reviewer_of_{department}")}


@pytest.mark.parametrize(("department", "person"), [("user", "P-RISK"), ("risk", "P-USER")])
def test_8_3_falls_short_where_one_person_reviewed_for_both(department, person):
    facts = given(change(**{f"{department}_reviewed_by": person}), *STAFF)
    assert reasons("8-3", ON, facts) == {
        ("SC-1", "one_reviewer"),
        ("SC-1", f"wrong_reviewer_of_{department}"),
    }


def test_8_3_falls_short_where_a_reviewer_belongs_to_another_department():
    other = record("person", "P-SYS", name="開発", employment="employee", unit="U-SYS", joined_on=START)
    facts = given(change(user_reviewed_by="P-SYS"), *STAFF, other, unit("U-SYS", "system"))
    assert reasons("8-3", ON, facts) == {("SC-1", "wrong_reviewer_of_user")}
    assert ask("8-3", ON, facts)["SC-1"].data == {
        "service_change": "SC-1",
        "person": "P-SYS",
        "unit": "U-SYS",
    }


def test_8_3_takes_a_reviewer_whose_unit_is_not_on_record_at_the_word():
    assert verdict("8-3", ON, given(change())) == Verdict.MET
    nowhere = record("person", "P-USER", name="利用", employment="external", joined_on=START)
    assert verdict("8-3", ON, given(change(), nowhere, *STAFF[:2], STAFF[3])) == Verdict.MET


def test_8_3_asks_nothing_before_the_launch_and_is_no_evidence_in_silence():
    assert verdict("8-3", day(2026, 7, 31), given(change())) == Verdict.NO_EVIDENCE
    assert verdict("8-3", ON, given(change(launched_on=None))) == Verdict.NO_EVIDENCE
    assert verdict("8-3", ON, given(*STAFF)) == Verdict.NO_EVIDENCE
    assert reasons("8-3", ON, given()) == {("member", "nothing_recorded")}


# --- 8-4: cases of other firms ----------------------------------------------------------------------------------

SCREENED = day(2026, 10, 1)


def case(screened_on=SCREENED, relevance="not_relevant", key="IC-1", **values):
    told = {"title": "鍵の流出", "source": "協会通知"}
    return record("industry_case", key, screened_on=screened_on, relevance=relevance, **told, **values)


def test_8_4_is_met_for_a_quarter_after_a_screening_and_falls_short_the_day_after():
    assert verdict("8-4", day(2027, 1, 1), given(case())) == Verdict.MET
    outcome = ask("8-4", day(2027, 1, 2), given(case()))["member"]
    assert (outcome.reason, outcome.since) == ("old_screening", day(2027, 1, 2))
    assert (outcome.who, outcome.data) == ("role:risk_manager", {"last": "2026-10-01"})


def test_8_4_the_newest_screening_counts_from_its_own_day_on():
    facts = given(case(day(2026, 1, 1)), case(ON, key="IC-2"))
    assert verdict("8-4", ON, facts) == Verdict.MET
    assert reasons("8-4", day(2026, 11, 22), facts) == {("member", "old_screening")}


def test_8_4_a_relevant_case_falls_short_the_day_after_thirty_days_without_a_decision():
    facts = given(case(relevance="relevant"))
    assert verdict("8-4", day(2026, 10, 31), facts) == Verdict.MET
    outcome = ask("8-4", day(2026, 11, 1), facts)["IC-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "no_decision",
        day(2026, 11, 1),
        day(2026, 10, 31),
    )
    assert outcome.who == "role:risk_manager"


def test_8_4_a_decision_is_in_time_to_the_last_day_and_stays_late_after_it():
    def decided(on):
        return given(case(relevance="relevant", decision="鍵の管理を点検する", decided_on=on))

    assert verdict("8-4", ON, decided(day(2026, 10, 31))) == Verdict.MET
    outcome = ask("8-4", ON, decided(day(2026, 11, 1)))["IC-1"]
    assert (outcome.reason, outcome.data) == (
        "late_decision",
        {"industry_case": "IC-1", "decided_on": "2026-11-01"},
    )
    assert reasons("8-4", ON, decided(ON)) == {("IC-1", "late_decision")}
    assert reasons("8-4", ON, decided(day(2026, 11, 24))) == {("IC-1", "no_decision")}


def test_8_4_a_day_without_words_is_no_decision_and_words_without_a_day_are_no_evidence():
    empty = given(case(relevance="relevant", decision="　", decided_on=day(2026, 10, 5)))
    assert reasons("8-4", ON, empty) == {("IC-1", "no_decision")}
    undated = given(case(relevance="relevant", decision="点検する"))
    assert reasons("8-4", ON, undated) == {("IC-1", "undated_decision")}
    assert verdict("8-4", ON, undated) == Verdict.NO_EVIDENCE
    assert verdict("8-4", day(2026, 10, 31), undated) == Verdict.MET


def test_8_4_an_action_that_arises_from_the_case_stands_for_a_decision():
    def acting(arises_from):
        told = {"what": "点検", "kind": "improvement", "due_on": day(2027, 3, 31)}
        return given(case(relevance="relevant"), record("action", "AC-1", arises_from=arises_from, **told))

    assert verdict("8-4", ON, acting("industry_case:IC-1")) == Verdict.MET
    assert verdict("8-4", ON, acting("industry_case:IC-2")) == Verdict.FALLS_SHORT


def test_8_4_a_case_without_a_word_on_its_relevance_is_no_evidence():
    facts = given(case(relevance=None))
    assert verdict("8-4", day(2026, 10, 31), facts) == Verdict.MET
    assert reasons("8-4", day(2026, 11, 1), facts) == {("IC-1", "unknown_relevance")}


def test_8_4_is_no_evidence_in_silence_and_before_the_first_screening():
    assert reasons("8-4", ON, given()) == {("member", "nothing_recorded")}
    assert verdict("8-4", day(2026, 9, 30), given(case())) == Verdict.NO_EVIDENCE


# --- 8-5: mutual checks -----------------------------------------------------------------------------------------

SYS, RISK = unit("U-SYS", "system"), unit("U-RISK", "risk")
MONITORED = day(2026, 9, 1)


def works(role, person, since=START, until=None, system="S-1"):
    key = f"A-{role}-{person}-{system}"
    return record("appointment", key, person=person, role=role, system=system, since_on=since, until_on=until)


def monitored(done_on=MONITORED, by="U-RISK", of="unit:U-SYS", key="MR-1"):
    return record("monitoring_round", key, by_unit=by, of=of, done_on=done_on, result="指摘なし")


APART = (works("developer", "P-1"), works("operator", "P-2"))
WATCHED = (SYS, RISK, monitored())


def test_8_5_is_met_with_separate_people_and_a_recent_round():
    assert verdict("8-5", ON, given(*APART, *WATCHED)) == Verdict.MET


def test_8_5_falls_short_where_one_person_develops_and_operates_one_system():
    facts = given(*APART, works("operator", "P-1", since=day(2026, 6, 1)), *WATCHED)
    assert ("P-1", "both_roles") not in reasons("8-5", day(2026, 5, 31), facts)
    outcome = ask("8-5", ON, facts)["P-1"]
    assert (outcome.reason, outcome.since) == ("both_roles", day(2026, 6, 1))
    assert (outcome.who, outcome.data) == ("role:chief_system_officer", {"person": "P-1", "system": "S-1"})
    assert reasons("8-5", ON, facts) == {("P-1", "both_roles")}


def test_8_5_is_met_again_the_day_after_one_of_the_two_appointments_or_the_person_s_time_ends():
    last = day(2026, 10, 31)
    ended = given(*APART, works("operator", "P-1", until=last), *WATCHED)
    assert verdict("8-5", last, ended) == Verdict.FALLS_SHORT
    assert verdict("8-5", day(2026, 11, 1), ended) == Verdict.MET
    gone = record("person", "P-1", name="兼務", employment="employee", joined_on=START, left_on=last)
    left = given(*APART, works("operator", "P-1"), gone, *WATCHED)
    assert verdict("8-5", last, left) == Verdict.FALLS_SHORT
    assert verdict("8-5", day(2026, 11, 1), left) == Verdict.MET


def test_8_5_lets_one_person_develop_one_system_and_operate_another():
    facts = given(*APART, works("operator", "P-1", system="S-2"), *WATCHED)
    assert verdict("8-5", ON, facts) == Verdict.MET


def test_8_5_names_each_system_on_which_a_person_has_both_roles():
    twice = [
        works(role, "P-1", system=system) for role in ("developer", "operator") for system in ("S-1", "S-2")
    ]
    found = state("8-5", ON, given(*twice, *WATCHED)).findings
    assert [json.loads(data)["system"] for data in found["data"].sort()] == ["S-1", "S-2"]


def test_8_5_falls_short_where_an_approval_was_given_by_its_author():
    def decided(by, step="approved"):
        told = {"subject": "document:D-1", "asked_by": "P-7", "decided_by": by, "at": at(2026, 6, 1)}
        return record("approval", "AP-1", step=step, **told)

    assert verdict("8-5", ON, given(*APART, *WATCHED, decided("P-8"))) == Verdict.MET
    outcome = ask("8-5", ON, given(*APART, *WATCHED, decided("P-7")))["AP-1"]
    assert (outcome.reason, outcome.since) == ("own_approval", day(2026, 6, 1))
    assert outcome.data == {"approval": "AP-1", "at": "2026-06-01", "person": "P-7"}
    for on, subjects in ((day(2026, 5, 31), set()), (day(2026, 6, 1), {"AP-1"})):
        assert set(ask("8-5", on, given(*APART, SYS, decided("P-7")))) & {"AP-1"} == subjects
    assert verdict("8-5", ON, given(*APART, *WATCHED, decided("P-7", "sent_back"))) == Verdict.MET


def test_8_5_falls_short_the_day_after_half_a_year_without_monitoring():
    facts = given(*APART, *WATCHED)
    assert verdict("8-5", day(2027, 3, 1), facts) == Verdict.MET
    outcome = ask("8-5", day(2027, 3, 2), facts)["U-SYS"]
    assert (outcome.reason, outcome.since) == ("old_monitoring", day(2027, 3, 2))
    assert (outcome.who, outcome.data) == ("role:risk_manager", {"last": "2026-09-01", "unit": "U-SYS"})


@pytest.mark.parametrize(
    "round_",
    [
        monitored(by="U-SYS"),
        monitored(by="U-AUDIT"),
        monitored(of="unit:U-USER"),
        monitored(of="vendor:U-SYS"),
        monitored(day(2026, 11, 24)),
    ],
)
def test_8_5_counts_no_round_by_another_department_of_something_else_or_still_to_come(round_):
    facts = given(*APART, SYS, RISK, unit("U-AUDIT", "audit"), unit("U-USER", "user"), round_)
    outcome = ask("8-5", ON, facts)["U-SYS"]
    assert (outcome.reason, outcome.since) == ("never_monitored", day(2020, 10, 2))


def test_8_5_the_newest_round_counts_from_its_own_day_on():
    facts = given(*APART, SYS, RISK, monitored(day(2026, 1, 1)), monitored(ON, key="MR-2"))
    assert verdict("8-5", ON, facts) == Verdict.MET
    assert reasons("8-5", day(2026, 11, 22), facts) == {("U-SYS", "old_monitoring")}


def test_8_5_a_new_department_has_half_a_year_for_its_first_round_but_no_evidence_until_then():
    new = (*APART, *WATCHED, unit("U-NEW", "system", since=day(2026, 10, 1)))
    assert reasons("8-5", ON, given(*new)) == {("U-NEW", "not_yet_monitored")}
    assert verdict("8-5", ON, given(*new)) == Verdict.NO_EVIDENCE
    late = given(*new, monitored(day(2027, 4, 1), key="MR-2"))
    assert ask("8-5", day(2027, 4, 2), late)["U-NEW"].reason == "never_monitored"


def test_8_5_does_not_ask_of_a_department_that_was_closed():
    closed = unit("U-OLD", "system", until=day(2026, 1, 31))
    assert verdict("8-5", ON, given(*APART, *WATCHED, closed)) == Verdict.MET


def test_8_5_is_no_evidence_where_a_side_is_silent():
    assert verdict("8-5", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("8-5", ON, given(*WATCHED)) == {("member", "nothing_recorded")}
    assert reasons("8-5", ON, given(REP, *WATCHED)) == {("member", "no_staff")}
    assert reasons("8-5", ON, given(*APART)) == {("member", "nothing_recorded")}
