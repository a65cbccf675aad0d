"""The lock-out: wrong tries are counted per login name and per address, in the database, so for all processes.

A name that nobody has locks like any other: the answer never tells whether an account exists.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from ipaddress import IPv6Network, ip_address

from django.conf import settings
from django.db.models import Q

from sekisho.access.models import FailedSignIn
from sekisho.kernel import clock


def is_locked(login: str, address: str | None) -> bool:
    """Whether further tries are refused, right password or not."""
    failed = FailedSignIn.objects.filter(at__gt=_since())
    a_login, an_address = settings.SEKISHO_LOCK_LOGIN_AFTER, settings.SEKISHO_LOCK_ADDRESS_AFTER
    if failed.filter(who=_digest(login))[:a_login].count() >= a_login:
        return True
    network = _network(address)
    return network is not None and failed.filter(address=network)[:an_address].count() >= an_address


def count_failure(login: str, address: str | None) -> None:
    """Remember a wrong try. Tries that no longer count are forgotten on the way."""
    FailedSignIn.objects.filter(at__lte=_since()).delete()
    FailedSignIn.objects.create(who=_digest(login), address=_network(address), at=clock.now())


def forget_failures(login: str) -> None:
    """The name starts afresh: after a full sign-in, or when an administrator unlocks it."""
    FailedSignIn.objects.filter(who=_digest(login)).delete()


def locked_logins(logins: list[str]) -> set[str]:
    """Those of the login names that are locked now."""
    digests = {_digest(login): login for login in logins}
    tries = FailedSignIn.objects.filter(Q(who__in=digests) & Q(at__gt=_since())).values_list("who", flat=True)
    counted = list(tries)
    return {
        login
        for digest, login in digests.items()
        if counted.count(digest) >= settings.SEKISHO_LOCK_LOGIN_AFTER
    }


def _since() -> datetime:
    return clock.now() - settings.SEKISHO_LOCK_WINDOW


def _digest(login: str) -> str:
    """People type passwords into the wrong field: what was typed is kept only as a keyed digest."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"login\0" + login.strip().casefold().encode(), hashlib.sha256).hexdigest()


def _network(address: str | None) -> str | None:
    """An IPv6 user owns a /64 and could change the rest at will; an IPv4 address counts alone."""
    if not address:
        return None
    parsed = ip_address(address)
    if parsed.version == 6:
        return str(IPv6Network((parsed, 64), strict=False).network_address)
    return str(parsed)
