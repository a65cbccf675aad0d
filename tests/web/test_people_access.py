"""The administrator's page: accounts come in and stand still; nobody else sees it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from sekisho.access.lock_out import is_locked
from sekisho.access.models import WATCH, Account, Token
from sekisho.access.tokens import actor_for_secret
from sekisho.ledger.models import Version
from sekisho.records.models import Person
from sekisho.workflows.act import act
from tests.cast import BY, Cast, write_cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, in_english, main, read, rows
from tests.web.signing_in import SECOND, code, confirm, is_inside, type_in

ACCESS = "/access/"


@pytest.fixture
def kitagawa(cast: Cast) -> Client:
    """The administrator, who just said once more who she is."""
    client = Client()
    type_in(client, "kitagawa")
    client.post(SECOND, {"code": code()})
    confirm(client)
    return client


def newcomer() -> str:
    with act("join", BY) as doing:
        values = {"name": "新田 花", "employment": "employee", "unit": "U-OPS", "joined_on": date(2026, 4, 1)}
        doing.put(Person, "P-0099", values)
    return "P-0099"


def do(client: Client, account: Account, name: str) -> Any:
    return client.post(f"{ACCESS}{account.pk}/{name}/")


def one_time(answer: Any) -> str:
    found = re.search(r'id="secret"[^>]*>([a-z0-9-]+)<', answer.content.decode())
    assert found
    return found[1]


def test_the_administrator_sees_every_account(cast: Cast, kitagawa: Client):
    listed = rows(read(kitagawa, ACCESS))
    assert [row[0] for row in listed][:3] == ["aoki", "chiba", "kamiya"]
    by_login = {row[0]: row for row in listed}
    assert by_login["mori"][3] == "あり"
    assert by_login["aoki"][3] == "なし"
    assert by_login["kyuda"][2] == "退職"
    assert "令和" in by_login["kitagawa"][4], "the last sign-in"


def test_it_can_be_searched_by_name_and_login(cast: Cast, kitagawa: Client):
    assert [r[0] for r in rows(read(kitagawa, ACCESS + "?q=佐倉"))] == ["sakura"]
    assert [r[0] for r in rows(read(kitagawa, ACCESS + "?q=P-0003"))] == ["aoki"]
    assert "該当するアカウントはありません。" in read(kitagawa, ACCESS + "?q=nobody")


def test_it_asks_the_database_the_same_for_ten_accounts_and_for_fifty(cast: Cast, kitagawa: Client):
    Account.objects.bulk_create(Account(login=f"more-{n}", password="!") for n in range(60))
    read(kitagawa, ACCESS)
    with at_most_queries(12):
        assert len(rows(read(kitagawa, ACCESS))) == 50
    assert "2 / 2" in main(read(kitagawa, ACCESS + "?page=2"))


@pytest.mark.parametrize("login", ["kamiya", "sakura", "mori", "aoki", "nishi", "chiba"])
def test_nobody_else_sees_or_does_anything_here(cast: Cast, login):
    client, account = getattr(cast, login).client, cast.ono.account
    for path in (ACCESS, f"{ACCESS}new/", f"{ACCESS}{account.pk}/"):
        assert client.get(path).status_code == 403
    confirm(client)
    for path in (
        f"{ACCESS}new/",
        f"{ACCESS}{account.pk}/close/",
        f"{ACCESS}{account.pk}/reset-password/",
        f"{ACCESS}{account.pk}/let-administer/",
        f"{ACCESS}tokens/new/",
    ):
        assert client.post(path, {"login": "x1", "person": "P-0001", "label": "x"}).status_code in (403, 422)
    account.refresh_from_db()
    assert account.is_active
    assert not account.administers
    assert not Token.objects.exists()


def test_a_sensitive_act_asks_once_more_who_one_is(cast: Cast):
    answer = do(cast.kitagawa.client, cast.aoki.account, "close")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert cast.aoki.account.is_active


def test_a_new_account_gets_a_one_time_password_shown_once(cast: Cast, kitagawa: Client):
    person = newcomer()
    assert "P-0099 新田 花" in read(kitagawa, f"{ACCESS}new/")
    made = kitagawa.post(f"{ACCESS}new/", {"login": "Nitta", "person": "P-0099 新田 花"})
    password = one_time(made)
    account = Account.objects.get(login="nitta")
    assert account.person == person
    assert password not in read(kitagawa, f"{ACCESS}{account.pk}/")

    nitta = Client()
    type_in(nitta, "nitta", password)
    assert nitta.get("/")["Location"] == "/accounts/password/"


@pytest.mark.parametrize(
    ("login", "person", "told"),
    [
        ("aoki", "P-0099", "このログイン名は既に使われています。"),
        ("新田", "P-0099", "ログイン名は半角の英小文字"),
        ("nitta", "P-0003", "この人のアカウントは既にあります。"),
        ("nitta", "P-9999", "役職員 P-9999 は登録されていません。"),
        ("nitta", "", "役職員を選んでください。"),
    ],
)
def test_what_cannot_be_an_account_is_told(cast: Cast, kitagawa: Client, login, person, told):
    newcomer()
    answer = kitagawa.post(f"{ACCESS}new/", {"login": login, "person": person})
    assert answer.status_code == 422
    assert told in main(answer.content.decode())
    assert Account.objects.count() == 10


def test_a_closed_account_is_out_at_once(cast: Cast, kitagawa: Client):
    aoki = cast.aoki.signed_in()
    assert is_inside(aoki)
    do(kitagawa, cast.aoki.account, "close")
    assert not is_inside(aoki)
    assert type_in(Client(), "aoki").status_code == 200
    do(kitagawa, cast.aoki.account, "open")
    assert type_in(Client(), "aoki").status_code == 302
    assert not is_inside(aoki), "the old session stays ended"


def test_sessions_are_ended_from_here(cast: Cast, kitagawa: Client):
    aoki = cast.aoki.signed_in()
    assert "127.0.0.1" in main(read(kitagawa, f"{ACCESS}{cast.aoki.account.pk}/"))
    do(kitagawa, cast.aoki.account, "end-sessions")
    assert not is_inside(aoki)


def test_a_reset_password_ends_sessions_and_lifts_the_lock(cast: Cast, kitagawa: Client):
    aoki = cast.aoki.signed_in()
    for _ in range(5):
        type_in(Client(), "aoki", "wrong")
    assert "ロック中" in read(kitagawa, ACCESS)
    password = one_time(do(kitagawa, cast.aoki.account, "reset-password"))
    assert not is_inside(aoki)
    assert type_in(Client(), "aoki", password).status_code == 302


def test_a_lock_is_lifted_by_itself_too(cast: Cast, kitagawa: Client):
    for _ in range(5):
        type_in(Client(), "aoki", "wrong")
    do(kitagawa, cast.aoki.account, "unlock")
    assert not is_locked("aoki", "127.0.0.1")


def test_a_lost_device_is_taken_off(cast: Cast, kitagawa: Client):
    do(kitagawa, cast.mori.account, "reset-second-factor")
    assert type_in(Client(), "mori")["Location"] == "/", "the password alone again, until a new one is added"


def test_nobody_closes_the_own_account(cast: Cast, kitagawa: Client):
    for name in ("close", "reset-password", "reset-second-factor", "stop-administering"):
        assert do(kitagawa, cast.kitagawa.account, name).status_code == 409
    assert is_inside(kitagawa)


def test_another_person_may_be_let_administer(cast: Cast, kitagawa: Client):
    nishi = cast.nishi.client
    assert nishi.get(ACCESS).status_code == 403
    do(kitagawa, cast.nishi.account, "let-administer")
    assert nishi.get(ACCESS).status_code == 200
    do(kitagawa, cast.nishi.account, "stop-administering")
    assert nishi.get(ACCESS).status_code == 403


def test_an_unknown_act_is_not_found(cast: Cast, kitagawa: Client):
    assert do(kitagawa, cast.aoki.account, "promote").status_code == 404


def test_a_services_token_is_issued_and_revoked(cast: Cast, kitagawa: Client):
    form = {"label": "監視の取り込み", "service": "alertmanager", "days": "90"}
    answer = kitagawa.post(f"{ACCESS}tokens/new/", {**form, "reads": ["incident"], "writes": ["incident"]})
    found = re.search(r"(sk_[0-9A-Z]{26}_[\w-]{43})", answer.content.decode())
    assert found
    actor = actor_for_secret(found[1])
    assert actor is not None
    assert (actor.by, actor.writes) == ("service:alertmanager", frozenset({"incident"}))
    kitagawa.post(f"{ACCESS}tokens/{Token.objects.get().pk}/revoke/")
    assert actor_for_secret(found[1]) is None


def test_a_services_token_for_the_watch_opens_nothing_else(cast: Cast, kitagawa: Client):
    form = {"label": "取引所", "service": "exchange", "days": "90", "opens": "watch", "writes": ["incident"]}
    answer = kitagawa.post(f"{ACCESS}tokens/new/", form)
    found = re.search(r"(sk_[0-9A-Z]{26}_[\w-]{43})", answer.content.decode())
    assert found
    assert actor_for_secret(found[1]) is None
    token = Token.objects.get()
    assert (token.purpose, token.service, token.writes) == (WATCH, "exchange", [])
    assert "検知のみ" in answer.content.decode()


def test_every_act_leaves_its_line_without_a_secret(cast: Cast, kitagawa: Client):
    password = one_time(do(kitagawa, cast.aoki.account, "reset-password"))
    do(kitagawa, cast.aoki.account, "close")
    lines = Version.objects.filter(kind="account").order_by("id")
    assert [line.act_name for line in lines] == ["reset_password", "close_account"]
    assert {line.by for line in lines} == {cast.kitagawa.by}
    told = b"".join(bytes(line.body) for line in lines).decode()
    assert cast.aoki.key in told
    assert password not in told
    assert "aoki" not in told, "a login name is personal, and the ledger is for ever"


def test_it_speaks_english(cast: Cast, kitagawa: Client):
    told = main(read(in_english(kitagawa), f"{ACCESS}{cast.aoki.account.pk}/"))
    assert "Issue a one-time password" in told
    assert "System manager" in told


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(live_server, new_context, axe_source, theme):
    cast = write_cast()
    page = come_in(new_context(), live_server, cast.kitagawa)
    in_theme(page, theme)
    for path in (ACCESS, f"{ACCESS}{cast.aoki.account.pk}/", f"{ACCESS}new/"):
        page.goto(live_server.url + path)
        assert violations(page, axe_source) == []
    on_phone(page)
    page.goto(live_server.url + ACCESS)
    assert not overflows(page)
    assert page.complaints == []  # type: ignore[attr-defined]
