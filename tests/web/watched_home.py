"""A home whose watch judged what a test tells, by the rules that ship, through the real engine."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from sekisho.kernel import clock
from sekisho.watch import history
from sekisho.watch.contents import shipped
from sekisho.watch.engine import Engine
from sekisho.watch.events import Event

TOKYO = {"lat": 35.68, "lon": 139.77, "country": "JP", "network": "AS4713"}
OSAKA = {"lat": 34.69, "lon": 135.5, "country": "JP", "network": "AS17676"}
NEW_YORK = {"lat": 40.71, "lon": -74.0, "country": "US", "network": "AS7922"}
IP, IP6 = "198.51.100.7", "2001:db8:7::9"
WALLET = "bc1qexampleexampleexample0"
_seq = count(1)


def event(typ: str = "login", minutes_ago: float = 10, **values: Any) -> Event:
    """One event, so many minutes before now."""
    ts = int(clock.now().timestamp() * 1000 - minutes_ago * 60_000)
    return Event(seq=next(_seq), ts=ts, typ=typ, **values)  # type: ignore[arg-type]


def judge(home: Path, events: Iterable[Event], *, sealed: bool = False) -> None:
    """Judge events in their order, each received when it happened; `sealed`: the log's full part becomes Parquet."""
    now = [0]
    engine = Engine(home, shipped(), clock=lambda: now[0])
    for told in events:
        now[0] = told.ts
        engine.decide("web", told)
    if sealed:
        engine.log.flush()
        engine.log.roll()
        last = event("deposit", minutes_ago=0, user="somebody")
        now[0] = last.ts
        engine.decide("web", last)
        engine.snapshot()
    engine.close()
    if sealed:
        assert history.seal(home)
