"""Coming in: name and password, second factor, passkey; lock-out; and how a session ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, expect

from sekisho.access.models import Account, UsedCode
from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Person
from sekisho.workflows.act import act
from tests.access.test_rights import until
from tests.cast import BY, Cast, write_cast
from tests.web.looking import watched
from tests.web.reading import in_english, main, words
from tests.web.signing_in import AGAIN, LOGIN, SECOND, code, confirm, is_inside, type_in

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


# --- name and password ------------------------------------------------------------------------------------------


def test_nishi_comes_in_with_name_and_password(cast: Cast):
    client = Client()
    answer = type_in(client, "nishi")
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert is_inside(client)


def test_one_gets_to_the_page_that_one_asked_for_and_never_to_another_site(cast: Cast):
    asked = Client().get("/rule/")
    assert asked["Location"] == f"{LOGIN}?next=/rule/"
    inside = Client().post(f"{LOGIN}?next=/rule/", {"login": "nishi", "password": cast.password})
    assert inside["Location"] == "/rule/"
    elsewhere = Client().post(
        LOGIN, {"login": "nishi", "password": cast.password, "next": "https://evil.example/"}
    )
    assert elsewhere["Location"] == "/"


def test_the_answer_does_not_tell_whether_an_account_exists(cast: Cast):
    closed = cast.ono.account
    closed.is_active = False
    closed.save()
    tries = {"nishi": "wrong", "nobody": cast.password, "kyuda": cast.password, "ono": cast.password}
    told = {main(type_in(Client(), login, password).content.decode()) for login, password in tries.items()}
    assert len(told) == 1
    assert "ログイン名またはパスワードが正しくありません。" in told.pop()


def test_the_answer_is_in_the_readers_language(cast: Cast):
    told = main(type_in(in_english(Client()), "nishi", "wrong").content.decode())
    assert "The login name or the password is not correct." in told


def test_a_wrong_password_is_never_sent_back(cast: Cast):
    assert "my wrong secret" not in type_in(Client(), "nishi", "my wrong secret").content.decode()


@pytest.mark.parametrize(
    "name", ["account_signup", "account_reset_password", "account_email", "account_confirm_email"]
)
def test_nobody_signs_up_or_resets_a_password_by_mail(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_sign_in_takes_a_new_session(cast: Cast):
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = str(session.session_key)
    type_in(client, "nishi")
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_session_cookie_is_for_this_site_alone(cast: Cast):
    cookie = type_in(Client(), "nishi").cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["domain"] == ""


# --- the lock-out -----------------------------------------------------------------------------------------------


def test_five_wrong_passwords_lock_the_name_even_for_the_right_one(cast: Cast):
    for _ in range(5):
        type_in(Client(), "nishi", "wrong")
    client = Client()
    told = main(type_in(client, "nishi").content.decode())
    assert "失敗が続いたため、一時的に受け付けません" in told
    assert not is_inside(client)
    assert type_in(Client(), "aoki").status_code == 302, "others come in"


def test_the_lock_opens_by_itself(cast: Cast):
    with time_machine.travel(NOW, tick=False):
        for _ in range(5):
            type_in(Client(), "nishi", "wrong")
        assert type_in(Client(), "nishi").status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=15), tick=False):
        assert type_in(Client(), "nishi").status_code == 302


def test_a_full_sign_in_starts_the_count_afresh(cast: Cast):
    for _ in range(3):
        for _ in range(4):
            type_in(Client(), "nishi", "wrong")
        assert type_in(Client(), "nishi").status_code == 302


def test_an_address_is_locked_after_many_names(cast: Cast):
    for number in range(30):
        type_in(Client(), f"guess-{number}", "wrong", REMOTE_ADDR="192.0.2.9")
    assert type_in(Client(), "nishi", REMOTE_ADDR="192.0.2.9").status_code == 200
    assert type_in(Client(), "nishi", REMOTE_ADDR="192.0.2.10").status_code == 302


def test_a_forged_forwarding_header_makes_no_new_address(cast: Cast):
    for number in range(30):
        forged = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}"}
        type_in(Client(), f"guess-{number}", "wrong", REMOTE_ADDR="192.0.2.9", **forged)
    told = type_in(Client(), "nishi", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR="203.0.113.99")
    assert told.status_code == 200


# --- the second factor ------------------------------------------------------------------------------------------


def test_mori_needs_the_code_of_the_app(cast: Cast):
    client = Client()
    assert type_in(client, "mori")["Location"] == SECOND
    assert not is_inside(client)
    assert client.post(SECOND, {"code": code()}).status_code == 302
    assert is_inside(client)


def test_a_code_is_not_taken_twice(cast: Cast):
    used = code()
    with time_machine.travel(clock.now(), tick=False):
        first, second = Client(), Client()
        type_in(first, "mori")
        type_in(second, "mori")
        assert first.post(SECOND, {"code": used}).status_code == 302
        from django.core.cache import cache

        cache.clear()  # another process does not share the memory of this one
        told = second.post(SECOND, {"code": used})
        assert told.status_code == 200
        assert not is_inside(second)
    assert UsedCode.objects.filter(account=cast.mori.account).count() == 1


def test_a_stolen_password_buys_five_tries_at_the_code(cast: Cast):
    client = Client()
    type_in(client, "mori")
    for _ in range(5):
        client.post(SECOND, {"code": "000000"})
    told = main(client.post(SECOND, {"code": code()}).content.decode())
    assert "失敗が続いたため" in told
    assert not is_inside(client)
    assert type_in(Client(), "mori").status_code == 200, "the name is locked as a whole"


def test_nishi_adds_an_authenticator_app_and_comes_in_with_it(cast: Cast):
    client = Client()
    type_in(client, "nishi")
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith(AGAIN), "asked who one is"
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert "data:image/svg+xml" in page.content.decode()
    added = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert added["Location"] == "/accounts/2fa/recovery-codes/"
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    kept = Authenticator.objects.get(user=cast.nishi.account, type="totp")
    assert secret not in str(kept.data)

    again = Client()
    assert type_in(again, "nishi")["Location"] == SECOND
    assert again.post(SECOND, {"code": codes[0]}).status_code == 302, "a recovery code does, once"
    assert is_inside(again)
    third = Client()
    type_in(third, "nishi")
    third.post(SECOND, {"code": codes[0]})
    assert not is_inside(third)


def test_recovery_codes_are_shown_once(cast: Cast):
    client = Client()
    type_in(client, "nishi")
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    first = client.get("/accounts/2fa/recovery-codes/")
    shown = first.context["unused_codes"][0]
    assert shown in first.content.decode()
    assert shown not in client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_changes_to_ones_own_means_leave_a_line(transactional_db):
    cast = write_cast()
    client = Client()
    type_in(client, "nishi")
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    line = Version.objects.filter(kind="account").latest("id")
    assert (line.act_name, line.by) == ("totp_activated", cast.nishi.by)
    assert secret.encode() not in bytes(line.body)


# --- the end of a session ---------------------------------------------------------------------------------------


def test_a_session_ends_after_half_an_hour_without_use(cast: Cast):
    with time_machine.travel(NOW, tick=False) as traveller:
        client = Client()
        type_in(client, "nishi")
        assert is_inside(client)
        for _ in range(3):
            traveller.shift(timedelta(minutes=29))
            assert is_inside(client), "each use counts anew"
        traveller.shift(timedelta(minutes=31))
        assert not is_inside(client)


def test_a_page_that_is_left_open_keeps_no_session_alive(cast: Cast):
    with time_machine.travel(NOW, tick=False) as traveller:
        client = Client()
        type_in(client, "nishi")
        assert is_inside(client)
        for _ in range(31):
            traveller.shift(timedelta(minutes=1))
            client.get("/live/?since=0", headers={"HX-Request": "true"})
        assert not is_inside(client)


def test_a_session_ends_after_twelve_hours_whatever_one_does(cast: Cast):
    with time_machine.travel(NOW, tick=False) as traveller:
        client = Client()
        type_in(client, "nishi")
        for _ in range(12 * 4):
            assert is_inside(client)
            traveller.shift(timedelta(minutes=15))
        traveller.shift(timedelta(minutes=1))
        assert not is_inside(client)


def test_the_live_session_of_somebody_who_leaves_ends_with_the_last_day(cast: Cast):
    with time_machine.travel(datetime(2026, 12, 31, 23, 50, tzinfo=clock.JAPAN), tick=False) as traveller:
        client = Client()
        type_in(client, "nishi")
        assert is_inside(client)
        with act("leave", BY) as doing:
            nishi = Person.objects.get(pk=cast.nishi.key)
            doing.put(Person, nishi.key, {**nishi.values(), "left_on": clock.today()})
        assert is_inside(client)
        traveller.shift(timedelta(minutes=10))
        assert not is_inside(client)
        assert type_in(Client(), "nishi").status_code == 200


def test_the_live_session_of_somebody_whose_role_lapses_loses_the_rights_at_midnight(cast: Cast):
    with time_machine.travel(datetime(2026, 12, 31, 23, 50, tzinfo=clock.JAPAN), tick=False) as traveller:
        client = Client()
        type_in(client, "aoki")
        until(cast.aoki.appointment, clock.today())
        assert client.get("/records/risk/new/").status_code == 200
        traveller.shift(timedelta(minutes=10))
        assert is_inside(client)
        assert client.get("/records/risk/new/").status_code == 403


def test_sign_out_ends_the_session_on_the_server(cast: Cast):
    client = Client()
    type_in(client, "nishi")
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200, "a link alone signs nobody out"
    assert is_inside(client)
    client.post("/accounts/logout/")
    client.cookies[settings.SESSION_COOKIE_NAME] = str(key)
    assert not is_inside(client)


def test_a_change_of_password_signs_out_everywhere(cast: Cast):
    here, there = cast.nishi.signed_in(), cast.nishi.signed_in()
    fresh = "また別の長い合言葉を一つ"
    told = here.post(
        "/accounts/password/", {"oldpassword": cast.password, "password1": fresh, "password2": fresh}
    )
    assert told["Location"] == LOGIN
    assert not is_inside(here)
    assert not is_inside(there)
    assert "パスワードを変更し" in words(here.get(LOGIN).content.decode())
    assert type_in(Client(), "nishi").status_code == 200
    assert type_in(Client(), "nishi", fresh).status_code == 302


@pytest.mark.parametrize("weak", ["short1", "nishi-nishi-nishi", "password1234", "123456789012345"])
def test_a_weak_password_is_not_taken(cast: Cast, weak):
    before = cast.nishi.account.password
    told = cast.nishi.client.post(
        "/accounts/password/", {"oldpassword": cast.password, "password1": weak, "password2": weak}
    )
    assert told.status_code == 200
    assert cast.nishi.account.password == before


def test_a_one_time_password_must_be_changed_before_anything_else(cast: Cast):
    Account.objects.filter(login="nishi").update(must_change_password=True)
    client = Client()
    type_in(client, "nishi")
    for path in ("/", "/account/", "/records/", "/accounts/2fa/totp/activate/"):
        assert client.get(path)["Location"] == "/accounts/password/"
    fresh = "また別の長い合言葉を一つ"
    client.post("/accounts/password/", {"oldpassword": cast.password, "password1": fresh, "password2": fresh})
    type_in(client, "nishi", fresh)
    assert is_inside(client)


# --- passkeys, in a real browser --------------------------------------------------------------------------------


def with_authenticator(page: Page) -> None:
    """A passkey device of the browser's own making, which confirms its user by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.django_db(transaction=True)
def test_sakura_adds_a_passkey_and_comes_in_with_it_alone(live_server, context):
    """Under the page's own policy: not one script or style of allauth's is refused."""
    cast = write_cast()
    Authenticator.objects.filter(user=cast.sakura.account).delete()
    base = live_server.url.replace("127.0.0.1", "localhost")  # browsers take no passkey for a bare address
    page = watched(context.new_page())
    with_authenticator(page)
    page.goto(base + LOGIN)
    page.get_by_label("ログイン名").fill("sakura")
    page.get_by_label("パスワード").fill(cast.password)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.wait_for_url(base + "/")
    page.goto(base + "/accounts/2fa/webauthn/add/")
    page.get_by_label("パスワード").fill(cast.password)
    page.get_by_role("button", name="確認する").click()
    page.get_by_label("名前").fill("社用の端末")
    page.get_by_role("button", name="登録する").click()
    expect(page.locator("#secret li")).to_have_count(10)
    page.get_by_role("link", name="保管しました").click()
    expect(page.get_by_text("社用の端末")).to_be_visible()

    page.get_by_role("button", name="利用者メニュー").click()
    page.get_by_role("button", name="サインアウト", exact=True).click()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    page.get_by_role("button", name="パスキーでサインイン").click()
    page.wait_for_url(base + "/")
    page.goto(base + "/account/")
    expect(page.get_by_text("社用の端末")).to_be_visible()
    assert not [c for c in page.complaints if "Content Security Policy" in c]  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_the_passkey_of_somebody_who_left_opens_nothing(live_server, context):
    cast = write_cast()
    base = live_server.url.replace("127.0.0.1", "localhost")
    page = context.new_page()
    with_authenticator(page)
    page.goto(base + LOGIN)
    page.get_by_label("ログイン名").fill("nishi")
    page.get_by_label("パスワード").fill(cast.password)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.goto(base + "/accounts/2fa/webauthn/add/")
    page.get_by_label("パスワード").fill(cast.password)
    page.get_by_role("button", name="確認する").click()
    page.get_by_role("button", name="登録する").click()
    expect(page.locator("#secret li")).to_have_count(10)
    with act("leave", BY) as doing:
        nishi = Person.objects.get(pk=cast.nishi.key)
        doing.put(Person, nishi.key, {**nishi.values(), "left_on": clock.today() - timedelta(days=1)})
    page.goto(base + LOGIN)
    page.get_by_role("button", name="パスキーでサインイン").click()
    expect(page.get_by_text("正しくありません")).to_be_visible()
    assert page.url.startswith(base + LOGIN)


@pytest.mark.django_db(transaction=True)
def test_a_refused_passkey_is_told_on_the_page(live_server, context):
    write_cast()
    page = context.new_page()
    with_authenticator(page)  # it holds no passkey
    page.goto(live_server.url.replace("127.0.0.1", "localhost") + LOGIN)
    page.get_by_role("button", name="パスキーでサインイン").click()
    expect(page.get_by_role("alert").filter(has_text="パスキーを確認できませんでした")).to_be_visible()
