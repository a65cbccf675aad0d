"""The duty roster's facts: who can be reached when, and the spans in which nobody can."""

from datetime import timedelta

import polars as pl

from sekisho.records.facts.roster import gaps, on_call, start_of
from tests.rulebook.asking import at, day, given, record

FIRST, LAST = at(2026, 11, 23, 0), at(2026, 11, 25, 0)


JOINED = day(2020, 4, 1)


def person(key, joined=JOINED, left=None):
    return record("person", key, employment="employee", joined_on=joined, left_on=left)


def shift(begin, end, key="SH-1", who="P-1", deputy=None):
    return record("roster_shift", key, person=who, deputy=deputy, from_at=begin, until_at=end)


def found(*records, first=FIRST, last=LAST):
    return gaps(given(person("P-1"), person("P-2"), *records), first, last).collect().rows()


def test_a_day_begins_at_midnight_in_japan():
    assert start_of(day(2026, 11, 23)) == FIRST
    assert start_of(day(2026, 11, 23)).isoformat() == "2026-11-22T15:00:00+00:00"


def test_without_a_shift_all_is_one_gap_of_which_nobody_knows_the_beginning():
    assert found() == [(None, FIRST, LAST)]


def test_a_gap_is_between_two_shifts_and_before_and_after_them():
    early = shift(at(2026, 11, 20), at(2026, 11, 22, 18))
    late = shift(at(2026, 11, 23, 9), at(2026, 11, 23, 21), "SH-2")
    assert found(late, early) == [
        (at(2026, 11, 22, 18), FIRST, at(2026, 11, 23, 9)),
        (at(2026, 11, 23, 21), at(2026, 11, 23, 21), LAST),
    ]
    assert found(early, late, first=at(2026, 11, 23, 9), last=at(2026, 11, 23, 21)) == []


def test_a_gap_is_cut_to_the_instants_asked():
    early, late = shift(at(2026, 11, 20), at(2026, 11, 22)), shift(at(2026, 11, 26), at(2026, 11, 27), "SH-2")
    assert found(early, late) == [(at(2026, 11, 22), FIRST, LAST)]
    assert found(late) == [(None, FIRST, LAST)]


def test_a_shift_within_another_changes_nothing():
    outer, inner = shift(FIRST, LAST), shift(at(2026, 11, 23, 9), at(2026, 11, 23, 10), "SH-2")
    assert found(outer, inner) == []


def test_a_shift_gives_a_span_for_its_person_and_for_its_deputy_while_they_work_here():
    facts = given(
        person("P-1", left=day(2026, 11, 23)), person("P-2", joined=day(2026, 11, 24)),
        shift(FIRST, LAST, deputy="P-2"), shift(LAST, LAST + timedelta(hours=1), "SH-2"),
    )  # fmt: skip
    rows = on_call(facts).sort("from_at").collect()
    noon = at(2026, 11, 24, 0)
    assert rows.drop("shift").rows() == [("P-1", False, FIRST, noon), ("P-2", True, noon, LAST)]
    assert rows["shift"].to_list() == ["SH-1", "SH-1"]
    assert gaps(facts, FIRST, LAST).select(pl.len()).collect().item() == 0


def test_who_is_not_on_record_is_not_on_call():
    assert found(shift(FIRST, LAST, who="P-9")) == [(None, FIRST, LAST)]
