"""Sign in as a person does: the form, the second factor, the question who one is."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from tests.cast import PASSWORD, TOTP_SECRET

LOGIN, SECOND, AGAIN = "/accounts/login/", "/accounts/2fa/authenticate/", "/accounts/reauthenticate/"


def type_in(client: Client, login: str, password: str = PASSWORD, **more: Any) -> Any:
    """Answer of the sign-in form."""
    return client.post(LOGIN, {"login": login, "password": password}, **more)


def code(secret: str = TOTP_SECRET) -> str:
    """What the authenticator app shows now."""
    _, now, _ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


def is_inside(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def confirm(client: Client, password: str = PASSWORD) -> None:
    """Say once more who one is, as sensitive acts ask."""
    answer = client.post(AGAIN, {"password": password, "next": "/account/"})
    assert answer.status_code == 302, answer.content.decode()
