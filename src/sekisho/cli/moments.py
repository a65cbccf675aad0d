"""Days and instants on the command line."""

from __future__ import annotations

from datetime import date, datetime

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text


class NoDay(SekishoError):
    code = "no_day"
    text = Text(
        "{option} の「{said}」は日付ではありません。2026-11-23 の形で指定してください。",
        "{option}: '{said}' is not a date. Write 2026-11-23.",
    )


class NoInstant(SekishoError):
    code = "no_instant"
    text = Text(
        "{option} の「{said}」は日時ではありません。2026-11-23T14:30+09:00 "
        "の形で指定してください（時差の省略は日本時間、日付だけはその日の終わり）。",
        "{option}: '{said}' is not an instant. Write 2026-11-23T14:30+09:00 "
        "(without an offset: Japan's time; a day: its end).",
    )


def day(option: str, said: str) -> date | None:
    """The day; None where nothing is said. Raises NoDay."""
    if not said:
        return None
    try:
        if len(said) != 10:
            raise ValueError
        return date.fromisoformat(said)
    except ValueError:
        raise NoDay(option=option, said=said) from None


def instant(option: str, said: str) -> datetime | None:
    """The instant; None where nothing is said. A bare day is its end, but today's is now. Raises NoInstant."""
    if not said:
        return None
    try:
        if len(said) == 10:
            of = date.fromisoformat(said)
            return clock.now() if of == clock.today() else clock.end_of(of)
        moment = datetime.fromisoformat(said)
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.JAPAN)
    except (ValueError, OverflowError):
        raise NoInstant(option=option, said=said) from None
