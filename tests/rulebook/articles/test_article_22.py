"""Article 22, read as the rule: met, the last good day, the day after, never, silence, the exception."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, reasons, verdict
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
    release,
    system,
)

CHECKED = {"checked_at": at(2026, 10, 7), "check_result": "good"}
GOOD = INTRODUCED.but(deployment(**CHECKED))


def test_22_is_no_evidence_where_nothing_is_recorded_or_nothing_was_changed():
    assert verdict("22", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("22", ON, given(*INTRODUCED.without("deployment"))) == Verdict.NO_EVIDENCE


def test_22_is_met_where_a_judged_change_was_checked_afterwards():
    assert verdict("22", ON, given(*GOOD)) == Verdict.MET


# --- the check after the change ---------------------------------------------------------------------------------


def test_22_is_no_evidence_until_the_check_is_due_and_falls_short_the_day_after():
    facts = given(*INTRODUCED)
    last = ask("22", day(2026, 10, 8), facts)["DP-1"]
    assert (last.outcome, last.reason) == ("no_evidence", "check_due")
    found = ask("22", day(2026, 10, 9), facts)["DP-1"]
    assert (found.reason, found.since, found.due) == ("not_checked", day(2026, 10, 9), day(2026, 10, 8))
    assert found.who == "role:system_manager@U-1"


def test_22_is_met_from_the_day_of_the_check():
    late = given(*INTRODUCED.but(deployment(checked_at=at(2026, 10, 20), check_result="good")))
    assert ask("22", day(2026, 10, 19), late)["DP-1"].reason == "not_checked"
    assert verdict("22", day(2026, 10, 20), late) == Verdict.MET


def test_22_takes_no_check_without_a_result():
    assert reasons("22", ON, given(*GOOD.but(deployment(checked_at=at(2026, 10, 7))))) == {
        ("DP-1", "not_checked")
    }


@pytest.mark.parametrize(("gone", "good"), [(day(2026, 10, 8), True), (day(2026, 10, 9), False)])
def test_22_asks_for_no_check_of_what_was_gone_before_it_was_due(gone, good):
    """Rolled back, or replaced by the system's next release."""
    instant = at(gone.year, gone.month, gone.day)
    back = INTRODUCED.but(deployment(rolled_back_at=instant))
    replaced = INTRODUCED.but(
        release("RL-2"),
        judgement("JU-2", release="RL-2"),
        deployment("DP-2", release="RL-2", at=instant, **CHECKED),
    )
    for records in (back, replaced):
        found = {reason for subject, reason in reasons("22", ON, given(*records)) if subject == "DP-1"}
        assert found == (set() if good else {"not_checked"})


def test_22_is_not_mended_by_the_release_of_another_system():
    other = (
        system("S-2"),
        release("RL-2", system="S-2"),
        deployment("DP-2", release="RL-2", at=at(2026, 10, 6)),
    )
    assert ("DP-1", "not_checked") in reasons("22", ON, given(*INTRODUCED.but(*other)))


def test_22_falls_short_from_the_day_of_a_check_that_found_it_bad_until_it_is_rolled_back():
    bad = {"checked_at": at(2026, 10, 7), "check_result": "bad"}
    facts = given(*GOOD.but(deployment(**bad, rolled_back_at=at(2026, 10, 15))))
    found = ask("22", day(2026, 10, 14), facts)["DP-1"]
    assert (found.reason, found.since) == ("bad_and_running", day(2026, 10, 7))
    assert verdict("22", day(2026, 10, 15), facts) == Verdict.MET
    replaced = (
        release("RL-2"),
        judgement("JU-2", release="RL-2"),
        deployment("DP-2", release="RL-2", at=at(2026, 10, 16), **CHECKED),
    )
    assert ask("22", ON, given(*GOOD.but(deployment(**bad), *replaced)))["DP-1"].outcome == "met"


# --- round the gate ---------------------------------------------------------------------------------------------


def test_22_falls_short_where_a_change_went_round_the_gate():
    found = ask("22", ON, given(*GOOD.without("judgement")))["DP-1"]
    assert (found.reason, found.since) == ("round_the_gate", DEPLOYED)
    assert verdict("22", ON, given(*GOOD.but(judgement(at=DEPLOYED_AT)))) == Verdict.MET
    after = judgement(at=at(2026, 10, 5, 20, 1))
    assert reasons("22", ON, given(*GOOD.but(after))) == {("DP-1", "round_the_gate")}


def hurried(**values):
    """An emergency change that nobody judged, checked afterwards."""
    return GOOD.without("judgement").but(emergency(), deployment(**(CHECKED | values)))


def test_22_is_no_evidence_of_an_emergency_until_its_review_is_due_and_falls_short_the_day_after():
    facts = given(*hurried())
    last = ask("22", day(2026, 10, 13), facts)[
        "DP-1"
    ]  # five business days after Monday 5 October: Monday the 12th is a holiday
    assert (last.outcome, last.reason) == ("no_evidence", "review_due")
    found = ask("22", day(2026, 10, 14), facts)["DP-1"]
    assert (found.reason, found.since, found.due) == ("not_reviewed", day(2026, 10, 14), day(2026, 10, 13))


def test_22_is_met_by_a_review_on_the_last_day_and_falls_short_by_one_the_day_after():
    assert verdict("22", ON, given(*hurried(reviewed_on=day(2026, 10, 13)))) == Verdict.MET
    found = ask("22", ON, given(*hurried(reviewed_on=day(2026, 10, 14))))["DP-1"]
    assert (found.reason, found.since, found.data["reviewed"]) == (
        "reviewed_late",
        day(2026, 10, 14),
        "2026-10-14",
    )


def test_22_takes_no_review_from_before_the_change_nor_one_still_to_come():
    assert reasons("22", ON, given(*hurried(reviewed_on=day(2026, 10, 4)))) == {("DP-1", "not_reviewed")}
    facts = given(*hurried(reviewed_on=day(2026, 10, 9)))
    assert ask("22", day(2026, 10, 8), facts)["DP-1"].reason == "review_due"


def test_22_counts_business_days_from_the_next_one_where_the_change_was_on_a_weekend():
    """Saturday 10 October: from Tuesday the 13th, since Monday is a holiday, to Tuesday the 20th."""
    saturday = {"at": at(2026, 10, 10), "checked_at": at(2026, 10, 10, 12)}
    assert ask("22", day(2026, 10, 20), given(*hurried(**saturday)))["DP-1"].reason == "review_due"
    assert ask("22", day(2026, 10, 21), given(*hurried(**saturday)))["DP-1"].reason == "not_reviewed"


def test_22_asks_of_a_change_for_a_year_and_of_none_out_of_reach():
    facts = given(*INTRODUCED.without("judgement"))
    assert ask("22", LAST_LOOKED_BACK, facts)["DP-1"].outcome == "falls_short"
    assert "DP-1" not in ask("22", day(2027, 10, 6), facts)
    assert "DP-1" not in ask("22", ON, given(*INTRODUCED.but(system(in_scope=False))))


def test_22_is_met_by_an_approved_exception():
    records = (*INTRODUCED, exception("22", "deployment:DP-1"))
    assert verdict("22", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("22", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
