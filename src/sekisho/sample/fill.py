"""Fill an empty installation with the sample member: three years that end today, and its accounts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.sample.accounts import SignIn, open_accounts
from sekisho.sample.cast import Cast
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
    """How many versions were written, the day on which the story ends, who may sign in, and their password."""

    versions: int
    today: date
    sign_ins: list[SignIn]
    password: str


def fill(
    scale: int = 1,
    *,
    seed: int = SEED,
    today: date | None = None,
    tell: Callable[[str], None] | None = None,
) -> Filled:
    """Write the sample member. `scale` above 1 adds as many times its population and history, for benchmarks."""
    if Version.objects.exists():
        raise NotEmpty
    end = today or clock.today()
    cast = Cast(end, random.Random(seed))
    durable = _hurry()
    try:
        for event in sorted(story(cast, random.Random(seed + 1)), key=lambda e: e.at):
            _play(event)
        signs, password = open_accounts(cast, end)
        if scale > 1:
            enlarge(end, scale, random.Random(seed + 2), tell)
    finally:
        durable()
    return Filled(Version.objects.count(), end, signs, password)


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
