"""What came of many events: which rules fired, one fingerprint for each rule, and what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sekisho.watch.events import BadEvent
from sekisho.watch.program import Program

REFUSED: Final = 255  # stands in `Fed.actions` for an event that could not be judged
_FACTOR: Final = 1_000_003
_MODULUS: Final = 1 << 61

Hit = tuple[int, tuple[int, ...]]  # seq of the event, places of the rules in program.rules


@dataclass(slots=True)
class Fed:
    """What came of a batch: an action for each event in its order, the hits, and the bad ones by line or row."""

    actions: bytearray = field(default_factory=bytearray)
    hits: list[Hit] = field(default_factory=list)
    bad: list[tuple[int, BadEvent]] = field(default_factory=list)

    @property
    def judged(self) -> int:
        return len(self.actions) - len(self.bad)

    def refuse(self, place: int, why: BadEvent) -> None:
        self.actions.append(REFUSED)
        self.bad.append((place, why))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How often a rule fired, and a hash of which events it was and in what order."""

    count: int = 0
    hash: int = 0

    def after(self, seq: int) -> Fingerprint:
        return Fingerprint(self.count + 1, (self.hash * _FACTOR + seq) % _MODULUS)


def fingerprints(program: Program, hits: Iterable[Hit]) -> dict[str, Fingerprint]:
    """The fingerprint of every rule by its name, also of those that never fired."""
    counts, hashes = [0] * len(program.rules), [0] * len(program.rules)
    for seq, places in hits:
        for place in places:
            counts[place] += 1
            hashes[place] = (hashes[place] * _FACTOR + seq) % _MODULUS
    return {rule.name: Fingerprint(counts[n], hashes[n]) for n, rule in enumerate(program.rules)}
