"""Article 20, read as the rule: met, the last good day, the day after, never, silence, the exception."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, reasons, record, verdict
from tests.rulebook.granting import approved, exception, office
from tests.rulebook.introducing import (
    AUTHOR,
    DEPLOYED,
    DEPLOYED_AT,
    INTRODUCED,
    LAST_LOOKED_BACK,
    MANAGER,
    ON,
    deployment,
    emergency,
    judgement,
    release,
    system,
)

MANAGES = record(
    "appointment", "A-MGR", person=MANAGER, role="system_manager", unit="U-1", since_on=day(2026, 1, 1)
)


@pytest.mark.parametrize("clause", ["20-1", "20-2", "20-3"])
def test_20_is_no_evidence_where_nothing_is_recorded_or_nothing_was_deployed(clause):
    assert verdict(clause, ON, given()) == Verdict.NO_EVIDENCE
    assert verdict(clause, ON, given(*INTRODUCED.without("deployment"))) == Verdict.NO_EVIDENCE


# --- 20-1 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["fit", "conditional"])
def test_20_1_is_met_where_somebody_entitled_judged_it_fit_before(outcome):
    assert verdict("20-1", ON, given(*INTRODUCED.but(judgement(verdict=outcome)))) == Verdict.MET


def test_20_1_is_met_by_a_judgement_at_the_very_instant_and_falls_short_by_one_a_minute_later():
    assert verdict("20-1", ON, given(*INTRODUCED.but(judgement(at=DEPLOYED_AT)))) == Verdict.MET
    found = ask("20-1", ON, given(*INTRODUCED.but(judgement(at=at(2026, 10, 5, 20, 1)))))["DP-1"]
    assert (found.reason, found.since, found.who) == ("not_judged_fit", DEPLOYED, "role:system_manager@U-1")


def test_20_1_falls_short_where_it_was_never_judged_or_judged_unfit():
    assert reasons("20-1", ON, given(*INTRODUCED.without("judgement"))) == {("DP-1", "not_judged_fit")}
    assert reasons("20-1", ON, given(*INTRODUCED.but(judgement(verdict="unfit")))) == {
        ("DP-1", "judged_unfit")
    }


def test_20_1_takes_the_newest_judgement_up_to_the_deployment():
    unfit = judgement("JU-0", verdict="unfit", at=at(2026, 10, 1))
    assert verdict("20-1", ON, given(*INTRODUCED.but(unfit))) == Verdict.MET
    unfit_later = judgement("JU-2", verdict="unfit", at=at(2026, 10, 3))
    assert reasons("20-1", ON, given(*INTRODUCED.but(unfit_later))) == {("DP-1", "judged_unfit")}
    unfit_after_all = judgement("JU-2", verdict="unfit", at=at(2026, 10, 6))
    assert verdict("20-1", ON, given(*INTRODUCED.but(unfit_after_all))) == Verdict.MET


def test_20_1_falls_short_where_an_author_judged_it_whatever_office_the_author_holds():
    records = INTRODUCED.but(judgement(by=AUTHOR), office("chief_system_officer", AUTHOR))
    found = ask("20-1", ON, given(*records))["DP-1"]
    assert (found.reason, found.data["person"]) == ("own_judgement", AUTHOR)


def test_20_1_is_met_by_the_manager_of_the_systems_unit_and_of_no_other():
    records = INTRODUCED.but(judgement(by=MANAGER), MANAGES)
    assert verdict("20-1", ON, given(*records)) == Verdict.MET
    found = ask("20-1", ON, given(*records.but(system(unit="U-2"))))["DP-1"]
    assert (found.reason, found.data["person"]) == ("not_entitled", MANAGER)


@pytest.mark.parametrize(
    ("since", "until", "good"),
    [
        (day(2026, 10, 2), None, True),
        (day(2026, 10, 3), None, False),
        (day(2026, 1, 1), day(2026, 10, 2), True),
        (day(2026, 1, 1), day(2026, 10, 1), False),
    ],
)
def test_20_1_asks_for_the_office_on_the_day_of_the_judgement(since, until, good):
    holder = office("chief_system_officer", "P-7", since, until)
    found = reasons("20-1", ON, given(*INTRODUCED.but(judgement(by="P-7"), holder)))
    assert found == (set() if good else {("DP-1", "not_entitled")})


def test_20_1_takes_no_judgement_of_somebody_who_had_left():
    gone = record("person", "P-CSO", joined_on=day(2020, 4, 1), left_on=day(2026, 10, 1))
    assert reasons("20-1", ON, given(*INTRODUCED.but(gone))) == {("DP-1", "not_entitled")}


def test_20_1_is_not_spoilt_by_what_somebody_not_entitled_says_later_unless_that_is_unfit():
    said = judgement("JU-2", by="P-8", at=at(2026, 10, 3))
    assert verdict("20-1", ON, given(*INTRODUCED.but(said))) == Verdict.MET
    warned = judgement("JU-2", by="P-8", at=at(2026, 10, 3), verdict="unfit")
    assert reasons("20-1", ON, given(*INTRODUCED.but(warned))) == {("DP-1", "judged_unfit")}


def test_20_1_leaves_emergencies_to_article_22_and_asks_of_a_deployment_for_a_year():
    bare = INTRODUCED.without("judgement")
    assert "DP-1" not in ask("20-1", ON, given(*bare.but(emergency())))
    assert "DP-1" not in ask("20-1", ON, given(*bare.but(system(in_scope=False))))
    assert ask("20-1", LAST_LOOKED_BACK, given(*bare))["DP-1"].reason == "not_judged_fit"
    assert "DP-1" not in ask("20-1", day(2027, 10, 6), given(*bare))


def test_20_1_is_met_by_an_approved_exception():
    records = (*INTRODUCED.without("judgement"), exception("20-1", "deployment:DP-1"))
    assert verdict("20-1", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("20-1", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 20-2 -------------------------------------------------------------------------------------------------------

UNFIT = judgement("JU-2", verdict="unfit", at=at(2026, 10, 20))
UNFIT_ON = day(2026, 10, 20)


def unstable(**values):
    """From 15 November, 10:00; the limit of a day ends on the 16th, 10:00."""
    told = {"system": "S-1", "what": "応答遅延", "from_at": at(2026, 11, 15, 10)}
    return record("instability", "US-1", **(told | values))


def test_20_2_is_met_where_what_runs_is_fit_and_stable():
    assert verdict("20-2", ON, given(*INTRODUCED)) == Verdict.MET


def test_20_2_falls_short_from_the_day_on_which_what_runs_was_judged_unfit():
    facts = given(*INTRODUCED.but(UNFIT))
    assert verdict("20-2", day(2026, 10, 19), facts) == Verdict.MET
    found = ask("20-2", UNFIT_ON, facts)["DP-1"]
    assert (found.reason, found.since, found.who) == ("runs_unfit", UNFIT_ON, "role:system_manager@U-1")
    assert (found.data["system"], found.data["release"]) == ("S-1", "RL-1")


def test_20_2_falls_short_however_long_ago_it_was_deployed():
    assert ask("20-2", day(2029, 1, 1), given(*INTRODUCED.but(UNFIT)))["DP-1"].reason == "runs_unfit"


def test_20_2_is_met_from_the_day_of_the_roll_back():
    facts = given(*INTRODUCED.but(UNFIT, deployment(rolled_back_at=at(2026, 10, 22))))
    assert ask("20-2", day(2026, 10, 21), facts)["DP-1"].reason == "runs_unfit"
    assert "DP-1" not in ask("20-2", day(2026, 10, 22), facts)


def test_20_2_looks_at_the_newest_release_that_was_not_rolled_back():
    newer = (release("RL-2"), deployment("DP-2", release="RL-2", at=at(2026, 11, 1)))
    assert ask("20-2", ON, given(*INTRODUCED.but(UNFIT, *newer)))["DP-2"].outcome == "met"
    back = deployment("DP-2", release="RL-2", at=at(2026, 11, 1), rolled_back_at=at(2026, 11, 2))
    assert reasons("20-2", ON, given(*INTRODUCED.but(UNFIT, newer[0], back))) == {("DP-1", "runs_unfit")}


def test_20_2_is_met_again_only_where_somebody_entitled_judges_it_fit():
    again = judgement("JU-3", at=at(2026, 11, 1))
    assert verdict("20-2", ON, given(*INTRODUCED.but(UNFIT, again))) == Verdict.MET
    for of_no_weight in (
        judgement("JU-3", by="P-8", at=at(2026, 11, 1)),
        judgement("JU-3", by=AUTHOR, at=at(2026, 11, 1)),
    ):
        assert verdict("20-2", ON, given(*INTRODUCED.but(UNFIT, of_no_weight))) == Verdict.FALLS_SHORT


def test_20_2_asks_of_systems_in_use_and_in_reach():
    for gone in (system(in_use_until_on=day(2026, 11, 22)), system(in_scope=False)):
        assert ask("20-2", ON, given(*INTRODUCED.but(UNFIT, unstable(), gone))).keys() <= {"member"}


def test_20_2_allows_an_instability_until_its_limit_and_falls_short_the_day_after():
    facts = given(*INTRODUCED.but(unstable()))
    assert ask("20-2", day(2026, 11, 15), facts)["US-1"].outcome == "met"
    assert ask("20-2", day(2026, 11, 16), facts)["US-1"].outcome == "met"
    found = ask("20-2", day(2026, 11, 17), facts)["US-1"]
    assert (found.reason, found.since, found.due) == ("unstable", day(2026, 11, 17), day(2026, 11, 16))
    assert (found.data["from"], found.data["due_at"]) == ("2026-11-15 10:00", "2026-11-16 10:00")


@pytest.mark.parametrize("ended", ["stopped_at", "until_at"])
def test_20_2_is_met_from_the_day_on_which_it_was_stopped_or_over(ended):
    facts = given(*INTRODUCED.but(unstable(**{ended: at(2026, 11, 20)})))
    assert ask("20-2", day(2026, 11, 19), facts)["US-1"].reason == "unstable"
    assert ask("20-2", day(2026, 11, 20), facts)["US-1"].outcome == "met"


def test_20_2_is_met_by_an_approved_exception():
    records = (*INTRODUCED.but(unstable()), exception("20-2", "instability:US-1"))
    assert verdict("20-2", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("20-2", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 20-3 -------------------------------------------------------------------------------------------------------


def inspection(**values):
    told = {"title": "検査記録", "of": "release:RL-1", "kind": "inspection", "kept_on": day(2026, 10, 8)}
    return record("kept_document", "KD-1", **(told | values))


@pytest.mark.parametrize("of", ["release:RL-1", "deployment:DP-1"])
def test_20_3_is_met_where_the_inspection_is_kept(of):
    assert verdict("20-3", ON, given(*INTRODUCED.but(inspection(of=of)))) == Verdict.MET
    checked = inspection(of=of, checked_on=day(2026, 11, 1), intact=True)
    assert verdict("20-3", ON, given(*INTRODUCED.but(checked))) == Verdict.MET


def test_20_3_is_no_evidence_until_the_last_day_and_falls_short_the_day_after():
    facts = given(*INTRODUCED)
    last = ask("20-3", day(2026, 10, 10), facts)["DP-1"]
    assert (last.outcome, last.reason) == ("no_evidence", "inspection_due")
    found = ask("20-3", day(2026, 10, 11), facts)["DP-1"]
    assert (found.reason, found.since, found.due) == ("no_inspection", day(2026, 10, 11), day(2026, 10, 10))
    assert found.data["introduced"] == "2026-10-05"


def test_20_3_is_met_from_the_day_on_which_it_is_kept():
    facts = given(*INTRODUCED.but(inspection(kept_on=day(2026, 10, 20))))
    assert ask("20-3", day(2026, 10, 19), facts)["DP-1"].reason == "no_inspection"
    assert verdict("20-3", day(2026, 10, 20), facts) == Verdict.MET


@pytest.mark.parametrize("other", [{"kind": "test"}, {"of": "release:RL-9"}, {"of": "project:RL-1"}])
def test_20_3_takes_no_document_of_another_kind_or_of_something_else(other):
    assert reasons("20-3", ON, given(*INTRODUCED.but(inspection(**other)))) == {("DP-1", "no_inspection")}


def test_20_3_falls_short_from_the_day_on_which_the_record_failed_its_check():
    facts = given(*INTRODUCED.but(inspection(checked_on=day(2026, 11, 1), intact=False)))
    assert verdict("20-3", day(2026, 10, 31), facts) == Verdict.MET
    found = ask("20-3", day(2026, 11, 1), facts)["DP-1"]
    assert (found.reason, found.since, found.data["kept_document"]) == ("broken", day(2026, 11, 1), "KD-1")


def test_20_3_falls_short_by_a_broken_record_whatever_other_is_kept():
    whole = record(
        "kept_document", "KD-2", of="deployment:DP-1", kind="inspection", kept_on=DEPLOYED, intact=True
    )
    facts = given(*INTRODUCED.but(inspection(intact=False), whole))
    assert ask("20-3", ON, facts)["DP-1"].since == DEPLOYED
    assert reasons("20-3", ON, facts) == {("DP-1", "broken")}


def test_20_3_asks_of_a_deployment_for_a_year():
    assert ask("20-3", LAST_LOOKED_BACK, given(*INTRODUCED))["DP-1"].reason == "no_inspection"
    assert "DP-1" not in ask("20-3", day(2027, 10, 6), given(*INTRODUCED))


def test_20_3_is_met_by_an_approved_exception():
    records = (*INTRODUCED, exception("20-3", "deployment:DP-1"))
    assert verdict("20-3", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("20-3", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
