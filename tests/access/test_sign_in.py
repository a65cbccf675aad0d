"""The backend and the cipher under a sign-in."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.utils.module_loading import import_string

import sekisho.settings
from sekisho.access.assurance import SecondFactorNeeded, has_second_factor, require_second_factor
from sekisho.access.sign_in import SecondFactorUnreadable, sealed, unsealed
from tests.cast import Cast


def enter(login: str, password: str) -> Any:
    return authenticate(RequestFactory().post("/"), username=login, password=password)


def test_passwords_are_kept_as_argon2id_at_full_cost():
    """The tests' own hasher is a cheap one of the same kind."""
    (name,) = sekisho.settings.PASSWORD_HASHERS
    kept = import_string(name)().encode("a password", "some salt of it")
    assert kept.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


def test_an_accounts_password_is_kept_as_argon2id(cast: Cast):
    assert cast.aoki.account.password.startswith("argon2$argon2id$")


def test_the_login_name_has_no_capitals(cast: Cast):
    assert enter("AOKI", cast.password) == cast.aoki.account


def test_who_left_and_whose_account_is_closed_do_not_come_in(cast: Cast):
    assert enter("kyuda", cast.password) is None
    account = cast.nishi.account
    account.is_active = False
    account.save()
    assert enter("nishi", cast.password) is None


def test_a_second_factors_secret_is_sealed(cast: Cast, settings):
    kept = Authenticator.objects.get(user=cast.mori.account)
    assert cast.totp_secret not in str(kept.data)
    assert unsealed(kept.data["secret"]) == cast.totp_secret
    settings.SECRET_KEY = "another key"
    with pytest.raises(SecondFactorUnreadable, match="SEKISHO_SECRET_KEY_FILE"):
        unsealed(kept.data["secret"])


def test_sealing_twice_gives_two_seals():
    assert sealed("same") != sealed("same")


def request_of(account: Any) -> Any:
    request = RequestFactory().post("/approvals/AP-0001/")
    request.user = account
    return request


def test_who_approves_needs_a_second_factor(cast: Cast):
    require_second_factor(request_of(cast.mori.account))
    assert not has_second_factor(cast.aoki.account)
    with pytest.raises(SecondFactorNeeded, match="authenticator app or a passkey"):
        require_second_factor(request_of(cast.aoki.account))


def test_recovery_codes_alone_are_no_second_factor(cast: Cast):
    Authenticator.objects.create(user=cast.aoki.account, type="recovery_codes", data={})
    assert not has_second_factor(cast.aoki.account)


def test_a_program_never_decides_an_approval(cast: Cast):
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(SecondFactorNeeded):
        require_second_factor(request_of(AnonymousUser()))


def test_a_try_out_may_waive_it(cast: Cast, settings):
    settings.SEKISHO_SECOND_FACTOR = False
    require_second_factor(request_of(cast.aoki.account))
    assert not has_second_factor(cast.aoki.account)
