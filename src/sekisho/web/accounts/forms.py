"""The second factor's form: its wrong codes count for the lock-out, and no code is taken twice."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from sekisho.access.lock_out import count_failure, is_locked
from sekisho.access.models import UsedCode
from sekisho.kernel import clock

_REMEMBERED = timedelta(
    minutes=10
)  # a code of an app lives 90 seconds at most; a recovery code deletes itself


class Counted:
    """Locks with the login name's wrong passwords: a stolen password buys no unlimited tries at the code."""

    user: Any

    def clean_code(self) -> str:
        adapter = account_adapter()
        address = adapter.get_client_ip(context.request)
        if is_locked(self.user.login, address):
            raise adapter.validation_error("too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            self._use(code)
        except ValidationError:
            count_failure(self.user.login, address)
            raise
        return code

    def _use(self, code: str) -> None:
        """Take the code once: two requests at the same instant, in two processes, get one sign-in."""
        now = clock.now()
        UsedCode.objects.filter(at__lt=now - _REMEMBERED).delete()
        digest = hashlib.sha256("".join(code.split()).encode()).hexdigest()
        try:
            with transaction.atomic():
                UsedCode.objects.create(account=self.user, digest=digest, at=now)
        except IntegrityError as error:
            raise get_adapter().validation_error("incorrect_code") from error


class SecondFactor(Counted, AuthenticateForm):
    pass


class SecondFactorAgain(Counted, ReauthenticateForm):
    pass
