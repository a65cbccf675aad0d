"""Taking a framework from a file, on the page: looked at first, refused with a word, taken once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.records.models import Framework, FrameworkControl
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, violations
from tests.web.reading import in_english, look_at, main, read

PAGE = "/import/framework/"
FIXTURES = Path(__file__).parents[1] / "connectors" / "fixtures"
CATALOG = (FIXTURES / "oscal" / "catalog.json").read_bytes()
LIST = (FIXTURES / "controls_csv" / "controls.csv").read_bytes()


def send(client: Any, data: bytes, file: str = "catalog.json", **values: str) -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile(file, data), **values})


def test_looking_shows_the_controls_and_takes_nothing(cast: Cast) -> None:
    answer = send(cast.mori.client, CATALOG, do="look")
    told = main(answer.content.decode())
    assert answer.status_code == 200
    assert "管理策: 追加 4 件" in told
    assert "gate-1.1 Two keepers gate-1" in told
    assert "廃止された管理策 1 件は取り込みませんでした。" in told
    assert not Framework.objects.exists()


def test_taking_leads_to_the_framework_and_again_brings_nothing_new(cast: Cast) -> None:
    answer = send(cast.mori.client, CATALOG, do="take", act_reason="自己評価")
    framework = Framework.objects.get()
    assert answer["Location"] == f"/records/framework/{framework.key}/"
    assert "追加 4 件" in main(read(cast.mori.client, answer["Location"]))
    again = send(cast.mori.client, CATALOG, do="take")
    assert again["Location"] == answer["Location"]
    assert FrameworkControl.objects.count() == 4


def test_a_list_is_taken_under_the_name_that_is_given(cast: Cast) -> None:
    refused = send(cast.mori.client, LIST, "list.csv", do="take")
    assert refused.status_code == 422
    assert "名称を指定してください" in main(refused.content.decode())
    assert send(cast.mori.client, LIST, "list.csv", do="take", name="社内基準").status_code == 302
    assert Framework.objects.get().name == "社内基準"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.json", b"{", "JSON として読めません"),
        ("a.json", CATALOG.replace(b'"1.1.3"', b'"9.0.0"'), "OSCAL の版 9.0.0 には対応していません"),
        ("a.json", b'{"profile": {"imports": [{"href": "file:///etc/passwd"}]}}', "参照先は開きません"),
        ("a.yaml", b"x: 1", "評価基準を読み取れる形式"),
        ("a.csv", b"number\nA\nA\n", "二度あります"),
    ],
)
def test_what_cannot_be_taken_is_told(cast: Cast, name: str, data: bytes, told: str) -> None:
    answer = send(cast.mori.client, data, name, do="take", version="x")
    assert answer.status_code == 422
    assert told in main(answer.content.decode())
    assert "何も取り込んでいません。" in main(answer.content.decode())
    assert not Framework.objects.exists()


def test_without_a_file_it_asks_for_one(cast: Cast) -> None:
    assert "ファイルを選んでください。" in main(cast.mori.client.post(PAGE, {"do": "take"}).content.decode())


def test_it_is_for_those_who_may_write_frameworks_and_for_today(cast: Cast) -> None:
    for client in (cast.nishi.client, cast.ogawa.client):
        assert client.get(PAGE).status_code == 403
        assert send(client, CATALOG, do="take").status_code == 403
    assert cast.anonymous.get(PAGE).status_code == 302
    assert "評価基準の取込" in main(read(cast.mori.client, "/import/"))
    assert "評価基準の取込" not in main(read(cast.nishi.client, "/import/"))
    look_at(cast.mori.client, date(2026, 1, 5))
    assert send(cast.mori.client, CATALOG, do="take").status_code == 403
    assert not Framework.objects.exists()


def test_in_english(cast: Cast) -> None:
    told = main(send(in_english(cast.mori.client), CATALOG, do="look").content.decode())
    assert "Controls: 4 new, 0 changed" in told


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, cast.mori)
    in_theme(page, theme)
    page.goto(live_server.url + PAGE)
    page.set_input_files("#file", str(FIXTURES / "oscal" / "catalog.json"))
    page.keyboard.press("Tab")
    page.click("button[value=look]")
    page.wait_for_selector("#plan-head")
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]
