"""Errors: one form for all, in the reader's language, with nothing of the inside."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from sekisho.api.problems import language_of
from sekisho.ledger import evidence
from tests.api.calling import Caller, token_of

NEW = {"values": {"name": "新部署", "function": "other", "since_on": "2026-01-01"}}
MEMBERS = {"type", "title", "status", "detail", "code"}


@pytest.fixture
def sakura(cast: Any) -> Caller:
    return token_of(cast.sakura)


def test_a_problem_has_the_members_of_the_rfc(sakura: Caller):
    answer = sakura.get("records/unit/NOPE")
    assert answer.code == "not_found"
    assert set(answer.json) == MEMBERS
    assert answer.json["type"] == "urn:sekisho:problem:not_found"
    assert answer.headers["Content-Language"] == "ja"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "ja"),
        ("ja", "ja"),
        ("en", "en"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("en;q=0.1, ja;q=0.9", "ja"),
        ("fr, de", "ja"),
        ("fr, en;q=0.2", "en"),
        ("en;q=nonsense", "ja"),
        ("en;q=0", "ja"),
        ("*", "ja"),
        (",;=,;q", "ja"),
    ],
)
def test_the_words_follow_accept_language(accepted: str, language: str):
    headers = {"Accept-Language": accepted} if accepted else {}
    assert language_of(RequestFactory().get("/api/", headers=headers)) == language


def test_without_accept_language_the_choice_by_click_counts():
    request = RequestFactory().get("/api/")
    request.LANGUAGE_CODE = "en"
    assert language_of(request) == "en"


def test_both_languages_tell_the_same_code(cast: Any):
    japanese, english = token_of(cast.nishi), token_of(cast.nishi)
    english.language = "en"
    one, other = (c.post("records/unit", NEW) for c in (japanese, english))
    assert one.code == other.code == "refused"
    assert one.json["detail"] != other.json["detail"]
    assert "Chief system officer" in other.json["detail"]
    assert other.headers["Content-Language"] == "en"


def test_what_is_not_there_is_a_problem_too(sakura: Caller):
    for path in ("", "nope", "kinds/", "records/unit/U-OPS/nope", "records//unit", "%00", "é"):
        answer = sakura.get(path)
        assert answer.status == 404, path
        assert answer.code == "not_found"
    assert Caller().post("nope").code == "not_found"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_a_method_that_there_is_not_says_which_there_are(sakura: Caller, method: str):
    answer = sakura.call(method, "kinds")
    assert answer.status == 405
    assert answer.code == "wrong_method"
    assert answer.headers["Allow"] == "GET"
    assert sakura.call("FOO", "records/unit/U-OPS").headers["Allow"] == "DELETE, GET, PATCH, PUT"


def test_a_host_that_is_not_ours(db: None):
    answer = Client(raise_request_exception=False).get("/api/kinds", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_request"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "JSON"),
        (b'{"values": {"name": NaN}}', "JSON"),
        (b'{"values": {"name": "a", "name": "b"}}', "name"),
        (b'{"values": "\xff"}', "UTF-8"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "16"),
        (b'{"values": {"name": "\\ud800"}}', "JSON"),
        (b'{"values": 1e999}', ""),
        (b"{} {}", "JSON"),
    ],
)
def test_a_body_that_cannot_be_read_says_where(sakura: Caller, body: bytes, words: str):
    sakura.language = "en"
    answer = sakura.post("records/unit", body)
    assert answer.status == 400
    assert answer.code == "unreadable"
    assert words in answer.json["detail"]


def test_a_body_of_another_type_or_too_large(sakura: Caller):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "x"):
        assert sakura.post("records/unit", b"{}", Content_Type=kind).code == "wrong_media_type"
        assert sakura.post("approvals", b"{}", Content_Type=kind).code == "wrong_media_type"
    most = django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    for path in ("records/unit", "approvals"):
        answer = sakura.post(path, b" " * (most + 1))
        assert answer.status == 413
        assert answer.code == "too_large"
    assert (
        sakura.post(
            "records/unit", json.dumps(NEW).encode(), Content_Type="application/json; charset=utf-8"
        ).status
        == 201
    )


def test_nothing_beyond_the_greatest_file_is_read_at_all(sakura: Caller):
    length = str(evidence.MAX_BYTES * 2)
    answer = sakura.client.generic("POST", "/api/nope", b"x", CONTENT_LENGTH=length)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_an_unforeseen_error_tells_a_number_and_nothing_else(sakura: Caller, monkeypatch: Any, caplog: Any):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("sekisho.api.operations.records.listed", broken)
    answer = sakura.get("records/unit")
    assert answer.status == 500
    assert answer.code == "internal"
    assert b"secret" not in answer.raw
    assert b"Traceback" not in answer.raw
    number = answer.json["detail"].split("番号 ")[1].split(" ")[0]
    assert len(number) == 26


def test_an_error_of_ours_that_is_the_houses_own_fault_tells_no_more(sakura: Caller, monkeypatch: Any):
    from sekisho.records.record import WrittenOutsideAnAct

    def broken(*_: Any, **__: Any) -> None:
        raise WrittenOutsideAnAct

    monkeypatch.setattr("sekisho.api.operations.records.listed", broken)
    assert sakura.get("records/unit").code == "internal"


def test_a_database_that_is_away_is_said_so(sakura: Caller, monkeypatch: Any):
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("sekisho.api.operations.records.listed", away)
    answer = sakura.get("records/unit")
    assert answer.status == 503
    assert answer.code == "unavailable"
    assert answer.headers["Retry-After"] == "5"
    assert b"locked" not in answer.raw


def test_what_breaks_outside_the_operations_is_a_problem_too(monkeypatch: Any):
    from sekisho.api.middleware import Problems

    def broken(_: HttpRequest) -> Any:
        raise RuntimeError("inside")

    answer = Problems(broken)(RequestFactory().get("/api/kinds"))
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    with pytest.raises(RuntimeError):
        Problems(broken)(RequestFactory().get("/rule/"))


def test_a_thousand_wrong_members_are_not_all_told(sakura: Caller):
    body = {"values": {f"x{n}": 1 for n in range(1000)} | {"y" * 5000: 1}}
    answer = sakura.post("records/unit", body)
    assert answer.status == 422
    assert len(answer.json["problems"]) == 50
    assert len(answer.raw) < 20_000
