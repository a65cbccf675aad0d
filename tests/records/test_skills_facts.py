"""Who masters what on a day, and which needs of systems that meets."""

from datetime import timedelta

from sekisho.records.facts.skills import levels, skilled
from tests.rulebook.asking import day, given, record

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
ANN = record(
    "person", "P-ANN", name="Ann", unit="U-1", employment="employee", joined_on=day(2026, 1, 1), left_on=ON
)
EXT = record("person", "P-EXT", name="Ext", employment="external", vendor="V", joined_on=day(2020, 4, 1))


def level(key, person, skill, of, on):
    return record("skill_level", key, person=person, skill=skill, level=of, assessed_on=on)


def need(key, skill, of):
    return record("skill_need", key, system="S-1", skill=skill, level=of)


def found(frame, *columns):
    return sorted(frame.select(*columns).collect().iter_rows())


def test_the_newest_level_of_the_day_counts():
    facts = given(
        ANN, level("SL-1", "P-ANN", "SK-1", 1, ON - 9 * ONE_DAY), level("SL-2", "P-ANN", "SK-1", 3, ON),
        level("SL-3", "P-ANN", "SK-1", 4, ON + ONE_DAY), level("SL-4", "P-ANN", "SK-2", 2, ON - ONE_DAY),
    )  # fmt: skip
    told = ("person", "skill", "level", "assessed_on", "unit", "external")
    assert found(levels(facts, ON), *told) == [
        ("P-ANN", "SK-1", 3, ON, "U-1", False), ("P-ANN", "SK-2", 2, ON - ONE_DAY, "U-1", False),
    ]  # fmt: skip
    assert found(levels(facts, ON - ONE_DAY), "skill", "level") == [("SK-1", 1), ("SK-2", 2)]


def test_of_two_on_one_day_the_one_recorded_under_the_later_key_counts():
    facts = given(ANN, level("SL-2", "P-ANN", "SK-1", 4, ON), level("SL-1", "P-ANN", "SK-1", 1, ON))
    assert found(levels(facts, ON), "level") == [(4,)]


def test_only_who_works_here_on_the_day_counts():
    facts = given(
        ANN, EXT, level("SL-1", "P-ANN", "SK-1", 3, day(2020, 1, 1)), level("SL-2", "P-GONE", "SK-1", 3, ON)
    )
    assert found(levels(facts, ON), "person") == [("P-ANN",)]
    assert found(levels(facts, ON + ONE_DAY), "person") == []
    assert found(levels(facts, day(2025, 12, 31)), "person") == []


def test_a_need_is_met_by_everybody_at_its_level_or_above():
    facts = given(
        ANN, EXT, need("SN-1", "SK-1", 3), need("SN-2", "SK-2", 1),
        level("SL-1", "P-ANN", "SK-1", 2, ON), level("SL-2", "P-EXT", "SK-1", 4, ON), level("SL-3", "P-EXT", "SK-2", 1, ON),
    )  # fmt: skip
    assert found(skilled(facts, ON), "need", "system", "person", "level", "external") == [
        ("SN-1", "S-1", "P-EXT", 4, True), ("SN-2", "S-1", "P-EXT", 1, True),
    ]  # fmt: skip


def test_nobody_and_nothing_is_an_empty_answer():
    assert found(levels(given(), ON), "person") == []
    assert found(skilled(given(), ON), "person") == []
