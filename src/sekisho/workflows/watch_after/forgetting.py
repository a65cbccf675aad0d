"""Retention: who was warned is forgotten after a while; that somebody was, by which rule and how fast, is kept."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from sekisho.kernel import clock
from sekisho.workflows.watch_after.blocks import forget_old
from sekisho.workflows.watch_after.models import Frozen, Link, Outgoing, Warned

PERSONAL = timedelta(days=400)  # as long as the watch's own log keeps persons, unless it is told otherwise
NOBODY = ""


def forget(personal: timedelta = PERSONAL) -> int:
    """Take persons out of what is older; returns of how many warnings. Open freezes stay, for they still act."""
    before = clock.now() - personal
    with transaction.atomic():
        old = Warned.objects.filter(detected_at__lt=before).exclude(user=NOBODY)
        Link.objects.filter(Q(warned__in=old) | Q(expires_at__lt=before)).delete()
        Outgoing.objects.filter(made_at__lt=before, next_at=None).delete()
        Frozen.objects.filter(thawed_at__lt=before).update(user=NOBODY, reason="")
        forget_old(before)
        return old.update(user=NOBODY, facts={})
