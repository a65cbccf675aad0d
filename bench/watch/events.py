"""Events of an exchange for measurements: logins and withdrawals with attacks among them, as `../shared/watch` makes them.

SEKISHO_BENCH_EVENTS=PREFIX takes PREFIX.jsonl and PREFIX.parquet instead. Made events are kept in build/bench.
"""

from __future__ import annotations

import os
import random
from itertools import accumulate
from pathlib import Path

import polars as pl

from bench.home import ROOT
from sekisho.watch.events import Event, encode

EVENTS = int(os.environ.get("SEKISHO_BENCH_EVENT_COUNT", "1000000"))
SPAN = 7_200_000  # ms
START = 1_767_225_600_000
SEED = 20261123
PLACES = (
    *(("KR", 37.57, 126.98),) * 9,
    *(("JP", 35.68, 139.69),) * 4,
    *(("US", 40.71, -74.0),) * 3,
    ("VN", 10.82, 106.63),
    ("SG", 1.35, 103.82),
    ("DE", 52.52, 13.4),
    ("GB", 51.51, -0.13),
    ("BR", -23.55, -46.63),
)


def files() -> tuple[Path, Path]:
    """The events as lines of JSON and as Parquet."""
    prefix = os.environ.get("SEKISHO_BENCH_EVENTS")
    if prefix:
        return Path(f"{prefix}.jsonl"), Path(f"{prefix}.parquet")
    lines = ROOT / "build" / "bench" / f"events-{EVENTS}-{SEED}.jsonl"
    table = lines.with_suffix(".parquet")
    if not table.exists():
        lines.parent.mkdir(parents=True, exist_ok=True)
        made = events(EVENTS)
        lines.write_bytes(b"\n".join(map(encode, made)) + b"\n")
        rows = pl.read_ndjson(lines, infer_schema_length=None)
        rows.write_parquet(table)
    return lines, table


def events(count: int, seed: int = SEED) -> list[Event]:
    """Events in the order of their time; one in sixteen belongs to an attack."""
    chance = random.Random(seed)
    attacks = count // 16
    users = max(10, count // 4)
    weights = list(accumulate(chance.lognormvariate(0, 1.2) for _ in range(users)))
    acting = chance.choices(range(users), cum_weights=weights, k=count - attacks)
    found = [_usual(chance, user) for user in acting] + [_attack(chance, users) for _ in range(attacks)]
    found.sort(key=lambda event: event.ts)
    for seq, event in enumerate(found):
        event.seq = seq
    return found


def _usual(chance: random.Random, user: int) -> Event:
    country, lat, lon = PLACES[
        user % len(PLACES) if chance.random() > 0.004 else chance.randrange(len(PLACES))
    ]
    withdrawn = chance.random() < 0.12
    own = chance.random() < 0.7
    return Event(
        0,
        START + chance.randrange(SPAN),
        "withdraw" if withdrawn else "login",
        user=f"u{user:08d}",
        ip=_address(0x0B0F0000 + user if own else 0x64400000 + user % 20 * 250 + chance.randrange(250)),
        country=country,
        lat=round(lat + chance.gauss(0, 0.2), 4),
        lon=round(lon + chance.gauss(0, 0.2), 4),
        device=_device(user * 4 + (0 if chance.random() < 0.85 else chance.randrange(1, 4))),
        ok=withdrawn or chance.random() > 0.1,
        amount=round(chance.lognormvariate(5, 1.5), 2) if withdrawn else 0.0,
    )


def _attack(chance: random.Random, users: int) -> Event:
    """Four in five are stuffing from 400 addresses in short waves, the others slow spraying from 3,000."""
    stuffing = chance.random() < 0.8
    source = chance.randrange(400) if stuffing else 1000 + chance.randrange(3000)
    wave = source * 7919 % (SPAN * 8 // 10) + chance.randrange(SPAN // 5)
    country, lat, lon = PLACES[source % len(PLACES)]
    return Event(
        0,
        START + (wave if stuffing else chance.randrange(SPAN)),
        "login",
        user=f"u{chance.randrange(users):08d}",
        ip=_address(0x5D000000 + source),
        country=country,
        lat=lat,
        lon=lon,
        device=_device(users * 4 + source),
        ok=chance.random() < 0.003,
        amount=0.0,
    )


def _address(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _device(number: int) -> str:
    return f"{number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF:016x}"
