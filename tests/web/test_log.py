"""The log tells what happened, without secrets and without personal values."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from django.test import Client

from sekisho.web.log import blanked, configure, without_secrets
from tests.cast import Cast
from tests.web.signing_in import type_in

TOKEN = "sk_01K9ZZZZZZZZZZZZZZZZZZZZZZ_" + "a" * 43


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"refused {TOKEN}", "refused sk_…"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer …"),
        ("GET /x?token=abc&page=2", "GET /x?token=…&page=2"),
        ("postgresql://sekisho:hunter2@db/sekisho", "postgresql://sekisho:…@db/sekisho"),
        ("mail to aoki@example.jp", "mail to …@…"),
        ("record unit:U-OPS", "record unit:U-OPS"),
    ],
)
def test_what_looks_like_a_secret_is_blanked(text, expected):
    assert blanked(text) == expected


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "Authorization", "csrfmiddlewaretoken", "session_key", "totp_secret", "otp"],
)
def test_what_is_named_like_a_secret_is_blanked(name):
    assert without_secrets(None, "info", {"event": "x", name: "hunter2"})[name] == "…"


def test_what_is_none_stays():
    event = {"event": "refused", "code": "conflict", "status": 409, "path": "/records/unit/"}
    assert without_secrets(None, "info", dict(event)) == event


def test_an_event_is_one_line_of_json(capsys):
    configure({"level": "INFO", "format": "json"})
    structlog.get_logger("sekisho.test").info("signed_in", account=3, password="hunter2")
    logging.getLogger("django.request").warning("Not Found: %s", "/x?token=abc")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["account"], first["password"]) == ("signed_in", 3, "…")
    assert second["event"] == "Not Found: /x?token=…"


def test_an_error_is_told_with_its_traceback_and_without_its_secret(capsys):
    configure({"level": "INFO", "format": "json"})
    try:
        raise ValueError(f"bad {TOKEN}")
    except ValueError:
        logging.getLogger("sekisho").exception("failed")
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "a" * 43 not in told


def test_a_sign_in_leaves_no_name_and_no_password_in_the_log(cast: Cast, capfd):
    configure({"level": "DEBUG", "format": "json"})
    type_in(Client(), "nishi", "my wrong secret")
    type_in(Client(), "nishi")
    told = capfd.readouterr().err
    configure({"level": "INFO", "format": "json"})
    assert "sign_in_refused" in told
    assert "signed_in" in told
    for hidden in ("my wrong secret", cast.password, '"nishi"', cast.nishi.name):
        assert hidden not in told
