"""Article 2, read as the rule: both kinds of system risk are assessed for every system in scope."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
BOTH = [("2-1-1", "failure", "misuse"), ("2-1-2", "misuse", "failure")]
ITEMS = pytest.mark.parametrize(("item", "category", "other"), BOTH)
APRIL = day(2026, 4, 1)


def system(key="S-1", **values):
    told = {
        "name": key,
        "in_scope": True,
        "operated_by": "own",
        "unit": "U-1",
        "in_use_since_on": day(2020, 4, 1),
    }
    return record("system", key, **(told | values))


def risk(category, key="R-1", system="S-1", assessed_on=APRIL):
    return record("risk", key, title=key, system=system, category=category, assessed_on=assessed_on)


def test_2_is_a_definition_whatever_is_recorded():
    assert verdict("2", ON, given()) == Verdict.DEFINITION
    assert verdict("2", ON, given(system())) == Verdict.DEFINITION


@ITEMS
def test_2_1_is_met_from_the_day_of_the_assessment(item, category, other):
    facts = given(system(), risk(category))
    assert verdict(item, day(2026, 4, 1), facts) == Verdict.MET
    outcome = ask(item, day(2026, 3, 31), facts)["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short",
        "not_assessed",
        day(2020, 4, 1),
    )
    assert (outcome.who, outcome.data) == ("role:system_manager@U-1", {"system": "S-1", "risk": "R-1"})


@ITEMS
def test_2_1_falls_short_for_a_system_without_such_a_risk(item, category, other):
    outcome = ask(item, ON, given(system(), risk(other)))["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_risk", day(2020, 4, 1))


@ITEMS
def test_2_1_falls_short_where_the_risk_was_never_assessed(item, category, other):
    assert reasons(item, ON, given(system(), risk(category, assessed_on=None))) == {("S-1", "not_assessed")}


@ITEMS
def test_2_1_is_met_by_one_assessed_risk_among_several(item, category, other):
    facts = given(system(), risk(category, assessed_on=None), risk(category, "R-2"), risk(other, "R-3"))
    assert verdict(item, ON, facts) == Verdict.MET


@ITEMS
def test_2_1_asks_of_each_system_and_of_those_that_others_run(item, category, other):
    vendors = system("S-2", operated_by="vendor", vendor="外部", unit=None)
    found = ask(item, ON, given(system(), vendors, risk(category)))
    assert (found["S-1"].outcome, found["S-2"].outcome) == ("met", "falls_short")
    assert found["S-2"].who == "role:chief_system_officer"


@ITEMS
def test_2_1_asks_not_of_systems_out_of_scope_or_out_of_use(item, category, other):
    outside = system("S-2", in_scope=False)
    ended = system("S-3", in_use_until_on=day(2026, 11, 22))
    coming = system("S-4", in_use_since_on=day(2026, 11, 24))
    assert set(ask(item, ON, given(system(), outside, ended, coming, risk(category)))) == {"S-1"}


@ITEMS
def test_2_1_is_no_evidence_in_silence_and_where_no_system_is_asked(item, category, other):
    assert reasons(item, ON, given()) == {("member", "nothing_recorded")}
    assert verdict(item, ON, given(risk(category))) == Verdict.NO_EVIDENCE


@ITEMS
def test_2_1_is_met_by_an_exception_while_it_is_approved_and_not_expired(item, category, other):
    facts = [system(), exception(item, "system:S-1")]
    assert verdict(item, ON, given(*facts)) == Verdict.FALLS_SHORT
    facts += [CHIEF, approved("exception:EX-1")]
    assert verdict(item, day(2026, 12, 31), given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict(item, day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT


def test_2_1_an_exception_of_one_item_leaves_the_other_as_it_is():
    facts = given(system(), exception("2-1-1", "system:S-1"), CHIEF, approved("exception:EX-1"))
    assert verdict("2-1-2", ON, facts) == Verdict.FALLS_SHORT
