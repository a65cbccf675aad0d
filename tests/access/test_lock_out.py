"""Wrong tries lock a login name, and an address, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from sekisho.access.lock_out import count_failure, forget_failures, is_locked, locked_logins
from sekisho.access.models import FailedSignIn

pytestmark = pytest.mark.django_db
HOME, OTHER = "192.0.2.1", "198.51.100.7"


def fail(times: int, login: str = "aoki", address: str = HOME) -> None:
    for _ in range(times):
        count_failure(login, address)


def test_the_fifth_wrong_try_locks_a_login_from_every_address():
    fail(4)
    assert not is_locked("aoki", OTHER)
    fail(1)
    assert is_locked("aoki", OTHER)
    assert not is_locked("mori", HOME)


def test_capitals_and_spaces_make_no_other_name():
    fail(5, " AOKI ")
    assert is_locked("aoki", OTHER)
    assert locked_logins(["aoki", "mori"]) == {"aoki"}


def test_a_name_that_nobody_has_locks_alike():
    fail(5, "nobody-of-that-name")
    assert is_locked("nobody-of-that-name", HOME)


def test_the_lock_opens_after_a_quarter_of_an_hour():
    start = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        fail(5)
    with time_machine.travel(start + timedelta(minutes=14, seconds=59), tick=False):
        assert is_locked("aoki", HOME)
    with time_machine.travel(start + timedelta(minutes=15), tick=False):
        assert not is_locked("aoki", HOME)
        fail(1)
        assert FailedSignIn.objects.count() == 1, "what no longer counts is not kept"


def test_an_address_that_tries_many_names_is_locked():
    for number in range(30):
        count_failure(f"guess-{number}", HOME)
    assert is_locked("mori", HOME)
    assert not is_locked("mori", OTHER)


def test_an_ipv6_neighbourhood_counts_as_one_address():
    for number in range(30):
        count_failure(f"guess-{number}", f"2001:db8:1:1::{number:x}")
    assert is_locked("mori", "2001:db8:1:1:ffff::1")
    assert not is_locked("mori", "2001:db8:1:2::1")


def test_an_administrator_can_lift_the_lock_of_a_login():
    fail(5)
    forget_failures("aoki")
    assert not is_locked("aoki", HOME)


def test_what_was_typed_is_not_kept():
    fail(1, "my-password-by-mistake")
    kept = FailedSignIn.objects.get()
    assert "password" not in kept.who
    assert len(kept.who) == 64
