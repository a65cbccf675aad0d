"""Article 9, read as the rule: who is in charge, the approved structure, the rules, and a structure of six parts.

The six items of paragraph 3 are in test_article_09_3.py.
"""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from sekisho.rulebook.contents import article_of, clauses
from sekisho.rulebook.language import CLAUSES
from tests.rulebook.asking import ask, day, given, reasons, record, state, verdict
from tests.rulebook.granting import CHIEF, JANUARY, LONG_AGO, approved, exception, office

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
IN_FORCE = day(2026, 4, 1)
LEAD = office("csirt_lead", "P-LEAD")


def document(kind, key="D-1", since=IN_FORCE, **values):
    return record("document", key, kind=kind, title=key, version="1", in_force_on=since, **values)


STRUCTURE = (document("cyber_structure"), approved("document:D-1"))
RULES = (document("cyber_rules"), approved("document:D-1"))


# --- 9-1 ------------------------------------------------------------------------------------------------------------


def test_9_1_is_met_by_a_lead_in_office_and_an_approved_structure():
    assert verdict("9-1", ON, given(CHIEF, LEAD, *STRUCTURE)) == Verdict.MET


def test_9_1_falls_short_the_day_after_the_lead_s_last_day():
    facts = given(CHIEF, office("csirt_lead", "P-LEAD", until=ON), *STRUCTURE)
    assert verdict("9-1", ON, facts) == Verdict.MET
    outcome = ask("9-1", ON + ONE_DAY, facts)["member"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_person", ON + ONE_DAY)
    assert outcome.who == "role:chief_system_officer"


def test_9_1_who_left_is_in_charge_no_longer():
    left = record("person", "P-LEAD", left_on=ON)
    facts = given(CHIEF, LEAD, left, *STRUCTURE)
    assert verdict("9-1", ON, facts) == Verdict.MET
    assert reasons("9-1", ON + ONE_DAY, facts) == {("member", "no_person")}


def test_9_1_a_lead_who_takes_office_tomorrow_is_not_in_charge_today():
    facts = given(CHIEF, office("csirt_lead", "P-LEAD", since=ON + ONE_DAY), *STRUCTURE)
    assert reasons("9-1", ON, facts) == {("member", "no_person")}
    assert verdict("9-1", ON + ONE_DAY, facts) == Verdict.MET


@pytest.mark.parametrize(
    ("profile", "since"),
    [
        (None, day(2018, 10, 24)),
        (day(2021, 4, 1), day(2021, 4, 1)),
        (day(2016, 4, 1), day(2018, 10, 24)),
    ],
)
def test_9_1_a_member_without_a_lead_has_lacked_one_since_the_rule_bound_it(profile, since):
    known = (
        [record("member_profile", "MP-1", business_since_on=profile, as_of_on=LONG_AGO)] if profile else []
    )
    assert ask("9-1", ON, given(CHIEF, *STRUCTURE, *known))["member"].since == since


def test_9_1_a_member_of_the_csirt_is_not_in_charge_of_it():
    assert reasons("9-1", ON, given(CHIEF, office("csirt_member", "P-1"), *STRUCTURE)) == {
        ("member", "no_person")
    }


def test_9_1_falls_short_while_no_structure_is_in_force():
    last_day = document("cyber_structure", until_on=ON)
    facts = given(CHIEF, LEAD, last_day, approved("document:D-1"))
    assert verdict("9-1", ON, facts) == Verdict.MET
    outcome = ask("9-1", ON + ONE_DAY, facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_structure", ON + ONE_DAY)
    coming = document("cyber_structure", since=ON + ONE_DAY)
    assert reasons("9-1", ON, given(CHIEF, LEAD, coming)) == {("member", "no_structure")}


def test_9_1_falls_short_where_the_structure_carries_no_approval_that_counts():
    outcome = ask("9-1", ON, given(CHIEF, LEAD, document("cyber_structure")))["member"]
    assert (outcome.reason, outcome.since, outcome.data) == ("not_approved", IN_FORCE, {"document": "D-1"})
    own = approved("document:D-1", asked_by="P-CSO")
    later = approved("document:D-1", ON + ONE_DAY)
    by_the_lead = approved("document:D-1", by="P-LEAD")
    for none in (own, later, by_the_lead):
        assert reasons("9-1", ON, given(CHIEF, LEAD, document("cyber_structure"), none)) == {
            ("member", "not_approved")
        }


def test_9_1_another_document_is_no_structure():
    assert reasons("9-1", ON, given(CHIEF, LEAD, *RULES)) == {("member", "no_structure")}


def test_9_1_is_no_evidence_in_silence():
    assert verdict("9-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("9-1", ON, given()) == {("member", "nothing_recorded")}


def test_9_1_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-1", "member:member"), approved("exception:EX-1"))
    facts = given(CHIEF, *STRUCTURE, *granted)
    assert verdict("9-1", ON, facts) == Verdict.MET_BY_EXCEPTION
    assert verdict("9-1", day(2027, 1, 1), facts) == Verdict.FALLS_SHORT


# --- 9-2 ------------------------------------------------------------------------------------------------------------


def test_9_2_is_met_by_approved_rules_that_are_reviewed_in_time():
    assert verdict("9-2", ON, given(CHIEF, *RULES)) == Verdict.MET
    assert set(ask("9-2", ON, given(CHIEF, *RULES))) == {"member", "D-1"}


def test_9_2_falls_short_the_day_after_the_review_date():
    facts = given(CHIEF, document("cyber_rules", review_by_on=ON), approved("document:D-1"))
    assert verdict("9-2", ON, facts) == Verdict.MET
    outcome = ask("9-2", ON + ONE_DAY, facts)["D-1"]
    assert (outcome.reason, outcome.since, outcome.due) == ("review_overdue", ON + ONE_DAY, ON)
    assert outcome.who == "role:csirt_lead"


def test_9_2_rules_without_a_review_date_are_reviewed_a_year_after_they_came_into_force():
    last_good = day(2027, 4, 1)
    assert verdict("9-2", last_good, given(CHIEF, *RULES)) == Verdict.MET
    outcome = ask("9-2", last_good + ONE_DAY, given(CHIEF, *RULES))["D-1"]
    assert (outcome.reason, outcome.due) == ("review_overdue", last_good)


def test_9_2_each_document_of_rules_in_force_is_asked():
    second = (document("cyber_rules", "D-2", review_by_on=ON - ONE_DAY), approved("document:D-2"))
    draft = document("cyber_rules", "D-3")
    facts = given(CHIEF, *RULES, *second, draft)
    assert reasons("9-2", ON, facts) == {("D-2", "review_overdue"), ("D-3", "not_approved")}


def test_9_2_rules_that_ended_are_not_asked_for_their_review():
    ended = document("cyber_rules", "D-0", LONG_AGO, review_by_on=day(2021, 4, 1), until_on=day(2026, 3, 31))
    assert verdict("9-2", ON, given(CHIEF, *RULES, ended)) == Verdict.MET


def test_9_2_falls_short_from_the_day_after_the_last_rules_ended():
    facts = given(CHIEF, document("cyber_rules", until_on=ON), approved("document:D-1"))
    assert verdict("9-2", ON, facts) == Verdict.MET
    outcome = ask("9-2", ON + ONE_DAY, facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_rules", ON + ONE_DAY)


def test_9_2_falls_short_where_there_never_were_rules():
    outcome = ask("9-2", ON, given(CHIEF))["member"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_rules", day(2018, 10, 24))


def test_9_2_is_no_evidence_in_silence():
    assert verdict("9-2", ON, given()) == Verdict.NO_EVIDENCE


def test_9_2_is_met_by_exception_while_one_is_granted():
    late = document("cyber_rules", review_by_on=JANUARY)
    granted = (exception("9-2", "document:D-1"), approved("exception:EX-1"))
    facts = given(CHIEF, late, approved("document:D-1"), *granted)
    assert verdict("9-2", ON, facts) == Verdict.MET_BY_EXCEPTION


# --- 9-3, GC3 -------------------------------------------------------------------------------------------------------


def test_9_3_falls_short_where_one_of_its_items_does_and_tells_of_all_six():
    assert state("9-3", ON, given()).verdict == Verdict.NO_EVIDENCE
    assert verdict("9-3", ON, given(CHIEF)) == Verdict.FALLS_SHORT
    assert CLAUSES["9-3"].items == ("9-3-1", "9-3-2", "9-3-3", "9-3-4", "9-3-5", "9-3-6")


def test_gc3_says_what_cybersecurity_is_and_is_never_judged():
    assert verdict("GC3", ON, given(CHIEF)) == Verdict.DEFINITION
    assert article_of(CLAUSES["GC3"]).number == "9"
    mine = [clause.citation for clause in clauses() if clause.article == "9"]
    items = [f"9-3-{n}" for n in range(1, 7)]
    assert mine == ["9-1", "9-2", "9-3", *items, "GC3", "G9-3-6"]
