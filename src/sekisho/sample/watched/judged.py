"""The week is judged as any is: by the engine, with the rules and lists of that moment, into the watch's own log."""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import F

from sekisho.watch import history
from sekisho.watch.engine import Engine
from sekisho.watch.events import Event
from sekisho.watch.follow import follow
from sekisho.workflows.watch_after.acting import AFTER, position, take_frames
from sekisho.workflows.watch_after.lists import named_lists
from sekisho.workflows.watch_after.models import Position, Warned
from sekisho.workflows.watch_after.told import write_told
from sekisho.workflows.watch_rules import rules_in_force

SEGMENT: Final = 256 << 10  # bytes: some of the history is sealed already
TOLD_AFTER: Final = timedelta(seconds=40)


class Judged:
    """Events on their way through the watch. Where this home has a log already, that is left as it is."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._waiting = deque(events)
        self._now = self._waiting[0].ts
        self._reached = 0
        self._begun: Engine | None = None

    def until(self, when: datetime) -> Engine:
        """Judge what happened by then, and do what follows: alerts, blocks, holds, users told."""
        engine = self._begun = self._begun or self._begin()
        engine.relist(named_lists())
        end = round(when.timestamp() * 1000)
        while self._waiting and self._waiting[0].ts <= end:
            event = self._waiting.popleft()
            self._now = event.ts
            engine.judge("login" if event.typ == "login" else "withdrawals", event)
        engine.log.flush()
        frames = list(follow(engine.home, self._reached))
        if frames:
            self._reached = frames[-1][0]
            take_frames(position(), frames)
        warned = Warned.objects.filter(told_at=None)
        alerts = sorted(set(warned.values_list("alert", flat=True)))
        warned.update(told_at=F("detected_at") + TOLD_AFTER, told_by="webhook")
        write_told(alerts)
        return engine

    def end(self, when: datetime) -> None:
        """The last of it: the log is let go, and whoever follows it goes on behind what was done here."""
        engine = self.until(when)
        engine.close()
        if engine.home == _home():
            history.seal(engine.home)
        else:
            shutil.rmtree(engine.home)
            Position.objects.filter(pk=AFTER).update(at=0)  # of the log that was there nothing is done yet

    def _begin(self) -> Engine:
        kept = history.log_folder(_home()).exists()
        home = Path(tempfile.mkdtemp(prefix="sekisho-sample-")) if kept else _home()
        return Engine(home, rules_in_force(), named_lists(), clock=lambda: self._now, segment=SEGMENT)


def _home() -> Path:
    return Path(settings.SEKISHO_HOME)
