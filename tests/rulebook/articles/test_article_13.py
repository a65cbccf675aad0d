"""Article 13, read as the rule: maintenance in its cycle, and planned stops that users are told of."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, falling_short, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
ONE_DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARCH = day(2026, 3, 10)


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def night(of):
    """Two in the morning of a day."""
    return at(of.year, of.month, of.day, 2)


def maintenance(done_on=MARCH, key="MT-1", **values):
    begun = night(done_on)
    times = {
        "planned_from_at": begun, "planned_until_at": begun + 2 * HOUR,
        "done_from_at": begun, "done_until_at": begun + 2 * HOUR,
    }  # fmt: skip
    told = {"system": "S-1", "what": "更新の適用", "stops_service": False}
    return record("maintenance", key, **(told | times | values))


# --- 13-1 -----------------------------------------------------------------------------------------------------------


def test_13_1_is_met_where_every_system_was_maintained_within_its_cycle():
    facts = given(system(), maintenance())
    assert verdict("13-1", ON, facts) == Verdict.MET


def test_13_1_asks_for_maintenance_every_year():
    lapses(
        "13-1", "S-1", [system()], maintenance, MARCH, day(2027, 3, 10),
        never="never_maintained", old="overdue", since_never=LONG_AGO.replace(year=2021) + ONE_DAY,
    )  # fmt: skip
    outcome = ask("13-1", day(2027, 3, 11), given(system(), maintenance()))["S-1"]
    assert outcome.who == "role:system_manager@U-1"
    assert outcome.data == {"system": "S-1", "last": "2026-03-10", "months": "12"}


def test_13_1_goes_by_the_system_s_own_cycle_where_it_has_one():
    monthly = [system(maintenance_months=1)]
    lapses(
        "13-1", "S-1", monthly, maintenance, day(2026, 1, 31), day(2026, 2, 28),
        never="never_maintained", old="overdue", since_never=day(2020, 5, 2),
    )  # fmt: skip
    two_years = given(system(maintenance_months=24), maintenance(day(2024, 11, 23)))
    assert verdict("13-1", ON, two_years) == Verdict.MET
    assert reasons("13-1", ON + ONE_DAY, two_years) == {("S-1", "overdue")}


def test_13_1_waits_a_cycle_from_the_first_day_for_the_first_one():
    new = given(system(in_use_since_on=MARCH))
    assert reasons("13-1", day(2027, 3, 10), new) == {("S-1", "not_maintained_yet")}
    assert verdict("13-1", day(2027, 3, 10), new) == Verdict.NO_EVIDENCE
    assert ask("13-1", day(2027, 3, 11), new)["S-1"].since == day(2027, 3, 11)


def test_13_1_counts_no_maintenance_that_is_only_planned_or_not_ended_or_of_another_system():
    for values in ({"done_from_at": None, "done_until_at": None}, {"done_until_at": None}, {"system": "S-2"}):
        assert reasons("13-1", ON, given(system(), maintenance(**values))) == {("S-1", "never_maintained")}


def test_13_1_takes_the_day_in_japan_of_the_end():
    midnight = maintenance(done_from_at=at(2026, 3, 10, 23), done_until_at=at(2026, 3, 11, 0, 30))
    assert reasons("13-1", day(2027, 3, 11), given(system(), midnight)) == set()
    assert reasons("13-1", day(2027, 3, 12), given(system(), midnight)) == {("S-1", "overdue")}


def test_13_1_asks_not_of_systems_out_of_scope_or_out_of_use():
    others = (system("S-2", in_scope=False), system("S-3", in_use_until_on=ON - ONE_DAY))
    assert verdict("13-1", ON, given(system(), maintenance(), *others)) == Verdict.MET


def test_13_1_is_no_evidence_in_silence():
    assert verdict("13-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("13-1", ON, given(maintenance())) == {("member", "nothing_recorded")}


def test_13_1_is_met_by_exception_while_one_lasts():
    facts = [system(), maintenance(LONG_AGO), exception("13-1", "system:S-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("13-1", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("13-1", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("13-1", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT


# --- 13-2 -----------------------------------------------------------------------------------------------------------

DECEMBER = day(2026, 12, 10)  # a stop from two to four; due to be announced by two o'clock on the third
DUE = night(day(2026, 12, 3))
BEGIN, END = night(DECEMBER), night(DECEMBER) + 2 * HOUR


def stop(announced=DUE - ONE_DAY, begun=BEGIN, ended=END, key="MT-1", **values):
    told = {
        "stops_service": True, "announced_at": announced, "planned_from_at": BEGIN, "planned_until_at": END,
        "done_from_at": begun, "done_until_at": ended,
    }  # fmt: skip
    return maintenance(key=key, **(told | values))


def found(on, *stops):
    return reasons("13-2", on, given(system(), *stops))


def test_13_2_is_met_by_a_stop_that_was_announced_in_time_and_kept_to_its_times():
    for on in (ON, day(2026, 12, 3), DECEMBER, DECEMBER + ONE_DAY):
        assert found(on, stop()) == set()


def test_13_2_is_met_to_the_minute_of_the_lead_time_and_falls_short_after_it():
    assert found(ON + 30 * ONE_DAY, stop(announced=DUE)) == set()
    late = DUE + timedelta(minutes=1)
    outcome = ask("13-2", day(2026, 12, 3), given(system(), stop(announced=late)))["MT-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short", "announced_late", day(2026, 12, 3),
    )  # fmt: skip
    assert (outcome.due, outcome.who) == (day(2026, 12, 3), "role:system_manager@U-1")
    assert outcome.data == {
        "maintenance": "MT-1", "planned_from": "2026-12-10 02:00",
        "announced": "2026-12-03 02:01", "due_at": "2026-12-03 02:00",
    }  # fmt: skip


def test_13_2_falls_short_from_the_day_on_which_an_announcement_is_due_and_missing():
    silent = stop(announced=None)
    assert found(day(2026, 12, 2), silent) == set()
    outcome = ask("13-2", day(2026, 12, 3), given(system(), silent))["MT-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "not_announced", day(2026, 12, 3), day(2026, 12, 3),
    )  # fmt: skip
    announced_later = stop(announced=night(day(2026, 12, 5)))
    assert found(day(2026, 12, 4), announced_later) == {("MT-1", "not_announced")}
    assert found(day(2026, 12, 5), announced_later) == {("MT-1", "announced_late")}


def test_13_2_asks_of_an_urgent_stop_only_that_it_is_announced_before_it_begins():
    for announced, reason in ((BEGIN, None), (BEGIN + HOUR, "announced_late"), (None, "not_announced")):
        urgent = stop(announced=announced, urgent=True)
        assert found(day(2026, 12, 9), urgent) == set()
        assert found(DECEMBER, urgent) == ({("MT-1", reason)} if reason else set())


def test_13_2_is_met_within_half_an_hour_of_the_plan_and_falls_short_beyond():
    half, more = timedelta(minutes=30), timedelta(minutes=31)
    assert found(DECEMBER, stop(begun=BEGIN - half, ended=END + half)) == set()
    for values in (
        {"begun": BEGIN - more},
        {"begun": BEGIN + more},
        {"ended": END - more},
        {"ended": END + more},
    ):
        assert found(DECEMBER, stop(**values)) == {("MT-1", "times_differ")}
    outcome = ask("13-2", DECEMBER, given(system(), stop(ended=END + 25 * HOUR)))
    assert outcome["MT-1"].outcome == "met"  # its real end is still to come
    outcome = ask("13-2", DECEMBER + ONE_DAY, given(system(), stop(ended=END + 20 * HOUR + more)))["MT-1"]
    assert (outcome.reason, outcome.since) == ("times_differ", DECEMBER + ONE_DAY)


@pytest.mark.parametrize(
    ("change", "ended", "told"),
    [
        (END, END + HOUR, True),
        (END + HOUR, END + HOUR, True),
        (END + HOUR + timedelta(minutes=1), END + HOUR, False),
        (END - HOUR, END - HOUR, True),
        (END, END - HOUR, True),
        (END + timedelta(minutes=1), END - HOUR, False),
    ],
)
def test_13_2_is_met_where_the_change_is_announced_before_it_is_all_over(change, ended, told):
    changed = stop(ended=ended, change_announced_at=change)
    assert found(DECEMBER, changed) == (set() if told else {("MT-1", "times_differ")})


def test_13_2_is_no_evidence_the_day_after_a_stop_of_which_nobody_says_how_it_went():
    for values in ({"begun": None, "ended": None}, {"ended": None}, {"begun": None}):
        assert found(DECEMBER, stop(**values)) == set()
        assert found(DECEMBER + ONE_DAY, stop(**values)) == {("MT-1", "not_reported")}
    assert verdict("13-2", DECEMBER + ONE_DAY, given(system(), stop(ended=None))) == Verdict.NO_EVIDENCE


def test_13_2_asks_not_of_stops_longer_ago_than_a_year():
    late = stop(announced=None)
    assert found(day(2027, 12, 10), late) == {("MT-1", "not_announced")}
    assert verdict("13-2", day(2027, 12, 11), given(system(), late)) == Verdict.NO_EVIDENCE


def test_13_2_asks_nothing_of_maintenance_that_stops_no_service():
    quiet = stop(announced=None, begun=None, ended=None, stops_service=False)
    assert verdict("13-2", DECEMBER + ONE_DAY, given(system(), quiet)) == Verdict.MET


def test_13_2_asks_not_of_systems_out_of_scope():
    inner = given(system(in_scope=False), stop(announced=None))
    assert reasons("13-2", DECEMBER, inner) == {("member", "nothing_recorded")}


def test_13_2_is_no_evidence_in_silence():
    assert verdict("13-2", ON, given()) == Verdict.NO_EVIDENCE


def test_13_2_is_met_by_exception_while_one_lasts():
    facts = [system(), stop(announced=None), exception("13-2", "maintenance:MT-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("13-2", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("13-2", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("13-2", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT


moments = st.datetimes(at(2026, 11, 25).replace(tzinfo=None), at(2026, 12, 14).replace(tzinfo=None)).map(
    lambda m: at(m.year, m.month, m.day, m.hour, m.minute)
)
maybe = st.none() | moments


@settings(max_examples=80)
@over(
    announced=maybe,
    change=maybe,
    done=st.none() | st.tuples(moments, moments).map(sorted),
    urgent=st.booleans(),
)
def test_13_2_agrees_with_a_plain_reading_of_one_stop(announced, change, done, urgent):
    on = day(2026, 12, 15)
    begun, ended = done or (None, None)
    untold = announced is None or announced > (BEGIN if urgent else DUE)
    late = done is not None and max(abs(begun - BEGIN), abs(ended - END)) > timedelta(minutes=30)
    changed = change is not None and done is not None and change <= max(END, ended)
    short = untold or (late and not changed)
    one = stop(announced, begun, ended, urgent=urgent, change_announced_at=change)
    assert falling_short("13-2", on, given(system(), one)) == ({"MT-1"} if short else set())
