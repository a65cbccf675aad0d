"""Article 9, paragraph 3, item by item: watch, reporting, CSIRT, gathering, sharing, people; and the guideline to the last."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from tests.rulebook.asking import (
    ask,
    at,
    day,
    every_outcome,
    falling_short,
    given,
    lapses,
    reasons,
    record,
    verdict,
)
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, office, otherwise

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
NEVER = day(2018, 10, 24)
IN_FORCE = day(2026, 4, 1)
LEAD = office("csirt_lead", "P-LEAD")


def member_told(citation, on, *facts):
    """Every reason of the member as a whole."""
    return {reason for subject, reason in reasons(citation, on, given(*facts)) if subject == "member"}


def document(kind, key="D-1", since=IN_FORCE, **values):
    return record("document", key, kind=kind, title=key, version="1", in_force_on=since, **values)


# --- 9-3-1: every system feeds a source -------------------------------------------------------------------------------


def system(key="S-1", in_scope=True, since=LONG_AGO, **values):
    return record("system", key, name=key, in_scope=in_scope, in_use_since_on=since, **values)


def source(key="WS-1", of="S-1", heard=None, since=LONG_AGO, **values):
    return record(
        "watch_source", key, title=key, system=of, kind="log", last_event_at=heard, since_on=since, **values
    )


HEARD = source(heard=at(2026, 11, 23, 8))


def test_9_3_1_is_met_where_every_system_feeds_a_source_that_is_heard():
    facts = given(system(), HEARD)
    assert verdict("9-3-1", ON, facts) == Verdict.MET
    assert set(ask("9-3-1", ON, facts)) == {"S-1", "WS-1"}


def test_9_3_1_falls_short_where_a_system_feeds_no_source():
    outcome = ask("9-3-1", ON, given(system(), system("S-2"), HEARD))["S-2"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_source", LONG_AGO)
    assert outcome.who == "role:csirt_lead"


def test_9_3_1_falls_short_the_day_after_the_last_source_of_a_system_ended():
    facts = given(system(), source(heard=at(2026, 11, 23, 8), until_on=ON))
    assert verdict("9-3-1", ON, facts) == Verdict.MET
    outcome = ask("9-3-1", ON + ONE_DAY, facts)["S-1"]
    assert (outcome.reason, outcome.since) == ("no_source", ON + ONE_DAY)


def test_9_3_1_a_source_that_begins_tomorrow_watches_nothing_today():
    coming = source(heard=at(2026, 11, 23, 8), since=ON + ONE_DAY)
    assert ("S-1", "no_source") in reasons("9-3-1", ON, given(system(), coming))


def test_9_3_1_a_system_before_the_rule_lacks_a_source_since_the_rule_came_into_force():
    assert ask("9-3-1", ON, given(system(since=day(2015, 4, 1))))["S-1"].since == NEVER


def test_9_3_1_a_system_out_of_scope_or_out_of_use_feeds_none():
    out = system("S-2", in_scope=False)
    over_ = system("S-3", in_use_until_on=ON - ONE_DAY)
    coming = system("S-4", since=ON + ONE_DAY)
    assert verdict("9-3-1", ON, given(system(), HEARD, out, over_, coming)) == Verdict.MET


def test_9_3_1_is_no_evidence_in_silence():
    assert reasons("9-3-1", ON, given()) == {("member", "nothing_recorded")}
    assert verdict("9-3-1", ON, given()) == Verdict.NO_EVIDENCE


def test_9_3_1_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-3-1", "system:S-2"), approved("exception:EX-1"))
    facts = (system(), HEARD, system("S-2"), CHIEF, *granted)
    assert verdict("9-3-1", ON, given(*facts)) == Verdict.MET_BY_EXCEPTION
    after = (*facts, source("WS-2", heard=at(2026, 12, 31)))
    assert verdict("9-3-1", day(2027, 1, 1), given(*after)) == Verdict.FALLS_SHORT


# --- 9-3-1: silence ---------------------------------------------------------------------------------------------------


def heard(on, last, **values):
    outcome = ask("9-3-1", on, given(system(), source(heard=last, **values)))["WS-1"]
    return outcome.outcome, outcome.reason, outcome.since


def test_9_3_1_a_source_falls_short_the_day_after_its_silence_ran_out():
    last = at(2026, 11, 23, 8)  # and a day's silence
    assert heard(ON + ONE_DAY, last) == ("met", None, None)
    after = ON + 2 * ONE_DAY
    assert heard(after, last) == ("falls_short", "silent", after)


def test_9_3_1_a_source_s_own_limit_goes_before_the_general_one():
    last = at(2026, 11, 23, 8)
    assert heard(ON, last, silence_minutes=15) == ("met", None, None)
    assert heard(ON + ONE_DAY, last, silence_minutes=15) == ("falls_short", "silent", ON + ONE_DAY)
    assert heard(day(2026, 11, 30), last, silence_minutes=7 * 24 * 60) == ("met", None, None)
    assert heard(day(2026, 12, 1), last, silence_minutes=7 * 24 * 60)[1] == "silent"


def test_9_3_1_no_source_is_accused_while_it_may_still_be_heard():
    """An hour's silence from 23:30 on runs out at half past midnight: on that day it is not silent yet."""
    assert heard(day(2026, 11, 24), at(2026, 11, 23, 23, 30), silence_minutes=60) == ("met", None, None)
    assert heard(day(2026, 11, 24), at(2026, 11, 23, 22, 59), silence_minutes=60)[1] == "silent"


@settings(max_examples=40)
@over(st.integers(0, 4 * 24 * 60), st.integers(1, 3 * 24 * 60))
def test_9_3_1_a_source_is_silent_when_its_limit_ended_before_the_day_began(minutes_ago, limit):
    begun = at(2026, 11, 23, 0)
    last = begun - timedelta(minutes=minutes_ago)
    facts = given(source(heard=last, silence_minutes=limit))
    assert ("WS-1" in falling_short("9-3-1", ON, facts)) == (last + timedelta(minutes=limit) < begun)


def test_9_3_1_a_source_that_was_never_heard_is_silent_once_its_limit_ran_out():
    assert heard(ON, None, since=ON)[:2] == ("no_evidence", "not_heard_yet")
    assert heard(ON + ONE_DAY, None, since=ON)[:2] == ("no_evidence", "not_heard_yet")
    after = ON + 2 * ONE_DAY
    assert heard(after, None, since=ON) == ("falls_short", "never_heard", after)


def test_9_3_1_what_was_heard_after_the_day_tells_nothing_of_it():
    assert heard(ON, at(2026, 11, 24, 0)) == ("no_evidence", "heard_later", None)
    assert heard(ON, at(2026, 11, 23, 23, 59)) == ("met", None, None)


def test_9_3_1_a_source_that_ended_may_be_silent():
    over_ = source("WS-0", heard=at(2025, 1, 1), until_on=ON - ONE_DAY)
    assert verdict("9-3-1", ON, given(system(), HEARD, over_)) == Verdict.MET


# --- 9-3-1: alerts ----------------------------------------------------------------------------------------------------

RAISED = at(2026, 11, 20, 10)


def alert(severity="high", raised=RAISED, decided=None, key="AL-1", **values):
    told = {"decision": "false_alarm", "decided_at": decided} if decided else {}
    return record("alert", key, title=key, source="WS-1", severity=severity, at=raised, **told, **values)


def decided(on, *alerts):
    outcome = ask("9-3-1", on, given(system(), *alerts))["AL-1"]
    return outcome.outcome, outcome.reason


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        ("critical", at(2026, 11, 20, 11)),
        ("high", at(2026, 11, 20, 14)),
        ("medium", at(2026, 11, 21, 10)),
        ("low", at(2026, 11, 27, 10)),
    ],
)
def test_9_3_1_each_severity_has_its_own_time_for_a_decision(severity, due):
    due_on = clock.day_of(due)
    assert decided(due_on, alert(severity)) == ("met", None)
    outcome = ask("9-3-1", due_on + ONE_DAY, given(system(), alert(severity)))["AL-1"]
    assert (outcome.reason, outcome.since, outcome.due) == ("undecided", due_on + ONE_DAY, due_on)
    assert outcome.data["due_at"] == due.astimezone(clock.JAPAN).strftime("%Y-%m-%d %H:%M")
    in_time, late = alert(severity, decided=due), alert(severity, decided=due + timedelta(minutes=1))
    assert decided(due_on, in_time) == ("met", None)
    assert decided(due_on, late) == ("falls_short", "decided_late")


def test_9_3_1_an_alert_at_night_is_due_the_next_morning():
    """Four hours from 22:00 end on the next day, and only the day after that is too late for sure."""
    night = alert(raised=at(2026, 11, 20, 22))
    assert decided(day(2026, 11, 21), night) == ("met", None)
    assert decided(day(2026, 11, 22), night) == ("falls_short", "undecided")


def test_9_3_1_a_late_decision_is_told_for_three_months():
    late = alert(decided=at(2026, 11, 21, 10))
    assert decided(day(2027, 2, 21), late) == ("falls_short", "decided_late")
    assert decided(day(2027, 2, 22), late) == ("met", None)


def test_9_3_1_a_decision_after_the_day_is_none_yet():
    late = alert(decided=at(2026, 11, 25))
    assert decided(ON, late) == ("falls_short", "undecided")
    assert decided(day(2026, 11, 25), late) == ("falls_short", "decided_late")


def test_9_3_1_an_alert_after_the_day_was_not_raised_yet():
    assert "AL-1" not in ask("9-3-1", day(2026, 11, 19), given(system(), alert()))


# --- 9-3-2 --------------------------------------------------------------------------------------------------------------


def contact(key="CO-1", kind="authority", confirmed=ON, **values):
    return record("contact", key, body=key, kind=kind, way="電話", confirmed_on=confirmed, **values)


CONTACTS = (contact(), contact("CO-2", "association"))
TEMPLATE = (document("notice_template"), approved("document:D-1"))


def test_9_3_2_is_met_by_confirmed_contacts_and_an_approved_template():
    facts = given(CHIEF, *CONTACTS, contact("CO-3", "press"), *TEMPLATE)
    assert verdict("9-3-2", ON, facts) == Verdict.MET
    assert set(ask("9-3-2", ON, facts)) == {"member", "CO-1", "CO-2", "CO-3", "D-1"}


def test_9_3_2_a_contact_stands_for_six_months_from_its_confirmation():
    facts = given(CHIEF, *CONTACTS, *TEMPLATE)
    assert verdict("9-3-2", day(2027, 5, 23), facts) == Verdict.MET
    outcome = ask("9-3-2", day(2027, 5, 24), facts)["CO-1"]
    assert (outcome.reason, outcome.since, outcome.who) == (
        "old_contact",
        day(2027, 5, 24),
        "role:csirt_lead",
    )


@pytest.mark.parametrize("confirmed", [None, ON + ONE_DAY])
def test_9_3_2_falls_short_where_a_contact_was_never_confirmed(confirmed):
    outcome = ask("9-3-2", ON, given(CHIEF, contact(confirmed=confirmed), CONTACTS[1], *TEMPLATE))["CO-1"]
    assert (outcome.outcome, outcome.reason) == ("falls_short", "never_confirmed")


@pytest.mark.parametrize(("left", "lacks"), [(0, "association"), (1, "authority")])
def test_9_3_2_falls_short_without_a_contact_of_the_authority_or_of_the_association(left, lacks):
    facts = (CHIEF, CONTACTS[left], contact("CO-3", "press"), *TEMPLATE)
    assert member_told("9-3-2", ON, *facts) == {f"no_contact_{lacks}"}
    assert ask("9-3-2", ON, given(*facts))["member"].since == NEVER


def test_9_3_2_falls_short_the_day_after_the_last_contact_of_the_authority_ended():
    facts = (CHIEF, contact(until_on=ON), CONTACTS[1], *TEMPLATE)
    assert verdict("9-3-2", ON, given(*facts)) == Verdict.MET
    outcome = ask("9-3-2", ON + ONE_DAY, given(*facts))["member"]
    assert (outcome.reason, outcome.since) == ("no_contact_authority", ON + ONE_DAY)
    old = contact("CO-0", confirmed=LONG_AGO, until_on=ON - ONE_DAY)
    assert verdict("9-3-2", ON, given(CHIEF, *CONTACTS, old, *TEMPLATE)) == Verdict.MET


def test_9_3_2_falls_short_without_a_template_that_is_in_force_and_approved():
    assert member_told("9-3-2", ON, CHIEF, *CONTACTS) == {"no_template"}
    until = (document("notice_template", until_on=ON), approved("document:D-1"))
    assert verdict("9-3-2", ON, given(CHIEF, *CONTACTS, *until)) == Verdict.MET
    outcome = ask("9-3-2", ON + ONE_DAY, given(CHIEF, *CONTACTS, *until))["member"]
    assert (outcome.reason, outcome.since) == ("no_template", ON + ONE_DAY)
    unapproved = document("notice_template", "D-2")
    assert reasons("9-3-2", ON, given(CHIEF, *CONTACTS, *TEMPLATE, unapproved)) == {("D-2", "not_approved")}


def test_9_3_2_falls_short_where_only_other_things_are_on_record_and_is_no_evidence_in_silence():
    assert member_told("9-3-2", ON, CHIEF) == {
        "no_contact_authority",
        "no_contact_association",
        "no_template",
    }
    assert verdict("9-3-2", ON, given()) == Verdict.NO_EVIDENCE


def test_9_3_2_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-3-2", "contact:CO-1"), approved("exception:EX-1"))
    facts = given(CHIEF, contact(confirmed=LONG_AGO), CONTACTS[1], *TEMPLATE, *granted)
    assert verdict("9-3-2", ON, facts) == Verdict.MET_BY_EXCEPTION


# --- 9-3-3: offices -------------------------------------------------------------------------------------------------------

DEPUTY = office("csirt_member", "P-DEP")


def person(key, joined=LONG_AGO, left=None):
    return record("person", key, employment="employee", joined_on=joined, left_on=left)


def shift(begin, end, key="SH-1", who="P-LEAD", deputy=None):
    return record("roster_shift", key, person=who, deputy=deputy, from_at=begin, until_at=end)


def told(on, reason, *facts):
    """What 9-3-3 says for that reason."""
    return next(o for _, o in every_outcome("9-3-3", on, given(*facts)) if o.reason == reason)


TEAM = (LEAD, DEPUTY, person("P-LEAD"), person("P-DEP"))
FULL = shift(at(2026, 11, 23, 0), at(2026, 12, 7, 0))


def test_9_3_3_is_met_by_a_lead_a_deputy_and_duty_at_every_minute_of_fourteen_days():
    assert verdict("9-3-3", ON, given(*TEAM, FULL)) == Verdict.MET


def test_9_3_3_falls_short_the_day_after_the_lead_s_last_day():
    team = (office("csirt_lead", "P-LEAD", until=ON), DEPUTY, office("csirt_member", "P-3"))
    assert member_told("9-3-3", ON, *team) == {"no_roster"}
    outcome = told(ON + ONE_DAY, "no_lead", *team)
    assert (outcome.since, outcome.who) == (ON + ONE_DAY, "role:chief_system_officer")


def test_9_3_3_falls_short_the_day_after_the_only_deputy_s_last_day():
    team = (LEAD, person("P-LEAD"), office("csirt_member", "P-DEP", until=ON), FULL)
    assert verdict("9-3-3", ON, given(*team)) == Verdict.MET
    outcome = told(ON + ONE_DAY, "no_deputy", *team)
    assert (outcome.since, outcome.who) == (ON + ONE_DAY, "role:csirt_lead")


def test_9_3_3_a_second_lead_is_a_deputy_and_the_same_person_twice_is_none():
    second = record("appointment", "A-2", person="P-2", role="csirt_lead", since_on=LONG_AGO)
    assert verdict("9-3-3", ON, given(LEAD, second, person("P-LEAD"), FULL)) == Verdict.MET
    twice = record("appointment", "A-2", person="P-LEAD", role="csirt_member", since_on=LONG_AGO)
    assert member_told("9-3-3", ON, LEAD, twice, person("P-LEAD"), FULL) == {"no_deputy"}
    assert told(ON, "no_deputy", LEAD, twice, FULL).since == LONG_AGO


def test_9_3_3_who_left_the_member_is_no_deputy():
    gone = (LEAD, DEPUTY, person("P-LEAD"), person("P-DEP", left=ON))
    assert verdict("9-3-3", ON, given(*gone, FULL)) == Verdict.MET
    assert "no_deputy" in member_told("9-3-3", ON + ONE_DAY, *gone, FULL)


# --- 9-3-3: roster --------------------------------------------------------------------------------------------------------


def roster(*shifts, on=ON, team=TEAM):
    return member_told("9-3-3", on, *team, *shifts)


def test_9_3_3_falls_short_without_any_roster():
    outcome = told(ON, "no_roster", *TEAM)
    assert (outcome.since, outcome.due, outcome.who) == (NEVER, ON, "role:csirt_lead")
    assert roster(shift(at(2026, 11, 1), at(2026, 11, 23, 0))) == {"no_roster"}


def test_9_3_3_a_gap_is_told_with_its_first_and_last_minute_and_how_many_there_are():
    parts = (
        shift(at(2026, 11, 22, 12), at(2026, 11, 25, 9), "SH-1"),
        shift(at(2026, 11, 25, 21), at(2026, 11, 30), "SH-2"),
        shift(at(2026, 12, 1), at(2026, 12, 8), "SH-3"),
    )
    outcome = told(ON, "gap", *TEAM, *parts)
    assert outcome.data == {"gap_from": "2026-11-25 09:00", "gap_until": "2026-11-25 21:00", "gaps": "2"}
    assert (outcome.since, outcome.due) == (day(2026, 11, 12), day(2026, 11, 25))


def test_9_3_3_a_gap_counts_from_the_day_on_which_it_lies_ahead():
    """A roster that ends with the sixth of December lacks the seventh: fourteen days before, it does not yet."""
    assert roster(FULL) == set()
    assert roster(FULL, on=ON + ONE_DAY) == {"gap"}
    assert told(ON + ONE_DAY, "gap", *TEAM, FULL).since == ON + ONE_DAY


def test_9_3_3_a_gap_of_one_minute_is_one_and_a_second_is_none():
    night = shift(at(2026, 11, 30, 9), at(2026, 12, 8), "SH-2")
    for end, found in ((at(2026, 11, 30, 8, 59), {"gap"}), (at(2026, 11, 30, 8, 59, 59), set())):
        assert roster(shift(at(2026, 11, 20), end), night) == found


def test_9_3_3_overlapping_shifts_leave_no_gap():
    long = shift(at(2026, 11, 20), at(2026, 12, 1), "SH-1")
    inside = shift(at(2026, 11, 24), at(2026, 11, 25), "SH-2")
    rest = shift(at(2026, 11, 30), at(2026, 12, 9), "SH-3")
    assert roster(rest, inside, long) == set()


def test_9_3_3_who_does_not_work_here_then_is_not_on_duty_but_the_deputy_is():
    until = (LEAD, DEPUTY, person("P-LEAD", left=day(2026, 11, 30)), person("P-DEP"))
    outcome = told(ON, "gap", *until, FULL)
    assert outcome.data["gap_from"] == "2026-12-01 00:00"
    with_deputy = shift(at(2026, 11, 23, 0), at(2026, 12, 7, 0), deputy="P-DEP")
    assert roster(with_deputy, team=until) == set()
    joins = (LEAD, DEPUTY, person("P-LEAD", joined=day(2026, 11, 25)), person("P-DEP"))
    assert told(ON, "gap", *joins, FULL).data["gap_until"] == "2026-11-25 00:00"


def test_9_3_3_a_running_gap_is_one():
    later = shift(at(2026, 11, 23, 12), at(2026, 12, 8))
    earlier = shift(at(2026, 11, 20, 12), at(2026, 11, 22, 12), "SH-0")
    outcome = told(ON, "gap", *TEAM, earlier, later)
    assert outcome.data["gap_from"] == "2026-11-23 00:00"
    assert outcome.since == day(2026, 11, 9)


@settings(max_examples=40)
@over(
    st.lists(st.tuples(st.integers(-400, 400), st.integers(1, 200)), max_size=8),
)
def test_9_3_3_there_is_a_gap_where_some_hour_ahead_nobody_is_on_duty(spans):
    """Shifts in whole hours from the day's first instant; the time ahead is 336 hours."""
    begin = at(2026, 11, 23, 0)
    hour = timedelta(hours=1)
    shifts = [
        shift(begin + first * hour, begin + (first + length) * hour, f"SH-{n}")
        for n, (first, length) in enumerate(spans)
    ]
    covered = {h for first, length in spans for h in range(first, first + length)}
    facts = given(*TEAM, *shifts)
    assert ("member" in falling_short("9-3-3", ON, facts)) == (not set(range(336)) <= covered)


def test_9_3_3_is_no_evidence_in_silence():
    assert verdict("9-3-3", ON, given()) == Verdict.NO_EVIDENCE


def test_9_3_3_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-3-3", "member:member"), approved("exception:EX-1"))
    assert verdict("9-3-3", ON, given(CHIEF, *TEAM, *granted)) == Verdict.MET_BY_EXCEPTION


# --- 9-3-4 ----------------------------------------------------------------------------------------------------------------


def feed(key="IS-1", last=None, since=LONG_AGO, **values):
    return record("intelligence_source", key, body=key, last_received_at=last, since_on=since, **values)


def item(received=None, key="II-1", source="IS-1", **values):
    instant = received or at(2026, 11, 20)
    return record("intelligence_item", key, title=key, source=source, received_at=instant, **values)


def at_ten(on):
    return at(on.year, on.month, on.day, 10)


@pytest.mark.parametrize("make", [lambda on: item(at_ten(on)), lambda on: feed(last=at_ten(on))])
def test_9_3_4_a_source_stands_for_thirty_days_from_what_it_brought_last(make):
    last = day(2026, 12, 23)
    facts = {record_.kind: record_ for record_ in (feed(), make(ON))}
    assert verdict("9-3-4", last, given(*facts.values())) == Verdict.MET
    outcome = ask("9-3-4", last + ONE_DAY, given(*facts.values()))["IS-1"]
    assert (outcome.reason, outcome.since) == ("silent_source", last + ONE_DAY)
    assert outcome.data["last"] == str(ON)


def test_9_3_4_items_keep_a_source_up_as_kept_up_says():
    lapses(
        "9-3-4", "IS-1", [feed(since=day(2026, 11, 1))], lambda on: item(at_ten(on)), ON, day(2026, 12, 23),
        never="nothing_ever", old="silent_source", not_yet="nothing_yet",
    )  # fmt: skip


def test_9_3_4_a_new_source_has_thirty_days_for_its_first():
    assert reasons("9-3-4", day(2026, 12, 23), given(feed(since=ON))) == {("IS-1", "nothing_yet")}
    outcome = ask("9-3-4", day(2026, 12, 24), given(feed(since=ON)))["IS-1"]
    assert (outcome.reason, outcome.since) == ("nothing_ever", day(2026, 12, 24))


def test_9_3_4_what_another_source_brought_does_not_count():
    assert ("IS-2", "nothing_ever") in reasons("9-3-4", ON, given(feed(), feed("IS-2"), item()))


def test_9_3_4_falls_short_the_day_after_the_last_source_ended():
    facts = given(LEAD, feed(until_on=ON), item())
    assert verdict("9-3-4", ON, facts) == Verdict.MET
    outcome = ask("9-3-4", ON + ONE_DAY, facts)["member"]
    assert (outcome.reason, outcome.since, outcome.who) == ("no_source", ON + ONE_DAY, "role:csirt_lead")


def test_9_3_4_falls_short_without_any_source_and_is_no_evidence_in_silence():
    outcomes = reasons("9-3-4", ON, given(LEAD))
    assert ("member", "no_source") in outcomes
    assert verdict("9-3-4", ON, given(LEAD)) == Verdict.FALLS_SHORT
    assert verdict("9-3-4", ON, given()) == Verdict.NO_EVIDENCE


def test_9_3_4_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-3-4", "intelligence_source:IS-2"), approved("exception:EX-1"))
    facts = given(CHIEF, feed(), item(), feed("IS-2"), *granted)
    assert verdict("9-3-4", ON, facts) == Verdict.MET_BY_EXCEPTION


# --- 9-3-5 ----------------------------------------------------------------------------------------------------------------


def relevant(judged=RAISED, passed=None, units=("U-1",), **values):
    told_ = {"relevance": "relevant", "judged_at": judged, "passed_at": passed, "units": list(units) or None}
    return item(RAISED, **(told_ | values))


def shared(on, *records):
    outcome = ask("9-3-5", on, given(*records))["II-1"]
    return outcome.outcome, outcome.reason


def test_9_3_5_is_met_where_what_matters_is_passed_on_within_a_day():
    assert shared(ON, relevant(passed=at(2026, 11, 21, 10))) == ("met", None)
    assert shared(ON, relevant(passed=at(2026, 11, 21, 10, 1))) == ("falls_short", "passed_late")


def test_9_3_5_falls_short_the_day_after_the_limit_ended():
    assert shared(day(2026, 11, 21), relevant()) == ("met", None)
    outcome = ask("9-3-5", day(2026, 11, 22), given(relevant()))["II-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "not_passed",
        day(2026, 11, 22),
        day(2026, 11, 21),
    )
    assert outcome.who == "role:csirt_lead"


def test_9_3_5_the_limit_runs_from_the_receipt_where_no_judgement_has_an_instant():
    assert shared(day(2026, 11, 22), relevant(judged=None)) == ("falls_short", "not_passed")
    later = relevant(judged=at(2026, 11, 22, 10))
    assert shared(day(2026, 11, 23), later) == ("met", None)
    assert shared(day(2026, 11, 24), later) == ("falls_short", "not_passed")


def test_9_3_5_late_sharing_is_told_for_three_months():
    late = relevant(passed=at(2026, 11, 23))
    assert shared(day(2027, 2, 23), late) == ("falls_short", "passed_late")
    assert shared(day(2027, 2, 24), late) == ("met", None)


def test_9_3_5_what_is_passed_on_after_the_day_is_not_passed_on_yet():
    assert shared(ON, relevant(passed=at(2026, 11, 24))) == ("falls_short", "not_passed")


def test_9_3_5_falls_short_where_the_units_are_not_on_record():
    assert shared(ON, relevant(passed=at(2026, 11, 20, 12), units=())) == ("falls_short", "no_units")


def test_9_3_5_what_does_not_matter_is_not_passed_on():
    assert shared(ON, item(RAISED, relevance="not_relevant", judged_at=RAISED)) == ("met", None)


def test_9_3_5_what_nobody_judged_is_no_evidence_after_the_limit():
    judged = item(RAISED, "II-2", relevance="not_relevant")
    assert "II-1" not in ask("9-3-5", day(2026, 11, 21), given(item(RAISED), judged))
    assert shared(day(2026, 11, 22), item(RAISED)) == ("no_evidence", "not_judged")
    tomorrow = relevant(judged=at(2026, 11, 24))
    assert shared(ON, tomorrow) == ("no_evidence", "not_judged")


def test_9_3_5_is_no_evidence_in_silence():
    assert verdict("9-3-5", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("9-3-5", day(2026, 11, 19), given(relevant())) == Verdict.NO_EVIDENCE


def test_9_3_5_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-3-5", "intelligence_item:II-1"), approved("exception:EX-1"))
    assert verdict("9-3-5", ON, given(CHIEF, relevant(), *granted)) == Verdict.MET_BY_EXCEPTION


# --- 9-3-6, G9-3-6 ----------------------------------------------------------------------------------------------------------

PLAN = (document("cyber_training_plan"), approved("document:D-1"))
SKILL = record("skill", "SK-1", name="検知", field="cybersecurity")


def level(on=ON, key="SL-1", who="P-LEAD", skill="SK-1"):
    return record("skill_level", key, person=who, skill=skill, level=3, assessed_on=on)


def training(due=ON, done=None, key="TR-1", plan="D-1"):
    return record("training", key, topic=key, kind="training", plan=plan, due_on=due, done_on=done)


MAP = (SKILL, level(), person("P-LEAD"))
FOR_PLAN = (CHIEF, *PLAN, *MAP)


def test_9_3_6_is_met_by_a_plan_that_is_carried_out_and_rests_on_a_skill_map():
    facts = given(*FOR_PLAN, training(done=ON))
    assert verdict("9-3-6", ON, facts) == Verdict.MET
    assert set(ask("9-3-6", ON, facts)) == {"member", "D-1", "TR-1", "SK-1"}


def test_9_3_6_falls_short_the_day_after_the_plan_ended():
    facts = given(CHIEF, document("cyber_training_plan", until_on=ON), *MAP, training(done=ON))
    assert verdict("9-3-6", ON, facts) == Verdict.MET
    outcome = ask("9-3-6", ON + ONE_DAY, facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_plan", ON + ONE_DAY)


def test_9_3_6_falls_short_the_day_after_a_training_was_due():
    facts = given(*FOR_PLAN, training(), training(day(2027, 3, 31), key="TR-2"))
    assert verdict("9-3-6", ON, facts) == Verdict.MET
    outcome = ask("9-3-6", ON + ONE_DAY, facts)["TR-1"]
    assert (outcome.reason, outcome.since, outcome.due) == ("training_overdue", ON + ONE_DAY, ON)
    held = given(*FOR_PLAN, training(done=ON + 2 * ONE_DAY))
    assert reasons("9-3-6", ON + ONE_DAY, held) == {("TR-1", "training_overdue")}
    assert verdict("9-3-6", ON + 2 * ONE_DAY, held) == Verdict.MET


def test_9_3_6_training_of_another_plan_is_not_asked():
    other = document("succession_plan", "D-2")
    ended = document("cyber_training_plan", "D-0", LONG_AGO, until_on=day(2026, 3, 31))
    late = [training(LONG_AGO, key=f"TR-{p}", plan=p) for p in ("D-2", "D-0", None)]
    facts = given(*FOR_PLAN, training(done=ON), other, ended, *late)
    assert verdict("9-3-6", ON, facts) == Verdict.MET


def test_9_3_6_a_plan_without_a_training_on_record_is_no_evidence_of_being_carried_out():
    assert reasons("9-3-6", ON, given(*FOR_PLAN)) == {("D-1", "no_training")}
    assert verdict("9-3-6", ON, given(*FOR_PLAN)) == Verdict.NO_EVIDENCE


def test_9_3_6_falls_short_without_a_skill_map_of_cybersecurity():
    elsewhere = record("skill", "SK-2", name="運用", field="operation")
    outcome = ask("9-3-6", ON, given(CHIEF, *PLAN, training(), elsewhere))["member"]
    assert (outcome.reason, outcome.since) == ("no_skill_map", IN_FORCE)


def test_9_3_6_levels_stand_for_a_year():
    lapses(
        "9-3-6", "SK-1", [CHIEF, *PLAN, SKILL, person("P-LEAD"), training(day(2028, 1, 1))], level, ON,
        day(2027, 11, 23), never="no_level", old="old_level", since_never=IN_FORCE,
    )  # fmt: skip


def test_9_3_6_the_level_of_somebody_who_left_does_not_count():
    facts = (CHIEF, *PLAN, SKILL, level(), person("P-LEAD", left=ON), training(day(2028, 1, 1)))
    assert verdict("9-3-6", ON, given(*facts)) == Verdict.MET
    assert reasons("9-3-6", ON + ONE_DAY, given(*facts)) == {("SK-1", "no_level")}


def test_9_3_6_falls_short_without_anything_of_it_and_is_no_evidence_in_silence():
    assert member_told("9-3-6", ON, CHIEF, person("P-CSO")) == {"no_plan", "no_skill_map"}
    assert verdict("9-3-6", ON, given()) == Verdict.NO_EVIDENCE


def test_9_3_6_is_met_by_exception_while_one_is_granted():
    granted = (exception("9-3-6", "training:TR-1"), approved("exception:EX-1"))
    facts = given(*FOR_PLAN, training(day(2026, 6, 30)), *granted)
    assert verdict("9-3-6", ON, facts) == Verdict.MET_BY_EXCEPTION


@pytest.mark.parametrize(
    "role",
    ["chief_system_officer", "representative_director", "director_in_charge", "board_member"],
)
def test_g9_3_6_is_met_where_a_member_of_management_approved_the_plan(role):
    facts = given(office(role, "P-1"), PLAN[0], approved("document:D-1", by="P-1"))
    assert verdict("G9-3-6", ON, facts) == Verdict.MET


def test_g9_3_6_falls_short_without_management_s_approval():
    lead_s_own = approved("document:D-1", by="P-LEAD")
    outcome = ask("G9-3-6", ON, given(CHIEF, LEAD, PLAN[0], lead_s_own))["D-1"]
    assert (outcome.reason, outcome.since, outcome.who) == (
        "not_approved",
        IN_FORCE,
        "role:chief_system_officer",
    )
    left = office("chief_system_officer", "P-CSO", until=day(2026, 1, 14))
    assert reasons("G9-3-6", ON, given(left, *PLAN)) == {("D-1", "not_approved")}


def test_g9_3_6_is_no_evidence_without_a_plan_and_in_silence():
    assert reasons("G9-3-6", ON, given(CHIEF)) == {("member", "no_plan")}
    assert verdict("G9-3-6", ON, given(CHIEF)) == Verdict.NO_EVIDENCE
    assert verdict("G9-3-6", ON, given()) == Verdict.NO_EVIDENCE


def test_g9_3_6_holds_where_management_takes_part_in_another_way():
    told_ = (otherwise("G9-3-6"), approved("exception:EX-1"))
    assert verdict("G9-3-6", ON, given(CHIEF, PLAN[0], *told_)) == Verdict.MET_BY_EXCEPTION
    without = (otherwise("G9-3-6", equivalent=None), approved("exception:EX-1"))
    assert verdict("G9-3-6", ON, given(CHIEF, PLAN[0], *without)) == Verdict.FALLS_SHORT
