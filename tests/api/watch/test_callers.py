"""Tokens: of a service, for the watch, standing now; asked of the database once in a few seconds."""

import asyncio
from datetime import timedelta

import pytest

from sekisho.access import tokens
from sekisho.access.models import WATCH, Token
from sekisho.api.errors import BadToken, NotSignedIn, Unavailable
from sekisho.api.watch import callers
from sekisho.api.watch.callers import Callers, service_of
from sekisho.api.watch.problems import NotForWatch
from sekisho.kernel import clock
from sekisho.kernel.errors import Refused
from sekisho.workflows.account import issue_token, issue_watch_token, revoke_token
from tests.api.watch.looping import done

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def unclosed(monkeypatch):
    """A test's own connection is not the server's to close."""
    monkeypatch.setattr(callers, "close_old_connections", lambda: None)


def issued(cast, service="web", **values):
    return issue_watch_token(
        cast.kitagawa.actor,
        label="取引所",
        service=service,
        expires_at=values.pop("expires_at", clock.now() + DAY),
    )


def test_one_that_an_administrator_issued_for_a_service_is_the_service(cast):
    token, secret = issued(cast)
    assert service_of(secret) == "web"
    assert (token.purpose, token.account, token.reads, token.writes) == (WATCH, None, [], [])
    assert Token.objects.get().last_used_at is not None


def test_nobody_else_issues_one(cast):
    with pytest.raises(Refused):
        issue_watch_token(cast.aoki.actor, label="x", service="web", expires_at=clock.now() + DAY)


def test_it_opens_no_other_door(cast):
    _, secret = issued(cast)
    assert tokens.actor_for_secret(secret) is None


def test_one_for_the_api_is_refused_with_a_clear_word(cast):
    for bound in ({"service": "web"}, {"account": cast.aoki.account}):
        actor = cast.aoki.actor if "account" in bound else cast.kitagawa.actor
        _, secret = issue_token(actor, label="x", expires_at=clock.now() + DAY, **bound)
        with pytest.raises(NotForWatch):
            service_of(secret)


def test_revoked_expired_and_made_up_ones_are_none(cast):
    token, secret = issued(cast)
    Token.objects.filter(pk=token.pk).update(expires_at=clock.now())
    for given in (secret, secret[:-1] + "_", "sk_x", ""):
        with pytest.raises(BadToken):
            service_of(given)
    token, secret = issued(cast)
    revoke_token(cast.kitagawa.actor, token)
    with pytest.raises(BadToken):
        service_of(secret)


class Asked:
    """Stands in the database's place."""

    def __init__(self):
        self.times = 0
        self.error = None

    def __call__(self, secret):
        self.times += 1
        if self.error:
            raise self.error
        return "web"


@pytest.fixture
def now(monkeypatch):
    """The seconds of the caller's clock."""
    found = [1000.0]
    monkeypatch.setattr(callers.time, "monotonic", lambda: found[0])
    return found


def source(known, header=b"Bearer sk_x"):
    return done(known.source(header))


def test_many_requests_ask_once_and_a_revocation_is_seen_within_seconds(now):
    asked = Asked()
    known = Callers(asked)

    async def many():
        return await asyncio.gather(*(known.source(b"Bearer sk_x") for _ in range(50)))

    assert set(done(many())) == {"web"}
    assert asked.times == 1
    asked.error = BadToken()
    assert source(known) == "web"
    now[0] += callers.FRESH + 0.1
    with pytest.raises(BadToken):
        source(known)
    with pytest.raises(BadToken):
        known.known(b"Bearer sk_x")
    assert asked.times == 2
    known.close()


def test_while_the_database_is_away_a_token_that_stood_still_does_for_a_while(now):
    asked = Asked()
    known = Callers(asked)
    assert source(known) == "web"
    asked.error = Unavailable()
    now[0] += callers.STALE - 1
    assert source(known) == "web"
    now[0] += 2
    with pytest.raises(Unavailable):
        source(known)
    known.close()


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (b"", NotSignedIn),
        (b"Basic abc", BadToken),
        (b"Bearer " + b"x" * 300, BadToken),
        (b"Bearer \xe3\x81", BadToken),
    ],
)
def test_what_is_no_token_is_not_asked_for(header, error):
    asked = Asked()
    known = Callers(asked)
    with pytest.raises(error):
        source(known, header)
    assert asked.times == 0
    known.close()


def test_no_secret_is_kept_in_memory():
    known = Callers(Asked())
    source(known, b"Bearer sk_secret")
    assert b"sk_secret" not in repr(vars(known)).encode()
    known.close()
