"""Memory for a million users, then under an attack: failed logins from a million addresses, and of a million unknown users."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from bench.table import Row
from bench.watch.kernel import REFERENCE
from bench.watch.pinned import resident, told

USERS = 1_000_000
MINUTE = 60_000
PORTION = 20_000


def measure() -> list[Row]:
    found = told("bench.watch.memory")
    goal = "at most 160 MB"
    return [
        Row(f"{USERS:,} users, two logins and a withdrawal each", _mb(found["users"]), goal),
        Row("then failures from 1,000,000 addresses within 10 minutes", _mb(found["attack"]), goal),
        Row(
            "then the same 1,000,000 addresses four times more",
            _mb(found["again"]),
            "bounded for each address",
        ),
        Row(
            "then 9 times 1,000,000 other addresses, 10 minutes each",
            _mb(found["more"]),
            "no more than before",
        ),
    ]


def _mb(amount: int) -> str:
    return f"{amount / 1e6:.1f} MB"


def _portions(lines: Iterator[bytes]) -> Iterator[bytes]:
    portion = []
    for line in lines:
        portion.append(line)
        if len(portion) == PORTION:
            yield b"\n".join(portion)
            portion.clear()
    yield b"\n".join(portion)


def _population() -> Iterator[bytes]:
    for n in range(3 * USERS):
        user, at = n % USERS, n // 10
        kind = b"withdraw" if n >= 2 * USERS else b"login"
        yield (
            b'{"seq":%d,"ts":%d,"typ":"%b","user":"u%08d","ip":"10.%d.%d.%d","country":"%b","lat":35.%02d,"lon":139.5,"device":"%016x","ok":true}'
            % (n, at, kind, user, user >> 16 & 255, user >> 8 & 255, user & 255, b"US" if user % 50 == n // USERS else b"JP", user % 100, user * 7 + (user % 4 == n // USERS))
        )  # fmt: skip


def _failures(begin: int, wave: int, lines: int = USERS) -> Iterator[bytes]:
    for n in range(lines):
        address = (n + wave * USERS) & 0xFFFFFF
        yield b'{"seq":%d,"ts":%d,"typ":"login","user":"x%d","ip":"%d.%d.%d.%d","ok":false}' % (n, begin + n * 10 * MINUTE // lines, n + wave * USERS, 20 + (address >> 20), address >> 16 & 255, address >> 8 & 255, address & 255)  # fmt: skip


def main() -> dict[str, int]:
    from sekisho.watch.judge import make_kernel
    from sekisho.watch.language import compile_rules

    kernel = make_kernel(compile_rules(REFERENCE.read_text()))
    kernel.feed_lines(b"\n".join(_failures(0, 99, 10_000)))  # what Python and msgspec need themselves
    before, begin, found = resident(), MINUTE * 60, {}

    def fed(name: str, waves: list[Iterator[bytes]]) -> None:
        for wave in waves:
            for portion in _portions(wave):
                kernel.feed_lines(portion)
        found[name] = resident() - before

    fed("users", [_population()])
    fed("attack", [_failures(begin, 0)])
    fed("again", [_failures(begin + 10 * MINUTE, 0) for _ in range(4)])
    fed("more", [_failures(begin + 10 * MINUTE * (1 + wave), wave) for wave in range(1, 10)])
    return found


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
