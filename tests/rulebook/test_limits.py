"""Limits: spans by Japan's calendar, dated values with sources, and the member's own numbers in their place."""

import re
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.rulebook.exceptions import limits_on
from sekisho.rulebook.limits import Limit, Limits, all_limits, default_limits
from sekisho.rulebook.limits.limit import ORIGIN_WORDS, Value
from tests.rulebook.asking import at, day, given, record
from tests.rulebook.granting import CHIEF, approved

ON = day(2026, 11, 23)
MONTHS, DAYS, MINUTES = "board_report_age", "report_review_time", "authority_notice_time"
LESS, MORE = "assessment_age", "gap_window"  # 12 months each; what is tighter


def last_good(name: str, of: date, value: int | None = None) -> date:
    limits = Limits(ON, {} if value is None else {name: value})
    found: date = pl.select(limits.last_good(name, pl.lit(of))).item()
    return found


# --- spans ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "until"),
    [
        (day(2026, 8, 23), day(2026, 11, 23)),
        (day(2026, 11, 30), day(2027, 2, 28)),
        (day(2027, 11, 30), day(2028, 2, 29)),
        (day(2026, 1, 31), day(2026, 4, 30)),
        (day(2026, 2, 28), day(2026, 5, 28)),
        (day(2026, 10, 1), day(2027, 1, 1)),
    ],
)
def test_three_months_end_on_the_same_day_of_the_month_or_on_its_last(of, until):
    assert last_good(MONTHS, of) == until


@drawn(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 1_200))
def test_months_are_counted_as_the_civil_code_does(of, months):
    assert last_good(MONTHS, of, months) == clock.add_months(of, months)


@drawn(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 36_525))
def test_days_are_counted_as_days(of, days):
    assert last_good(DAYS, of, days) == of + timedelta(days=days)


def test_a_year_after_a_leap_day_is_the_last_day_of_february():
    assert last_good(LESS, day(2028, 2, 29)) == day(2029, 2, 28)


def test_a_limit_of_minutes_is_no_span_of_days():
    with pytest.raises(ValueError, match="minutes"):
        default_limits(ON).last_good(MINUTES, "detected_at")


def latest(name: str, instant: datetime, value: int) -> datetime:
    found: datetime = pl.select(Limits(ON, {name: value}).latest(name, pl.lit(instant))).item()
    return found


def test_an_instant_s_limit_runs_to_the_same_second():
    assert latest(MINUTES, at(2026, 12, 31, 23, 30, 5), 60) == at(2027, 1, 1, 0, 30, 5)


def test_months_from_an_instant_are_those_of_japan_s_calendar():
    assert latest(MONTHS, at(2026, 3, 1, 8), 1) == at(2026, 4, 1, 8)
    assert latest(MONTHS, at(2026, 1, 31, 8), 1) == at(2026, 2, 28, 8)


def test_a_window_starts_as_long_ago_as_the_limit_says():
    assert default_limits(ON).window_start(MORE) == day(2025, 11, 23)
    assert default_limits(day(2028, 2, 29)).window_start(MORE) == day(2027, 2, 28)
    assert Limits(ON, {MORE: 1_200}).window_start(MORE) == day(1926, 11, 23)


# --- values -----------------------------------------------------------------------------------------------------


def test_a_value_stands_from_its_day_until_the_next_one():
    source = Text("規則", "The rule")
    dated = Limit(
        "some_age", Text("間隔", "Age"), "months", "less",
        (Value(day(2018, 10, 24), 12, "rule", source), Value(day(2026, 4, 1), 6, "rule", source)),
    )  # fmt: skip
    assert [dated.on(d).value for d in (day(2000, 1, 1), day(2026, 3, 31), day(2026, 4, 1))] == [12, 12, 6]
    assert dated.loosens(7, day(2026, 4, 1))
    assert not dated.loosens(7, day(2026, 3, 31))
    assert not dated.loosens(6, day(2026, 4, 1))
    assert not all_limits()[MORE].loosens(12, ON)


def test_every_limit_has_words_a_source_and_values_in_the_order_of_their_days():
    for limit in all_limits().values():
        assert limit.text.ja
        assert limit.text.en
        assert limit.unit in ("months", "days", "minutes", "number", "percent")
        assert limit.tighter in ("less", "more")
        assert [v.since for v in limit.values] == sorted({v.since for v in limit.values})
        assert all(v.source.ja and v.source.en and limit.takes(v.value) for v in limit.values)


def test_every_value_says_whether_the_rule_a_guideline_or_the_product_set_it():
    """Its source does not say so again; a default of the product gives its reason, which is more than a citation."""
    for limit in all_limits().values():
        for value in limit.values:
            assert value.origin in ORIGIN_WORDS, limit.name
            for words in ORIGIN_WORDS.values():
                assert not value.source.ja.startswith(f"{words.ja}："), limit.name
                assert not value.source.en.startswith(f"{words.en}:"), limit.name
            if value.origin == "product":
                reason = re.sub(r"（.*?）|第[0-9]+(条|項|号)", "", value.source.ja)
                assert len(reason) >= 3, f"{limit.name}: {value.source.ja}"


def test_the_grounds_of_a_value_are_its_origin_and_its_source():
    grounds = all_limits()["review_age"].on(ON).grounds
    assert grounds.ja == "製品の既定値：少なくとも年に一度（第4条第3項「定期的」）"
    assert grounds.en == "Default of the product: yearly at least (4-3, 'regularly')"


# --- the member's own numbers -----------------------------------------------------------------------------------


def tolerance(limit, value, key="TO-1", reason="規模に応じる", since=None, until=None):
    begun = since or day(2026, 1, 1)
    return record("tolerance", key, limit=limit, value=value, reason=reason, from_on=begun, until_on=until)


def value(name, *records, on=ON):
    return limits_on(given(CHIEF, *records), on).value(name)


GRANTED = approved("tolerance:TO-1")


@pytest.mark.parametrize(("limit", "tighter", "looser"), [(LESS, 11, 13), (MORE, 13, 11)])
def test_a_member_tightens_freely_and_loosens_only_by_approval_with_a_reason(limit, tighter, looser):
    assert value(limit, tolerance(limit, tighter)) == tighter
    assert value(limit, tolerance(limit, tighter, reason=None)) == tighter
    assert value(limit, tolerance(limit, looser)) == 12
    assert value(limit, tolerance(limit, looser), GRANTED) == looser
    assert value(limit, tolerance(limit, looser, reason=None), GRANTED) == 12


@pytest.mark.parametrize("decision", [{"asked_by": "P-CSO"}, {"step": "submitted"}, {"decided_by": "P-9"}])
def test_a_looser_number_takes_an_approval_by_another_entitled_person(decision):
    assert value(LESS, tolerance(LESS, 13), approved("tolerance:TO-1", **decision)) == 12


def test_a_looser_number_stands_from_the_day_of_its_approval_to_its_own_last_day():
    facts = (tolerance(LESS, 13, until=day(2026, 6, 30)), GRANTED)
    found = [
        value(LESS, *facts, on=d)
        for d in (day(2026, 1, 14), day(2026, 1, 15), day(2026, 6, 30), day(2026, 7, 1))
    ]
    assert found == [12, 13, 13, 12]


def test_the_newest_number_that_counts_stands():
    older, newer = tolerance(LESS, 6), tolerance(LESS, 3, key="TO-2", since=day(2026, 6, 1))
    assert value(LESS, newer, older) == 3
    assert value(LESS, older, tolerance(LESS, 24, key="TO-2", since=day(2026, 6, 1))) == 6


def test_a_share_is_no_more_than_all():
    accuracy = all_limits()["configuration_accuracy"]
    assert [accuracy.takes(value) for value in (-1, 0, 100, 101)] == [False, True, True, False]


def test_a_century_is_the_longest_span_that_counts():
    assert value(MORE, tolerance(MORE, 1_200)) == 1_200


@pytest.mark.parametrize(("limit", "number"), [("no_such_limit", 1), (MORE, 1_201), (MORE, 2**53 - 1)])
def test_a_number_of_an_unknown_limit_or_past_any_calendar_changes_nothing(limit, number):
    assert limits_on(given(CHIEF, tolerance(limit, number)), ON).tolerances == {}


@drawn(st.sampled_from(sorted(all_limits())), st.integers(0, 60), st.booleans())
def test_only_an_approved_number_asks_less_than_the_limit(name, number, is_approved):
    limit = all_limits()[name]
    found = value(name, tolerance(name, number), *([GRANTED] if is_approved else []))
    assert found == (number if is_approved or not limit.loosens(number, ON) else limit.on(ON).value)
