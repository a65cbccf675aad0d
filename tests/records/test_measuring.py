"""Monitors at work, what they measured by a day, what is out of bounds, and when systems stood still as planned."""

from datetime import UTC, datetime

import polars as pl
import pytest

from sekisho.records.facts.measuring import comparable, measured, monitors, out_of_bounds, planned_stops
from tests.rulebook.asking import at, day, given, record

ON = day(2026, 11, 23)


def keys(rows):
    return sorted(rows.collect()["key"])


def test_a_monitor_is_at_work_from_its_first_day_to_its_last():
    facts = given(record("monitor", "MO-1", what="other", since_on=day(2026, 11, 1), until_on=ON))
    days = (day(2026, 10, 31), day(2026, 11, 1), ON, day(2026, 11, 24))
    assert [keys(monitors(facts, on, 60, 600)) for on in days] == [[], ["MO-1"], ["MO-1"], []]


def test_a_monitor_without_a_gap_of_its_own_takes_that_of_its_kind():
    facts = given(
        record("monitor", "MO-1", what="heartbeat", since_on=ON),
        record("monitor", "MO-2", what="other", since_on=ON),
        record("monitor", "MO-3", what="heartbeat", gap_minutes=5, since_on=ON),
    )
    found = monitors(facts, ON, 60, 600).select("key", "gap_minutes").collect()
    assert dict(found.iter_rows()) == {"MO-1": 60, "MO-2": 600, "MO-3": 5}


def test_a_monitor_s_first_value_is_waited_for_from_the_end_of_its_first_day_in_japan():
    facts = given(record("monitor", "MO-1", what="other", since_on=ON))
    begun = monitors(facts, ON, 60, 600).collect()["begun_at"].to_list()
    assert begun == [datetime(2026, 11, 23, 15, tzinfo=UTC)]


def measurement(key, when, **values):
    return record("measurement", key, monitor="MO-1", at=when, **values)


def test_measurements_count_to_the_end_of_the_day_in_japan():
    facts = given(
        measurement("ME-1", at(2026, 11, 23, 23, 59, 59), value=1),
        measurement("ME-2", at(2026, 11, 24, 0), value=1),
    )
    assert keys(measured(facts, ON)) == ["ME-1"]
    assert keys(measured(facts, day(2026, 11, 24))) == ["ME-1", "ME-2"]


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"value": 0}, True),
        ({"state": "good"}, True),
        ({"state": "bad"}, True),
        ({"planned": True}, True),
        ({"state": "unknown"}, False),
        ({"planned": False}, False),
        ({}, False),
    ],
)
def test_a_measurement_that_tells_nothing_does_not_count(values, counts):
    assert bool(keys(measured(given(measurement("ME-1", at(2026, 11, 1), **values)), ON))) is counts


@pytest.mark.parametrize(
    ("value", "state", "bound", "direction", "says", "out"),
    [
        (99.0, None, 99.0, "at_least", True, False),
        (98.9, None, 99.0, "at_least", True, True),
        (99.0, None, 99.0, "at_most", True, False),
        (99.1, None, 99.0, "at_most", True, True),
        (100.0, "bad", 99.0, "at_least", True, True),
        (98.0, "good", 99.0, "at_least", True, True),
        (None, "good", None, None, True, False),
        (None, "bad", None, None, True, True),
        (98.0, None, None, None, False, False),
        (98.0, None, 99.0, None, False, False),
        (98.0, "unknown", None, None, False, False),
        (None, None, 99.0, "at_least", False, False),
    ],
)
def test_what_says_whether_all_is_well_and_what_is_out_of_bounds(value, state, bound, direction, says, out):
    columns = {"value": pl.Float64, "state": pl.String, "bound": pl.Float64, "direction": pl.String}
    row = pl.DataFrame([(value, state, bound, direction)], schema=columns, orient="row")
    assert row.select(says=comparable(), out=out_of_bounds()).row(0) == (says, out)


def maintenance(key, begin, end, **values):
    told = {"system": "S-1", "planned_from_at": begin, "planned_until_at": end, "stops_service": True}
    return record("maintenance", key, **(told | values))


def stops(*records):
    """(system, hour from, hour until) in Japan, of a day."""
    found = planned_stops(given(*records)).with_columns(
        pl.col("stop_from", "stop_until").dt.convert_time_zone("Asia/Tokyo").dt.hour()
    )
    return sorted(found.select("system", "stop_from", "stop_until").collect().iter_rows())


def hour(of_day):
    return at(2026, 11, 1, of_day)


def test_a_stop_is_as_it_was_done_and_otherwise_as_planned():
    done = maintenance("MT-1", hour(1), hour(3), done_from_at=hour(2), done_until_at=hour(5))
    begun = maintenance("MT-2", hour(10), hour(12), done_from_at=hour(11))
    assert stops(done, begun) == [("S-1", 2, 5), ("S-1", 11, 12)]


def test_a_maintenance_that_does_not_stop_the_service_is_no_stop():
    assert stops(maintenance("MT-1", hour(1), hour(3), stops_service=False)) == []


def test_stops_of_a_system_that_overlap_count_each_hour_once():
    found = stops(
        maintenance("MT-1", hour(1), hour(6)),
        maintenance("MT-2", hour(2), hour(3)),
        maintenance("MT-3", hour(5), hour(8)),
        maintenance("MT-4", hour(2), hour(4), system="S-2"),
    )
    assert found == [("S-1", 1, 6), ("S-1", 6, 8), ("S-2", 2, 4)]
