"""Acts on accounts: who may, what they change, and the line that each leaves."""

from __future__ import annotations

import json

import pytest

from sekisho.access.models import Account
from sekisho.access.rights import actor_for_account, operator_actor
from sekisho.kernel.errors import Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.workflows.account import (
    AdministratorExists,
    NotOneself,
    create_account,
    create_first_administrator,
    end_sessions,
    one_time_password,
    own_means_changed,
    reset_password,
    reset_second_factor,
    set_active,
    set_administers,
    unlock,
)
from tests.cast import Cast

STRONG = "関所の鍵は蔵の奥深くにある"


def begin(login: str = "root-admin", password: str = STRONG, **more: object) -> Account:
    return create_first_administrator(login, password, operator="ops", **more)  # type: ignore[arg-type]


def last_line() -> Version:
    return Version.objects.filter(kind="account").latest("id")


@pytest.mark.django_db
def test_an_installation_begins_with_one_administrator_who_is_no_person():
    account = begin()
    assert account.administers
    assert account.check_password(STRONG)
    assert actor_for_account(account).administers
    line = last_line()
    assert (line.act_name, line.by) == ("create_account", "operator:ops")
    assert json.loads(bytes(line.body)) == {"account": account.pk, "administers": True, "person": ""}


@pytest.mark.django_db
def test_a_second_one_takes_a_plain_word():
    begin()
    with pytest.raises(AdministratorExists, match="--another"):
        begin("second")
    assert begin("second", another=True).administers
    assert Account.objects.count() == 2


def test_the_first_administrator_may_be_a_person_of_the_member(cast: Cast):
    Account.objects.filter(login="nishi").delete()
    account = begin("nishi-admin", person=cast.nishi.key)
    assert actor_for_account(account).by == cast.nishi.by


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("login", "password", "person", "field"),
    [
        ("a", STRONG, "", "login"),
        ("has space", STRONG, "", "login"),
        ("x" * 65, STRONG, "", "login"),
        ("root-admin", "short", "", "password"),
        ("root-admin", "root-admin-2026", "", "password"),
        ("root-admin", STRONG, "P-9999", "person"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(login, password, person, field):
    with pytest.raises(Invalid) as told:
        begin(login, password, person=person)
    assert list(told.value.problems) == [field]
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_a_weak_password_is_told_in_both_languages():
    with pytest.raises(Invalid) as told:
        begin("root-admin", "short")
    (text,) = told.value.problems["password"]
    assert "短すぎます" in text.ja
    assert "too short" in text.en


def test_only_administrators_keep_accounts(cast: Cast):
    account = cast.ono.account
    for member in (cast.kamiya, cast.sakura, cast.mori, cast.nishi):
        for refused in (
            lambda who: create_account(who, "x1", person="P-0001"),
            lambda who: set_active(who, account, False),
            lambda who: set_administers(who, account, True),
            lambda who: reset_password(who, account),
            lambda who: reset_second_factor(who, account),
            lambda who: unlock(who, account),
            lambda who: end_sessions(who, account),
        ):
            with pytest.raises(Refused, match="Administrator"):
                refused(member.actor)
    assert not Version.objects.filter(kind="account").exists()


def test_an_administrator_has_no_power_over_the_own_account(cast: Cast):
    for refused in (set_active, set_administers):
        with pytest.raises(NotOneself):
            refused(cast.kitagawa.actor, cast.kitagawa.account, False)
    root = begin()
    with pytest.raises(NotOneself):
        reset_password(actor_for_account(root), root)


def test_the_operator_of_the_machine_may_reset_any_account(cast: Cast):
    """The way back in when the last administrator lost the password."""
    password = reset_password(operator_actor("ops"), cast.kitagawa.account)
    assert cast.kitagawa.account.check_password(password)
    assert last_line().by == "operator:ops"


def test_an_unknown_session_is_not_found_and_leaves_no_line(cast: Cast):
    with pytest.raises(NotFound):
        end_sessions(cast.nishi.actor, cast.nishi.account, 4711)
    assert not Version.objects.filter(kind="account").exists()


def test_a_reset_that_fails_changes_nothing(cast: Cast, monkeypatch):
    """Account and line are one transaction."""
    before = cast.aoki.account.password

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("sekisho.workflows.account.forget_failures", broken)
    with pytest.raises(RuntimeError):
        reset_password(cast.kitagawa.actor, cast.aoki.account)
    assert cast.aoki.account.password == before
    assert not Version.objects.filter(kind="account").exists()


def test_a_persons_own_change_is_told_by_the_person(cast: Cast):
    own_means_changed(cast.aoki.account, "password_changed")
    assert (last_line().act_name, last_line().by) == ("password_changed", cast.aoki.by)


def test_one_time_passwords_can_be_read_out_and_do_not_repeat():
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(p) == 23 and not set(p) & set("01ilo") for p in made)
