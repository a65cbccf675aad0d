"""Article 10, paragraph 4, read as the rule: tests from outside, self-assessment, and what was found is mended."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, every_outcome, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)
APRIL = day(2024, 4, 1)
LAST_GOOD = day(2027, 11, 23)


def system(key="S-1", facing=True, **values):
    told = {"name": key, "in_scope": True, "in_use_since_on": APRIL, "unit": "U-1"}
    return record("system", key, internet_facing=facing, **(told | values))


def security_test(done_on=ON, systems=("S-1",), key="ST-1", **values):
    told = {"title": key, "kind": "penetration", "conducted_by": "outside", "firm": "甲"}
    return record("security_test", key, systems=list(systems), done_on=done_on, **(told | values))


def assessment(on=ON, key="AS-1", scored=True, **values):
    told = {"framework": "CSF", "framework_used": "FW-1", "assessed_by": "U-CSIRT"}
    rows = [record("assessment", key, assessed_on=on, **(told | values))]
    score = record("control_score", f"SCO-{key}", assessment=key, control="FC-1", score=3)
    return [*rows, score] if scored else rows


def action(key="AC-1", source="security_test:ST-1", due_on=ON, **values):
    told = {"what": "修正", "kind": "corrective", "owner": "P-1"}
    return record("action", key, arises_from=source, due_on=due_on, **(told | values))


WHOLE = [system(), security_test(), *assessment()]


# --- tests from outside -----------------------------------------------------------------------------------------------


def test_10_4_is_met_by_a_test_from_outside_and_a_self_assessment_within_twelve_months():
    assert verdict("10-4", ON, given(*WHOLE)) == Verdict.MET


def test_10_4_is_met_to_the_last_day_after_a_test_and_falls_short_the_day_after():
    lapses(
        "10-4", "S-1", [system(), *assessment()], security_test, ON, LAST_GOOD,
        never="no_outside_test", old="old_outside_test", since_never=APRIL,
    )  # fmt: skip


def test_10_4_sends_a_missing_test_to_who_keeps_the_system():
    assert ask("10-4", ON, given(system(), *assessment()))["S-1"].who == "role:system_manager@U-1"


@pytest.mark.parametrize("kind", ["penetration", "assessment", "tlpt"])
def test_10_4_counts_each_kind_of_test_that_the_paragraph_names(kind):
    assert reasons("10-4", ON, given(system(), *assessment(), security_test(kind=kind))) == set()


@pytest.mark.parametrize("values", [{"conducted_by": "own"}, {"kind": "other"}, {"systems": ("S-2",)}])
def test_10_4_counts_no_own_test_no_test_of_another_kind_and_none_of_another_system(values):
    rows = [system(), *assessment(), security_test(**values)]
    assert reasons("10-4", ON, given(*rows)) == {("S-1", "no_outside_test")}


def test_10_4_one_test_may_cover_several_systems_and_the_newest_counts():
    rows = [system(), system("S-2"), *assessment(), security_test(systems=("S-1", "S-2"))]
    old = security_test(day(2024, 5, 1), key="ST-0")
    assert reasons("10-4", ON, given(*rows, old)) == set()


def test_10_4_asks_of_internet_facing_systems_in_scope_and_in_use_alone():
    rows = [
        system("S-2", facing=False),
        system("S-3", facing=None),
        system("S-4", in_scope=False),
        system("S-5", in_use_until_on=YESTERDAY),
    ]
    assert reasons("10-4", ON, given(*WHOLE, *rows)) == set()
    ends_today = system("S-5", in_use_until_on=ON)
    assert reasons("10-4", ON, given(*WHOLE, ends_today)) == {("S-5", "no_outside_test")}


def test_10_4_lacks_nothing_since_before_the_rule():
    rows = given(system(in_use_since_on=day(2010, 1, 1)))
    found = ask("10-4", ON, rows)
    assert found["S-1"].since == found["member"].since == day(2018, 10, 24)


# --- self-assessment --------------------------------------------------------------------------------------------------


def test_10_4_is_met_to_the_last_day_after_a_self_assessment_and_falls_short_the_day_after():
    lapses(
        "10-4", "member", [system(), security_test()], assessment, ON, LAST_GOOD,
        never="no_self_assessment", old="old_self_assessment", since_never=APRIL,
    )  # fmt: skip


@pytest.mark.parametrize(
    "values", [{"scored": False}, {"framework_used": None}, {"assessed_by": None, "assessed_by_firm": "乙"}]
)
def test_10_4_counts_no_assessment_without_scores_without_a_framework_or_by_a_firm(values):
    rows = [system(), security_test(), *assessment(**values)]
    assert reasons("10-4", ON, given(*rows)) == {("member", "no_self_assessment")}


# --- what was found ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["security_test:ST-1", "assessment:AS-1"])
def test_10_4_falls_short_the_day_after_an_action_was_due(source):
    rows = [*WHOLE, action(source=source)]
    assert reasons("10-4", ON, given(*rows)) == set()
    found = ask("10-4", TOMORROW, given(*rows))["AC-1"]
    assert (found.reason, found.since, found.due) == ("overdue", TOMORROW, ON)
    assert (found.who, found.data) == ("person:P-1", {"action": "AC-1"})


def test_10_4_is_met_once_an_action_is_done_and_not_before():
    late = action(due_on=day(2026, 10, 31), done_on=ON)
    assert reasons("10-4", YESTERDAY, given(system(), security_test(day(2026, 1, 1)), *assessment(day(2026, 1, 1)), late)) == {("AC-1", "overdue")}  # fmt: skip
    assert reasons("10-4", ON, given(*WHOLE, late)) == set()


@pytest.mark.parametrize("source", ["audit:ST-1", "review:RV-1", "system:security_test:1", None])
def test_10_4_asks_not_of_actions_that_arise_from_something_else(source):
    assert reasons("10-4", ON, given(*WHOLE, action(source=source, due_on=APRIL))) == set()


def test_10_4_an_action_without_an_owner_is_the_csirts():
    found = ask("10-4", TOMORROW, given(*WHOLE, action(owner=None)))
    assert found["AC-1"].who == "role:csirt_lead"


# --- silence, exceptions, the guideline -------------------------------------------------------------------------------


def test_10_4_silence_is_no_evidence():
    assert verdict("10-4", ON, given()) == verdict("G10-4", ON, given()) == Verdict.NO_EVIDENCE


def test_10_4_falls_short_twice_where_nothing_but_a_system_is_recorded():
    found = {s: o.reason for s, o in every_outcome("10-4", ON, given(system()))}
    assert found == {"S-1": "no_outside_test", "member": "no_self_assessment"}


def test_10_4_holds_by_an_approved_exception():
    spared = [exception("10-4", "system:S-1"), approved("exception:EX-1"), CHIEF]
    rows = [system(), *assessment()]
    assert verdict("10-4", ON, given(*rows, *spared)) == Verdict.MET_BY_EXCEPTION
    assert verdict("10-4", ON, given(*rows, spared[0])) == Verdict.FALLS_SHORT
    assert verdict("10-4", day(2027, 1, 1), given(*rows, *spared)) == Verdict.FALLS_SHORT


def test_g10_4_shares_the_verdict_of_10_4():
    for rows in (WHOLE, WHOLE[:1]):
        assert verdict("G10-4", ON, given(*rows)) == verdict("10-4", ON, given(*rows))
