"""The fingerprints of hits, and the reference rules held against the workload's own oracle."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

from sekisho.watch.events import Event, encode
from sekisho.watch.hits import Fingerprint, fingerprints
from sekisho.watch.judge import make_kernel
from sekisho.watch.language import compile_rules
from sekisho.watch.twin import Twin

ROOT = Path(__file__).parents[2]
ORACLE = ROOT.parent / "shared" / "watch" / "reference_rules.py"
REFERENCE = compile_rules((ROOT / "bench" / "watch" / "reference.yaml").read_text(encoding="utf-8"))


def test_a_fingerprint_counts_and_keeps_the_order() -> None:
    found = fingerprints(REFERENCE, [(3, (0, 1)), (7, (1,))])
    assert found["a"] == Fingerprint(1, 3)
    assert found["b"] == Fingerprint(2, 3 * 1_000_003 + 7) == Fingerprint().after(3).after(7)
    assert found["c"] == Fingerprint(0, 0)
    assert found["b"] != Fingerprint().after(7).after(3)


def test_a_hash_stays_below_two_to_the_61st() -> None:
    assert Fingerprint(9, (1 << 61) - 1).after(5) == Fingerprint(10, ((2**61 - 1) * 1_000_003 + 5) % 2**61)


def stream(count: int = 20_000) -> list[Event]:
    """Few users and addresses, so that every rule fires often."""
    chance, at, events = random.Random(20261123), 1_767_225_600_000, []
    for seq in range(count):
        at += chance.randrange(0, 2_000)
        withdrawn, home = chance.random() < 0.2, chance.randrange(5)
        events.append(
            Event(
                seq,
                at,
                "withdraw" if withdrawn else "login",
                user=f"u{chance.randrange(300)}",
                ip=f"10.0.0.{chance.randrange(10)}",
                country=("JP", "KR", "US", "DE", "SG")[home],
                lat=(35.68, 37.57, 40.71, 52.52, 1.35)[home],
                lon=(139.69, 126.98, -74.0, 13.4, 103.82)[home],
                device=f"d{chance.randrange(1000)}",
                ok=withdrawn or chance.random() < 0.4,
                amount=1.0,
            )
        )
    return events


@pytest.fixture
def oracle() -> ModuleType:
    if not ORACLE.exists():
        pytest.skip(f"{ORACLE} is not on this machine")
    spec = importlib.util.spec_from_file_location("reference_rules", ORACLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_rules_fire_as_the_oracle_says(oracle: ModuleType) -> None:
    events = stream()
    engine, told = oracle.Engine(), []
    for event in events:
        told.append((event.seq, engine.decide(event)))
    expected = {name: Fingerprint(*mark) for name, mark in oracle.summarize(told).items()}
    lines = b"\n".join(map(encode, events))
    assert set(expected) == {"a", "b", "c", "d", "e"}
    for kernel in (Twin(REFERENCE), make_kernel(REFERENCE)):
        assert fingerprints(REFERENCE, kernel.feed_lines(lines).hits) == expected
