"""Article 14, read as the rule: people who know the systems, and a plan that passes on what they know."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, otherwise

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
MARCH, JUNE = day(2026, 3, 10), day(2026, 6, 1)


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | {"criticality": "high"} | values))


def need(key="SN-1", **values):
    return record("skill_need", key, **({"system": "S-1", "skill": "SK-1", "level": 3} | values))


def somebody(key, employment="employee", **values):
    return record("person", key, **({"name": key, "employment": employment, "joined_on": LONG_AGO} | values))


def level(person, of=3, on=MARCH, key=None, **values):
    told = {"person": person, "skill": "SK-1", "level": of, "assessed_on": on}
    return record("skill_level", key or f"SL-{person}", **(told | values))


ANN, BEN = somebody("P-ANN"), somebody("P-BEN")
TWO = (ANN, BEN, level("P-ANN"), level("P-BEN"))


def people(on, *records, citation="14-1"):
    return reasons(citation, on, given(system(), *records))


@pytest.mark.parametrize("citation", ["14-1", "14-2", "G14-1"])
def test_nothing_recorded_is_no_evidence(citation):
    assert verdict(citation, ON, given()) == Verdict.NO_EVIDENCE


# --- 14-1 -----------------------------------------------------------------------------------------------------------


def test_14_1_is_met_where_two_people_know_what_a_critical_system_asks():
    assert verdict("14-1", ON, given(system(), need(), *TWO)) == Verdict.MET


def test_14_1_falls_short_where_one_or_nobody_does():
    outcome = ask("14-1", ON, given(system(), need(), ANN, level("P-ANN")))["SN-1"]
    assert (outcome.outcome, outcome.reason, outcome.who) == (
        "falls_short", "too_few", "role:system_manager@U-1",
    )  # fmt: skip
    assert outcome.data == {"system": "S-1", "skill": "SK-1", "level": "3", "found": "1", "needed": "2"}
    assert ask("14-1", ON, given(system(), need(), ANN, BEN))["SN-1"].data["found"] == "0"


def test_14_1_asks_for_the_level():
    assert people(ON, need(), *TWO[:3], level("P-BEN", 2)) == {("SN-1", "too_few")}
    assert people(ON, need(level=2), *TWO[:3], level("P-BEN", 2)) == set()


def test_14_1_falls_short_the_day_after_one_of_two_leaves():
    leaver = (ANN, somebody("P-BEN", left_on=JUNE), level("P-ANN"), level("P-BEN"))
    assert people(JUNE, need(), *leaver) == set()
    assert people(JUNE + ONE_DAY, need(), *leaver) == {("SN-1", "too_few")}


def test_14_1_goes_by_the_newest_level_of_the_day():
    better = (*TWO[:3], level("P-BEN", 1), level("P-BEN", 3, JUNE, "SL-2"))
    assert people(JUNE - ONE_DAY, need(), *better) == {("SN-1", "too_few")}
    assert people(JUNE, need(), *better) == set()
    worse = (*TWO, level("P-BEN", 2, JUNE, "SL-2"))
    assert people(JUNE - ONE_DAY, need(), *worse) == set()
    assert people(JUNE, need(), *worse) == {("SN-1", "too_few")}


def test_14_1_may_be_asked_for_more_people_but_not_for_fewer_than_two():
    assert people(ON, need(people=3), *TWO) == {("SN-1", "too_few")}
    assert people(ON, need(people=3), *TWO, somebody("P-CAL"), level("P-CAL")) == set()
    assert people(ON, need(people=1), ANN, level("P-ANN")) == {("SN-1", "too_few")}


def test_14_1_counts_people_of_vendors_too():
    assert people(ON, need(), ANN, level("P-ANN"), somebody("P-EXT", "external"), level("P-EXT")) == set()


def test_14_1_counts_nobody_by_another_skill():
    assert people(ON, need(), *TWO[:3], level("P-BEN", skill="SK-2")) == {("SN-1", "too_few")}


def test_14_1_is_no_evidence_where_it_is_not_recorded_what_a_critical_system_asks():
    outcome = ask("14-1", ON, given(system(), *TWO))["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.who) == (
        "no_evidence", "no_need", "role:system_manager@U-1",
    )  # fmt: skip
    assert verdict("14-1", ON, given(system(unit=None), *TWO)) == Verdict.NO_EVIDENCE
    assert ask("14-1", ON, given(system(unit=None)))["S-1"].who == "role:chief_system_officer"


def test_14_1_asks_only_of_critical_systems_in_scope_and_in_use():
    others = (
        system("S-2", criticality="medium"),
        system("S-3", in_scope=False),
        system("S-4", in_use_until_on=ON - ONE_DAY),
        system("S-5", in_use_since_on=ON + ONE_DAY),
    )
    assert people(ON, need(), need("SN-2", system="S-2"), *TWO, *others) == set()


def test_14_1_is_met_by_exception_while_one_lasts():
    facts = [system(), need(), ANN, level("P-ANN"), exception("14-1", "skill_need:SN-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = given(*facts, approved("exception:EX-1"))
    assert verdict("14-1", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("14-1", last, granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("14-1", last + ONE_DAY, granted) == Verdict.FALLS_SHORT


# --- 14-2 -----------------------------------------------------------------------------------------------------------


def plan(key="D-1", kind="succession_plan", since=MARCH, **values):
    return record(
        "document", key, **({"kind": kind, "title": key, "version": "1", "in_force_on": since} | values)
    )


def training(due_on=JUNE, key="TR-1", **values):
    told = {"topic": key, "kind": "training", "plan": "D-1", "due_on": due_on}
    return record("training", key, **(told | values))


APPROVED = (plan(), CHIEF, approved("document:D-1", MARCH))
DONE = training(done_on=JUNE)


def passing_on(on, *records):
    return reasons("14-2", on, given(*records))


def test_14_2_is_met_by_an_approved_plan_whose_rows_were_done():
    assert verdict("14-2", ON, given(*APPROVED, DONE)) == Verdict.MET


def test_14_2_falls_short_the_day_after_the_plan_s_last_day():
    ending = (plan(until_on=JUNE), CHIEF, approved("document:D-1", MARCH), DONE)
    assert passing_on(JUNE, *ending) == set()
    outcome = ask("14-2", JUNE + ONE_DAY, given(*ending))["member"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.who) == (
        "falls_short", "no_plan", JUNE + ONE_DAY, "role:chief_system_officer",
    )  # fmt: skip


def test_14_2_falls_short_where_none_was_ever_in_force_or_one_is_still_to_come():
    for other in (plan(kind="cyber_training_plan"), plan(since=ON + ONE_DAY)):
        assert ("member", "no_plan") in passing_on(ON, other, DONE)


def test_14_2_falls_short_where_nobody_entitled_approved_the_plan():
    for records in (
        [],
        [CHIEF, approved("document:D-1", by="P-NOBODY")],
        [CHIEF, approved("document:D-1", ON + ONE_DAY)],
    ):
        outcome = ask("14-2", ON, given(plan(), DONE, *records))["member"]
        assert (outcome.reason, outcome.since) == ("not_approved", MARCH)


@pytest.mark.parametrize("kind", ["training", "hand_over"])
def test_14_2_is_met_on_the_last_day_of_a_row_and_falls_short_the_day_after(kind):
    facts = (*APPROVED, training(kind=kind))
    assert passing_on(JUNE, *facts) == set()
    outcome = ask("14-2", JUNE + ONE_DAY, given(*facts))["TR-1"]
    assert (outcome.outcome, outcome.reason, outcome.since, outcome.due, outcome.who) == (
        "falls_short", "overdue", JUNE + ONE_DAY, JUNE, "role:chief_system_officer",
    )  # fmt: skip


def test_14_2_counts_nothing_that_is_done_only_later():
    assert passing_on(ON, *APPROVED, training(done_on=ON + ONE_DAY)) == {("TR-1", "overdue")}
    assert passing_on(ON + ONE_DAY, *APPROVED, training(done_on=ON + ONE_DAY)) == set()


def test_14_2_asks_of_rows_without_a_plan_but_not_of_those_for_cybersecurity():
    """Clause 9-3-6 asks of these."""
    cyber = plan("D-2", "cyber_training_plan")
    of_cyber, of_none = training(key="TR-2", plan="D-2"), training(key="TR-3", plan=None)
    assert passing_on(ON, *APPROVED, DONE, cyber, of_cyber, of_none) == {("TR-3", "overdue")}


def test_14_2_is_no_evidence_where_no_row_of_the_plan_is_recorded():
    for others in ([], [training(plan=None, done_on=JUNE)]):
        facts = given(*APPROVED, *others)
        assert reasons("14-2", ON, facts) == {("D-1", "nothing_planned")}
        assert verdict("14-2", ON, facts) == Verdict.NO_EVIDENCE


def test_14_2_is_met_by_exception_while_one_lasts():
    facts = [*APPROVED, training(), exception("14-2", "training:TR-1")]
    last = day(2026, 12, 31)
    granted = given(*facts, approved("exception:EX-1"))
    assert verdict("14-2", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("14-2", last, granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("14-2", last + ONE_DAY, granted) == Verdict.FALLS_SHORT


# --- G14-1 ----------------------------------------------------------------------------------------------------------

EXTERNAL = (somebody("P-EXT", "external"), level("P-EXT"))


def test_g14_1_is_met_where_one_of_the_member_s_own_people_knows_the_system():
    assert people(ON, need(), ANN, level("P-ANN"), *EXTERNAL, citation="G14-1") == set()
    assert verdict("G14-1", ON, given(system(), need(), ANN, level("P-ANN"), *EXTERNAL)) == Verdict.MET


def test_g14_1_falls_short_where_all_who_know_it_belong_to_vendors():
    facts = given(
        system(), need(), need("SN-2", skill="SK-2"), *EXTERNAL, level("P-EXT", key="SL-2", skill="SK-2")
    )
    outcome = ask("G14-1", ON, facts)["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.who) == (
        "falls_short", "vendors_alone", "role:system_manager@U-1",
    )  # fmt: skip
    assert outcome.data == {"system": "S-1", "count": "1"}


def test_g14_1_falls_short_the_day_after_the_last_of_the_member_s_own_leaves():
    leaver = (need(), somebody("P-ANN", left_on=JUNE), level("P-ANN"), *EXTERNAL)
    assert people(JUNE, *leaver, citation="G14-1") == set()
    assert people(JUNE + ONE_DAY, *leaver, citation="G14-1") == {("S-1", "vendors_alone")}


def test_g14_1_leaves_a_system_that_nobody_knows_to_14_1():
    assert people(ON, need(), ANN, level("P-ANN", 2), citation="G14-1") == {("member", "nothing_recorded")}


def test_g14_1_is_met_otherwise_while_what_is_done_in_its_place_lasts():
    facts = [system(), need(), *EXTERNAL, otherwise("G14-1", "system:S-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = given(*facts, approved("exception:EX-1"))
    assert verdict("G14-1", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("G14-1", last, granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("G14-1", last + ONE_DAY, granted) == Verdict.FALLS_SHORT
