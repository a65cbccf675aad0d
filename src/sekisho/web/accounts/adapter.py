"""What django-allauth asks us at each step of a sign-in: the lock-out, one answer to every failure, no mail."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from sekisho.access.lock_out import count_failure, forget_failures, is_locked
from sekisho.access.sign_in import may_sign_in, sealed, unsealed
from sekisho.kernel.texts import Text
from sekisho.workflows.account import own_means_changed

log = structlog.get_logger(__name__)

WRONG = Text(
    "ログイン名またはパスワードが正しくありません。", "The login name or the password is not correct."
)
LOCKED = Text(
    "失敗が続いたため、一時的に受け付けません。15分ほど待ってから、もう一度お試しください。",
    "Too many failed tries. Wait about 15 minutes, then try again.",
)
CHANGED = Text(
    "パスワードを変更し、すべてのセッションを終了しました。新しいパスワードでサインインしてください。",
    "The password is changed and every session has ended. Sign in with the new password.",
)


def in_words(text: Text) -> str:
    return text.in_(get_language() or "ja")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by login name; nobody signs up by oneself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, *_: Any, **__: Any) -> None:
        """Nothing goes by mail: an installation needs no mail server."""

    def send_notification_mail(self, template_prefix: str, user: Any, *_: Any, **__: Any) -> None:
        """Called for each change to one's own means of sign-in: a line in the ledger instead of a mail."""
        own_means_changed(user, template_prefix.rpartition("/")[2])

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template == "account/messages/password_changed.txt":
            messages.success(request, in_words(CHANGED))
        elif message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *args, **kwargs)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        own = {"username_password_mismatch": WRONG, "too_many_login_attempts": LOCKED}
        if code in own:
            return ValidationError(in_words(own[code]), code=code)
        return super().validation_error(code, *args)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if is_locked(credentials.get("username", ""), self.get_client_ip(request)):
            log.warning("sign_in_locked", address=self.get_client_ip(request))
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        count_failure(credentials.get("username", ""), self.get_client_ip(request))
        log.warning("sign_in_refused", address=self.get_client_ip(request))

    def pre_login(self, request: HttpRequest, user: Any, **_: Any) -> HttpResponse | None:
        """Passkeys come in here, without the password backend having been asked."""
        if may_sign_in(user):
            return None
        messages.error(request, in_words(WRONG))
        log.warning("sign_in_refused", address=self.get_client_ip(request))
        return redirect("account_login")

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        forget_failures(user.login)
        log.info("signed_in", account=user.pk)

    def set_password(self, user: Any, password: str) -> None:
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are encrypted with a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unsealed(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return in_words(Text(f"パスキー {number}", f"Passkey {number}"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": settings.MFA_TOTP_ISSUER}
