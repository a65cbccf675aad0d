"""Evidence files: attached by an act, kept by their hash, given back unchanged and as a download only."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.kernel import clock
from sekisho.ledger import evidence as store
from sekisho.ledger.models import Version
from sekisho.records.models import Approval, Document, Unit
from sekisho.records.register import one
from sekisho.web.views import evidence as view
from sekisho.workflows.act import act
from sekisho.workflows.attach import attach, file_name
from tests.cast import Cast, Member
from tests.web.reading import form_of, look_at, main, read

pytestmark = pytest.mark.django_db

HTML = b"<html><script>alert(1)</script></html>"
DIGEST = hashlib.sha256(HTML).hexdigest()
URL = f"/records/unit/U-OPS/evidence/{DIGEST}/"


def upload(
    member: Member, *files: tuple[str, bytes], path: str = "/records/unit/U-OPS/evidence/", **data: str
) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return member.client.post(path, {"files": sent, **data})


def kept() -> list[dict[str, Any]]:
    return one(Unit, "U-OPS").values["evidence"] or []


def on_disk(digest: str) -> Path:
    return Path(settings.SEKISHO_HOME) / "evidence" / digest[:2] / digest


def told(member: Member, path: str = "/records/unit/U-OPS/") -> str:
    return main(read(member.client, path))


def test_a_file_is_kept_with_its_hash_by_an_act(cast: Cast) -> None:
    assert upload(cast.kitagawa, ("台帳.html", HTML), act_reason="部署の証明").status_code == 302
    assert kept() == [{"sha256": DIGEST, "name": "台帳.html", "type": "text/html", "size": len(HTML)}]
    line = Version.objects.get(kind="unit", rec="U-OPS", ver=2)
    assert (line.by, line.reason) == ("person:P-0009", "部署の証明")
    assert DIGEST.encode() in bytes(line.body)
    page = told(cast.nishi)
    assert "内容一致" in page
    assert DIGEST in page


def test_it_comes_back_as_a_download_that_no_browser_runs(cast: Cast) -> None:
    upload(cast.kitagawa, ("台帳.html", HTML))
    answer = cast.nishi.client.get(URL)
    assert (answer.status_code, answer.content) == (200, HTML)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E5%8F%B0%E5%B8%B3.html"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_only_the_files_of_the_record_and_only_for_its_readers(cast: Cast) -> None:
    upload(cast.kitagawa, ("a.html", HTML))
    assert cast.nishi.client.get(f"/records/unit/U-SYS/evidence/{DIGEST}/").status_code == 404
    assert cast.nishi.client.get(f"/records/unit/U-OPS/evidence/{'0' * 64}/").status_code == 404
    assert cast.nishi.client.get("/records/unit/U-OPS/evidence/..%2F..%2Fkeys/").status_code == 404
    assert cast.anonymous.get(URL).status_code == 302
    assert cast.kyuda.client.get(URL).status_code == 302


def test_who_may_not_write_attaches_nothing(cast: Cast) -> None:
    assert upload(cast.nishi, ("a.html", b"from a stranger")).status_code == 403
    assert kept() == []
    assert not on_disk(hashlib.sha256(b"from a stranger").hexdigest()).exists()


def test_a_file_that_was_changed_on_disk_is_told_and_not_given(cast: Cast) -> None:
    upload(cast.kitagawa, ("a.html", HTML))
    on_disk(DIGEST).write_bytes(b"forged")
    try:
        assert "内容が変わっています" in told(cast.nishi)
        answer = cast.nishi.client.get(URL)
        assert answer.status_code != 200
        assert b"forged" not in answer.content
        on_disk(DIGEST).unlink()
        assert "ファイルが見つかりません" in told(cast.nishi)
        assert cast.nishi.client.get(URL).status_code == 404
    finally:
        on_disk(DIGEST).unlink(missing_ok=True)


def test_large_files_are_compared_when_they_are_fetched(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(cast.kitagawa, ("a.html", HTML))
    monkeypatch.setattr(view, "CHECKED_BYTES", 10)
    assert "取得時に照合" in told(cast.nishi)


def test_no_file_an_empty_one_too_many_and_too_large(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for files, words in (
        ((), "ファイルを選んでください"),
        ((("leer.txt", b""),), "「leer.txt」は空のファイルです"),
        (tuple((f"{n}.txt", b"x") for n in range(11)), "10 件まで"),
    ):
        assert upload(cast.kitagawa, *files).status_code == 302
        assert words in told(cast.kitagawa)
    monkeypatch.setattr(store, "MAX_BYTES", 5)
    assert upload(cast.kitagawa, ("gross.txt", b"123456")).status_code == 413
    assert kept() == []


def test_files_are_added_one_after_another_and_the_same_once(cast: Cast) -> None:
    upload(cast.kitagawa, ("a.txt", b"1"), ("b.txt", b"2"))
    upload(cast.kitagawa, ("a.txt", b"1"), ("c.txt", b"3"))
    assert [e["name"] for e in kept()] == ["a.txt", "b.txt", "c.txt"]


def test_the_form_adds_and_takes_off_files(cast: Cast) -> None:
    upload(cast.kitagawa, ("a.txt", b"1"), ("b.txt", b"2"))
    path = "/records/unit/U-OPS/edit/"
    data = form_of(read(cast.kitagawa.client, path)) | {"drop_evidence": hashlib.sha256(b"1").hexdigest()}
    cast.kitagawa.client.post(path, {**data, "files": [SimpleUploadedFile("c.txt", b"3")]})
    assert [e["name"] for e in kept()] == ["b.txt", "c.txt"]
    digest = hashlib.sha256(b"1").hexdigest()
    assert (
        cast.nishi.client.get(f"/records/unit/U-OPS/evidence/{digest}/").content == b"1"
    )  # history keeps it


def test_evidence_of_a_governed_record_waits_for_its_approval(cast: Cast) -> None:
    with act("policy", "operator:test") as doing:
        doing.put(Document, "D-0001", {"kind": "basic_policy", "title": "基本方針", "version": "1"})
    answer = upload(
        cast.mori, ("policy.pdf", b"%PDF"), path="/records/document/D-0001/evidence/", act_reason="原本"
    )
    assert answer.status_code == 302
    asked = Approval.objects.get()
    assert (asked.subject, asked.step, asked.reason) == ("document:D-0001", "submitted", "原本")
    assert one(Document, "D-0001").values["evidence"] is None


def test_a_past_moment_gives_the_files_of_then_and_takes_none(cast: Cast) -> None:
    before = clock.now()
    upload(cast.kitagawa, ("a.html", HTML))
    client = cast.kitagawa.client
    look_at(client, date(2026, 11, 1), before)
    assert client.get(URL).status_code == 404
    assert upload(cast.kitagawa, ("b.html", b"x")).status_code == 403


def test_an_attachment_rests_on_the_version_that_was_seen(cast: Cast) -> None:
    from sekisho.kernel.errors import Conflict, NotFound

    with pytest.raises(Conflict):
        attach(cast.kitagawa.actor, Unit, "U-OPS", [("a.txt", b"1")], expected_ver=7)
    with pytest.raises(NotFound):
        attach(cast.kitagawa.actor, Unit, "U-NONE", [("a.txt", b"1")])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\報告 書.pdf", "報告 書.pdf"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie: x.txt"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_files_name_is_only_a_name(given: str, name: str) -> None:
    assert file_name(given) == name
