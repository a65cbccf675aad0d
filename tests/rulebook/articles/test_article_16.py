"""Article 16, read as the rule: met, the last good day, the day after, never, silence."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
IN_USE = day(2020, 4, 1)


def system(key="S-1", **values):
    told = {"in_scope": True, "unit": "U-1", "criticality": "high", "in_use_since_on": IN_USE}
    return record("system", key, name="取引", **(told | values))


def plan(key="D-1", **values):
    told = {
        "kind": "quality_plan",
        "title": "品質管理計画",
        "in_force_on": day(2026, 4, 1),
        "systems": ["S-1"],
    }
    return record("document", key, **(told | values))


APPROVED = (CHIEF, approved("document:D-1"))


@pytest.mark.parametrize("reach", [{}, {"systems": None, "all_systems": True}, {"systems": ["S-2", "S-1"]}])
def test_16_is_met_where_an_approved_plan_in_force_names_the_system_or_is_for_all(reach):
    assert verdict("16", ON, given(system(), plan(**reach), *APPROVED)) == Verdict.MET


def test_16_is_no_evidence_where_nothing_is_recorded():
    assert verdict("16", ON, given()) == Verdict.NO_EVIDENCE


def test_16_asks_of_systems_in_scope_and_in_use_alone():
    gone = system(in_use_until_on=day(2026, 11, 22))
    assert verdict("16", day(2026, 11, 22), given(gone)) == Verdict.FALLS_SHORT
    assert verdict("16", ON, given(gone, system("S-2", in_scope=False))) == Verdict.NO_EVIDENCE


def test_16_falls_short_from_the_first_day_of_a_system_that_no_plan_ever_reached():
    found = ask("16", ON, given(system("S-2"), plan(), *APPROVED))["S-2"]
    assert (found.reason, found.since, found.who) == ("no_plan", IN_USE, "role:chief_system_officer")
    assert reasons("16", ON, given(system())) == {("S-1", "no_plan")}


@pytest.mark.parametrize("reach", [{}, {"systems": None, "all_systems": True}])
def test_16_falls_short_the_day_after_the_last_plan_ends(reach):
    facts = given(system(), plan(until_on=ON, **reach), *APPROVED)
    assert verdict("16", ON, facts) == Verdict.MET
    found = ask("16", day(2026, 11, 24), facts)["S-1"]
    assert (found.reason, found.since) == ("no_plan", day(2026, 11, 24))


def test_16_a_plan_that_ended_before_the_system_came_into_use_does_not_date_it():
    late = system(in_use_since_on=day(2026, 11, 1))
    facts = given(late, plan(until_on=day(2026, 10, 1)), *APPROVED)
    assert ask("16", ON, facts)["S-1"].since == day(2026, 11, 1)


def test_16_a_plan_does_not_count_before_it_is_in_force():
    facts = given(system(), plan(in_force_on=ON), *APPROVED)
    assert verdict("16", day(2026, 11, 22), facts) == Verdict.FALLS_SHORT
    assert verdict("16", ON, facts) == Verdict.MET


def test_16_a_plan_does_not_count_before_somebody_entitled_approved_it():
    facts = given(system(), plan(), CHIEF, approved("document:D-1", on=ON))
    assert verdict("16", day(2026, 11, 22), facts) == Verdict.FALLS_SHORT
    assert verdict("16", ON, facts) == Verdict.MET
    for nobody in ((), (approved("document:D-1", by="P-9"),), (approved("document:D-1", by="P-ASK"),)):
        assert verdict("16", ON, given(system(), plan(), CHIEF, *nobody)) == Verdict.FALLS_SHORT


def test_16_another_kind_of_document_is_no_quality_plan():
    other = plan(kind="development_standard", all_systems=True)
    assert verdict("16", ON, given(system(), other, *APPROVED)) == Verdict.FALLS_SHORT


def test_16_is_met_by_an_approved_exception():
    records = [system(), CHIEF, exception("16", "system:S-1")]
    assert verdict("16", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("16", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
