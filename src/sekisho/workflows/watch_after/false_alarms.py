"""False alarms: marked by a person with the reason, counted for each rule; what they blocked is lifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.db.models import Count, Q, Sum

from sekisho.access.rights import Actor, require_write
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import Alert
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.blocks import in_force
from sekisho.workflows.watch_after.models import Warned

_NEEDS_REASON = Text("誤検知と判断した理由を入力してください。", "Say why it is a false alarm.")


@dataclass(frozen=True)
class Counted:
    """One rule's alerts, how many of them (and of their events) were false alarms, and what users answered."""

    rule: str
    alerts: int
    events: int
    false_alarms: int
    false_events: int
    answered_mine: int
    answered_not_mine: int


def mark(actor: Actor, key: str, reason: str, *, expected_ver: int | None = None) -> Alert:
    """An alert is a false alarm: decided by this person now, and its blocks are lifted.

    Raises Refused, Invalid, NotFound, Conflict.
    """
    require_write(actor, Alert)
    if not reason.strip():
        raise Invalid({"reason": [_NEEDS_REASON]})
    with act("mark_false_alarm", actor.by, reason) as doing:
        standing = Alert.objects.select_for_update().filter(pk=key).first()
        if standing is None:
            raise NotFound(what=f"alert:{key}")
        if expected_ver is not None and expected_ver != standing.ver:
            raise Conflict
        now = clock.now()
        in_force(now).filter(alert=key).update(lifted_at=now, lifted_by=actor.by, changed_at=now)
        told = {"decision": "false_alarm", "decided_at": now, "decided_by": actor.person, "reason": reason}
        return cast(Alert, doing.put(Alert, key, told, expected_ver=standing.ver))


def by_rule() -> list[Counted]:
    """Every rule that ever raised an alert, by name."""
    false = Q(decision="false_alarm")
    rows = (
        Alert.objects.exclude(rule=None).values("rule").order_by("rule")
        .annotate(
            alerts=Count("pk"), found=Sum("events"),
            wrong=Count("pk", filter=false), wrongly=Sum("events", filter=false),
        )
    )  # fmt: skip
    answers = _answers()
    return [
        Counted(
            row["rule"], row["alerts"], row["found"] or 0, row["wrong"], row["wrongly"] or 0,
            *answers.get(row["rule"], (0, 0)),
        )
        for row in rows
    ]  # fmt: skip


def _answers() -> dict[str, tuple[int, int]]:
    """Of each rule: how many users said that it was they, and that it was not."""
    found: dict[str, tuple[int, int]] = {}
    for rules, answer in Warned.objects.exclude(answer="").values_list("rules", "answer"):
        for rule in rules:
            mine, other = found.get(rule, (0, 0))
            found[rule] = (mine + (answer == Warned.MINE), other + (answer == Warned.NOT_MINE))
    return found
