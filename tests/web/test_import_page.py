"""A file of records is sent, looked at row by row, and then taken: all of it, or on purpose its good rows."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import BrowserContext, FilePayload, expect

from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Document, Person, Unit
from sekisho.records.register import one
from sekisho.workflows.record import save_record
from tests.cast import Cast, Member
from tests.web.looking import come_in, violations
from tests.web.reading import form_of, look_at, main, read, rows

pytestmark = pytest.mark.django_db

GOOD = "key,name,function,since_on,parent\nU-NEW,新設部,ユーザー部門,2026-10-01,U-OPS\nU-OPS,営業部,user,2020-04-01,\n"
BAD = GOOD + "U-BAD,,営業,2026-13-01,U-NONE\n"


def send(member: Member, text: str | bytes, name: str = "unit.csv", kind: str = "") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return member.client.post(
        "/import/", {"do": "send", "kind": kind, "file": SimpleUploadedFile(name, content)}
    )


def take(member: Member, html: str, do: str = "take", **data: str) -> Any:
    return member.client.post("/import/", {"do": do, "fingerprint": form_of(html)["fingerprint"], **data})


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def waiting() -> list[Path]:
    return list((Path(settings.SEKISHO_HOME) / "uploads").glob("*"))


def test_sending_shows_what_would_happen_and_writes_nothing(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, GOOD))
    told = main(html)
    assert "誤りはありません" in told
    assert ["部署・業務単位 unit", "1", "1", "0", "0"] in rows(html)
    assert "名称: 業務部 → 営業部" in told
    assert "上位部署: 業務部" in told  # as it is called now
    assert one(Unit, "U-OPS").ver == 1
    assert main(read(cast.kitagawa.client, "/import/")) == told  # it waits


def test_taking_writes_all_in_one_act_and_drops_the_file(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, GOOD))
    before = waiting()
    answer = take(cast.kitagawa, html, act_reason="組織改正")
    assert answer["Location"] == "/records/unit/"
    assert (one(Unit, "U-NEW").values["parent"], one(Unit, "U-OPS").values["name"]) == ("U-OPS", "営業部")
    lines = Version.objects.filter(act_name="import", reason="組織改正")
    assert {line.by for line in lines} == {"person:P-0009"}
    assert len({line.act for line in lines}) == 1
    assert len(waiting()) == len(before) - 1
    assert "新規 1 件、変更 1 件" in main(read(cast.kitagawa.client, "/records/unit/"))


def test_every_mistake_is_listed_with_its_cell_and_what_to_do(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, BAD))
    problems = {row[0]: row[1:] for row in rows(html) if row[0].startswith("unit!")}
    assert set(problems) >= {"unit!C4", "unit!D4", "unit!E4"}
    assert problems["unit!D4"][0] == "設置日"
    assert "2026-11-23 の形で" in problems["unit!D4"][1]
    assert 'value="take"' not in html
    assert 'value="take_good"' in html
    saved = cast.kitagawa.client.get("/import/problems/").content.decode("utf-8-sig")
    assert "unit!D4" in saved


def test_the_good_rows_are_taken_only_on_purpose(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, BAD))
    html = shown(take(cast.kitagawa, html, "take"))
    assert "何も取り込みませんでした" in main(html)
    assert one(Unit, "U-OPS").ver == 1
    assert take(cast.kitagawa, html, "take_good").status_code == 302
    assert one(Unit, "U-OPS").values["name"] == "営業部"
    assert not Unit.objects.filter(pk="U-BAD").exists()


def test_what_changed_since_the_preview_is_looked_at_again(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, GOOD))
    save_record(cast.sakura.actor, Unit, "U-OPS", {"name": "営業部"})
    html = shown(take(cast.kitagawa, html))
    assert "結果が変わりました" in main(html)
    assert not Unit.objects.filter(pk="U-NEW").exists()
    assert take(cast.kitagawa, html).status_code == 302
    assert one(Unit, "U-OPS").ver == 2


def test_a_file_can_be_put_away(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, GOOD))
    before = waiting()
    take(cast.kitagawa, html, "drop")
    assert len(waiting()) == len(before) - 1
    assert "ファイルから取り込む" in main(read(cast.kitagawa.client, "/import/"))
    assert take(cast.kitagawa, html).status_code == 302
    assert one(Unit, "U-OPS").ver == 1


def test_what_one_sent_another_does_not_see(cast: Cast) -> None:
    html = shown(send(cast.kitagawa, GOOD))
    assert "営業部" not in main(read(cast.sakura.client, "/import/"))
    assert take(cast.sakura, html).status_code == 302
    assert one(Unit, "U-OPS").ver == 1


def test_a_register_that_one_may_not_write_is_told(cast: Cast) -> None:
    html = shown(send(cast.aoki, GOOD))
    assert "「部署・業務単位」に書き込む権限がありません" in main(html)
    assert 'value="take"' not in html
    assert send(cast.nishi, GOOD).status_code == 403
    assert "ファイルから取り込む" not in main(read(cast.nishi.client, "/import/"))
    assert cast.anonymous.post("/import/", {"do": "send"}).status_code == 302


def test_rows_that_take_approval_are_told(cast: Cast) -> None:
    text = "key,kind,title,version\nD-0001,basic_policy,基本方針,1\n"
    assert "この変更には承認が必要です" in main(shown(send(cast.mori, text, "document.csv")))
    assert not Document.objects.exists()


def test_a_workbook_exported_comes_back_unchanged(cast: Cast) -> None:
    answer: Any = cast.kitagawa.client.get("/records/person/export/?format=xlsx")
    content = b"".join(answer.streaming_content)
    html = shown(send(cast.kitagawa, content, "person.xlsx"))
    assert "変わる記録はありません" in main(html)
    assert ["役職員 person", "0", "0", "10", "0"] in rows(html)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["person"]
    names = [cell.value for cell in sheet[1]]
    sheet.cell(row=3, column=names.index("name") + 1).value = "神谷 直"
    changed = io.BytesIO()
    book.save(changed)
    take(cast.kitagawa, shown(send(cast.kitagawa, changed.getvalue(), "person.xlsx")))
    assert Person.objects.get(pk="P-0001").name == "神谷 直"


def test_the_kind_may_be_named_beside_the_file(cast: Cast) -> None:
    assert ["部署・業務単位 unit", "1", "1", "0", "0"] in rows(
        shown(send(cast.kitagawa, GOOD, "部署.csv", "unit"))
    )
    told = main(shown(send(cast.kitagawa, GOOD, "部署.csv")))
    assert "「部署」は記録の種類ではありません" in told


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"PK\x03\x04 broken", "壊れています"),
        ("a.xlsx", b"no workbook at all", "Excel ブックではない"),
        ("unit.csv", b"", "記録がありません"),
        ("unit.csv", b"key,name\nU-1,\x81\x20\n", "文字を読めません"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(
    cast: Cast, name: str, content: bytes, words: str
) -> None:
    answer = send(cast.kitagawa, content, name)
    assert 400 <= answer.status_code < 500 or answer.status_code == 302
    html = answer.content.decode() or read(cast.kitagawa.client, "/import/")
    assert words in main(html)
    assert "ファイルから取り込む" in main(html)


def test_no_file_and_one_too_large(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.web.views import import_page

    assert cast.kitagawa.client.post("/import/", {"do": "send"}).status_code == 302
    assert "ファイルを選んでください" in main(read(cast.kitagawa.client, "/import/"))
    monkeypatch.setattr(import_page, "MAX_BYTES", 10)
    assert "大きすぎます" in main(shown(send(cast.kitagawa, GOOD), 413))


def test_hostile_words_stay_words(cast: Cast) -> None:
    text = 'key,name,function,since_on\nU-X,<script>alert(1)</script>,"<img src=x>",2026-01-01\n'
    html = shown(send(cast.kitagawa, text, "<b>unit.csv", "unit"))
    assert "<script>alert" not in html
    assert "<img src=x>" not in html


def test_in_the_past_nothing_is_taken(cast: Cast) -> None:
    client = cast.kitagawa.client
    look_at(client, date(2026, 11, 1), clock.now())
    assert send(cast.kitagawa, GOOD).status_code == 403
    assert "ファイルから取り込む" not in main(read(client, "/import/"))


def test_an_old_file_that_nobody_took_is_swept_away(cast: Cast) -> None:
    import os

    send(cast.kitagawa, GOOD)
    old = waiting()
    for path in old:
        os.utime(path, (0, 0))
    send(cast.sakura, GOOD)
    assert not any(path.exists() for path in old)
    assert all(re.fullmatch("[0-9a-f]{32}", path.name) for path in waiting())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_are_for_all(
    live_server: Any, cast: Cast, context: BrowserContext, axe_source: str, language: str
) -> None:
    page = come_in(context, live_server, cast.kitagawa, language=language)
    page.goto(f"{live_server.url}/import/")
    assert violations(page, axe_source) == []
    file: FilePayload = {"name": "unit.csv", "mimeType": "text/csv", "buffer": BAD.encode()}
    page.set_input_files("#file", file)
    page.locator("button[value=send]").click()
    expect(page.locator("[data-focus]")).to_be_focused()
    assert violations(page, axe_source) == []
    page.locator("button[value=take_good]").click()
    expect(page.locator("h1")).to_contain_text("Unit" if language == "en" else "部署")
    assert one(Unit, "U-NEW").values["name"] == "新設部"
    assert page.complaints == []  # type: ignore[attr-defined]
