"""What a password may not be, beyond Django's own rules."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from sekisho.kernel.texts import Text

TELLING = 4  # a shorter login name occurs by chance
CONTAINS = Text(
    "パスワードにログイン名を含めないでください。", "The password may not contain the login name."
)


class WithoutLogin:
    """No password with the login name in it: `aoki-aoki-2026` is the first that anybody tries."""

    def validate(self, password: str, user: Any = None) -> None:
        login = getattr(user, "login", "").casefold()
        if len(login) >= TELLING and login in password.casefold():
            raise ValidationError(CONTAINS.in_(get_language() or "ja"), code="contains_login")

    def get_help_text(self) -> str:
        return CONTAINS.in_(get_language() or "ja")
