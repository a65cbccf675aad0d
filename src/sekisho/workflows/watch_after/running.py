"""The process that acts on the log as it grows, and feeds the rule every hour.

What is sent to the outside is sent by a thread of its own: a messenger that hangs holds up neither blocks nor alerts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.watch.follow import end_of, follow
from sekisho.workflows.watch_after.acting import Acted, act_on, go_on_from, position
from sekisho.workflows.watch_after.feed import feed_watch
from sekisho.workflows.watch_after.forgetting import forget
from sekisho.workflows.watch_after.sending import deliver

PERIOD_SECONDS = 0.5
FEED_EVERY = timedelta(hours=1)
_log = structlog.get_logger(__name__)


def home() -> Path:
    """The data folder, in which the watch keeps its log."""
    return Path(settings.SEKISHO_HOME)


def catch_up(folder: Path | None = None) -> Acted:
    """Act on all that the log holds by now."""
    watched = folder or home()
    place = position() or 0
    if place and (end := end_of(watched)) < place:
        go_on_from(end)
        place = end
    return act_on(follow(watched, place))


def run(stopped: Event, folder: Path | None = None) -> None:
    """Catch up, send and feed until told to stop. What fails is said and tried again: nothing of the log is lost.

    What nobody foresaw ends it, in either thread: who watches over it sees that, and starts it again.
    """
    sender = Thread(target=repeat, args=(stopped, deliver), name="watch-sender", daemon=True)
    sender.start()
    act = _Round(folder)

    def do() -> None:
        if not sender.is_alive():
            raise RuntimeError("the sender ended")
        act()

    try:
        repeat(stopped, do)
    finally:
        stopped.set()
        sender.join()


class _Round:
    """Catches up, and once an hour feeds the rule and forgets what is old."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.fed_at: datetime | None = None

    def __call__(self) -> None:
        catch_up(self.folder)
        now = clock.now()
        if self.fed_at is None or now - self.fed_at >= FEED_EVERY:
            feed_watch()
            forget()
            self.fed_at = now


def repeat(stopped: Event, do: Callable[[], object]) -> None:
    """Do it again and again until told to stop; what fails is said, and tried again."""
    while not stopped.wait(PERIOD_SECONDS):
        try:
            do()
        except (DatabaseError, SekishoError, OSError) as error:
            _log.warning("watch_after_waits", error=type(error).__name__, why=str(error)[:200])
            connection.close()
    connection.close()
