"""What is told to the outside: written with what it tells of, sent afterwards, and again until it is taken.

A user is told by the member's own messenger (a webhook with the user's id, for the member's services send no mail
address) and, where an address can be made of the id, by mail. The withdrawal service is told by the webhook what was
decided. Every delivery has an id, by which its receiver knows one that comes twice.
"""

from __future__ import annotations

import json
import smtplib
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.ids import new_id
from sekisho.records.models import HeldWithdrawal
from sekisho.workflows.act import act
from sekisho.workflows.watch_after import webhook
from sekisho.workflows.watch_after.models import Outgoing, Warned
from sekisho.workflows.watch_after.notice import address_of, new_link, notice_of
from sekisho.workflows.watch_after.told import write_told

TRIES = 12
FAILURES = 5  # in a row: then nobody listens, and the rest waits for the next round
FIRST_AGAIN, LONGEST_AGAIN = timedelta(seconds=5), timedelta(minutes=15)
CLAIMED = timedelta(minutes=2)  # for so long nobody else sends what one process has taken up
_log = structlog.get_logger(__name__)


class NotSent(SekishoError):
    """It could not be sent now; it is tried again."""

    code = "not_sent"
    status = 502


# --- writing what is to be sent ---------------------------------------------------------------------------------------


def tell_users(warned: list[Warned]) -> None:
    """Have these users told, each by every way that there is, in the transaction under way."""
    ways = [Outgoing.WEBHOOK] if settings.SEKISHO_WATCH_WEBHOOK else []
    rows = [_outgoing(Outgoing.WARNING, way, warned=w) for w in warned for way in ways]
    rows += [_outgoing(Outgoing.WARNING, Outgoing.MAIL, warned=w) for w in warned if address_of(w.user)]
    Outgoing.objects.bulk_create(rows, batch_size=500)


def tell_decision(held: str) -> None:
    """Have the withdrawal service told what was decided, in the transaction under way."""
    if settings.SEKISHO_WATCH_WEBHOOK:
        _outgoing(Outgoing.ANSWER, Outgoing.WEBHOOK, held=held).save(force_insert=True)


def _outgoing(what: str, way: str, **about: Any) -> Outgoing:
    now = clock.now()
    return Outgoing(id=new_id(), what=what, way=way, made_at=now, next_at=now, **about)


# --- sending ----------------------------------------------------------------------------------------------------------


def deliver(at_most: int = 200) -> int:
    """Send what is due; returns how many were taken by their receivers."""
    due = Outgoing.objects.filter(next_at__lte=clock.now()).order_by("next_at").values_list("pk", flat=True)
    sent: list[Outgoing] = []
    failed = 0
    for pk in list(due[:at_most]):
        claimed = _claimed(pk) if failed < FAILURES else None
        if claimed is None:
            continue
        if _delivered(claimed):
            sent.append(claimed)
            failed = 0
        else:
            failed += 1
    keys = {o.warned.alert for o in sent if o.warned is not None and o.warned.alert}
    if keys:
        write_told(sorted(keys))
    return len(sent)


def _claimed(pk: str) -> Outgoing | None:
    """Take it up, so that no other process sends it too."""
    with transaction.atomic():
        due = Q(pk=pk, next_at__lte=clock.now())
        row = Outgoing.objects.select_for_update().filter(due).first()
        if row is None:
            return None
        row.tries += 1
        row.next_at = clock.now() + CLAIMED
        row.save(update_fields=("tries", "next_at"))
    return Outgoing.objects.select_related("warned").get(pk=pk)


def _delivered(row: Outgoing) -> bool:
    try:
        _send(row)
    except (NotSent, webhook.NotTaken, OSError, smtplib.SMTPException) as error:
        _again(row, str(error) or type(error).__name__)
        return False
    _note_sent(row, clock.now())
    return True


def _send(row: Outgoing) -> None:
    if row.what == Outgoing.ANSWER:
        webhook.post(_decision(row), delivery=row.id)
        return
    if row.warned is None:
        raise NotSent
    link = new_link(row.warned)
    told = notice_of(row.warned, link)
    if row.way == Outgoing.WEBHOOK:
        webhook.post(told.as_body(), delivery=row.id)
        return
    sent = send_mail(
        told.subject, told.text, settings.DEFAULT_FROM_EMAIL, [address_of(row.warned.user)], fail_silently=False
    )  # fmt: skip
    if not sent:
        raise NotSent


def _decision(row: Outgoing) -> bytes:
    held = HeldWithdrawal.objects.get(pk=row.held)
    source, _, seq = held.event.rpartition(":")
    told = {
        "what": "withdrawal_decided", "source": source, "seq": seq, "record": held.key, "decision": held.state,
        "decided_at": clock.iso(held.decided_at) if held.decided_at else None,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _note_sent(row: Outgoing, at: datetime) -> None:
    with transaction.atomic():
        Outgoing.objects.filter(pk=row.pk).update(sent_at=at, next_at=None, error="")
        if row.warned is not None:
            Warned.objects.filter(pk=row.warned.pk, told_at=None).update(told_at=at, told_by=row.way)
    if row.held:
        with act("tell_decision", "service:watch") as doing:
            doing.put(HeldWithdrawal, row.held, {"answered_at": at})


def _again(row: Outgoing, why: str) -> None:
    """Later again, each time twice as long; after the last try it is given up, which the rule then sees."""
    pause = min(FIRST_AGAIN * 2 ** (row.tries - 1), LONGEST_AGAIN)
    over = row.tries >= TRIES
    _log.warning(
        "watch_notice_not_sent", id=row.pk, way=row.way, tries=row.tries, gave_up=over, why=why[:200]
    )
    Outgoing.objects.filter(pk=row.pk).update(next_at=None if over else clock.now() + pause, error=why[:300])
