"""Keys for programs: `sk_<id>_<secret>`. The database knows the id and the SHA-256 of the secret.

A key is for one door: the API, the calendar feed, or the watch. At any other it is no key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import OperationalError

from sekisho.access.models import API, CALENDAR, Account, Token
from sekisho.access.rights import Actor, actor_for_account
from sekisho.access.sign_in import may_sign_in
from sekisho.kernel import clock
from sekisho.kernel.ids import new_id

LONGEST = timedelta(days=366)
_FORM = re.compile(r"sk_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})")
_NO_SUCH = hashlib.sha256(b"no such token").hexdigest()
_NOTED = timedelta(minutes=1)


def issue(
    *,
    label: str,
    by: str,
    expires_at: datetime,
    account: Account | None = None,
    service: str = "",
    purpose: str = API,
    reads: Iterable[str] | None = None,
    writes: Iterable[str] | None = None,
) -> tuple[Token, str]:
    """Keep a new token; the second value is what its user gets, and is never to be had again."""
    secret = secrets.token_urlsafe(32)
    token = Token.objects.create(
        id=new_id(),
        label=label,
        account=account,
        service=service,
        purpose=purpose,
        secret_sha256=_sha256(secret),
        reads=None if reads is None else sorted(reads),
        writes=None if writes is None else sorted(writes),
        created_by=by,
        expires_at=expires_at,
    )
    return token, f"sk_{token.id}_{secret}"


def find(given: str, purpose: str = API) -> Token | None:
    """The token of this purpose that the text is, if it stands now. A wrong id takes as long as a wrong secret."""
    form = _FORM.fullmatch(given)
    if form is None:
        return None
    token = Token.objects.select_related("account").filter(pk=form[1]).first()
    expected = token.secret_sha256 if token else _NO_SUCH
    if not hmac.compare_digest(_sha256(form[2]), expected) or token is None or not stands(token):
        return None
    return token if token.purpose == purpose else None


def stands(token: Token) -> bool:
    """Neither revoked nor expired, and its person may still sign in."""
    if token.revoked_at is not None or token.expires_at <= clock.now():
        return False
    return token.account is None or may_sign_in(token.account)


def actor_for_token(token: Token) -> Actor:
    """The person's rights of the day within the token's bounds; or a service with the listed kinds and nothing else."""
    reads = None if token.reads is None else frozenset(token.reads)
    writes = None if token.writes is None else frozenset(token.writes)
    if token.account is None:
        none: frozenset[str] = frozenset()
        return Actor(f"service:{token.service}", service=True, reads=reads or none, writes=writes or none)
    actor = replace(actor_for_account(token.account), administers=False)
    if token.purpose == CALENDAR:  # what its person may read; the feed tells nothing but the calendar
        return replace(actor, writes=frozenset())
    return replace(actor, reads=reads, writes=writes)


def actor_for_secret(given: str) -> Actor | None:
    """Who acts with this token at the API; None where it is none. Notes the use."""
    token = used(given)
    return actor_for_token(token) if token else None


def used(given: str, purpose: str = API) -> Token | None:
    """The token, as `find`. Notes the use, at most once a minute."""
    token = find(given, purpose)
    if token is None:
        return None
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at >= _NOTED:
        with suppress(OperationalError):  # a full or read-only disk: reading goes on
            Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _sha256(secret: str) -> str:
    """The secret has 256 random bits, so a plain hash is as good as a slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()
