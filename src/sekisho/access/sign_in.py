"""Who may come in: the password backend that Django and django-allauth ask, and the cipher for second factors."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from sekisho.access.models import Account
from sekisho.access.rights import actor_for_account
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text


class SecondFactorUnreadable(SekishoError):
    code = "second_factor_unreadable"
    status = 500
    text = Text(
        "二要素認証の秘密情報を復号できません。SEKISHO_SECRET_KEY_FILE が登録時と同じか確認してください。",
        "A second factor's secret cannot be read: is SEKISHO_SECRET_KEY_FILE the one it was made with?",
    )


def may_sign_in(account: Account) -> bool:
    """An active account of somebody who works here today, or of an administrator who is no person."""
    return account.is_active and (not account.person or actor_for_account(account).works_here)


class Backend(AuthenticationBackend):
    """Login name and password. Who left, or whose account is off, gets the same answer as a wrong password."""

    def user_can_authenticate(self, user: Any) -> bool:
        return may_sign_in(user)

    def get_user(self, user_id: Any) -> Account | None:
        """The account of a session; the web's `Reader` asks at each request whether the person still works here."""
        return Account.objects.filter(pk=user_id, is_active=True).first()

    @classmethod
    def _stash_user(cls, user: Any) -> Any:
        """allauth would tell the right password of a closed account apart from a wrong one; here it does not."""
        return super()._stash_user(None)


def sealed(text: str) -> str:
    """A second factor's secret as the database keeps it: encrypted with a key that is not in the database."""
    return _cipher().encrypt(text.encode()).decode()


def unsealed(text: str) -> str:
    try:
        return _cipher().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise SecondFactorUnreadable from error


def _cipher() -> Fernet:
    key = settings.SECRET_KEY.encode()
    derived = HKDF(SHA256(), 32, salt=None, info=b"sekisho second factors").derive(key)
    return Fernet(urlsafe_b64encode(derived))
