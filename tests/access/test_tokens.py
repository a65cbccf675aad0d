"""Keys for programs: shown once, bounded, expiring, revocable; a person's token never outlives the person's rights."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

import pytest
import time_machine

from sekisho.access.models import Token
from sekisho.access.rights import may_read, may_write
from sekisho.access.tokens import actor_for_secret, actor_for_token, find
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, Refused
from sekisho.ledger.models import Version
from sekisho.records.contents import KINDS
from sekisho.records.models import Incident, Person, Risk
from sekisho.workflows.account import issue_token, revoke_token, set_active
from sekisho.workflows.act import act
from tests.access.test_rights import until
from tests.cast import BY, Cast, Member


def own(member: Member, days: int = 30, **bounds: list[str] | None) -> tuple[Token, str]:
    expires_at = clock.now() + timedelta(days=days)
    return issue_token(
        member.actor, label="自分の表計算", expires_at=expires_at, account=member.account, **bounds
    )


def of_service(cast: Cast, **bounds: list[str] | None) -> tuple[Token, str]:
    return issue_token(
        cast.kitagawa.actor,
        label="監視の取り込み",
        expires_at=clock.now() + timedelta(days=30),
        service="alertmanager",
        **bounds,
    )


def test_a_token_acts_with_its_persons_rights_of_the_day(cast: Cast):
    _, secret = own(cast.aoki)
    actor = actor_for_secret(secret)
    assert actor is not None
    assert actor.by == cast.aoki.by
    assert may_write(actor, Risk)
    until(cast.aoki.appointment, date(2026, 12, 31))
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=clock.JAPAN), tick=False):
        token = find(own(cast.aoki)[1])
        assert token is not None
        assert not may_write(actor_for_token(token), Risk)


def test_bounds_narrow_and_never_widen(cast: Cast):
    _, secret = own(cast.aoki, reads=["risk", "incident"], writes=["risk", "person"])
    actor = actor_for_secret(secret)
    assert actor is not None
    assert {k.about.name for k in KINDS if may_read(actor, k)} == {"risk", "incident"}
    assert {k.about.name for k in KINDS if may_write(actor, k)} == {"risk"}


def test_a_service_touches_exactly_its_listed_kinds(cast: Cast):
    _, secret = of_service(cast, reads=["incident"], writes=["incident"])
    actor = actor_for_secret(secret)
    assert actor is not None
    assert actor.by == "service:alertmanager"
    assert [k for k in KINDS if may_read(actor, k)] == [Incident]
    assert [k for k in KINDS if may_write(actor, k)] == [Incident]


def test_a_service_without_listed_kinds_touches_nothing(cast: Cast):
    _, secret = of_service(cast)
    actor = actor_for_secret(secret)
    assert actor is not None
    assert not any(may_read(actor, k) or may_write(actor, k) for k in KINDS)


def test_no_token_administers_accounts(cast: Cast):
    actor = actor_for_secret(own(cast.kitagawa)[1])
    assert actor is not None
    assert not actor.administers


def test_the_database_knows_the_hash_alone(cast: Cast):
    token, secret = own(cast.aoki)
    kept = " ".join(str(v) for v in Token.objects.filter(pk=token.pk).values().get().values())
    last = secret.split("_", 2)[2]
    assert last not in kept
    assert token.secret_sha256 == hashlib.sha256(last.encode()).hexdigest()


def test_an_expired_token_is_none(cast: Cast):
    token, secret = own(cast.aoki, days=1)
    with time_machine.travel(token.expires_at - timedelta(seconds=1), tick=False):
        assert find(secret) is not None
    with time_machine.travel(token.expires_at, tick=False):
        assert find(secret) is None


def test_a_revoked_token_is_none_at_once(cast: Cast):
    token, secret = own(cast.aoki)
    revoke_token(cast.aoki.actor, token)
    assert find(secret) is None
    with pytest.raises(Conflict):
        revoke_token(cast.aoki.actor, token)


def test_a_token_stops_with_its_account_and_with_its_person(cast: Cast):
    _, secret = own(cast.aoki)
    set_active(cast.kitagawa.actor, cast.aoki.account, False)
    assert find(secret) is None
    set_active(cast.kitagawa.actor, cast.aoki.account, True)
    assert find(secret) is not None
    with act("leave", BY) as doing:
        aoki = Person.objects.get(pk=cast.aoki.key)
        doing.put(Person, aoki.key, {**aoki.values(), "left_on": clock.today() - timedelta(days=1)})
    assert find(secret) is None


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "sk_",
        "Bearer x",
        "sk_0123456789ABCDEFGHJKMNPQRS_short",
        "sk_{id}_{wrong}",
        "sk_{other}_{secret}",
        "sk_{id}_{secret}x",
        " sk_{id}_{secret}",
        "SK_{id}_{secret}",
        "sk_{id}_{secret}\n",
    ],
)
def test_what_is_no_token_finds_none(cast: Cast, broken):
    token, given = own(cast.aoki)
    other, _ = own(cast.aoki)
    secret = given.split("_", 2)[2]
    wrong = "A" * 43
    assert find(broken.format(id=token.id, other=other.id, secret=secret, wrong=wrong)) is None
    assert find(given) is not None


def test_its_use_is_noted_at_most_once_a_minute(cast: Cast, django_assert_num_queries):
    token, secret = own(cast.aoki)
    actor_for_secret(secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    actor_for_secret(secret)
    token.refresh_from_db()
    assert token.last_used_at == first


def test_nobody_issues_a_token_for_somebody_else(cast: Cast):
    soon = clock.now() + timedelta(days=1)
    for other in (cast.kitagawa, cast.mori):
        with pytest.raises(Refused):
            issue_token(other.actor, label="借りる", expires_at=soon, account=cast.aoki.account)


def test_only_an_administrator_issues_a_services_token(cast: Cast):
    soon = clock.now() + timedelta(days=1)
    with pytest.raises(Refused, match="Administrator"):
        issue_token(cast.mori.actor, label="監視", expires_at=soon, service="alertmanager")


def test_others_do_not_revoke_it_but_an_administrator_does(cast: Cast):
    token, secret = own(cast.aoki)
    with pytest.raises(Refused):
        revoke_token(cast.nishi.actor, token)
    assert find(secret) is not None
    revoke_token(cast.kitagawa.actor, token)
    assert find(secret) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": " "}, "label"),
        ({"label": "長" * 101}, "label"),
        ({"expires_at": timedelta(0)}, "expires_at"),
        ({"expires_at": timedelta(days=367)}, "expires_at"),
        ({"service": "Alert Manager"}, "service"),
        ({"reads": ["no_such_kind"]}, "kinds"),
    ],
)
def test_a_token_that_cannot_be_is_refused_with_the_field(cast: Cast, change, field):
    given = {"label": "監視", "expires_at": timedelta(days=1), "service": "alertmanager", **change}
    given["expires_at"] = clock.now() + given["expires_at"]
    with pytest.raises(Invalid) as told:
        issue_token(cast.kitagawa.actor, **given)
    assert list(told.value.problems) == [field]


def test_each_act_on_a_token_has_its_line_without_the_secret(cast: Cast):
    token, secret = own(cast.aoki, reads=["risk"])
    revoke_token(cast.aoki.actor, token)
    lines = list(Version.objects.filter(kind="token").order_by("id"))
    assert [line.act_name for line in lines] == ["issue_token", "revoke_token"]
    assert {line.by for line in lines} == {cast.aoki.by}
    told = b" ".join(bytes(line.body) for line in lines).decode()
    assert token.id in told
    assert secret.split("_", 2)[2] not in told
    assert token.secret_sha256 not in told
