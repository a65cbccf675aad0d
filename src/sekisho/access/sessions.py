"""The sessions of an account: which there are, and how they end at once."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import F

from sekisho.access.models import Account


def sessions_of(account: Account) -> list[UserSession]:
    """The sessions that still live, the last used first."""
    listed = UserSession.objects.filter(user=account).order_by("-last_seen_at")
    alive = set(
        Session.objects.filter(session_key__in=listed.values("session_key")).values_list(
            "session_key", flat=True
        )
    )
    return [session for session in listed if session.session_key in alive]


def end_session(account: Account, session_id: int) -> bool:
    """End one of the account's sessions; False where it has no such session."""
    session = UserSession.objects.filter(user=account, pk=session_id).first()
    if session is None:
        return False
    session.end()
    return True


def end_all_sessions(account: Account) -> None:
    """End all, listed or not: none carries the account's new epoch."""
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)
    account.refresh_from_db(fields=["session_epoch"])
    keys = list(UserSession.objects.filter(user=account).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(user=account).delete()
