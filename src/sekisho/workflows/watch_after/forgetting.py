"""Retention: who was warned is forgotten after a while; that somebody was, by which rule and how fast, is kept."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from sekisho.kernel import clock
from sekisho.workflows.watch_after.blocks import forget_old
from sekisho.workflows.watch_after.models import Episode, Frozen, Link, Outgoing, Warned
from sekisho.workflows.watch_after.policy import personal

NOBODY = ""


def forget(after: timedelta | None = None) -> int:
    """Take persons out of what is older (default: the member's limit); returns of how many warnings.

    Open freezes stay, for they still act; of closed episodes the key goes, and their counts stay.
    """
    before = clock.now() - (personal() if after is None else after)
    with transaction.atomic():
        old = Warned.objects.filter(detected_at__lt=before).exclude(user=NOBODY)
        Link.objects.filter(Q(warned__in=old) | Q(expires_at__lt=before)).delete()
        Outgoing.objects.filter(made_at__lt=before, next_at=None).delete()
        Frozen.objects.filter(thawed_at__lt=before).update(user=NOBODY, reason="")
        Episode.objects.filter(closed=True, last_at__lt=before).update(group=NOBODY)
        forget_old(before)
        return old.update(user=NOBODY, facts={})
