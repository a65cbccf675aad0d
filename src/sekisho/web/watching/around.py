"""What stands beside a user's events: notices and answers, alerts, held withdrawals, freezes.

All reads are bounded: at most MOST of each within the span of time that a page shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from sekisho.kernel import clock
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.web.watching.addresses import Address
from sekisho.web.watching.words import lasted
from sekisho.workflows.watch_after.models import Block, Episode, Frozen, Outgoing, Warned
from sekisho.workflows.watch_rules import keys_of, rules_in_force

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing of a story. `what` names it for the page; `about` is the row that tells of it."""

    at: datetime
    what: str
    about: Any
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time: from `since` (None: ever) to before `until` (None: now)."""

    since: datetime | None = None
    until: datetime | None = None

    def of(self, name: str) -> Q:
        """A condition on a field of a row."""
        found = Q()
        if self.since is not None:
            found &= Q(**{f"{name}__gte": self.since})
        if self.until is not None:
            found &= Q(**{f"{name}__lt": self.until})
        return found

    def has(self, at: datetime) -> bool:
        return (
            at is not None
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )


def of_user(user: str, span: Span, tell_within: timedelta) -> list[Happened]:
    """Everything about a user that is in the span, the newest first. `tell_within`: a user is to be told (10-6-3)."""
    found = [
        *_notices(user, span, tell_within),
        *_freezes(user, span),
        *_holds(user, span),
        *_alerts(user, span),
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _notices(user: str, span: Span, tell_within: timedelta) -> Iterator[Happened]:
    rows = list(
        Warned.objects.filter(span.of("detected_at") | span.of("answered_at"), user=user).order_by("-pk")[
            :MOST
        ]
    )
    sent: dict[int, list[Outgoing]] = {}
    for way in Outgoing.objects.filter(warned__in=[row.pk for row in rows]).order_by("pk"):
        sent.setdefault(way.warned_id or 0, []).append(way)
    for row in rows:
        if span.has(row.detected_at):
            told_at = row.told_at or clock.now()
            late = told_at - row.detected_at > tell_within
            took = lasted(row.detected_at, told_at)
            yield Happened(
                row.detected_at, "notice", row, {"took": took, "late": late, "ways": sent.get(row.pk, [])}
            )
        if row.answered_at is not None and span.has(row.answered_at):
            yield Happened(row.answered_at, "answer", row)


def _freezes(user: str, span: Span) -> Iterator[Happened]:
    for row in Frozen.objects.filter(span.of("from_at") | span.of("thawed_at"), user=user).order_by("-pk")[
        :MOST
    ]:
        if span.has(row.from_at):
            yield Happened(row.from_at, "freeze", row)
        if row.thawed_at is not None and span.has(row.thawed_at):
            yield Happened(row.thawed_at, "thaw", row)


def _holds(user: str, span: Span) -> Iterator[Happened]:
    """A held withdrawal, and each step of its release."""
    within = span.of("held_at") | span.of("asked_at") | span.of("first_at") | span.of("decided_at")
    for row in HeldWithdrawal.objects.filter(within, user=user).order_by("-held_at")[:MOST]:
        steps = (
            ("held", row.held_at),
            ("asked", row.asked_at),
            ("first", row.first_at),
            (row.state, row.decided_at),
        )
        for what, at in steps:
            if at is not None and span.has(at):
                yield Happened(at, what, row)


def _alerts(user: str, span: Span) -> Iterator[Happened]:
    yield from _raised(alerts_of(user), span)


def of_ip(address: Address, span: Span) -> list[Happened]:
    """The alerts about an IP address or a network in the span, the newest first."""
    return list(_raised(alerts_from(address), span))


def _raised(alerts: list[str], span: Span) -> Iterator[Happened]:
    for row in Alert.objects.filter(span.of("at"), pk__in=alerts).order_by("-at")[:MOST]:
        yield Happened(row.at, "alert", row)


def alerts_of(user: str) -> list[str]:
    """The keys of the alerts that are about a user: of notices, and of rules that count by the user."""
    told = Warned.objects.filter(user=user).exclude(alert="").order_by("-pk").values_list("alert", flat=True)
    keys = keys_of(rules_in_force())
    by_user = [rule for rule, key in keys.items() if "user" in key or not key]
    held = Q(group=user) | Q(group__startswith=f"{user} ") | Q(group__endswith=f" {user}")
    counted = Episode.objects.filter(held, rule__in=by_user).order_by("-pk").values_list("alert", flat=True)
    return list(dict.fromkeys([*told[: 2 * MOST], *counted[: 2 * MOST]]))


def alerts_from(address: Address) -> list[str]:
    """The keys of the alerts about an IP address: of its blocks, and of rules that count by the address."""
    keys, ip = keys_of(rules_in_force()), address.text
    by_ip = [rule for rule, key in keys.items() if {"ip", "ip_block"} & set(key)]
    held = Q(group=ip) | Q(group__startswith=f"{ip} ") | Q(group__endswith=f" {ip}")
    counted = Episode.objects.filter(held, rule__in=by_ip).order_by("-pk").values_list("alert", flat=True)
    entries = Block.objects.filter(address=address.block).exclude(alert="").order_by("-pk")
    return list(dict.fromkeys([*counted[: 2 * MOST], *entries.values_list("alert", flat=True)[: 2 * MOST]]))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a user stands now: frozen (since when, by whom), withdrawals that wait, notices without an answer."""

    frozen: Frozen | None
    waiting: int
    unanswered: int
    not_mine: int


def standing(user: str) -> Standing:
    """How a user stands now."""
    told = Warned.objects.filter(user=user)
    return Standing(
        Frozen.objects.filter(user=user, thawed_at=None).first(),
        HeldWithdrawal.objects.filter(user=user, state="held").count(),
        told.filter(answered_at=None, told_at__isnull=False).count(),
        told.filter(answer=Warned.NOT_MINE).count(),
    )


def notices_of(held: list[HeldWithdrawal]) -> dict[str, Warned]:
    """By the event of each held withdrawal: the notice that its user was sent, with what the user answered."""
    wanted = Q(pk__in=())
    for row in held:
        source, _, seq = row.event.rpartition(":")
        if seq.isascii() and seq.isdigit() and len(seq) < 19:
            wanted |= Q(source=source, seq=int(seq))
    return {f"{row.source}:{row.seq}": row for row in Warned.objects.filter(wanted)}
