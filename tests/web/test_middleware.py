"""What every request passes through: deny by default, the past is read-only, headers, language, errors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.utils.translation import override

from sekisho.kernel.errors import Conflict
from sekisho.web import errors
from tests.cast import Cast
from tests.web.reading import in_english, look_at, main, read, words
from tests.web.signing_in import type_in

SAMPLES = {"int": "1", "str": "x", "path": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000"}

# The gate itself, and the pages for the public (articles 4-4, 10-6-3 and 13-2).
PUBLIC = {
    "account_login",
    "account_logout",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "set_language",
    "public_policy",
    "public_stops",
    "was_this_you",
}


def addresses(found: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """(name, path) of every address that is served, converters filled with samples."""
    for entry in found or get_resolver().url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            filled = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES[m[1] or "str"], route)
            yield entry.name or "", "/" + filled.removeprefix("^").removesuffix("$")


EVERY_ADDRESS = sorted(set(addresses()))


def is_denied(answer: Any) -> bool:
    to_the_gate = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    return to_the_gate or answer.status_code in (401, 403)


def test_the_walk_finds_the_addresses_of_every_door():
    names = {name for name, _ in EVERY_ADDRESS}
    assert {"home", "register", "account", "people_access_act", "mfa_activate_totp", *PUBLIC} <= names
    assert any(where.startswith("/api/") for _, where in EVERY_ADDRESS)
    assert len(EVERY_ADDRESS) > 60


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_nothing_but_the_gate_and_the_public_pages_is_open(method):
    opened = set()
    for name, where in EVERY_ADDRESS:
        answer = getattr(Client(), method)(where)
        if where.startswith(("/api/", "/v1/")) and answer.status_code in (404, 405):
            continue  # this method is served by nobody at this address
        if not is_denied(answer):
            opened.add(name)
    assert opened <= PUBLIC
    assert method != "get" or {"public_policy", "public_stops"} <= opened


@pytest.mark.django_db
def test_a_fragment_sends_the_whole_page_to_the_gate():
    answer = Client().get("/rule/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/accounts/login/")


def test_a_forged_form_is_refused_in_words(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "nishi", "password": cast.password})
    assert answer.status_code == 403
    assert "画面の有効期限が切れました" in words(answer.content.decode())


# --- headers ----------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_policy_and_no_unsafe_word(cast: Cast):
    """Pages, redirects, errors, files, the API: all of them."""
    inside = cast.kamiya.client
    for name, where in EVERY_ADDRESS:
        for client in (inside, Client()):
            answer = client.get(where)
            answer.getvalue()  # read a file to its end, or it stays open
            policy = answer.headers.get("Content-Security-Policy", "")
            assert "default-src 'self'" in policy, name
            assert "unsafe" not in policy, name
            for part in (
                "frame-ancestors 'none'",
                "form-action 'self'",
                "base-uri 'none'",
                "object-src 'none'",
            ):
                assert part in policy, name


def test_the_other_headers_stand_too(cast: Cast):
    headers = cast.nishi.client.get("/account/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


def test_no_page_of_somebody_signed_in_is_kept_by_the_browser(cast: Cast):
    for where in ("/", "/account/", "/records/person/", "/nowhere/"):
        assert "no-store" in cast.nishi.client.get(where)["Cache-Control"], where


def test_no_page_has_an_inline_script_or_style(cast: Cast):
    """The policy would refuse it; here it does not even occur."""
    for where in ("/", "/accounts/login/", "/account/", "/access/", "/access/new/", "/accounts/password/"):
        html = read(cast.kitagawa.client if where != "/accounts/login/" else Client(), where)
        assert not re.search(r"<script(?![^>]*\b(src=|type=\"application/json\"))", html), where
        assert not re.search(r"\s(style|on[a-z]+)=\"", html), where
        assert "<style" not in html, where


@pytest.mark.slow
def test_behind_https_cookies_and_browsers_are_bound_to_it(tmp_path):
    asked = (
        "import django; from django.conf import settings as s; django.setup(); "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_NAME, s.SECURE_HSTS_SECONDS, "
        "s.SECURE_SSL_REDIRECT, s.SECURE_PROXY_SSL_HEADER)"
    )
    env = {"DJANGO_SETTINGS_MODULE": "sekisho.settings", "SEKISHO_HTTPS": "1", "SEKISHO_TRUSTED_PROXIES": "1"}
    env |= {"SEKISHO_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    told = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    expected = "True True __Host-sekisho 31536000 True ('HTTP_X_FORWARDED_PROTO', 'https')"
    assert told.stdout.strip() == expected


@pytest.mark.slow
def test_a_number_that_is_none_is_told(tmp_path):
    env = {"SEKISHO_IDLE_MINUTES": "half", "SEKISHO_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    words_ = [sys.executable, "-c", "import sekisho.settings"]
    told = subprocess.run(words_, env=env, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "SEKISHO_IDLE_MINUTES is 'half': give a whole number, such as 30" in told.stderr


# --- the past ---------------------------------------------------------------------------------------------------


def test_while_another_day_is_shown_nothing_is_written(cast: Cast):
    client = cast.kitagawa.client
    look_at(client, date(2025, 3, 31))
    values = {"name": "監査室", "function": "audit", "since_on": "2025-01-01"}
    answer = client.post("/records/unit/new/", values)
    assert answer.status_code == 403
    assert "過去・将来の日を表示中は変更できません" in main(answer.content.decode())
    assert client.post("/account/sessions/end/").status_code == 403


def test_out_of_the_past_one_may_sign_out_change_the_language_and_come_back(cast: Cast):
    client = cast.nishi.client
    look_at(client, date(2025, 3, 31))
    assert client.post("/language/", {"language": "en", "next": "/account/"}).status_code == 302
    assert client.post("/time/", {"back": "now"}).status_code in (200, 302)
    look_at(client, date(2025, 3, 31))
    assert client.post("/accounts/logout/").status_code == 302


def test_rights_are_todays_whatever_day_is_shown(cast: Cast):
    """Who was no manager that day, and is one today, still sees what a manager sees."""
    client = cast.chiba.client
    look_at(client, date(2021, 1, 1))
    assert client.get("/account/").status_code == 200
    assert client.get("/access/").status_code == 403


# --- language ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_japanese_comes_first_whatever_the_browser_prefers():
    answer = Client().get("/accounts/login/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert answer["Content-Language"] == "ja"
    assert "サインイン" in answer.content.decode()


@pytest.mark.django_db
def test_english_is_one_click_away_and_stays():
    client = Client()
    client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    answer = client.get("/accounts/login/")
    assert answer["Content-Language"] == "en"
    assert "Sign in with a passkey" in answer.content.decode()


@pytest.mark.django_db
def test_an_unknown_language_is_japanese():
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "../../etc"
    assert client.get("/accounts/login/")["Content-Language"] == "ja"


# --- errors -----------------------------------------------------------------------------------------------------


def conflicting(request: HttpRequest) -> Any:
    raise Conflict


def breaking(request: HttpRequest) -> Any:
    raise RuntimeError("the cause, which is nobody's business")


class Doors:
    """An urlconf with two doors that fail."""

    urlpatterns = (path("conflict/", conflicting), path("break/", breaking), *get_resolver().url_patterns)
    handler500 = "sekisho.web.errors.server_error"


def test_an_error_of_ours_is_a_page_with_its_status(cast: Cast, settings):
    settings.ROOT_URLCONF = Doors
    answer = cast.nishi.client.get("/conflict/")
    assert answer.status_code == 409
    assert "ほかの人が先に変更しました" in main(answer.content.decode())
    english = in_english(cast.nishi.signed_in()).get("/conflict/")
    assert "Somebody else changed it first" in main(english.content.decode())


def test_a_fragment_gets_a_fragment(cast: Cast, settings):
    settings.ROOT_URLCONF = Doors
    answer = cast.nishi.client.get("/conflict/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.content.decode().startswith('<div class="alert')


def test_what_breaks_tells_nothing_of_its_inside(cast: Cast, settings):
    settings.ROOT_URLCONF = Doors
    client = cast.nishi.client
    client.raise_request_exception = False
    answer = client.get("/break/")
    assert answer.status_code == 500
    told = answer.content.decode()
    assert "予期しないエラーが発生しました" in told
    assert "nobody's business" not in told
    assert "Traceback" not in told


def test_an_unknown_address_is_told_inside_and_at_the_gate(cast: Cast):
    inside = cast.nishi.client.get("/nowhere/")
    assert inside.status_code == 404
    assert "お探しのページは見つかりません" in main(inside.content.decode())
    assert "<nav" in inside.content.decode(), "with the menu"
    outside = Client().get("/nowhere/")
    assert outside.status_code == 404
    assert 'id="sidebar"' not in outside.content.decode()


def test_a_host_that_is_not_served_gets_the_bare_page(cast: Cast):
    answer = cast.nishi.client.get("/account/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "送信された内容を読み取れませんでした" in answer.content.decode()


def test_a_permission_that_django_denies_is_told():
    request = RequestFactory().get("/")
    with override("en"):
        answer = errors.permission_denied(request, PermissionError())
    assert answer.status_code == 403
    assert "You may not see this page." in answer.content.decode()


@pytest.mark.django_db
def test_too_many_sign_ins_from_one_address_wait(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip", "login_failed": ""}
    for _ in range(2):
        assert type_in(Client(), "nobody").status_code == 200
    answer = type_in(Client(), "nobody")
    assert answer.status_code == 429
    assert "1分ほど待ってから" in main(answer.content.decode())
