"""How sure we are who somebody is: whoever decides an approval signs in with a second factor or a passkey."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from sekisho.access.models import Account
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are no factor


class SecondFactorNeeded(SekishoError):
    code = "second_factor_needed"
    status = 403
    text = Text(
        "承認・差戻しには二要素認証が必要です。アカウント画面で認証アプリまたはパスキーを登録してください。",
        "To approve or send back you need a second factor. Register an authenticator app or a passkey "
        "on your account page, then repeat it.",
    )


def has_second_factor(account: Account) -> bool:
    """Whether the account cannot be entered with a password alone."""
    return Authenticator.objects.filter(user_id=account.pk, type__in=STRONG).exists()


def with_second_factor(accounts: list[Account]) -> set[int]:
    """The ids of those accounts that have one."""
    found = Authenticator.objects.filter(user__in=accounts, type__in=STRONG)
    return set(found.values_list("user_id", flat=True))


def require_second_factor(request: HttpRequest) -> None:
    """Raise unless the request comes from a sign-in with a second factor (or the installation waives it).

    A token is one factor, so programs never decide an approval.
    """
    if not settings.SEKISHO_SECOND_FACTOR:
        return
    account = request.user
    if not isinstance(account, Account) or not has_second_factor(account):
        raise SecondFactorNeeded
