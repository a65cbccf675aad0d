"""The moment that a reader looks at: now, or another day chosen on the time machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.sessions.backends.base import SessionBase

from sekisho.kernel import clock

_KEY = "moment"


@dataclass(frozen=True, slots=True)
class Moment:
    """`on`: the day that is judged. `known_at`: what was recorded by then (None: all that is recorded now)."""

    on: date
    known_at: datetime | None = None
    is_now: bool = True


def moment_of(session: SessionBase) -> Moment:
    """The moment that the session's reader chose; now where none was."""
    chosen = session.get(_KEY)
    if not chosen:
        return Moment(clock.today())
    known_at = chosen.get("known_at")
    return Moment(
        date.fromisoformat(chosen["on"]),
        datetime.fromisoformat(known_at) if known_at else None,
        is_now=False,
    )


def choose(session: SessionBase, on: date, known_at: datetime | None = None) -> None:
    """Show the whole product as of that day, read-only."""
    session[_KEY] = {"on": on.isoformat(), "known_at": known_at.isoformat() if known_at else None}


def back_to_now(session: SessionBase) -> None:
    session.pop(_KEY, None)
