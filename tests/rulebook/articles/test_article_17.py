"""Article 17, read as the rule: met, the last good instant, the one after, never, silence."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, verdict
from tests.rulebook.granting import approved, exception
from tests.rulebook.introducing import (
    DEPLOYED,
    DEPLOYED_AT,
    INTRODUCED,
    LAST_LOOKED_BACK,
    ON,
    deployment,
    emergency,
    judgement,
    system,
)


def test_17_is_no_evidence_where_nothing_is_recorded_or_nothing_was_deployed():
    assert verdict("17", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("17", ON, given(*INTRODUCED.without("deployment"))) == Verdict.NO_EVIDENCE


def test_17_is_met_where_every_deployed_release_was_judged_before():
    assert verdict("17", ON, given(*INTRODUCED)) == Verdict.MET


def test_17_is_met_by_a_judgement_at_the_very_instant_and_falls_short_by_one_a_minute_later():
    last = given(*INTRODUCED.but(judgement(at=DEPLOYED_AT)))
    assert verdict("17", ON, last) == Verdict.MET
    late = given(*INTRODUCED.but(judgement(at=at(2026, 10, 5, 20, 1))))
    found = ask("17", ON, late)["DP-1"]
    assert (found.reason, found.since, found.who) == ("no_judgement", DEPLOYED, "role:system_manager@U-1")


def test_17_falls_short_from_the_day_of_the_deployment_where_nobody_ever_judged():
    facts = given(*INTRODUCED.without("judgement"))
    assert "DP-1" not in ask("17", day(2026, 10, 4), facts)
    assert ask("17", DEPLOYED, facts)["DP-1"].reason == "no_judgement"


def test_17_falls_short_where_another_release_was_judged():
    assert verdict("17", ON, given(*INTRODUCED.but(judgement(release="RL-9")))) == Verdict.FALLS_SHORT


@pytest.mark.parametrize("outcome", ["fit", "conditional", "unfit"])
def test_17_asks_for_a_decision_whatever_it_was(outcome):
    """That it was fit is asked by 20-1."""
    assert verdict("17", ON, given(*INTRODUCED.but(judgement(verdict=outcome)))) == Verdict.MET


def test_17_leaves_emergencies_to_article_22():
    facts = given(*INTRODUCED.without("judgement").but(emergency()))
    assert verdict("17", ON, facts) == Verdict.NO_EVIDENCE
    assert "DP-1" not in ask("17", ON, facts)


def test_17_asks_of_a_deployment_for_a_year():
    facts = given(*INTRODUCED.without("judgement"))
    assert verdict("17", LAST_LOOKED_BACK, facts) == Verdict.FALLS_SHORT
    assert "DP-1" not in ask("17", day(2027, 10, 6), facts)


def test_17_asks_nothing_of_a_system_out_of_reach():
    facts = given(*INTRODUCED.without("judgement").but(system(in_scope=False)))
    assert "DP-1" not in ask("17", ON, facts)


def test_17_turns_to_the_chief_where_the_systems_unit_is_not_on_record():
    facts = given(*INTRODUCED.without("judgement", "system"))
    assert ask("17", ON, facts)["DP-1"].who == "role:chief_system_officer"


def test_17_is_met_by_an_approved_exception():
    records = (*INTRODUCED.without("judgement"), exception("17", "deployment:DP-1"))
    assert verdict("17", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("17", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_17_tells_of_each_deployment_by_itself():
    again = deployment("DP-2", at=at(2026, 10, 1, 20))
    found = ask("17", ON, given(*INTRODUCED.but(again)))
    assert (found["DP-1"].outcome, found["DP-2"].reason) == ("met", "no_judgement")
