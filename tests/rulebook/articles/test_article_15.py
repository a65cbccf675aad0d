"""Article 15, read as the rule: met, the last good day, the day after, never, silence."""

from decimal import Decimal

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
BEGUN = day(2026, 4, 1)
ASPECTS = ("performance", "defects", "security")


def system(key="S-1", **values):
    told = {"in_scope": True, "unit": "U-1", "criticality": "high", "in_use_since_on": day(2020, 4, 1)}
    return record("system", key, name="取引", **(told | values))


def monitor(key, aspect, **values):
    told = {
        "title": "指標", "system": "S-1", "what": "other", "aspect": aspect, "bound": 99, "direction": "at_least",
        "since_on": BEGUN,
    }  # fmt: skip
    return record("monitor", key, **(told | values))


def measured(key, of, when, value=100, **values):
    return record("measurement", key, monitor=of, at=when, value=value, **values)


THREE = [monitor(f"MO-{aspect}", aspect) for aspect in ASPECTS]
LATELY = [measured(f"ME-{aspect}", f"MO-{aspect}", at(2026, 11, 1)) for aspect in ASPECTS]
WHOLE = [system(), *THREE, *LATELY]


# --- 15-1 -------------------------------------------------------------------------------------------------------


def test_15_1_is_met_where_each_of_the_three_aspects_has_a_threshold_and_is_measured():
    assert verdict("15-1", ON, given(*WHOLE)) == Verdict.MET


def test_15_1_is_no_evidence_where_nothing_is_recorded():
    assert verdict("15-1", ON, given()) == Verdict.NO_EVIDENCE


@pytest.mark.parametrize("left", [{"in_scope": False}, {"in_use_until_on": day(2026, 11, 22)}])
def test_15_1_asks_of_systems_in_scope_and_in_use_alone(left):
    assert verdict("15-1", ON, given(system(**left), *THREE, *LATELY)) == Verdict.NO_EVIDENCE


@pytest.mark.parametrize("aspect", ASPECTS)
def test_15_1_falls_short_where_an_aspect_has_no_indicator(aspect):
    rest = [m for m in THREE if m.values["aspect"] != aspect]
    stands_in = monitor("MO-9", None)
    found = ask("15-1", ON, given(system(), *rest, stands_in, *LATELY))["S-1"]
    assert (found.reason, found.since, found.who) == (
        f"no_{aspect}",
        day(2020, 4, 1),
        "role:system_manager@U-1",
    )


def test_15_1_falls_short_the_day_after_the_last_indicator_of_an_aspect_ends():
    ends = [system(), *THREE[1:], monitor("MO-performance", "performance", until_on=ON), *LATELY]
    assert verdict("15-1", ON, given(*ends)) == Verdict.MET
    found = ask("15-1", day(2026, 11, 24), given(*ends))["S-1"]
    assert (found.reason, found.since) == ("no_performance", day(2026, 11, 24))


def test_15_1_does_not_count_an_indicator_before_its_first_day():
    later = [system(), *THREE[1:], monitor("MO-performance", "performance", since_on=ON), *LATELY]
    assert ask("15-1", day(2026, 11, 22), given(*later))["S-1"].reason == "no_performance"
    assert "S-1" not in {subject for subject, _ in reasons("15-1", ON, given(*later))}


def test_15_1_falls_short_where_an_indicator_has_no_threshold():
    bare = monitor("MO-9", "stability", bound=None, direction=None)
    found = ask("15-1", ON, given(*WHOLE, bare, measured("ME-9", "MO-9", at(2026, 11, 1))))["MO-9"]
    assert (found.reason, found.since, found.data["system"]) == ("no_threshold", BEGUN, "S-1")


def test_15_1_a_heartbeat_needs_no_threshold():
    alive = monitor("MO-9", "stability", what="heartbeat", bound=None, direction=None, gap_minutes=1440)
    seen = record("measurement", "ME-9", monitor="MO-9", at=at(2026, 11, 23), state="good")
    assert verdict("15-1", ON, given(*WHOLE, alive, seen)) == Verdict.MET


def test_15_1_falls_short_the_day_after_a_measurement_s_cycle_ended():
    """35 days by the limit, from 1 November at nine."""
    facts = given(*WHOLE)
    assert verdict("15-1", day(2026, 12, 6), facts) == Verdict.MET
    found = ask("15-1", day(2026, 12, 7), facts)["MO-security"]
    assert (found.reason, found.since, found.data["last"]) == (
        "not_measured",
        day(2026, 12, 7),
        "2026-11-01",
    )


def test_15_1_an_indicator_s_own_cycle_goes_before_the_limit():
    weekly = [system(), *THREE[1:], monitor("MO-performance", "performance", gap_minutes=7 * 1440), *LATELY]
    assert verdict("15-1", day(2026, 11, 8), given(*weekly)) == Verdict.MET
    assert reasons("15-1", day(2026, 11, 9), given(*weekly)) == {("MO-performance", "not_measured")}


def test_15_1_waits_a_cycle_for_the_first_measurement_of_an_indicator():
    new = [system(), *THREE[1:], monitor("MO-performance", "performance", since_on=day(2026, 11, 1))]  # fmt: skip
    lately = [
        *LATELY[1:],
        measured("ME-8", "MO-defects", at(2026, 12, 1)),
        measured("ME-9", "MO-security", at(2026, 12, 1)),
    ]
    assert verdict("15-1", day(2026, 12, 7), given(*new, *lately)) == Verdict.MET
    found = ask("15-1", day(2026, 12, 8), given(*new, *lately))["MO-performance"]
    assert (found.reason, found.since) == ("never_measured", day(2026, 12, 8))


@pytest.mark.parametrize(
    "told",
    [{"at": at(2026, 12, 8)}, {"at": at(2026, 12, 1), "value": None}, {"at": at(2026, 12, 1), "value": None, "state": "unknown"}],
    ids=["still to come", "no value", "unknown"],
)  # fmt: skip
def test_15_1_a_measurement_that_is_still_to_come_or_tells_nothing_does_not_count(told):
    when = told["at"]
    rest = {name: value for name, value in told.items() if name != "at"}
    facts = given(*WHOLE, measured("ME-9", "MO-security", when, **rest))
    assert ("MO-security", "not_measured") in reasons("15-1", day(2026, 12, 7), facts)


def test_15_1_is_met_by_an_approved_exception():
    records = [system(), *THREE[1:], *LATELY[1:], CHIEF, exception("15-1", "system:S-1")]
    assert verdict("15-1", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("15-1", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 15-2 -------------------------------------------------------------------------------------------------------

STABLE = monitor("MO-1", "stability")
GOOD = measured("ME-1", "MO-1", at(2026, 9, 1))
BAD = measured("ME-2", "MO-1", at(2026, 10, 1), 98)
STILL_BAD = measured("ME-3", "MO-1", at(2026, 11, 1), 98)


def improvement(of="monitor:MO-1", due=ON, done=None, key="AC-1"):
    return record("action", key, what="冗長化", arises_from=of, kind="improvement", due_on=due, done_on=done)


def state(*records, on=ON):
    """The outcome for the indicator."""
    return ask("15-2", on, given(system(), STABLE, *records))["MO-1"]


@pytest.mark.parametrize("aspect", ["stability", "asset_safety"])
def test_15_2_is_met_where_the_newest_value_is_within_its_bound(aspect):
    facts = given(system(), monitor("MO-1", aspect), measured("ME-1", "MO-1", at(2026, 11, 1), 99))
    assert verdict("15-2", ON, facts) == Verdict.MET


def test_15_2_is_no_evidence_where_nothing_is_recorded_or_a_system_has_no_such_indicator():
    assert verdict("15-2", ON, given()) == Verdict.NO_EVIDENCE
    found = ask("15-2", ON, given(*WHOLE))["S-1"]
    assert (found.outcome, found.reason) == ("no_evidence", "no_indicator")


def test_15_2_does_not_ask_of_other_aspects():
    low = measured("ME-9", "MO-security", at(2026, 11, 20), 1)
    assert verdict("15-2", ON, given(*WHOLE, low, STABLE, GOOD)) == Verdict.MET


def test_15_2_falls_short_from_the_first_value_of_the_run_out_of_bounds():
    assert state(GOOD, BAD, on=day(2026, 9, 30)).outcome == "met"
    found = state(GOOD, BAD, STILL_BAD)
    assert (found.reason, found.since, found.who) == (
        "no_improvement",
        day(2026, 10, 1),
        "role:system_manager@U-1",
    )


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [("at_least", 99, "met"), ("at_least", Decimal("98.9"), "falls_short"), ("at_most", 99, "met"), ("at_most", Decimal("99.1"), "falls_short")],
)  # fmt: skip
def test_15_2_the_bound_itself_is_good(direction, value, expected):
    of = monitor("MO-1", "stability", direction=direction)
    found = ask("15-2", ON, given(system(), of, measured("ME-1", "MO-1", at(2026, 11, 1), value)))
    assert found["MO-1"].outcome == expected


def test_15_2_a_bad_state_counts_and_a_good_value_ends_the_run():
    dead = record("measurement", "ME-4", monitor="MO-1", at=at(2026, 11, 2), state="bad")
    assert state(GOOD, dead).reason == "no_improvement"
    assert state(GOOD, BAD, measured("ME-5", "MO-1", at(2026, 11, 3))).outcome == "met"


@pytest.mark.parametrize(
    "nothing",
    [
        {"value": None, "state": "unknown"},
        {"value": 100, "planned": True},
        {"value": None, "planned": True},
    ],
    ids=["unknown", "good in a planned stop", "nothing in a planned stop"],
)
def test_15_2_what_tells_nothing_does_not_end_the_run(nothing):
    silent = record("measurement", "ME-6", monitor="MO-1", at=at(2026, 11, 5), **nothing)
    found = state(GOOD, BAD, silent)
    assert (found.reason, found.since) == ("no_improvement", day(2026, 10, 1))


def test_15_2_a_value_of_a_planned_stop_is_not_out_of_bounds():
    stopped = measured("ME-6", "MO-1", at(2026, 11, 5), 12, planned=True)
    assert state(GOOD, stopped).outcome == "met"


@pytest.mark.parametrize("values", [[], [record("measurement", "ME-6", monitor="MO-1", at=at(2026, 11, 5), state="unknown")]])  # fmt: skip
def test_15_2_is_no_evidence_without_a_value_that_tells(values):
    found = state(*values)
    assert (found.outcome, found.reason) == ("no_evidence", "no_value")


def test_15_2_is_no_evidence_where_no_threshold_says_what_is_good():
    bare = monitor("MO-1", "stability", bound=None, direction=None)
    found = ask("15-2", ON, given(system(), bare, GOOD))["MO-1"]
    assert (found.outcome, found.reason) == ("no_evidence", "no_value")


@pytest.mark.parametrize("of", ["monitor:MO-1", "measurement:ME-2"])
def test_15_2_is_met_while_an_improvement_is_under_way_and_falls_short_the_day_after_it_was_due(of):
    records = (GOOD, BAD, improvement(of))
    assert state(*records).outcome == "met"
    found = state(*records, on=day(2026, 11, 24))
    assert (found.reason, found.since, found.data["action_due"]) == (
        "improvement_overdue",
        day(2026, 11, 24),
        "2026-11-23",
    )


def test_15_2_an_improvement_that_was_overdue_before_is_told_from_the_run_s_first_day():
    found = state(GOOD, BAD, improvement(due=day(2026, 8, 1)))
    assert (found.reason, found.since) == ("improvement_overdue", day(2026, 10, 1))


def test_15_2_an_improvement_of_something_else_does_not_help():
    for of in ("monitor:MO-2", "measurement:ME-9", "system:S-1"):
        assert state(GOOD, BAD, improvement(of)).reason == "no_improvement"


def test_15_2_an_improvement_that_was_done_helps_until_a_later_value_is_out_of_bounds():
    done = improvement(due=day(2026, 10, 20), done=day(2026, 10, 15))
    assert state(GOOD, BAD, done).outcome == "met"
    found = state(GOOD, BAD, STILL_BAD, done)
    assert (found.reason, found.since) == ("no_improvement", day(2026, 11, 1))


def test_15_2_an_improvement_that_will_be_done_later_is_still_open():
    planned = improvement(due=day(2026, 11, 22), done=day(2026, 11, 25))
    assert state(GOOD, BAD, planned, on=day(2026, 11, 22)).outcome == "met"
    assert state(GOOD, BAD, planned).reason == "improvement_overdue"


def test_15_2_is_met_by_an_approved_exception():
    records = [system(), STABLE, BAD, CHIEF, exception("15-2", "monitor:MO-1")]
    assert verdict("15-2", ON, given(*records)) == Verdict.FALLS_SHORT
    assert verdict("15-2", ON, given(*records, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_g15_is_read_with_15_1():
    assert verdict("G15", ON, given(*WHOLE)) == Verdict.MET
    assert verdict("G15", ON, given(system())) == Verdict.FALLS_SHORT
