"""Events and rules for the tests of the watch at work."""

from __future__ import annotations

from typing import Any

from sekisho.watch.events import Event
from sekisho.watch.language import compile_rules

NOW = 1_795_435_200_000  # ms: 2026-11-23 12:00 UTC
RULES = """
title: A login that failed
name: failed
detection: {selection: {typ: login, ok: false}, condition: selection}
---
title: A withdrawal
name: withdrawal
detection: {selection: {typ: withdraw}, condition: selection}
---
title: Three failures of one user
name: three
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 5m, condition: {gte: 3}}
watch: {action: block, weight: 60, mode: live, owner: csirt_lead, clause: 10-2-1, reason: {ja: 失敗が続いています。, en: Failures in a row.}}
---
title: Two withdrawals of one user
name: two
correlation: {type: event_count, rules: [withdrawal], group-by: [user], timespan: 1h, condition: {gte: 2}}
watch: {action: hold, weight: 30, mode: live, owner: csirt_lead, clause: 10-6-3, reason: {ja: 出金が続いています。, en: Withdrawals in a row.}}
---
title: A large withdrawal
name: large
detection: {selection: {typ: withdraw, amount|gte: 1000}, condition: selection}
watch: {action: hold, weight: 10, mode: shadow, owner: csirt_lead, clause: 10-6-3, reason: {ja: 高額です。, en: A large amount.}}
"""
PROGRAM = compile_rules(RULES, "test")
OTHERS = compile_rules(RULES.replace("{gte: 3}", "{gte: 5}"), "others")


def event(seq: int, typ: str = "login", **values: Any) -> Event:
    """A login of u1, a second after the one before."""
    return Event(
        seq=seq, ts=values.pop("ts", NOW + 1000 * seq), typ=typ, user=values.pop("user", "u1"), **values
    )  # type: ignore[arg-type]


def failed(seq: int, **values: Any) -> Event:
    return event(seq, ok=False, **values)
