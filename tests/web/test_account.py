"""One's own account: sessions and tokens, listed and ended."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from sekisho.access.models import Token
from sekisho.access.tokens import actor_for_secret, find
from sekisho.ledger.models import Version
from tests.cast import Cast, write_cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import in_english, main, read
from tests.web.signing_in import confirm, is_inside, type_in

ACCOUNT = "/account/"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
)


def signed_in(login: str = "nishi", **more: Any) -> Client:
    client = Client()
    type_in(client, login, **more)
    return client


def test_the_page_tells_means_roles_sessions_and_tokens(cast: Cast):
    told = main(read(cast.aoki.client, ACCOUNT))
    for expected in (
        "ログイン名 aoki",
        "認証アプリ",
        "パスキー",
        "システム管理責任者（業務部）",
        "セッション",
        "API トークン",
    ):
        assert expected in told
    assert "System manager (業務部)" in main(read(in_english(cast.aoki.client), ACCOUNT))


def test_who_approves_is_asked_to_add_a_second_factor(cast: Cast):
    asked = "承認・差戻しを行うには、認証アプリかパスキーの登録が必要です。"
    assert asked not in main(read(cast.sakura.client, ACCOUNT))
    assert asked not in main(read(cast.nishi.client, ACCOUNT))
    cast.sakura.account.authenticator_set.all().delete()
    assert asked in main(read(cast.sakura.client, ACCOUNT))


def test_a_try_out_warns_on_every_page(cast: Cast, settings):
    settings.SEKISHO_SECOND_FACTOR = False
    for path in (ACCOUNT, "/records/"):
        assert "承認者の二要素認証を免除中" in read(cast.nishi.client, path)


def test_each_sign_in_is_listed_with_its_device(cast: Cast):
    here = signed_in()
    signed_in(HTTP_USER_AGENT=IPHONE, REMOTE_ADDR="192.0.2.44")
    told = main(read(here, ACCOUNT))
    assert "Safari, iPhone 192.0.2.44" in told
    assert told.count("この端末") == 1


def test_a_revoked_session_ends_at_once(cast: Cast):
    here, there = signed_in(), signed_in()
    ends = re.findall(r"/account/sessions/(\d+)/end/", read(here, ACCOUNT))
    assert len(ends) == 1, "this session offers no such button"
    assert is_inside(there)
    assert here.post(f"/account/sessions/{ends[0]}/end/").status_code == 302
    assert not is_inside(there)
    assert is_inside(here)


def test_nobody_ends_another_persons_session(cast: Cast):
    theirs = signed_in("aoki")
    listed = cast.aoki.account.usersession_set.get()
    assert cast.nishi.client.post(f"/account/sessions/{listed.pk}/end/").status_code == 404
    assert is_inside(theirs)


def test_sign_out_everywhere_ends_this_session_too(cast: Cast):
    here, there = signed_in(), signed_in()
    unlisted = Client()
    unlisted.force_login(cast.nishi.account)  # a session that no list knows
    assert here.post("/account/sessions/end/")["Location"] == "/accounts/login/"
    assert not any(is_inside(c) for c in (here, there, unlisted))


def issue(client: Client, **more: Any) -> Any:
    form = {"label": "自分の表計算", "days": "30", "scope": "read", **more}
    return client.post("/account/tokens/new/", form)


def shown(answer: Any) -> str:
    found = re.search(r'id="secret"[^>]*>(sk_[^<]+)<', answer.content.decode())
    assert found
    return found[1]


def test_a_token_is_shown_once(cast: Cast):
    client = signed_in("aoki")
    asked = issue(client)
    assert asked["Location"].startswith("/accounts/reauthenticate/"), "asked who one is"
    confirm(client)
    secret = shown(issue(client))
    assert find(secret) is not None
    page = read(client, ACCOUNT)
    assert secret not in page
    assert "自分の表計算" in page


def test_the_form_goes_on_where_the_question_interrupted_it(cast: Cast):
    client = signed_in("aoki")
    asked = issue(client)
    answer = client.post(asked["Location"], {"password": cast.password, "next": "/account/tokens/new/"})
    assert find(shown(answer)) is not None


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [("read", None, []), ("all", None, None), ("listed", ["risk", "system"], ["risk"])],
)
def test_its_bounds_are_as_chosen(cast: Cast, scope, reads, writes):
    client = signed_in("aoki")
    confirm(client)
    issue(client, scope=scope, reads=["system"], writes=["risk"])
    token = Token.objects.get()
    assert (token.reads, token.writes) == (reads, writes)


def test_wrong_values_are_told_and_issue_nothing(cast: Cast):
    client = signed_in("aoki")
    confirm(client)
    answer = issue(client, label=" ")
    assert answer.status_code == 422
    assert "用途を100文字以内で入力してください。" in main(answer.content.decode())
    assert not Token.objects.exists()


def test_a_token_is_revoked_by_one_click_and_not_by_others(cast: Cast):
    client = signed_in("aoki")
    confirm(client)
    secret = shown(issue(client))
    token = Token.objects.get()
    assert cast.nishi.client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert actor_for_secret(secret) is not None
    client.post(f"/account/tokens/{token.pk}/revoke/")
    assert actor_for_secret(secret) is None
    assert "失効" in main(read(client, ACCOUNT))


def test_ending_a_session_leaves_a_line(cast: Cast):
    signed_in().post("/account/sessions/end/")
    line = Version.objects.filter(kind="account").latest("id")
    assert (line.act_name, line.by) == ("end_sessions", cast.nishi.by)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(live_server, new_context, axe_source, theme):
    """Sign-in, account and a form of it: axe finds nothing serious, and a phone need not scroll sideways."""
    cast = write_cast()
    gate = new_context().new_page()
    page = come_in(new_context(), live_server, cast.kitagawa, language="en")
    for where, path in ((gate, "/accounts/login/"), (page, ACCOUNT), (page, "/accounts/password/")):
        in_theme(where, theme)
        where.goto(live_server.url + path)
        assert violations(where, axe_source) == []
        on_phone(where)
        assert not overflows(where)
    assert page.complaints == []  # type: ignore[attr-defined]
