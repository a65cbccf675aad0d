"""Evidence files: attached with their hashes, fetched as what was kept, bounded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from sekisho.records.models import Unit
from tests.api.calling import Answer, Caller, token_of

BOUND = "boundary"
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def sakura(cast: Any) -> Caller:
    return token_of(cast.sakura)


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """A multipart body: (name, file name or None, content)."""
    lines = b""
    for name, file, content in parts:
        head = f'form-data; name="{name}"' + (f'; filename="{file}"' if file is not None else "")
        lines += f"--{BOUND}\r\nContent-Disposition: {head}\r\n\r\n".encode() + content + b"\r\n"
    return lines + f"--{BOUND}--\r\n".encode()


def attach(
    caller: Caller, *parts: tuple[str, str | None, bytes], tag: str = '"1"', key: str = "U-OPS"
) -> Answer:
    return caller.post(
        f"records/unit/{key}/evidence",
        form(*parts),
        Content_Type=f"multipart/form-data; boundary={BOUND}",
        If_Match=tag,
    )


def test_a_file_is_attached_listed_and_fetched_as_it_was(sakura: Caller):
    answer = attach(sakura, ("file", "../議事録 1.pdf", PDF), ("reason", None, "議事録".encode()))
    assert answer.status == 201
    assert answer.etag == '"2"'
    digest = hashlib.sha256(PDF).hexdigest()
    kept = {"sha256": digest, "name": "議事録 1.pdf", "type": "application/pdf", "size": len(PDF)}
    assert answer.json["items"] == [kept]
    assert sakura.get("records/unit/U-OPS").json["evidence"] == [kept]
    assert sakura.get("records/unit/U-OPS/evidence").json["items"] == [kept]
    content = sakura.get(f"records/unit/U-OPS/evidence/{digest}")
    assert content.raw == PDF
    assert content.headers["Content-Type"] == "application/octet-stream"
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    assert sakura.get("records/unit/U-OPS/history").json["items"][0]["reason"] == "議事録"


def test_several_files_at_once_and_the_values_stay(sakura: Caller):
    answer = attach(sakura, ("file", "a.txt", b"a"), ("file", "b.txt", b"b"))
    assert [f["name"] for f in answer.json["items"]] == ["a.txt", "b.txt"]
    changed = sakura.patch("records/unit/U-OPS", {"values": {"notes": "x"}}, If_Match='"2"')
    assert len(changed.json["evidence"]) == 2
    assert attach(sakura, ("file", "c.txt", b"c"), tag='"3"').status == 201


def test_a_file_that_was_taken_off_is_still_fetched_by_its_hash(cast: Any, sakura: Caller):
    from sekisho.workflows.act import act

    attach(sakura, ("file", "a.txt", b"a"))
    with act("off", "operator:test") as doing:
        doing.put(Unit, "U-OPS", {"evidence": None})
    digest = hashlib.sha256(b"a").hexdigest()
    assert sakura.get("records/unit/U-OPS/evidence").json["items"] == []
    assert sakura.get(f"records/unit/U-OPS/evidence/{digest}").raw == b"a"


def test_only_files_of_the_record_are_fetched(sakura: Caller):
    attach(sakura, ("file", "a.txt", b"a"))
    digest = hashlib.sha256(b"a").hexdigest()
    assert sakura.get(f"records/unit/U-SYS/evidence/{digest}").code == "not_found"
    assert sakura.get("records/unit/U-OPS/evidence/nonsense").code == "not_found"
    assert sakura.get(f"records/unit/NOPE/evidence/{digest}").code == "not_found"


def test_a_content_that_is_no_longer_what_it_was_is_not_given(sakura: Caller):
    attach(sakura, ("file", "a.txt", b"genuine"))
    digest = hashlib.sha256(b"genuine").hexdigest()
    (Path(django_settings.SEKISHO_HOME) / "evidence" / digest[:2] / digest).write_bytes(b"forged!")
    answer = sakura.get(f"records/unit/U-OPS/evidence/{digest}")
    assert answer.status >= 400
    assert b"forged" not in answer.raw
    (Path(django_settings.SEKISHO_HOME) / "evidence" / digest[:2] / digest).unlink()


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ([], "file"),
        ([("reason", None, b"x")], "file"),
        ([("file", "empty.txt", b"")], "evidence"),
        ([("file", "a.txt", b"a"), ("other", "b.txt", b"b")], "other"),
        ([("file", "a.txt", b"a"), ("key", None, b"b")], "key"),
        ([("file", "a.txt", b"a"), ("reason", None, b"x" * 1001)], "reason"),
        ([("file", f"{n}.txt", b"a%d" % n) for n in range(11)], "evidence"),
    ],
)
def test_what_is_wrong_with_a_form_is_named(sakura: Caller, parts: list[Any], name: str):
    answer = attach(sakura, *parts)
    assert answer.status == 422
    assert [p["name"] for p in answer.json["problems"]] == [name]
    assert Unit.objects.get(pk="U-OPS").ver == 1


def test_what_is_no_form_or_too_large_is_refused(sakura: Caller):
    path = "records/unit/U-OPS/evidence"
    assert sakura.post(path, {"file": "x"}, If_Match='"1"').code == "wrong_media_type"
    kind = f"multipart/form-data; boundary={BOUND}"
    assert sakura.post(path, b"nonsense", If_Match='"1"', Content_Type=kind).status in (400, 422)
    assert sakura.post(path, b"x", If_Match='"1"', Content_Type="multipart/form-data").status == 400
    huge = sakura.client.generic(
        "POST", f"/api/{path}", b"x", content_type=kind, CONTENT_LENGTH=str(60 * 1024 * 1024),
        headers={"Authorization": f"Bearer {sakura.secret}", "If-Match": '"1"'},
    )  # fmt: skip
    assert huge.status_code == 413
    assert huge.json()["code"] == "too_large"


def test_versions_and_rights_hold_for_files_too(cast: Any, sakura: Caller):
    part = ("file", "a.txt", b"a")
    assert attach(sakura, part, tag='"9"').code == "stale"
    assert attach(sakura, part, tag="").code == "version_needed"
    assert attach(sakura, part, key="NOPE").code == "not_found"
    assert attach(token_of(cast.nishi), part).code == "refused"


def test_a_governed_record_takes_approval_for_files_too(cast: Any, sakura: Caller):
    answer = sakura.post(
        f"records/appointment/{cast.aoki.appointment}/evidence",
        form(("file", "a.txt", b"a")),
        Content_Type=f"multipart/form-data; boundary={BOUND}",
        If_Match='"1"',
    )
    assert answer.code == "needs_approval"
