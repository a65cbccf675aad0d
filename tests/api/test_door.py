"""The session of a page as a way in, the pace, and the two factors that a decision takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.access.pace import Pace, TooManyRequests
from sekisho.kernel import clock
from tests.api.calling import Caller, token_of

UNIT = {"values": {"name": "新部署", "function": "other", "since_on": "2026-01-01"}}


def signed_in(member: Any) -> Caller:
    """A page of a person, whose browser asks for CSRF tokens as real ones do."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(member.account)
    return Caller(client=client)


def with_csrf(caller: Caller) -> str:
    """The CSRF token that a page carries."""
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string

    secret = _get_new_csrf_string()
    caller.client.cookies[settings.CSRF_COOKIE_NAME] = secret
    return secret


def test_a_session_reads_with_the_persons_rights(cast: Any):
    assert signed_in(cast.nishi).get("records/unit").status == 200


def test_a_session_writes_with_its_csrf_token_alone(cast: Any):
    page = signed_in(cast.sakura)
    assert page.post("records/unit", UNIT).code == "csrf"
    token = with_csrf(page)
    assert page.post("records/unit", UNIT, X_CSRFToken="wrong" * 8).code == "csrf"
    assert page.post("records/unit", UNIT, X_CSRFToken=token).status == 201


def test_a_token_needs_no_csrf_token(cast: Any):
    caller = token_of(cast.sakura)
    caller.client = Client(enforce_csrf_checks=True)
    assert caller.post("records/unit", UNIT).status == 201


def test_a_wrong_token_is_refused_even_with_a_good_session(cast: Any):
    page = signed_in(cast.sakura)
    assert page.get("kinds").status == 200
    assert page.get("kinds", Authorization="Bearer sk_wrong").code == "bad_token"
    assert page.get("kinds", Authorization="Basic dTpw").code == "bad_token"


def test_a_session_that_shows_another_day_writes_nothing(cast: Any):
    from sekisho.web.moment import choose

    page = signed_in(cast.sakura)
    session = page.client.session
    choose(session, clock.today() - timedelta(days=30))
    session.save()
    token = with_csrf(page)
    answer = page.post("records/unit", UNIT, X_CSRFToken=token)
    assert answer.status == 403
    assert answer.code == "past_is_read_only"
    assert page.get("records/unit").status == 200


def test_an_account_without_a_person_reads_no_records(db: None):
    from sekisho.access.models import Account

    account = Account.objects.create(login="first", administers=True)
    client = Client()
    client.force_login(account)
    assert Caller(client=client).get("records/unit").code == "refused"


# --- the pace ---------------------------------------------------------------------------------------------------


def test_a_minutes_requests_pass_then_the_caller_is_told_when_to_come_again():
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(60):
        pace.take("person:P-1", 60)
    with pytest.raises(TooManyRequests) as refused:
        pace.take("person:P-1", 60)
    assert refused.value.data["seconds"] == 1
    pace.take("person:P-2", 60)
    now[0] += 1
    pace.take("person:P-1", 60)
    with pytest.raises(TooManyRequests):
        pace.take("person:P-1", 60)


def test_without_a_bound_everything_passes():
    pace = Pace(lambda: 0.0)
    for _ in range(10_000):
        pace.take("x", 0)
    assert not pace._buckets


def test_too_many_requests_are_a_problem_with_retry_after(cast: Any, settings: Any, monkeypatch: Any):
    from sekisho.access import pace

    monkeypatch.setattr(pace, "_pace", Pace(lambda: 0.0))
    settings.SEKISHO_API_PER_MINUTE = 2
    caller = token_of(cast.nishi)
    assert [caller.get("kinds").status for _ in range(3)] == [200, 200, 429]
    answer = caller.get("kinds")
    assert answer.code == "too_many_requests"
    assert answer.headers["Retry-After"] == "30"
    assert token_of(cast.aoki).get("kinds").status == 200
