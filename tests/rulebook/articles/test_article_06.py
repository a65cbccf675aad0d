"""Article 6, read as the rule: met, the last good day, the day after, never, silence."""

import pytest

from sekisho.findings.verdicts import Verdict
from sekisho.rulebook.contents import clause_named
from tests.rulebook.asking import ask, at, day, given, reasons, record, state, verdict
from tests.rulebook.granting import approved, exception, office

ON = day(2026, 11, 23)
CSO = office("chief_system_officer", "P-CSO")
REP = office("representative_director", "P-REP")

# --- 6-1-1: supervision of the system managers ------------------------------------------------------------------


def report(reviewed=None, by="P-CSO", key="SR-1"):
    told = {"unit": "U-1", "period": "2026-08", "system_manager": "P-1", "submitted_at": at(2026, 9, 1)}
    return record("status_report", key, reviewed_at=reviewed, reviewed_by=by if reviewed else None, **told)


def test_6_1_1_is_met_where_the_chief_reviewed_on_the_last_day():
    assert verdict("6-1-1", ON, given(CSO, report(at(2026, 10, 1, 23, 59, 59)))) == Verdict.MET


def test_6_1_1_falls_short_where_the_review_came_a_day_late():
    outcome = ask("6-1-1", ON, given(CSO, report(at(2026, 10, 2, 0, 0))))["SR-1"]
    assert (outcome.reason, outcome.since, outcome.due) == ("late", day(2026, 10, 2), day(2026, 10, 1))
    assert outcome.who == "role:chief_system_officer"
    assert outcome.data == {"status_report": "SR-1", "unit": "U-1", "reviewed_on": "2026-10-02"}


def test_6_1_1_falls_short_the_day_after_the_time_for_a_review_is_over():
    facts = given(CSO, report())
    assert verdict("6-1-1", day(2026, 10, 1), facts) == Verdict.MET
    outcome = ask("6-1-1", day(2026, 10, 2), facts)["SR-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "not_reviewed",
        day(2026, 10, 2),
        day(2026, 10, 1),
    )


def test_6_1_1_a_review_by_somebody_else_is_none():
    facts = given(CSO, report(at(2026, 9, 10), by="P-2"))
    assert verdict("6-1-1", day(2026, 10, 1), facts) == Verdict.MET
    outcome = ask("6-1-1", day(2026, 10, 2), facts)["SR-1"]
    assert (outcome.reason, outcome.data["person"]) == ("reviewed_by_other", "P-2")


def test_6_1_1_a_review_by_who_was_chief_before_or_after_that_day_is_none():
    before = office("chief_system_officer", "P-CSO", until=day(2026, 9, 10))
    after = office("chief_system_officer", "P-CSO", since=day(2026, 9, 11))
    assert verdict("6-1-1", ON, given(before, report(at(2026, 9, 10)))) == Verdict.MET
    assert reasons("6-1-1", ON, given(after, report(at(2026, 9, 10)))) == {("SR-1", "reviewed_by_other")}
    assert verdict("6-1-1", ON, given(after, report(at(2026, 9, 11)))) == Verdict.MET
    assert reasons("6-1-1", ON, given(before, report(at(2026, 9, 11)))) == {("SR-1", "reviewed_by_other")}


def test_6_1_1_a_review_by_a_chief_who_had_left_is_none():
    gone = record("person", "P-CSO", employment="officer", joined_on=day(2020, 4, 1), left_on=day(2026, 9, 9))
    assert reasons("6-1-1", ON, given(CSO, gone, report(at(2026, 9, 10)))) == {("SR-1", "reviewed_by_other")}


def test_6_1_1_knows_no_review_before_its_day_and_no_report_before_its_submission():
    facts = given(CSO, report(at(2026, 10, 5)))
    assert reasons("6-1-1", day(2026, 10, 3), facts) == {("SR-1", "not_reviewed")}
    assert verdict("6-1-1", day(2026, 8, 31), facts) == Verdict.NO_EVIDENCE


def test_6_1_1_asks_from_the_day_of_the_submission_and_takes_a_review_from_its_own_day():
    assert verdict("6-1-1", day(2026, 9, 1), given(CSO, report())) == Verdict.MET
    facts = given(CSO, report(at(2026, 10, 5)))
    assert reasons("6-1-1", day(2026, 10, 5), facts) == {("SR-1", "late")}


def test_6_1_1_is_no_evidence_without_reports():
    assert reasons("6-1-1", ON, given()) == {("member", "nothing_recorded")}
    assert verdict("6-1-1", ON, given(CSO)) == Verdict.NO_EVIDENCE


# --- 6-1-2: the report to the board -----------------------------------------------------------------------------


def meeting(held_on, key="M-1", body="board", attached="四半期報告"):
    return record("meeting", key, body=body, held_on=held_on, agenda="定例", attached_report=attached)


def test_6_1_2_is_met_for_a_quarter_after_a_report_and_falls_short_the_day_after():
    facts = given(meeting(day(2026, 8, 23)))
    assert verdict("6-1-2", ON, facts) == Verdict.MET
    outcome = ask("6-1-2", day(2026, 11, 24), facts)["member"]
    assert (outcome.reason, outcome.since) == ("old_report", day(2026, 11, 24))
    assert (outcome.who, outcome.data) == (
        "role:chief_system_officer",
        {"last": "2026-08-23", "meeting": "M-1"},
    )


def test_6_1_2_a_quarter_after_the_end_of_november_ends_with_february():
    facts = given(meeting(day(2026, 11, 30)))
    assert verdict("6-1-2", day(2027, 2, 28), facts) == Verdict.MET
    assert verdict("6-1-2", day(2027, 3, 1), facts) == Verdict.FALLS_SHORT


@pytest.mark.parametrize("attached", [None, "", "　"])
def test_6_1_2_a_meeting_without_a_report_does_not_count(attached):
    facts = given(
        meeting(day(2026, 5, 1), attached=attached), meeting(day(2026, 11, 1), "M-2", attached=attached)
    )
    outcome = ask("6-1-2", ON, facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_report", day(2026, 5, 1))


def test_6_1_2_a_report_to_a_committee_is_none_to_the_board():
    assert reasons("6-1-2", ON, given(meeting(day(2026, 11, 1), body="committee"))) == {
        ("member", "no_report")
    }


def test_6_1_2_the_newest_report_counts():
    facts = given(meeting(day(2026, 8, 1), "M-2"), meeting(day(2026, 2, 1)))
    assert ask("6-1-2", ON, facts)["member"].data == {"last": "2026-08-01", "meeting": "M-2"}


def test_6_1_2_a_meeting_still_to_come_does_not_count():
    facts = given(meeting(day(2026, 5, 1)), meeting(day(2026, 11, 24), "M-2"))
    assert ask("6-1-2", ON, facts)["member"].data["meeting"] == "M-1"
    assert verdict("6-1-2", day(2026, 11, 24), facts) == Verdict.MET


def test_6_1_2_is_no_evidence_where_no_meeting_was_held():
    assert verdict("6-1-2", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("6-1-2", ON, given(meeting(day(2026, 11, 24)))) == Verdict.NO_EVIDENCE


def test_6_1_2_a_member_that_reports_monthly_by_its_own_tolerance_is_held_to_that():
    own = record("tolerance", "TO-1", limit="board_report_age", value=1, from_on=day(2026, 1, 1))
    assert verdict("6-1-2", day(2026, 9, 23), given(meeting(day(2026, 8, 23)), own)) == Verdict.MET
    assert verdict("6-1-2", day(2026, 9, 24), given(meeting(day(2026, 8, 23)), own)) == Verdict.FALLS_SHORT


def test_g6_1_2_is_read_with_6_1_2():
    for facts in (given(), given(meeting(day(2026, 11, 1))), given(meeting(day(2026, 1, 1)))):
        assert verdict("G6-1-2", ON, facts) == verdict("6-1-2", ON, facts)


# --- 6-1-3: command and notices ---------------------------------------------------------------------------------


def incident(severity="serious", state="open", commander="P-CSO"):
    told = {"title": "停止", "kind": "failure", "detected_at": at(2026, 5, 1, 10, 0), "commander": commander}
    return record("incident", "INC-1", severity=severity, state=state, **told)


def notice(sent=None, due=None, key="N-1", to="authority", about="incident:INC-1"):
    return record("notice", key, about_record=about, to=to, sent_at=sent, due_at=due)


def test_6_1_3_is_met_with_a_commander_and_a_notice_within_the_limit():
    assert verdict("6-1-3", ON, given(incident(), notice(at(2026, 5, 2, 10, 0)))) == Verdict.MET


def test_6_1_3_falls_short_where_the_notice_went_out_a_second_late():
    outcome = ask("6-1-3", ON, given(incident(), notice(at(2026, 5, 2, 10, 0, 1))))["INC-1"]
    assert (outcome.reason, outcome.since, outcome.due) == ("notice_late", day(2026, 5, 2), day(2026, 5, 2))
    assert outcome.data == {"incident": "INC-1", "due_at": "2026-05-02 10:00", "sent_at": "2026-05-02 10:00"}


def test_6_1_3_falls_short_from_the_due_day_where_no_notice_went_out():
    for facts in (
        given(incident()),
        given(incident(), notice()),
        given(incident(), notice(at(2026, 5, 1, 11), to="users")),
        given(incident(), notice(at(2026, 5, 1, 11), about="incident:INC-2")),
    ):
        assert verdict("6-1-3", day(2026, 5, 1), facts) == Verdict.MET
        outcome = ask("6-1-3", day(2026, 5, 2), facts)["INC-1"]
        assert (outcome.reason, outcome.since) == ("notice_missing", day(2026, 5, 2))
        assert outcome.who == "role:chief_system_officer"


def test_6_1_3_a_notice_sent_later_is_missing_until_then():
    facts = given(incident(), notice(at(2026, 5, 4)))
    assert reasons("6-1-3", day(2026, 5, 3), facts) == {("INC-1", "notice_missing")}
    assert reasons("6-1-3", day(2026, 5, 4), facts) == {("INC-1", "notice_late")}


def test_6_1_3_a_due_time_on_the_notice_goes_first():
    early = given(incident(), notice(at(2026, 5, 1, 13, 0), due=at(2026, 5, 1, 12, 0)))
    assert ask("6-1-3", ON, early)["INC-1"].data["due_at"] == "2026-05-01 12:00"
    allowed = given(incident(), notice(at(2026, 5, 8, 9, 0), due=at(2026, 5, 8, 12, 0)))
    assert verdict("6-1-3", ON, allowed) == Verdict.MET


def test_6_1_3_further_reports_are_held_to_their_own_due_times_alone():
    first = notice(at(2026, 5, 1, 11))
    assert verdict("6-1-3", ON, given(incident(), first, notice(at(2026, 6, 1), key="N-2"))) == Verdict.MET
    assert verdict("6-1-3", ON, given(incident(), first, notice(key="N-2"))) == Verdict.MET
    final = notice(due=at(2026, 6, 1, 12), key="N-2")
    assert verdict("6-1-3", day(2026, 5, 31), given(incident(), first, final)) == Verdict.MET
    outcome = ask("6-1-3", day(2026, 6, 1), given(incident(), first, final))["INC-1"]
    assert (outcome.reason, outcome.since) == ("notice_missing", day(2026, 6, 1))


def test_6_1_3_falls_short_from_detection_where_nobody_commands():
    outcome = ask("6-1-3", day(2026, 5, 1), given(incident(commander=None)))["INC-1"]
    assert (outcome.reason, outcome.since) == ("no_commander", day(2026, 5, 1))
    both = reasons("6-1-3", ON, given(incident(commander=None)))
    assert both == {("INC-1", "no_commander"), ("INC-1", "notice_missing")}


@pytest.mark.parametrize("state", ["open", "closed"])
def test_6_1_3_asks_of_open_and_closed_incidents(state):
    assert set(ask("6-1-3", ON, given(incident(state=state)))) == {"INC-1"}


@pytest.mark.parametrize(
    ("severity", "state"), [("minor", "open"), ("serious", "draft"), ("serious", "dismissed")]
)
def test_6_1_3_asks_nothing_of_minor_draft_or_dismissed_incidents(severity, state):
    assert verdict("6-1-3", ON, given(incident(severity, state))) == Verdict.NO_EVIDENCE


def test_6_1_3_is_no_evidence_in_silence_and_before_the_detection():
    assert reasons("6-1-3", ON, given()) == {("member", "nothing_recorded")}
    assert verdict("6-1-3", day(2026, 4, 30), given(incident())) == Verdict.NO_EVIDENCE


# --- 6-1-4: important decisions ---------------------------------------------------------------------------------


def resolution(put=None, important=True):
    told = {"meeting": "M-1", "text": "基幹系の更改", "decided_on": day(2026, 6, 1)}
    return record("resolution", "RS-1", important=important, put_to_chief_on=put, **told)


def test_6_1_4_is_met_to_the_day_of_the_decision():
    assert verdict("6-1-4", ON, given(resolution(put=day(2026, 6, 1)))) == Verdict.MET
    assert verdict("6-1-4", ON, given(resolution(put=day(2026, 5, 1)))) == Verdict.MET
    assert verdict("6-1-4", day(2026, 6, 1), given(resolution())) == Verdict.MET


def test_6_1_4_falls_short_where_it_was_put_a_day_late():
    outcome = ask("6-1-4", ON, given(resolution(put=day(2026, 6, 2))))["RS-1"]
    assert (outcome.reason, outcome.since, outcome.due) == ("late", day(2026, 6, 2), day(2026, 6, 1))
    assert outcome.data == {"resolution": "RS-1", "put_on": "2026-06-02"}


def test_6_1_4_a_late_one_was_not_put_until_its_day():
    facts = given(resolution(put=day(2026, 6, 20)))
    assert reasons("6-1-4", day(2026, 6, 19), facts) == {("RS-1", "not_put")}
    assert reasons("6-1-4", day(2026, 6, 20), facts) == {("RS-1", "late")}


def test_6_1_4_falls_short_from_the_day_after_where_it_was_never_put():
    outcome = ask("6-1-4", day(2026, 6, 2), given(resolution()))["RS-1"]
    assert (outcome.reason, outcome.since) == ("not_put", day(2026, 6, 2))
    assert outcome.who == "role:chief_system_officer"


@pytest.mark.parametrize("important", [False, None])
def test_6_1_4_asks_nothing_of_other_decisions_and_is_no_evidence_in_silence(important):
    assert verdict("6-1-4", ON, given(resolution(important=important))) == Verdict.NO_EVIDENCE
    assert verdict("6-1-4", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("6-1-4", day(2026, 5, 31), given(resolution())) == Verdict.NO_EVIDENCE


# --- 6-1: all of them -------------------------------------------------------------------------------------------

ALL_MET = (
    CSO, report(at(2026, 9, 10)), meeting(day(2026, 11, 1)), incident(), notice(at(2026, 5, 1, 12)),
    resolution(put=day(2026, 6, 1)),
)  # fmt: skip


def test_6_1_is_met_where_each_of_its_items_is():
    assert clause_named("6-1").items == ("6-1-1", "6-1-2", "6-1-3", "6-1-4")
    assert verdict("6-1", ON, given(*ALL_MET)) == Verdict.MET
    assert state("6-1", ON, given(*ALL_MET)).counts["met"] == 5


def test_6_1_falls_short_where_one_item_does_and_is_no_evidence_where_one_is_silent():
    assert verdict("6-1", day(2027, 2, 2), given(*ALL_MET)) == Verdict.FALLS_SHORT
    assert verdict("6-1", ON, given(*ALL_MET[:-1])) == Verdict.NO_EVIDENCE
    assert verdict("6-1", ON, given()) == Verdict.NO_EVIDENCE


def test_6_1_1_a_late_review_is_met_by_an_exception_for_that_report_once_it_is_approved():
    late = (CSO, REP, report(at(2026, 10, 2)), exception("6-1-1", "status_report:SR-1"))
    granted = given(*late, approved("exception:EX-1", by="P-REP"))
    assert verdict("6-1-1", ON, given(*late)) == Verdict.FALLS_SHORT
    assert verdict("6-1-1", ON, given(*late, approved("exception:EX-1", by="P-2"))) == Verdict.FALLS_SHORT
    assert verdict("6-1-1", ON, granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("6-1-1", day(2026, 12, 31), granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("6-1-1", day(2027, 1, 1), granted) == Verdict.FALLS_SHORT
