"""Article 21, read as the rule: met, the last good day, the day after, never, silence."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import example, settings
from hypothesis import given as cases
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, falling_short, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
SINCE = day(2026, 11, 1)
IN_USE = day(2020, 4, 1)


def system(key="S-1", **values):
    told = {"in_scope": True, "unit": "U-1", "criticality": "high", "in_use_since_on": IN_USE}
    return record("system", key, name="取引", **(told | values))


def monitor(key="MO-1", **values):
    told = {"title": "死活", "system": "S-1", "what": "heartbeat", "gap_minutes": 1440, "since_on": SINCE}
    return record("monitor", key, **(told | values))


def beats(*instants, of="MO-1", **values):
    """A good beat at each instant."""
    return [
        record("measurement", f"ME-{of}-{n}", monitor=of, at=instant, **({"state": "good"} | values))
        for n, instant in enumerate(instants)
    ]


def daily(first, last, hour=9):
    """The instants of each day of November from the first to the last."""
    return [at(2026, 11, of_month, hour) for of_month in range(first, last + 1)]


def stop(begin, end, **values):
    told = {
        "system": "S-1",
        "what": "更改",
        "planned_from_at": begin,
        "planned_until_at": end,
        "stops_service": True,
    }
    return record("maintenance", "MT-1", **(told | values))


def watched(*records, on=ON):
    """The outcome for the monitor."""
    return ask("21-1", on, given(system(), monitor(), *records))["MO-1"]


# --- 21-1 -------------------------------------------------------------------------------------------------------


def test_21_1_is_met_where_no_gap_is_longer_than_the_limit():
    assert verdict("21-1", ON, given(system(), monitor(), *beats(*daily(1, 23)))) == Verdict.MET


def test_21_1_is_no_evidence_where_nothing_is_recorded_or_a_system_has_no_monitor():
    assert verdict("21-1", ON, given()) == Verdict.NO_EVIDENCE
    elsewhere = [monitor(system="S-2"), system("S-2"), *beats(*daily(1, 23))]
    found = ask("21-1", ON, given(system(), *elsewhere))["S-1"]
    assert (found.outcome, found.reason) == ("no_evidence", "no_monitor")
    ended = monitor(until_on=day(2026, 11, 22))
    assert reasons("21-1", ON, given(system(), ended)) == {("S-1", "no_monitor")}


def test_21_1_asks_of_systems_in_scope_and_in_use_alone():
    for left in ({"in_scope": False}, {"in_use_until_on": day(2026, 11, 22)}):
        assert verdict("21-1", ON, given(system(**left), monitor())) == Verdict.NO_EVIDENCE


def test_21_1_falls_short_the_day_after_a_monitor_went_silent():
    records = beats(*daily(1, 20))
    assert watched(*records, on=day(2026, 11, 21)).outcome == "met"
    found = watched(*records, on=day(2026, 11, 22))
    assert (found.reason, found.since, found.who) == (
        "silent",
        day(2026, 11, 22),
        "role:system_manager@U-1",
    )
    assert found.data["last"] == "2026-11-20 09:00"
    assert watched(*records, on=ON).since == day(2026, 11, 22)


def test_21_1_waits_for_the_first_value_from_the_end_of_the_first_day():
    """A whole day for the first value: until 3 November, 0:00."""
    assert watched(on=day(2026, 11, 3)).outcome == "met"
    found = watched(on=day(2026, 11, 4))
    assert (found.reason, found.since) == ("never", day(2026, 11, 4))
    assert found.data["begun"] == "2026-11-01"
    assert watched(*beats(at(2026, 11, 3, 0), *daily(3, 23)), on=ON).outcome == "met"
    assert watched(*beats(*daily(3, 23)), on=ON).reason == "gap"


def test_21_1_tells_of_a_gap_that_is_over_from_the_day_on_which_it_was_found():
    records = beats(*daily(1, 10), *daily(13, 15), *daily(17, 23))
    found = watched(*records)
    assert (found.reason, found.since, found.data["count"]) == ("gap", day(2026, 11, 17), "2")
    assert (found.data["from"], found.data["until"]) == ("2026-11-15 09:00", "2026-11-17 09:00")
    assert watched(*records, on=day(2026, 11, 14)).since == day(2026, 11, 12)


def test_21_1_forgets_a_gap_when_its_end_lies_before_the_span_that_is_looked_back_on():
    """Three months by the limit."""
    steady = [at(2026, 11, 13) + timedelta(days=n) for n in range(100)]
    records = beats(*daily(1, 10), *steady)
    assert watched(*records, on=day(2027, 2, 13)).reason == "gap"
    assert watched(*records, on=day(2027, 2, 14)).outcome == "met"


def test_21_1_a_gap_that_began_before_the_span_and_ended_in_it_counts():
    records = beats(at(2026, 11, 1), at(2026, 11, 20), at(2026, 11, 21))
    short = given(system(), monitor(since_on=day(2026, 5, 1)), *beats(at(2026, 5, 1)), *records[1:])
    assert ask("21-1", day(2026, 11, 21), short)["MO-1"].data["from"] == "2026-05-01 09:00"


def test_21_1_exactly_the_limit_is_good_and_a_minute_more_is_not():
    assert watched(*beats(*daily(1, 21), at(2026, 11, 22, 9, 0)), on=day(2026, 11, 22)).outcome == "met"
    assert watched(*beats(*daily(1, 21), at(2026, 11, 22, 9, 1)), on=day(2026, 11, 22)).reason == "gap"


@pytest.mark.parametrize(("what", "gap"), [("heartbeat", timedelta(hours=1)), ("other", timedelta(days=35))])
def test_21_1_a_monitor_without_a_gap_of_its_own_goes_by_the_limit(what, gap):
    mine = [system(), monitor(what=what, gap_minutes=None)]
    first = at(2026, 11, 1)
    on = (first + gap + timedelta(minutes=1)).date()
    assert reasons("21-1", on, given(*mine, *beats(first, first + gap))) == set()
    late = given(*mine, *beats(first, first + gap + timedelta(minutes=1)))
    assert reasons("21-1", on, late) == {("MO-1", "gap")}


def test_21_1_values_that_are_still_to_come_or_tell_nothing_do_not_count():
    records = beats(*daily(1, 20))
    assert watched(*records, *beats(*daily(24, 30), of="MO-1", value=1)).reason == "silent"
    unknown = [record("measurement", f"ME-{n}", monitor="MO-1", at=t, state="unknown") for n, t in enumerate(daily(21, 23))]  # fmt: skip
    assert watched(*records, *unknown).reason == "silent"


def test_21_1_what_was_a_planned_stop_is_no_gap():
    records = beats(*daily(1, 10), *daily(13, 23))
    assert watched(*records, stop(at(2026, 11, 10, 12), at(2026, 11, 13, 6))).outcome == "met"
    assert watched(*records, stop(at(2026, 11, 11), at(2026, 11, 12, 8, 59))).reason == "gap"
    assert watched(*records, stop(at(2026, 11, 11), at(2026, 11, 13))).outcome == "met"


def test_21_1_a_stop_counts_as_it_was_done_and_only_where_it_stops_the_service_of_the_system():
    records = beats(*daily(1, 10), *daily(13, 23))
    planned = (at(2026, 11, 10, 12), at(2026, 11, 13, 6))
    short = {"done_from_at": at(2026, 11, 10, 12), "done_until_at": at(2026, 11, 10, 13)}
    for other in (short, {"stops_service": False}, {"system": "S-2"}):
        assert watched(*records, stop(*planned, **other)).reason == "gap"


def test_21_1_is_not_silent_within_a_planned_stop_and_from_the_day_after_what_then_remains():
    records = [*beats(*daily(1, 20)), stop(at(2026, 11, 20, 21), at(2026, 11, 22, 21))]
    assert watched(*records, on=ON).outcome == "met"
    found = watched(*records, on=day(2026, 11, 24))
    assert (found.reason, found.since) == ("silent", day(2026, 11, 24))


def test_21_1_is_met_by_an_approved_exception():
    records = [system(), monitor(), *beats(*daily(1, 20)), CHIEF, exception("21-1", "monitor:MO-1")]
    assert verdict("21-1", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("21-1", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


HOURS = st.integers(min_value=0, max_value=24 * 30)  # since the monitor's first day began


def silent_too_long(hours, stops, limit, on_hour):
    """The naive model, hour by hour: whether between two values, or until the day, too many hours ran without a stop."""
    known = sorted(h for h in hours if h < on_hour + 24)
    stopped = {h for begin, length in stops for h in range(begin, begin + length)}
    points = [(24, known[0])] if known else []
    points += pairwise(known)
    points.append((known[-1] if known else 24, on_hour))
    return any(sum(h not in stopped for h in range(begin, end)) > limit for begin, end in points)


@settings(max_examples=60)
@cases(
    hours=st.lists(HOURS, max_size=25),
    stops=st.lists(st.tuples(HOURS, st.integers(1, 90)), max_size=3),
    limit=st.integers(1, 96),
    on=st.integers(0, 31),
)
@example(hours=[30], stops=[], limit=6, on=1)
@example(hours=[31], stops=[], limit=6, on=1)
@example(hours=[1, 20], stops=[(3, 5), (5, 6)], limit=11, on=1)
@example(hours=[1, 20], stops=[(3, 5), (5, 6)], limit=10, on=1)
def test_21_1_finds_what_a_naive_count_of_hours_finds(hours, stops, limit, on):
    begin = at(2026, 11, 1, 0)
    records = beats(*(begin + timedelta(hours=h) for h in hours))
    planned = [
        record(
            "maintenance", f"MT-{n}", system="S-1", what="更改", stops_service=True,
            planned_from_at=begin + timedelta(hours=h), planned_until_at=begin + timedelta(hours=h + length),
        )
        for n, (h, length) in enumerate(stops)
    ]  # fmt: skip
    facts = given(system(), monitor(gap_minutes=limit * 60), *records, *planned)
    found = "MO-1" in falling_short("21-1", SINCE + timedelta(days=on), facts)
    assert found == silent_too_long(hours, stops, limit, on * 24)


# --- 21-2 -------------------------------------------------------------------------------------------------------


OCTOBER = (day(2026, 10, 1), day(2026, 10, 31))
TENTH = day(2026, 11, 10)


def analysis(key="OA-1", first=OCTOBER[0], last=OCTOBER[1], **values):
    told = {"system": "S-1", "period_from_on": first, "period_until_on": last, "done_on": last, "anomalies": 0, "conclusion": "異常なし"}  # fmt: skip
    return record("operation_analysis", key, **(told | values))


AUGUST_ON = analysis(first=day(2026, 8, 1))


def test_21_2_is_met_where_periods_follow_each_other_and_nothing_is_undecided():
    parts = [analysis("OA-1", day(2026, 8, 1), day(2026, 9, 15)), analysis("OA-2", day(2026, 9, 16))]
    assert verdict("21-2", ON, given(system(), *parts)) == Verdict.MET


def test_21_2_is_no_evidence_where_nothing_is_recorded_or_nothing_is_in_scope():
    assert verdict("21-2", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("21-2", ON, given(system(in_scope=False), AUGUST_ON)) == Verdict.NO_EVIDENCE


def test_21_2_falls_short_the_day_after_the_newest_period_lies_too_far_back():
    """45 days by the limit."""

    def made(on):
        return analysis(first=day(2026, 8, 1), last=on)

    lapses(
        "21-2", "S-1", [system()], made, day(2026, 10, 31), day(2026, 12, 15),
        never="never_analysed", old="old_analysis", since_never=day(2020, 5, 17),
    )  # fmt: skip


def test_21_2_waits_for_the_first_analysis_of_a_new_system():
    facts = given(system(in_use_since_on=day(2026, 10, 1)))
    found = ask("21-2", day(2026, 11, 15), facts)["S-1"]
    assert (found.outcome, found.reason, found.data["first_due"]) == (
        "no_evidence",
        "not_analysed_yet",
        "2026-11-15",
    )
    found = ask("21-2", day(2026, 11, 16), facts)["S-1"]
    assert (found.outcome, found.reason, found.since) == ("falls_short", "never_analysed", day(2026, 11, 16))


def test_21_2_an_analysis_counts_from_the_day_on_which_it_was_done():
    facts = given(system(), analysis(first=day(2026, 8, 1), done_on=ON))
    assert ask("21-2", day(2026, 11, 22), facts)["S-1"].reason == "never_analysed"
    assert verdict("21-2", ON, facts) == Verdict.MET


def test_21_2_falls_short_where_a_day_between_two_periods_is_left_out():
    parts = [analysis("OA-1", day(2026, 8, 1), day(2026, 9, 14)), analysis("OA-2", day(2026, 9, 16))]
    found = ask("21-2", ON, given(system(), *parts))["S-1"]
    assert (found.reason, found.since) == ("period_missing", day(2026, 9, 15))
    assert (found.data["from"], found.data["until"]) == ("2026-09-15", "2026-09-15")


def test_21_2_looks_back_for_missing_periods_as_far_as_the_limit_says_and_to_the_system_s_first_day():
    """Three months by the limit: from 23 August."""
    late = analysis(first=day(2026, 8, 24))
    found = ask("21-2", ON, given(system(), late))["S-1"]
    assert (found.reason, found.data["until"]) == ("period_missing", "2026-08-23")
    assert verdict("21-2", day(2026, 11, 24), given(system(), late)) == Verdict.MET
    assert verdict("21-2", ON, given(system(in_use_since_on=day(2026, 8, 24)), late)) == Verdict.MET


def test_21_2_falls_short_from_an_analysis_with_anomalies_and_no_decision():
    facts = given(system(), analysis(first=day(2026, 8, 1), anomalies=2, done_on=day(2026, 11, 5)))
    found = ask("21-2", ON, facts)["OA-1"]
    assert (found.reason, found.since, found.data["count"]) == ("anomaly_undecided", day(2026, 11, 5), "2")
    decided = analysis(first=day(2026, 8, 1), anomalies=2, decision="act", decision_reason="増強")
    assert verdict("21-2", ON, given(system(), decided)) == Verdict.MET


BOUNDED = monitor(what="availability", bound=99, direction="at_least")


def odd(on=TENTH, key="ME-1", **values):
    told = {"monitor": "MO-1", "at": at(on.year, on.month, on.day), "value": 98}
    return record("measurement", key, **(told | values))


def decisions(*values, on=ON, of=BOUNDED):
    return reasons("21-2", on, given(system(), AUGUST_ON, of, *values))


def test_21_2_falls_short_the_day_after_a_value_out_of_bounds_was_to_be_decided_on():
    """Seven days by the limit."""
    assert decisions(odd(), on=day(2026, 11, 17)) == set()
    found = ask("21-2", day(2026, 11, 18), given(system(), AUGUST_ON, BOUNDED, odd(), odd(key="ME-2")))[
        "MO-1"
    ]
    assert (found.reason, found.since, found.data["count"]) == ("value_undecided", day(2026, 11, 18), "2")
    assert found.data["oldest"] == "2026-11-10"


def test_21_2_a_decision_counts_from_its_day():
    late = odd(decision="act", decision_reason="増強", decided_on=ON)
    assert decisions(late, on=day(2026, 11, 22)) == {("MO-1", "value_undecided")}
    assert decisions(late) == set()


def test_21_2_neither_time_nor_the_end_of_the_monitor_decides_a_value():
    old = odd(day(2025, 1, 10))
    gone = monitor(what="availability", bound=99, direction="at_least", until_on=day(2025, 2, 1))
    assert decisions(old) == decisions(old, of=gone) == {("MO-1", "value_undecided")}


@pytest.mark.parametrize("fine", [{"value": 99}, {"planned": True}, {"value": None, "state": "good"}])
def test_21_2_asks_no_decision_on_what_is_within_bounds_or_of_a_planned_stop(fine):
    assert decisions(odd(**fine)) == set()


def test_21_2_a_bad_state_takes_a_decision():
    assert decisions(odd(value=None, state="bad")) == {("MO-1", "value_undecided")}


def test_21_2_is_met_by_an_approved_exception():
    records = [system(), AUGUST_ON, BOUNDED, odd(), CHIEF, exception("21-2", "monitor:MO-1")]
    assert verdict("21-2", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("21-2", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
