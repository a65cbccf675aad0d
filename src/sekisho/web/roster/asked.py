"""What the address asks of the roster: month or week, which day, which minute, which shift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.http import HttpRequest
from django.utils.http import urlencode

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.web.seen import seen

MONTH, WEEK = "month", "week"
_EARLIEST, _LATEST = date(2000, 1, 1), date(2200, 1, 1)
_NOON = time(12)


@dataclass(frozen=True)
class Asked:
    """`at`: the minute whose duty is told; `of_choice`: it was chosen, and is not simply now. `on`: the day shown."""

    view: str
    day: date
    on: date
    at: datetime
    of_choice: bool
    shift: str

    @property
    def first(self) -> date:
        """The calendar's first day, a Monday."""
        day = self.day.replace(day=1) if self.view == MONTH else self.day
        return day - timedelta(days=day.weekday())

    @property
    def last(self) -> date:
        """The calendar's last day, a Sunday."""
        day = add_months(self.day.replace(day=1), 1) - timedelta(days=1) if self.view == MONTH else self.day
        return day + timedelta(days=6 - day.weekday())

    @property
    def local(self) -> str:
        """The minute as a browser's field takes it."""
        return self.at.astimezone(clock.JAPAN).strftime("%Y-%m-%dT%H:%M")

    @property
    def before(self) -> str:
        return self._place(add_months(self.day, -1) if self.view == MONTH else self.day - timedelta(days=7))

    @property
    def after(self) -> str:
        return self._place(add_months(self.day, 1) if self.view == MONTH else self.day + timedelta(days=7))

    @property
    def place(self) -> str:
        """The query of this calendar, nothing chosen in it."""
        return self._place(self.day)

    def _place(self, day: date) -> str:
        return "?" + urlencode({"view": self.view, "day": day.isoformat()})


def asked(request: HttpRequest) -> Asked:
    """What the query says; what cannot be read is as if it were not there."""
    given = request.POST if request.method == "POST" else request.GET
    on = seen(request).on
    day = _day(given.get("day", "")) or on
    at = instant_of(request.GET.get("at", ""))
    return Asked(
        view=WEEK if given.get("view") == WEEK else MONTH,
        day=min(max(day, _EARLIEST), _LATEST),
        on=on,
        at=at or _present(request),
        of_choice=at is not None,
        shift=given.get("shift", "")[:64],
    )


def instant_of(text: str) -> datetime | None:
    """A minute as a browser writes it, in Japan's time, as UTC; None where it is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _EARLIEST <= read.date() <= _LATEST:
        return None
    here = read if read.tzinfo else read.replace(tzinfo=clock.JAPAN)
    return here.replace(second=0, microsecond=0).astimezone(UTC)


def _present(request: HttpRequest) -> datetime:
    """Now; on another day its noon, or the moment of what is known."""
    moment = request.moment  # type: ignore[attr-defined]
    if moment.is_now:
        return clock.now()
    known: datetime | None = moment.known_at
    if known and clock.day_of(known) == moment.on:
        return known
    return datetime.combine(moment.on, _NOON, clock.JAPAN).astimezone(UTC)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
