"""'Was this you?': the user's answer by the link, once. 'No' freezes the account and raises an alert."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime

from django.db import transaction

from sekisho.access.rights import Actor, require_write, role_names
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.records.roles import RELEASERS
from sekisho.workflows.act import NEEDS_REASON, act, require_reason
from sekisho.workflows.watch_after.models import Frozen, Link, Warned
from sekisho.workflows.watch_after.notice import digest_of
from sekisho.workflows.watch_after.sources import source_for

REPORTED = "user_report"  # the rule's name of alerts that a user's own 'no' raises
BY_USER = "user"
_TITLE = Text("本人の申告による凍結", "Frozen on the user's own word")


class LinkOver(NotFound):
    """The link is none, has expired, or was answered. Which of them is not told: it may be a guess."""

    code = "link_over"
    text = Text(
        "このリンクは無効です（期限切れ、または回答済み）。お心当たりのない操作がある場合は、サポートへご連絡ください。",
        "This link is not valid: it expired or was answered. If something was not you, please call our support.",
    )


class NotFrozen(Conflict):
    code = "not_frozen"
    text = Text("{user} は凍結されていません。", "{user} is not frozen.")


def warning_of(token: str) -> Warned:
    """What a link asks about. Changes nothing. Raises LinkOver."""
    return _stands(Link.objects.select_related("warned").filter(pk=digest_of(token)).first())


def answer(token: str, given: str) -> Warned:
    """Take the user's answer, once. Raises LinkOver."""
    if given not in (Warned.MINE, Warned.NOT_MINE):
        raise Invalid({"answer": [Text("「はい」か「いいえ」でお答えください。", "Answer yes or no.")]})
    with transaction.atomic():
        found = Link.objects.filter(pk=digest_of(token)).first()
        locked = Warned.objects.select_for_update().filter(pk=found.warned_id).first() if found else None
        if found is None or locked is None:
            raise LinkOver
        found.warned = locked
        warned = _stands(found)
        warned.answered_at, warned.answer = clock.now(), given
        warned.save(update_fields=("answered_at", "answer"))
        if given == Warned.NOT_MINE:
            _freeze(warned)
    return warned


def _stands(link: Link | None) -> Warned:
    if link is None or link.expires_at <= clock.now() or link.warned.answered_at is not None:
        raise LinkOver
    return link.warned


def _freeze(warned: Warned) -> None:
    now = clock.now()
    Frozen.objects.get_or_create(
        user=warned.user, thawed_at=None, defaults={"from_at": now, "by": BY_USER, "warned": warned}
    )
    with act("freeze_user", "service:watch", _TITLE.ja) as doing:
        doing.note("act", doing.id, {"name": doing.name, "warned": warned.pk})
        if source := source_for(doing, warned.source, ""):
            told = {
                "title": f"{_TITLE.ja} / {_TITLE.en}", "source": source, "at": now, "severity": "critical",
                "rule": REPORTED, "events": 1, "last_at": now,
                "notes": f"{warned.source}:{warned.seq}", "concerns_user": True, "user_told_at": now,
            }  # fmt: skip
            doing.put(Alert, alert_key(REPORTED, str(warned.pk), now), told)


def alert_key(rule: str, group: str, at: datetime | date) -> str:
    """An alert's key: the same for the same matter, and no number that `next_keys` would count on from."""
    digest = hashlib.sha256(f"{rule}\0{group}\0{at.isoformat()}".encode()).digest()
    return f"{Alert.about.prefix}-W{base64.b32encode(digest[:10]).decode('ascii')}"


# --- by people --------------------------------------------------------------------------------------------------------


def freeze(actor: Actor, user: str, reason: str) -> Frozen:
    """Somebody has the watch treat an account as frozen. Freezing what is frozen changes nothing."""
    require_write(actor, HeldWithdrawal)
    if not reason.strip() or not 0 < len(user) <= 128:
        raise Invalid({"reason" if user else "user": [NEEDS_REASON]})
    with act("freeze_user", actor.by, reason) as doing:
        now = clock.now()
        row, _ = Frozen.objects.get_or_create(
            user=user, thawed_at=None, defaults={"from_at": now, "by": actor.by, "reason": reason[:500]}
        )
        doing.note("act", doing.id, {"name": doing.name, "frozen": row.pk})
        return row


def thaw(actor: Actor, user: str, reason: str) -> Frozen:
    """Somebody entitled ends the freeze, with the reason. Raises Refused, Invalid, NotFrozen."""
    if not actor.holds(RELEASERS):
        raise Refused(roles=role_names(RELEASERS))
    require_reason(reason)
    with act("thaw_user", actor.by, reason) as doing:
        row = Frozen.objects.select_for_update().filter(user=user, thawed_at=None).first()
        if row is None:
            raise NotFrozen(user=user)
        row.thawed_at, row.thawed_by, row.reason = clock.now(), actor.by, reason[:500]
        row.save(update_fields=("thawed_at", "thawed_by", "reason"))
        doing.note("act", doing.id, {"name": doing.name, "thawed": row.pk})
        return row
