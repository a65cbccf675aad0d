"""How a back-test is told: a table of old and new, or JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sekisho.cli.language import say
from sekisho.cli.table import print_table, safe
from sekisho.kernel import clock
from sekisho.watch.backtest import Backtest, Compared


def tell(found: Backtest, *, as_json: bool) -> None:
    """Print it."""
    if as_json:
        print(json.dumps(as_dict(found), ensure_ascii=False, indent=1))
        return
    head = (
        say("ルール", "Rule"),
        say("従来", "Old"),
        say("新", "New"),
        say("増えた", "Gained"),
        say("減った", "Lost"),
        say("利用者 従来→新", "Users old → new"),
    )
    rows = [_row(name, compared) for name, compared in found.rules.items()]
    rows.append(_row(say("（警告全体）", "(all alarms)"), found.alarms))
    print_table(head, rows)
    old, new = found.alarms.old / found.length, found.alarms.new / found.length
    print(
        say(
            f"{found.events:,} 件のイベント。1日あたりの警告は従来 {old:,.1f} 件、新 {new:,.1f} 件。",
            f"{found.events:,} events; alarms a day: {old:,.1f} then, {new:,.1f} with the new rules.",
        )
    )
    for name, compared in found.rules.items():
        for sample in compared.samples:
            mark = "+" if sample["change"] == "gained" else "-"
            at = datetime.fromtimestamp(sample["ts"] / 1000, clock.JAPAN).isoformat(timespec="seconds")
            about = (sample["typ"], sample.get("user", ""), sample.get("ip", ""))
            print(safe(f"{mark} {name} seq {sample['seq']} {at} {' '.join(about)}"))


def as_dict(found: Backtest) -> dict[str, Any]:
    """It as plain values."""
    return {
        "from": found.begin,
        "to": found.end,
        "events": found.events,
        "rules": {name: _compared(compared) for name, compared in found.rules.items()},
        "alarms": _compared(found.alarms)
        | {
            "old_per_day": round(found.alarms.old / found.length, 3),
            "new_per_day": round(found.alarms.new / found.length, 3),
        },
        "actions": {when: dict(sorted(counts.items())) for when, counts in found.actions.items()},
    }


def _compared(compared: Compared) -> dict[str, Any]:
    return {
        "old": compared.old,
        "new": compared.new,
        "gained": compared.gained,
        "lost": compared.lost,
        "old_users": len(compared.old_users),
        "new_users": len(compared.new_users),
        "samples": compared.samples,
    }


def _row(name: str, compared: Compared) -> tuple[str, ...]:
    users = f"{len(compared.old_users):,} → {len(compared.new_users):,}"
    return (
        name,
        f"{compared.old:,}",
        f"{compared.new:,}",
        f"+{compared.gained:,}",
        f"-{compared.lost:,}",
        users,
    )
