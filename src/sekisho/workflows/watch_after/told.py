"""When users were told, written into the alerts that the rule reads (10-6-3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sekisho.records.models import Alert
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.models import Warned


def told_values(alert: str) -> dict[str, Any]:
    """What an alert's record tells of its users: of all of them, the one who waited the longest, or who still waits."""
    rows = list(
        Warned.objects.filter(alert=alert).order_by("detected_at").values_list("detected_at", "told_at")
    )
    if not rows:
        return {}
    waiting = next((row for row in rows if row[1] is None), None)
    since, told = waiting or max(rows, key=_waited)
    return {"concerns_user": True, "user_since_at": since, "user_told_at": told}


def _waited(row: tuple[datetime, datetime | None]) -> timedelta:
    since, told = row
    return told - since if told else timedelta.max


def write_told(alerts: Sequence[str]) -> int:
    """Bring the records of alerts up to when users were told; returns how many changed."""
    changed = []
    for record in Alert.objects.filter(pk__in=alerts):
        values = told_values(record.key)
        if any(getattr(record, name) != value for name, value in values.items()):
            changed.append((record.key, values))
    if changed:
        with act("note_users_told", "service:watch") as doing:
            doing.put_many(Alert, changed)
    return len(changed)
