"""Days and instants in words: the Japanese calendar's years for Japanese, day-month-year for English."""

from datetime import date, datetime

from sekisho.kernel.clock import JAPAN
from sekisho.kernel.texts import Text

_ERAS = (  # first day, name; the newest first
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),  # Japan's calendar is the Gregorian one from this day
)
_WEEKDAYS = "月火水木金土日"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORT_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def year_in_words(day: date) -> Text:
    """令和8年 / 2026. An era's first year is 元年; a day before 1873 has its Gregorian year."""
    for begins, name in _ERAS:
        if day >= begins:
            number = day.year - begins.year + 1 if name != "明治" else day.year - 1867
            return Text(f"{name}{'元' if number == 1 else number}年", str(day.year))
    return Text(f"{day.year}年", str(day.year))


def short_day(day: date) -> Text:
    """令和8年11月23日 / 23 Nov 2026."""
    year = year_in_words(day)
    return Text(f"{year.ja}{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {year.en}")


def day_in_words(day: date) -> Text:
    """令和8年11月23日（月） / Mon, 23 Nov 2026."""
    short = short_day(day)
    return Text(
        f"{short.ja}（{_WEEKDAYS[day.weekday()]}）",
        f"{_SHORT_WEEKDAYS[day.weekday()]}, {short.en}",
    )


def month_in_words(day: date) -> Text:
    """令和8年11月 / Nov 2026."""
    year = year_in_words(day)
    return Text(f"{year.ja}{day.month}月", f"{_MONTHS[day.month - 1]} {year.en}")


def instant_in_words(instant: datetime, *, seconds: bool = False) -> Text:
    """令和8年11月23日 14:30 / 23 Nov 2026, 14:30, in Japan's time."""
    here = instant.astimezone(JAPAN)
    time = here.strftime("%H:%M:%S" if seconds else "%H:%M")
    day = short_day(here.date())
    return Text(f"{day.ja} {time}", f"{day.en}, {time}")
