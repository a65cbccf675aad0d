"""Spans of time as Sigma writes them: 30s, 5m, 24h, 90d."""

from __future__ import annotations

import re

from sekisho.watch.language.yaml_nodes import Said

_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SPAN = re.compile(r"([1-9]\d{0,5})([smhd])")
LONGEST = 400 * _UNITS["d"]


def span(said: Said) -> int:
    """A span in ms."""
    match = _SPAN.fullmatch(said.value) if isinstance(said.value, str) else None
    length = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < length <= LONGEST:
        raise said.bad("期間は 30s, 5m, 24h, 90d の形で、400日以内で書いてください。", "A span is written 30s, 5m, 24h or 90d, up to 400 days.")  # fmt: skip
    return length
