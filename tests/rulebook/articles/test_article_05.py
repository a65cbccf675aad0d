"""Article 5, read as the rule: met, the last good day, the day after, never, silence."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, state, verdict
from tests.rulebook.granting import approved, exception, office

ON = day(2026, 11, 23)
START = day(2020, 4, 1)
PROFILE = record("member_profile", "MP-1", name="会員", business_since_on=START, as_of_on=START)


def someone(key, employment="officer", left=None):
    return record("person", key, name=key, employment=employment, joined_on=START, left_on=left)


def chief(key="A-1", since=START, until=None, person="P-1", grounds="情報処理の実務20年", **values):
    told = {"role": "chief_system_officer", "since_on": since, "until_on": until, "grounds": grounds}
    return record("appointment", key, person=person, **(told | values))


# --- 5-1: the office --------------------------------------------------------------------------------------------


def test_5_1_is_met_while_somebody_holds_the_office_on_recorded_grounds():
    assert verdict("5-1", ON, given(PROFILE, chief())) == Verdict.MET


def test_5_1_is_met_on_the_holder_s_last_day_and_falls_short_the_day_after():
    facts = given(PROFILE, chief(until=day(2026, 3, 31)))
    assert verdict("5-1", day(2026, 3, 31), facts) == Verdict.MET
    outcome = ask("5-1", day(2026, 4, 1), facts)["member"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_chief", day(2026, 4, 1))
    assert outcome.who == "role:representative_director"


def test_5_1_falls_short_the_day_after_the_holder_leaves_the_member_though_the_appointment_goes_on():
    facts = given(PROFILE, chief(), someone("P-1", left=day(2026, 3, 31)))
    assert verdict("5-1", day(2026, 3, 31), facts) == Verdict.MET
    outcome = ask("5-1", day(2026, 4, 1), facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_chief", day(2026, 4, 1))


def test_5_1_falls_short_from_the_first_day_of_business_where_nobody_was_ever_appointed():
    outcome = ask("5-1", ON, given(PROFILE, someone("P-1")))["member"]
    assert (outcome.reason, outcome.since) == ("no_chief", START)
    assert ask("5-1", ON, given(PROFILE, office("risk_manager", "P-2")))["member"].reason == "no_chief"


def test_5_1_a_vacancy_longer_than_the_window_counts_from_its_own_first_day():
    outcome = ask("5-1", ON, given(PROFILE, chief(until=day(2022, 3, 31))))["member"]
    assert (outcome.reason, outcome.since) == ("no_chief", day(2022, 4, 1))


def test_5_1_counts_a_gap_until_its_last_day_is_past_the_window():
    facts = given(PROFILE, chief(until=day(2026, 3, 31)), chief("A-2", since=day(2026, 4, 3), person="P-2"))
    outcome = ask("5-1", day(2026, 4, 3), facts)["member"]
    assert (outcome.reason, outcome.since) == ("gap", day(2026, 4, 1))
    assert outcome.data == {"from": "2026-04-01", "until": "2026-04-02"}
    assert ask("5-1", day(2027, 4, 2), facts)["member"].reason == "gap"
    assert verdict("5-1", day(2027, 4, 3), facts) == Verdict.MET


def test_5_1_sees_no_gap_where_the_next_holder_follows_on_the_day_after():
    facts = given(PROFILE, chief(until=day(2026, 3, 31)), chief("A-2", since=day(2026, 4, 1), person="P-2"))
    assert verdict("5-1", ON, facts) == Verdict.MET


def test_5_1_asks_nothing_of_the_days_before_business_began():
    began = day(2026, 9, 1)
    profile = record("member_profile", "MP-1", name="会員", business_since_on=began, as_of_on=began)
    assert verdict("5-1", ON, given(profile, chief(since=began))) == Verdict.MET
    late = given(profile, chief(since=day(2026, 9, 2)))
    assert ask("5-1", ON, late)["member"].data == {"from": "2026-09-01", "until": "2026-09-01"}


def test_5_1_goes_by_the_newest_profile_of_the_day_that_names_the_first_day_of_business():
    def profile(key, as_of_on, began):
        return record("member_profile", key, name="会員", business_since_on=began, as_of_on=as_of_on)

    began = day(2026, 9, 1)
    older, silent = profile("MP-1", day(2026, 1, 1), START), profile("MP-3", day(2026, 11, 22), None)
    newer = profile("MP-2", ON, began)
    assert verdict("5-1", ON, given(older, newer, silent, chief(since=began))) == Verdict.MET
    to_come = profile("MP-2", day(2026, 11, 24), began)
    assert ask("5-1", ON, given(older, to_come, chief(since=began)))["member"].since == START


def test_5_1_takes_the_oldest_unit_s_first_day_where_no_profile_says_when_business_began():
    unit = record("unit", "U-1", name="業務部", function="user", since_on=day(2026, 9, 1))
    assert verdict("5-1", ON, given(unit, chief(since=day(2026, 9, 1)))) == Verdict.MET
    assert ask("5-1", ON, given(unit, chief(since=day(2026, 9, 2))))["member"].reason == "gap"


def test_5_1_takes_the_window_where_neither_profile_nor_unit_says_when_business_began():
    assert verdict("5-1", ON, given(chief(since=day(2025, 11, 23)))) == Verdict.MET
    outcome = ask("5-1", ON, given(chief(since=day(2025, 11, 24))))["member"]
    assert (outcome.reason, outcome.since) == ("gap", day(2025, 11, 23))


@pytest.mark.parametrize("grounds", [None, "", " 　"])
def test_5_1_falls_short_where_the_holder_s_grounds_are_not_recorded(grounds):
    outcome = ask("5-1", ON, given(PROFILE, chief(grounds=grounds)))["A-1"]
    assert (outcome.reason, outcome.since) == ("no_grounds", START)
    assert outcome.data == {"person": "P-1", "appointment": "A-1"}


def test_5_1_does_not_ask_for_the_grounds_of_an_appointment_that_ended():
    facts = given(
        PROFILE,
        chief(until=day(2026, 3, 31), grounds=None),
        chief("A-2", since=day(2026, 4, 1), person="P-2"),
    )
    assert verdict("5-1", ON, facts) == Verdict.MET


def test_5_1_is_no_evidence_where_nothing_is_recorded():
    assert verdict("5-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("5-1", ON, given()) == {("member", "nothing_recorded")}


def test_5_1_is_met_by_an_approved_exception_until_its_last_day():
    director = office("representative_director", "P-REP")
    asked = (PROFILE, chief(until=day(2026, 3, 31)), director, exception("5-1"))
    granted = given(*asked, approved("exception:EX-1", by="P-REP"))
    assert verdict("5-1", ON, given(*asked)) == Verdict.FALLS_SHORT
    assert verdict("5-1", day(2026, 12, 31), granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("5-1", day(2027, 1, 1), granted) == Verdict.FALLS_SHORT


# --- 5-2: the plan and its drills -------------------------------------------------------------------------------

REP = office("representative_director", "P-REP")
CSO = office("chief_system_officer", "P-CSO")
CHIEFS = ("representative_director", "chief_system_officer")


def plan(key="D-1", since=START, until=None, kind="contingency_plan"):
    return record("document", key, kind=kind, title=key, version="1", in_force_on=since, until_on=until)


def duties(plan="D-1", roles=CHIEFS):
    return tuple(
        record("contingency_duty", f"CD-{plan}-{role}", plan=plan, role=role, duty="対策本部を指揮する")
        for role in roles
    )


HELD, EVALUATED = day(2026, 6, 1), day(2026, 6, 10)


def drill(by, held=HELD, evaluation="復旧 58 分", evaluated=EVALUATED):
    told = {"scenario": "停止", "commanded_by": by, "evaluation": evaluation, "evaluated_on": evaluated}
    return record("drill", f"DR-{by}", held_on=held, **told)


DRILLS = (drill("P-REP"), drill("P-CSO"))
GOOD = (plan(), *duties(), REP, CSO)


def test_5_2_is_met_with_a_plan_in_force_duties_of_both_and_a_drill_of_each():
    assert verdict("5-2", ON, given(*GOOD, *DRILLS)) == Verdict.MET


def test_5_2_falls_short_the_day_after_the_plan_ends():
    facts = given(plan(until=day(2026, 8, 31)), *duties(), REP, CSO, *DRILLS)
    assert verdict("5-2", day(2026, 8, 31), facts) == Verdict.MET
    outcome = ask("5-2", day(2026, 9, 1), facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_plan", day(2026, 9, 1))
    assert outcome.who == "role:chief_system_officer"


def test_5_2_without_a_plan_counts_from_the_end_of_the_last_one():
    ended = (plan(until=day(2025, 3, 31)), plan("D-2", since=day(2025, 4, 1), until=day(2026, 8, 31)))
    assert ask("5-2", ON, given(*ended, *duties(), REP, CSO, *DRILLS))["member"].since == day(2026, 9, 1)


def test_5_2_falls_short_where_no_contingency_plan_was_ever_made():
    facts = given(plan(kind="basic_policy"), REP, CSO, *DRILLS)
    assert reasons("5-2", ON, facts) == {("member", "no_plan")}


def test_5_2_a_plan_without_a_day_in_force_is_not_in_force():
    facts = given(plan(since=None), *duties(), REP, CSO, *DRILLS)
    assert reasons("5-2", ON, facts) == {("member", "no_plan")}


@pytest.mark.parametrize("role", CHIEFS)
def test_5_2_falls_short_where_the_plan_names_no_duty_of_one_of_the_two(role):
    named = tuple(r for r in CHIEFS if r != role)
    facts = given(plan(), *duties(roles=named), REP, CSO, *DRILLS)
    assert reasons("5-2", ON, facts) == {("D-1", f"no_duty_of_{role}")}
    outcome = ask("5-2", ON, facts)["D-1"]
    assert (outcome.since, outcome.data) == (START, {"document": "D-1"})


def test_5_2_duties_of_an_older_version_do_not_serve_the_new_one():
    facts = given(
        plan(until=day(2026, 8, 31)), plan("D-2", since=day(2026, 9, 1)), *duties(), REP, CSO, *DRILLS
    )
    assert verdict("5-2", day(2026, 8, 31), facts) == Verdict.MET
    assert reasons("5-2", day(2026, 9, 1), facts) == {("D-2", f"no_duty_of_{role}") for role in CHIEFS}


@pytest.mark.parametrize(
    ("role", "by"), [("representative_director", "P-REP"), ("chief_system_officer", "P-CSO")]
)
def test_5_2_each_chief_s_drill_lapses_the_day_after_a_year(role, by):
    other = drill("P-CSO" if by == "P-REP" else "P-REP", held=day(2027, 5, 1), evaluated=day(2027, 5, 2))
    facts = given(*GOOD, drill(by), other)
    assert verdict("5-2", day(2027, 6, 1), facts) == Verdict.MET
    assert reasons("5-2", day(2027, 6, 2), facts) == {("member", f"old_drill_by_{role}")}
    outcome = ask("5-2", day(2027, 6, 2), facts)["member"]
    assert (outcome.since, outcome.who) == (day(2027, 6, 2), f"role:{role}")
    assert outcome.data == {"last": "2026-06-01"}


def test_5_2_falls_short_where_one_of_the_two_never_commanded_a_drill():
    outcome = ask("5-2", ON, given(*GOOD, drill("P-REP")))["member"]
    assert (outcome.reason, outcome.since) == ("no_drill_by_chief_system_officer", START)
    assert reasons("5-2", ON, given(*GOOD)) == {("member", f"no_drill_by_{role}") for role in CHIEFS}


def test_5_2_a_drill_counts_for_the_office_that_its_commander_held_on_that_day():
    before = office("chief_system_officer", "P-OLD", until=day(2026, 6, 1))
    facts = given(plan(), *duties(), REP, before, drill("P-REP"), drill("P-OLD"))
    assert verdict("5-2", ON, facts) == Verdict.MET
    past_office = given(plan(), *duties(), REP, before, drill("P-REP"), drill("P-OLD", held=day(2026, 6, 2)))
    assert reasons("5-2", ON, past_office) == {("member", "no_drill_by_chief_system_officer")}


def test_5_2_a_drill_by_somebody_who_had_left_counts_for_no_office():
    gone = someone("P-CSO", left=day(2026, 5, 31))
    assert reasons("5-2", ON, given(*GOOD, *DRILLS, gone)) == {("member", "no_drill_by_chief_system_officer")}


def test_5_2_one_person_with_both_offices_serves_for_both():
    both = record("appointment", "A-2", person="P-REP", role="chief_system_officer", since_on=START)
    assert verdict("5-2", ON, given(plan(), *duties(), REP, both, drill("P-REP"))) == Verdict.MET


def test_5_2_the_newest_drill_counts_and_counts_from_its_own_day_on():
    again = record("drill", "DR-2", scenario="停止", commanded_by="P-CSO", held_on=ON, evaluation="復旧")
    facts = given(*GOOD, drill("P-REP"), drill("P-CSO", held=day(2025, 6, 1)), again)
    assert verdict("5-2", ON, facts) == Verdict.MET
    assert reasons("5-2", day(2026, 11, 22), facts) == {("member", "old_drill_by_chief_system_officer")}


def test_5_2_a_first_holder_of_the_office_without_a_drill_falls_short_from_that_day_on():
    today = office("chief_system_officer", "P-CSO", since=ON)
    assert ask("5-2", ON, given(plan(), *duties(), REP, today, drill("P-REP")))["member"].since == ON


def test_5_2_a_drill_that_is_still_to_come_does_not_count():
    coming = drill("P-CSO", held=day(2026, 11, 24), evaluation=None, evaluated=None)
    assert ("member", "no_drill_by_chief_system_officer") in reasons(
        "5-2", ON, given(*GOOD, drill("P-REP"), coming)
    )


def test_5_2_a_drill_must_be_evaluated_by_the_last_day_of_its_time():
    facts = given(*GOOD, drill("P-REP"), drill("P-CSO", evaluation=None, evaluated=None))
    assert verdict("5-2", day(2026, 7, 1), facts) == Verdict.MET
    outcome = ask("5-2", day(2026, 7, 2), facts)["DR-P-CSO"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "not_evaluated",
        day(2026, 7, 2),
        day(2026, 7, 1),
    )
    assert outcome.who == "person:P-CSO"


def test_5_2_a_late_evaluation_mends_the_finding_from_its_day_on():
    facts = given(*GOOD, drill("P-REP"), drill("P-CSO", evaluated=day(2026, 9, 1)))
    assert ask("5-2", day(2026, 8, 31), facts)["DR-P-CSO"].reason == "not_evaluated"
    assert verdict("5-2", day(2026, 9, 1), facts) == Verdict.MET


def test_5_2_an_evaluation_of_spaces_is_none_and_one_without_a_day_counts():
    blank = given(*GOOD, drill("P-REP"), drill("P-CSO", evaluation="　 "))
    assert reasons("5-2", ON, blank) == {("DR-P-CSO", "not_evaluated")}
    assert verdict("5-2", ON, given(*GOOD, drill("P-REP"), drill("P-CSO", evaluated=None))) == Verdict.MET


def improvement(done=None, owner="P-9", arises_from="drill:DR-P-CSO"):
    told = {"what": "手順の改訂", "kind": "improvement", "owner": owner, "due_on": day(2026, 9, 30)}
    return record("action", "AC-1", arises_from=arises_from, done_on=done, **told)


def test_5_2_an_improvement_is_overdue_the_day_after_its_due_date():
    facts = given(*GOOD, *DRILLS, improvement())
    assert verdict("5-2", day(2026, 9, 30), facts) == Verdict.MET
    outcome = ask("5-2", day(2026, 10, 1), facts)["AC-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "action_overdue",
        day(2026, 10, 1),
        day(2026, 9, 30),
    )
    assert (outcome.who, outcome.data) == ("person:P-9", {"action": "AC-1", "drill": "DR-P-CSO"})
    assert (
        ask("5-2", ON, given(*GOOD, *DRILLS, improvement(owner=None)))["AC-1"].who
        == "role:chief_system_officer"
    )


def test_5_2_an_improvement_that_is_done_or_arises_from_something_else_is_not_asked_for():
    assert verdict("5-2", ON, given(*GOOD, *DRILLS, improvement(done=day(2026, 11, 23)))) == Verdict.MET
    assert (
        verdict("5-2", ON, given(*GOOD, *DRILLS, improvement(done=day(2026, 11, 24)))) == Verdict.FALLS_SHORT
    )
    assert (
        verdict("5-2", ON, given(*GOOD, *DRILLS, improvement(arises_from="review:DR-P-CSO"))) == Verdict.MET
    )


def test_5_2_is_no_evidence_where_nothing_is_recorded():
    assert verdict("5-2", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("5-2", ON, given()) == {("member", "nothing_recorded")}


def test_5_2_an_exception_for_one_drill_covers_that_drill_alone():
    late = given(
        *GOOD, drill("P-REP", evaluation=None), drill("P-CSO", evaluation=None),
        exception("5-2", "drill:DR-P-CSO"), approved("exception:EX-1", by="P-REP"),
    )  # fmt: skip
    found = {r["subject"]: r["exception"] for r in state("5-2", ON, late).findings.iter_rows(named=True)}
    assert found == {"DR-P-REP": None, "DR-P-CSO": "EX-1"}
    assert verdict("5-2", ON, late) == Verdict.FALLS_SHORT


# --- G5-1: a chief who is no officer ----------------------------------------------------------------------------


def director(since=START, until=None):
    return record(
        "appointment", "A-D", person="P-D", role="director_in_charge", since_on=since, until_on=until
    )


def test_g5_1_is_met_by_an_officer_without_any_link():
    assert verdict("G5-1", ON, given(chief(), someone("P-1"))) == Verdict.MET


def test_g5_1_is_met_where_one_who_is_no_officer_works_with_the_director_in_charge():
    facts = given(chief(works_with="P-D"), someone("P-1", "employee"), director())
    assert verdict("G5-1", ON, facts) == Verdict.MET


def test_g5_1_falls_short_where_one_who_is_no_officer_has_no_director_linked():
    outcome = ask("G5-1", ON, given(chief(), someone("P-1", "employee"), director()))["A-1"]
    assert (outcome.reason, outcome.since, outcome.who) == ("no_director", START, "person:P-1")


def test_g5_1_falls_short_the_day_after_the_linked_director_s_office_ends():
    facts = given(chief(works_with="P-D"), someone("P-1", "external"), director(until=day(2026, 3, 31)))
    assert verdict("G5-1", day(2026, 3, 31), facts) == Verdict.MET
    outcome = ask("G5-1", day(2026, 4, 1), facts)["A-1"]
    assert (outcome.reason, outcome.since) == ("not_director", day(2026, 4, 1))
    assert outcome.data == {"person": "P-1", "appointment": "A-1", "director": "P-D"}


def test_g5_1_is_met_from_the_first_day_of_the_linked_director_s_office():
    facts = given(chief(works_with="P-D"), someone("P-1", "employee"), director(since=ON))
    assert verdict("G5-1", ON, facts) == Verdict.MET
    assert ask("G5-1", day(2026, 11, 22), facts)["A-1"].since == START


def test_g5_1_counts_from_the_end_of_the_linked_director_s_last_term():
    first = record(
        "appointment",
        "A-D1",
        person="P-D",
        role="director_in_charge",
        since_on=START,
        until_on=day(2023, 3, 31),
    )
    last = director(since=day(2024, 4, 1), until=day(2026, 3, 31))
    facts = given(chief(works_with="P-D"), someone("P-1", "employee"), first, last)
    assert ask("G5-1", ON, facts)["A-1"].since == day(2026, 4, 1)


def test_g5_1_falls_short_where_the_linked_person_was_never_director_in_charge_or_left():
    never = given(chief(works_with="P-9"), someone("P-1", "employee"), director())
    assert (ask("G5-1", ON, never)["A-1"].reason, ask("G5-1", ON, never)["A-1"].since) == (
        "not_director",
        START,
    )
    left = given(
        chief(works_with="P-D"), someone("P-1", "employee"), director(), someone("P-D", left=day(2026, 3, 31))
    )
    assert ask("G5-1", ON, left)["A-1"].since == day(2026, 4, 1)


def test_g5_1_is_no_evidence_in_silence_or_where_the_person_is_not_on_record():
    assert reasons("G5-1", ON, given()) == {("member", "nothing_recorded")}
    assert reasons("G5-1", ON, given(chief())) == {("A-1", "unknown_person")}
    assert verdict("G5-1", ON, given(chief(until=day(2026, 3, 31)), someone("P-1"))) == Verdict.NO_EVIDENCE
