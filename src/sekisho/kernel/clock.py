"""The one source of now. Tests freeze it with time-machine; nothing else asks the system for the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")
_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC, to the microsecond."""
    return _standing.get() or datetime.now(UTC)


@contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """Let the clock stand at an instant: how the sample member's past is written through today's acts."""
    token = _standing.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _standing.reset(token)


def today() -> date:
    """The present day in Japan: the day on which the rule is judged."""
    return now().astimezone(JAPAN).date()


def day_of(instant: datetime) -> date:
    """The day in Japan on which an aware instant falls."""
    return instant.astimezone(JAPAN).date()


def end_of(day: date) -> datetime:
    """The last microsecond of a day in Japan, in UTC."""
    next_day = datetime(day.year, day.month, day.day, tzinfo=JAPAN) + timedelta(days=1)
    return next_day.astimezone(UTC) - timedelta(microseconds=1)


def iso(instant: datetime) -> str:
    """The one written form of an instant: UTC, microseconds, `Z` (fixed width, so that text order is time order)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (earlier if negative), or that month's last day if it has no such day.

    The Civil Code (Article 143) counts periods of months so: 31 January plus one month ends with February.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
