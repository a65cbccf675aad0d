"""Days and instants in words."""

from datetime import UTC, date, datetime

import pytest

from sekisho.kernel.calendar import day_in_words, instant_in_words, month_in_words, short_day


@pytest.mark.parametrize(
    ("day", "ja"),
    [
        (date(2026, 11, 23), "令和8年11月23日（月）"),
        (date(2019, 5, 1), "令和元年5月1日（水）"),
        (date(2019, 4, 30), "平成31年4月30日（火）"),
        (date(1989, 1, 8), "平成元年1月8日（日）"),
        (date(1989, 1, 7), "昭和64年1月7日（土）"),
        (date(1926, 12, 25), "昭和元年12月25日（土）"),
        (date(1912, 7, 30), "大正元年7月30日（火）"),
        (date(1912, 7, 29), "明治45年7月29日（月）"),
        (date(1873, 1, 1), "明治6年1月1日（水）"),
        (date(1872, 12, 31), "1872年12月31日（火）"),
    ],
)
def test_a_day_has_the_year_of_its_era(day: date, ja: str) -> None:
    assert day_in_words(day).ja == ja


def test_a_day_in_english() -> None:
    assert day_in_words(date(2026, 11, 23)).en == "Mon, 23 Nov 2026"
    assert short_day(date(2026, 1, 2)).en == "2 Jan 2026"
    assert month_in_words(date(2026, 1, 2)).as_dict() == {"ja": "令和8年1月", "en": "Jan 2026"}


def test_an_instant_is_told_in_japans_time() -> None:
    instant = datetime(2026, 11, 22, 15, 30, 5, tzinfo=UTC)
    assert instant_in_words(instant).ja == "令和8年11月23日 00:30"
    assert instant_in_words(instant, seconds=True).en == "23 Nov 2026, 00:30:05"
