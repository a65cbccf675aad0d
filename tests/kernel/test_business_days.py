"""Which days are no business days in Japan."""

from __future__ import annotations

from datetime import date

import pytest

from sekisho.kernel.business_days import closed_until


@pytest.mark.parametrize(
    "day",
    [
        date(2019, 5, 1),  # the accession, for that year alone
        date(2026, 9, 22),  # between two holidays
        date(2026, 5, 6),  # in place of a holiday that is a Sunday
        date(2025, 12, 31),
        date(2026, 1, 2),
    ],
)
def test_holidays_and_the_turn_of_the_year_are_closed(day: date) -> None:
    assert day in closed_until(2026)


@pytest.mark.parametrize("day", [date(2026, 9, 24), date(2026, 12, 30), date(2026, 1, 5), date(2020, 5, 1)])
def test_other_days_are_not(day: date) -> None:
    assert day not in closed_until(2026)


def test_a_year_before_the_rule_has_the_days_of_its_first_year() -> None:
    assert {d.year for d in closed_until(2000)} == {2018}
