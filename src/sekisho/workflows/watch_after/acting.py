"""Act on the watch's log, each frame exactly once: the place in the log moves in the transaction that acts.

Nothing is sent from here: what users and services are told is written down beside, and sent by `sending.deliver`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import structlog
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict
from sekisho.records.fields import WrongValue
from sekisho.records.models import HeldWithdrawal
from sekisho.watch.program import Action, Program
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.answering import alert_key
from sekisho.workflows.watch_after.blocks import Found, block_found
from sekisho.workflows.watch_after.episodes import Episodes, Hit, write_alerts
from sekisho.workflows.watch_after.frames import Frame, Reading, read_frame
from sekisho.workflows.watch_after.models import Heard, Position, Warned
from sekisho.workflows.watch_after.sending import tell_users
from sekisho.workflows.watch_rules import rules_in_force

AFTER = "after"
BATCH = 2000
DECIDE_WITHIN = timedelta(hours=4)  # for a held withdrawal
WARN_AGAIN = timedelta(hours=1)  # a user is not told again of the same rules within it
Placed = tuple[Any, dict[str, Any]]
_log = structlog.get_logger(__name__)


class ReadTwice(Conflict):
    """Another process acted on these frames first."""

    code = "read_twice"


@dataclass
class Acted:
    """What became of some frames."""

    frames: int = 0
    unreadable: int = 0
    blocked: int = 0
    held: int = 0
    warned: list[Warned] = field(default_factory=list)
    alerts: int = 0


def position() -> Any:
    """Where to read on in the log; None before the first frame."""
    return Position.objects.filter(pk=AFTER).values_list("at", flat=True).first()


def go_on_from(end: int) -> None:
    """The log ends before our place in it: it is an older one, or another. Go on from there, and say so.

    What it held before was acted on when it was there; to act on it again would tell users twice.
    """
    with transaction.atomic():
        row = Position.objects.select_for_update().filter(pk=AFTER).first()
        if row is not None and row.at > end:
            _log.error("watch_log_is_shorter_than_what_was_acted_on", acted=row.at, end=end)
            row.at, row.moved_at = end, clock.now()
            row.save()


def act_on(placed: Iterable[Placed], program: Program | None = None) -> Acted:
    """Act on what follows in the log, some thousand frames at a time. Raises ReadTwice."""
    total = Acted()
    rows = iter(placed)
    while some := list(islice(rows, BATCH)):
        acted = take_frames(position(), some, program)
        total.frames += acted.frames
        total.unreadable += acted.unreadable
        total.blocked += acted.blocked
        total.held += acted.held
        total.warned += acted.warned
        total.alerts += acted.alerts
    return total


def take_frames(since: Any, placed: Sequence[Placed], program: Program | None = None) -> Acted:
    """Act on frames that follow the place `since`, all of them or none. Raises ReadTwice where that has moved."""
    acted = Acted(frames=len(placed))
    if not placed:
        return acted
    with transaction.atomic():
        _move(since, placed[-1][0], len(placed))
        frames = list(_readable(placed, acted))
        channels = _hear(frames)
        judged = [f for f in frames if f.action is not Action.ALLOW]
        if judged:
            _act(Reading(program or rules_in_force()), judged, channels, acted)
    return acted


def _move(since: Any, to: Any, count: int) -> None:
    row, _ = Position.objects.select_for_update().get_or_create(pk=AFTER)
    if row.at != since:
        raise ReadTwice
    row.at, row.frames, row.moved_at = to, row.frames + count, clock.now()
    row.save()


def _readable(placed: Sequence[Placed], acted: Acted) -> Iterator[Frame]:
    for place, told in placed:
        try:
            yield read_frame(told)
        except ValueError as error:
            acted.unreadable += 1
            _log.error("watch_frame_unreadable", place=str(place), why=str(error)[:200])


def _hear(frames: list[Frame]) -> dict[str, str]:
    """Note when each sender, and each channel of it, was last heard; returns a channel of each sender."""
    last: dict[tuple[str, str], datetime] = {}
    counts: dict[tuple[str, str], int] = {}
    for frame in frames:
        place = (frame.source, frame.channel)
        last[place] = max(frame.at, last.get(place, frame.at))
        counts[place] = counts.get(place, 0) + 1
    standing = {(h.source, h.channel): h for h in Heard.objects.filter(source__in={s for s, _ in last})}
    for place, at in last.items():
        row = standing.get(place) or Heard(source=place[0], channel=place[1], last_at=at)
        row.last_at, row.events = max(row.last_at, at), row.events + counts[place]
        row.save()
    return dict(sorted(last))


def _act(reading: Reading, frames: list[Frame], channels: dict[str, str], acted: Acted) -> None:
    episodes = Episodes(reading, (rule for frame in frames for rule in frame.rules))
    blocks: list[Found] = []
    alerts: dict[int, str] = {}  # place among the frames: the alert of its first rule that concerns a user
    for place, frame in enumerate(frames):
        for rule in frame.rules:
            episode = episodes.count(Hit(rule, reading.group(rule, frame), frame))
            if reading.concerns_user(rule):
                alerts.setdefault(place, episode.alert)
            if frame.event.get("ip") and reading.blocks(rule):
                blocks.append(Found(str(frame.event["ip"]), rule, frame.source, frame.at, 1, episode.alert))
    episodes.save()
    acted.blocked = block_found(blocks)
    acted.held = _hold([f for f in frames if f.action is Action.HOLD and f.event.get("typ") == "withdraw"])
    acted.warned = _warn(reading, [(frames[place], alert) for place, alert in alerts.items()])
    acted.alerts = write_alerts(reading, channels)


# --- held withdrawals -------------------------------------------------------------------------------------------------


def _hold(frames: list[Frame]) -> int:
    rows = {alert_key("hold", f"{f.source}:{f.seq}", _EVER).replace("AL-", "HW-", 1): f for f in frames}
    known = set(HeldWithdrawal.objects.filter(pk__in=rows).values_list("pk", flat=True))
    new = [(key, _held(frame)) for key, frame in rows.items() if key not in known]
    if new:
        with act("hold_withdrawals", "service:watch") as doing:
            doing.put_new(HeldWithdrawal, new)
    return len(new)


_EVER = datetime(2000, 1, 1)


def _held(frame: Frame) -> dict[str, Any]:
    return {
        "event": f"{frame.source}:{frame.seq}"[:200], "user": frame.user or None, "asset": frame.event.get("asset"),
        "amount": _amount(frame.event.get("amount")), "address": frame.event.get("address"),
        "rules": list(dict.fromkeys(frame.rules)) or None, "score": frame.score, "held_at": frame.at,
        "due_at": frame.at + DECIDE_WITHIN, "state": "held",
    }  # fmt: skip


def _amount(given: Any) -> Decimal | None:
    """As the register keeps it; None where it is no number that fits."""
    try:
        amount = Decimal(f"{float(given):.15g}").quantize(Decimal("0.000001"))
        bounded: Decimal = HeldWithdrawal.kind_fields()["amount"].bounded(amount)
    except (TypeError, ValueError, InvalidOperation, WrongValue):
        return None
    return bounded


# --- users ------------------------------------------------------------------------------------------------------------


def _warn(reading: Reading, found: list[tuple[Frame, str]]) -> list[Warned]:
    """Have each user told once: of a held withdrawal always, of the same rules again only after a while."""
    recent = _recent([frame for frame, _ in found])
    rows: list[Warned] = []
    for frame, alert in found:
        rules = [r for r in dict.fromkeys(frame.rules) if reading.concerns_user(r)]
        said = {r for at, known in recent.get(frame.user, []) if at > frame.at - WARN_AGAIN for r in known}
        held = frame.action is Action.HOLD and frame.event.get("typ") == "withdraw"
        if not frame.user or (set(rules) <= said and not held):
            continue
        reasons = [rule.reason.as_dict() for rule in reading.named(tuple(rules))]
        rows.append(
            Warned(
                user=frame.user, rules=rules, source=frame.source, seq=frame.seq, action=frame.action.name.lower(),
                facts=frame.facts | {"reasons": reasons}, alert=alert, detected_at=frame.at,
            )
        )  # fmt: skip
        recent.setdefault(frame.user, []).append((frame.at, rules))
    Warned.objects.bulk_create(rows, batch_size=500)
    tell_users(rows)
    return rows


def _recent(frames: list[Frame]) -> dict[str, list[tuple[datetime, list[str]]]]:
    """Of each user: when and of which rules it was told lately."""
    if not frames:
        return {}
    users = sorted({frame.user for frame in frames})
    since = min(frame.at for frame in frames) - WARN_AGAIN
    found: dict[str, list[tuple[datetime, list[str]]]] = {}
    for start in range(0, len(users), 500):
        rows = Warned.objects.filter(user__in=users[start : start + 500], detected_at__gt=since)
        for user, at, rules in rows.values_list("user", "detected_at", "rules"):
            found.setdefault(user, []).append((at, rules))
    return found
