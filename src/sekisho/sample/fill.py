"""Fill an empty installation with the sample member: three years that end today, and its accounts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.sample.scale import enlarge
from sekisho.sample.story import Event, story

SEED = 20261123


class NotEmpty(SekishoError):
    code = "not_empty"
    status = 409
    text = Text(
        "既に記録があるため、見本の会員は入れられません。別の SEKISHO_HOME を指定してください。",
        "There are records already; the sample member goes into an empty installation alone. Name another SEKISHO_HOME.",
    )


@dataclass(frozen=True)
class Filled:
    """How many versions were written, and the day that the story ends."""

    versions: int
    today: date


def fill(
    scale: int = 1, *, seed: int = SEED, today: date | None = None, tell: Callable[[str], None] | None = None
) -> Filled:
    """Write the sample member. `scale` above 1 adds that many times its population and history, for benchmarks."""
    if Version.objects.exists():
        raise NotEmpty
    end = today or clock.today()
    durable = _hurry()
    try:
        for event in sorted(story(end, random.Random(seed)), key=lambda e: e.at):
            _play(event)
        if scale > 1:
            enlarge(end, scale, random.Random(seed + 1), tell)
    finally:
        durable()
    return Filled(Version.objects.count(), end)


def _play(event: Event) -> None:
    with clock.standing_at(event.at):
        event.act()


def _hurry() -> Callable[[], None]:
    """Sample data need not survive a power cut while it is being made: SQLite need not wait for the disk."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return lambda: None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")

    def durable() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")

    return durable


def instant(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), clock.JAPAN) + timedelta(0)
