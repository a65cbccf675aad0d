"""How somebody comes in: what django-allauth asks us at each step of a sign-in."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from sekisho.access.lock_out import count_failure, forget_failures, is_locked
from sekisho.access.models import Account
from sekisho.access.rights import actor_for_account
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

WRONG = Text(
    "ログイン名またはパスワードが正しくありません。", "The login name or the password is not correct."
)
LOCKED = Text(
    "試行回数が上限に達したため、一時的に受け付けません。15分ほど待ってから、もう一度お試しください。",
    "Too many tries. Wait about 15 minutes, then try again.",
)


class SecondFactorUnreadable(SekishoError):
    code = "second_factor_unreadable"
    status = 500
    text = Text(
        "二要素認証の秘密情報を復号できません。SEKISHO_SECRET_KEY_FILE が登録時と同じか確認してください。",
        "A second factor's secret cannot be read: is SEKISHO_SECRET_KEY_FILE the one it was made with?",
    )


def may_sign_in(account: Account) -> bool:
    """An account that is active, of somebody who works here today (or of an administrator who is no person)."""
    return account.is_active and (not account.person or actor_for_account(account).works_here)


class Backend(AuthenticationBackend):
    """Login name and password. Somebody who left, or whose account is off, gets the same answer as a wrong password."""

    def user_can_authenticate(self, user: Any) -> bool:
        return may_sign_in(user)

    @classmethod
    def _stash_user(cls, user: Any) -> Any:
        """allauth would tell a right password of a closed account apart; here it is simply refused."""
        return super()._stash_user(None)


class AccountAdapter(DefaultAccountAdapter):
    """No self sign-up, no mail, one answer to every failure, and the lock-out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, *_: Any, **__: Any) -> None:
        """Nothing is sent by mail: an installation needs no mail server."""

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        own = {"username_password_mismatch": WRONG, "too_many_login_attempts": LOCKED}
        if code in own:
            return ValidationError(own[code].in_(get_language() or "ja"), code=code)
        return super().validation_error(code, *args)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if is_locked(credentials.get("username", ""), self.get_client_ip(request)):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        count_failure(credentials.get("username", ""), self.get_client_ip(request))

    def pre_login(self, request: HttpRequest, user: Any, **_: Any) -> HttpResponse | None:
        """Passkeys come in here without a password having been checked."""
        if may_sign_in(user):
            return None
        self.add_message(request, 40, message=WRONG.in_(get_language() or "ja"))
        return redirect("account_login")

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        forget_failures(user.login)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are encrypted with a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise SecondFactorUnreadable from error

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": settings.MFA_TOTP_ISSUER}


def _cipher() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"sekisho second factors").derive(settings.SECRET_KEY.encode())
    return Fernet(urlsafe_b64encode(derived))
