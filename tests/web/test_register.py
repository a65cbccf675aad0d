"""One register: sorted, filtered, paged, exported, as known at a moment; within its bounds of queries."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from playwright.sync_api import BrowserContext, expect

from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Action, Budget, Incident, Unit
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, overflows, violations
from tests.web.reading import at_most_queries, in_english, keys, look_at, main, read, rows

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 3, tzinfo=UTC)


def write_incidents(number: int) -> None:
    with act("incidents", "operator:test") as doing:
        doing.put_new(
            Incident,
            [
                (
                    f"INC-{n:04d}",
                    {
                        "title": f"障害 {n}",
                        "kind": ("failure", "attack")[n % 2],
                        "severity": ("minor", "serious")[n % 3 == 0],
                        "state": "open",
                        "detected_at": START + timedelta(days=n),
                        "commander": ("P-0002", "P-0003", None)[n % 3],
                        "systems": ["S-EXC"],
                    },
                )
                for n in range(1, number + 1)
            ],
        )


def test_a_row_shows_words_dates_and_names(cast: Cast) -> None:
    write_incidents(1)
    html = read(cast.nishi.client, "/records/incident/")
    assert rows(html) == [
        ["INC-0001", "障害 1", "サイバー攻撃", "軽微", "対応中", "令和8年1月2日 12:00", "青木 健"]
    ]
    assert '<a href="/records/person/P-0003/" title="P-0003">青木 健</a>' in html
    english = read(in_english(cast.nishi.client), "/records/incident/")
    assert rows(english)[0][2:6] == ["Attack", "Minor", "Open", "2 Jan 2026, 12:00"]


def test_numbers_stand_to_the_right_with_their_thousands(cast: Cast) -> None:
    with act("budget", "operator:test") as doing:
        doing.put(Budget, "B-0001", {"fiscal_year": 2026, "text": "診断", "amount": 12_345_678})
    html = read(cast.nishi.client, "/records/budget/")
    assert '<td class="num">12,345,678</td>' in html
    assert rows(html)[0][1] == "2026"


def test_it_sorts_by_any_column_and_tells_so(cast: Cast) -> None:
    write_incidents(4)
    client = cast.nishi.client
    assert keys(read(client, "/records/incident/")) == ["INC-0004", "INC-0003", "INC-0002", "INC-0001"]
    html = read(client, "/records/incident/?sort=severity")
    assert keys(html)[0] == "INC-0003"
    assert re.search(r'aria-sort="ascending"><a href="\?sort=-severity"', html)
    assert keys(read(client, "/records/incident/?sort=-commander"))[:2] == ["INC-0004", "INC-0001"]


def test_it_filters_by_what_the_fields_are(cast: Cast) -> None:
    write_incidents(9)
    client = cast.nishi.client
    for query, found in (
        ("severity=serious&sort=key", ["INC-0003", "INC-0006", "INC-0009"]),
        ("commander=P-0003&sort=key", ["INC-0001", "INC-0004", "INC-0007"]),
        ("commander=-&sort=key", ["INC-0002", "INC-0005", "INC-0008"]),
        ("detected_at__from=2026-01-08&detected_at__until=2026-01-09&sort=key", ["INC-0007", "INC-0008"]),
        ("systems=S-EXC&kind=failure&sort=key", ["INC-0002", "INC-0004", "INC-0006", "INC-0008"]),
        ("q=佐倉&sort=key", ["INC-0003", "INC-0006", "INC-0009"]),
        ("q=障害 5", ["INC-0005"]),
    ):
        assert keys(read(client, f"/records/incident/?{query}")) == found, query


def test_filters_in_use_are_shown_and_can_be_taken_off(cast: Cast) -> None:
    write_incidents(3)
    html = read(cast.nishi.client, "/records/incident/?severity=serious&commander=P-0002&q=障害")
    told = main(html)
    for words in ("検索: 障害", "重大度: 重大", "対応指揮者: 佐倉 美咲"):
        assert words in told
    assert 'href="?q=%E9%9A%9C%E5%AE%B3&amp;commander=P-0002"' in html
    assert "すべて外す" in told
    assert '<option value="serious" selected>' in html


def test_a_filter_that_cannot_be_read_is_told(cast: Cast) -> None:
    write_incidents(2)
    html = read(cast.nishi.client, "/records/incident/?detected_at__from=yesterday")
    assert "「yesterday」は日付ではありません" in main(html)
    assert len(keys(html)) == 2


def test_pages_of_fifty(cast: Cast) -> None:
    write_incidents(120)
    client = cast.nishi.client
    first = read(client, "/records/incident/?sort=key")
    assert (len(keys(first)), keys(first)[0]) == (50, "INC-0001")
    assert "全 120 件中 1–50" in main(first)
    last = read(client, "/records/incident/?sort=key&page=3")
    assert (len(keys(last)), keys(last)[-1]) == (20, "INC-0120")
    assert keys(read(client, "/records/incident/?sort=key&page=99")) == keys(last)
    assert len(keys(read(client, "/records/incident/?size=200"))) == 120
    assert len(keys(read(client, "/records/incident/?size=5000&page=x"))) == 50


def test_an_empty_register_says_that_silence_is_not_compliance(cast: Cast) -> None:
    assert "記録がないことは充足を意味しません" in main(read(cast.nishi.client, "/records/drill/"))
    assert "条件に合う記録はありません" in main(read(cast.nishi.client, "/records/unit/?q=nothing"))


def test_new_records_and_bulk_edit_are_for_who_may_write(cast: Cast) -> None:
    write_incidents(1)
    writer, reader = (
        read(cast.ono.client, "/records/incident/"),
        read(cast.nishi.client, "/records/incident/"),
    )
    for words in ("新規登録", 'name="key"', "一括変更"):
        assert words in writer
        assert words not in reader


def test_fifty_rows_of_many_take_at_most_ten_queries(cast: Cast) -> None:
    write_incidents(200)
    client = cast.sakura.client
    read(client, "/records/incident/")
    with at_most_queries(10):
        read(client, "/records/incident/?sort=-commander&commander=P-0002&q=障害")
    with at_most_queries(9):
        read(client, "/records/incident/")


def test_a_past_moment_shows_the_rows_of_then_and_lets_nobody_write(cast: Cast) -> None:
    before = clock.now()
    with act("change", "operator:test") as doing:
        doing.put(Unit, "U-OPS", {"name": "営業部"})
        doing.put(Unit, "U-NEW", {"name": "新設部", "function": "other", "since_on": date(2026, 11, 1)})
    client = cast.kitagawa.client
    assert "営業部" in main(read(client, "/records/unit/"))
    look_at(client, date(2026, 11, 1), before)
    html = read(client, "/records/unit/?sort=name")
    assert sorted(keys(html)) == ["U-AUD", "U-MGT", "U-OPS", "U-RISK", "U-SYS"]
    assert "業務部" in main(html)
    assert "営業部" not in main(html)
    assert "新規登録" not in html
    assert 'name="key"' not in html
    assert client.get("/records/unit/new/").status_code == 403
    _, content = exported(client, "/records/unit/export/?format=csv")
    assert "業務部".encode() in content
    assert b"U-NEW" not in content


def test_a_day_to_come_shows_what_is_recorded_now(cast: Cast) -> None:
    client = cast.nishi.client
    look_at(client, date(2030, 1, 1))
    assert "U-OPS" in keys(read(client, "/records/unit/"))


def test_an_unknown_kind_is_not_found(cast: Cast) -> None:
    assert "見つかりません" in read(cast.nishi.client, "/records/dragon/", status=404)


# --- exports ---------------------------------------------------------------------------------------------------------


def exported(client: Any, path: str) -> tuple[Any, bytes]:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


def test_an_export_is_exactly_what_the_filter_shows(cast: Cast) -> None:
    write_incidents(9)
    answer, content = exported(
        cast.nishi.client, "/records/incident/export/?format=csv&severity=serious&sort=key"
    )
    assert answer["Content-Disposition"].startswith('attachment; filename="sekisho-incident-')
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [line["key"] for line in lines] == ["INC-0003", "INC-0006", "INC-0009"]
    assert lines[0]["systems"] == "S-EXC"
    _, content = exported(
        cast.nishi.client, "/records/incident/export/?format=xlsx&severity=serious&sort=-key"
    )
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    told = [row[0] for row in book["incident"].iter_rows(min_row=3, values_only=True)]
    book.close()
    assert told == ["INC-0009", "INC-0006", "INC-0003"]


def test_an_export_leaves_its_line_in_the_ledger(cast: Cast) -> None:
    exported(cast.nishi.client, "/records/unit/export/?format=csv")
    line = Version.objects.filter(act_name="export").get()
    assert (line.by, b'"unit":5' in bytes(line.body)) == ("person:P-0008", True)


def test_an_export_keeps_e_mail_addresses_from_those_not_entitled(cast: Cast) -> None:
    _, for_staff = exported(cast.nishi.client, "/records/person/export/?format=csv")
    _, for_keeper = exported(cast.kitagawa.client, "/records/person/export/?format=csv")
    assert b"@example.jp" not in for_staff
    assert "青木 健".encode() in for_staff
    assert b"aoki@example.jp" in for_keeper


def test_an_unknown_format_is_not_found(cast: Cast) -> None:
    read(cast.nishi.client, "/records/unit/export/?format=exe", status=404)


def test_all_registers_come_as_one_workbook_full_or_empty(cast: Cast) -> None:
    _, content = exported(cast.kitagawa.client, "/export/")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert {"unit", "person", "approval"} <= set(book.sheetnames)
    assert sum(1 for _ in book["person"].iter_rows(min_row=3)) >= 10
    book.close()
    _, content = exported(cast.aoki.client, "/export/?empty=1")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert "risk" in book.sheetnames
    assert not {"unit", "approval"} & set(book.sheetnames)
    book.close()


# --- lookups ---------------------------------------------------------------------------------------------------------


def test_a_picker_is_told_keys_and_titles(cast: Cast) -> None:
    client = cast.nishi.client
    assert read(client, "/lookup/person/?commander=青木").strip() == '<option value="P-0003">青木 健</option>'
    picked = client.get(
        "/lookup/person/?commander=P-0003", headers={"HX-Trigger": "id_commander"}
    ).content.decode()
    assert '<span id="id_commander-picked" class="picked" hx-swap-oob="true">青木 健</span>' in picked
    assert 'value="incident:"' in read(client, "/lookup/any/?subject=inc")
    assert '<option value="unit:U-OPS">業務部</option>' in read(client, "/lookup/any/?subject=unit:OPS")
    assert client.get("/lookup/dragon/?x=1").status_code == 404
    assert cast.anonymous.get("/lookup/person/?x=").status_code == 302


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_table_is_usable_by_keys_and_for_all(
    live_server: Any, cast: Cast, context: BrowserContext, axe_source: str, language: str
) -> None:
    write_incidents(60)
    page = come_in(context, live_server, cast.ono, language=language)
    page.goto(f"{live_server.url}/records/incident/?severity=serious")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.locator("[data-bs-target='#more-filters']").click()
    expect(page.locator("#more-filters")).to_be_visible()
    assert violations(page, axe_source) == []
    bulk = page.locator("[data-bulk]")
    expect(bulk).to_be_disabled()
    page.locator("[data-select-all]").check()
    expect(bulk).to_be_enabled()
    expect(page.locator("[data-count]")).to_have_text("20")


def test_chosen_rows_stay_chosen_when_the_table_follows_the_ledger(
    live_server: Any, cast: Cast, context: BrowserContext
) -> None:
    write_incidents(3)
    page = come_in(context, live_server, cast.ono)
    page.goto(f"{live_server.url}/records/incident/")
    page.locator("input[name=key][value=INC-0002]").check()
    write_another()
    expect(page.locator("text=あとから来た記録")).to_be_visible(timeout=5_000)
    expect(page.locator("input[name=key][value=INC-0002]")).to_be_checked()


def write_another() -> None:
    with transaction.atomic(), act("another", "operator:test") as doing:
        values = {"title": "あとから来た記録", "kind": "other", "severity": "minor", "state": "draft"}
        doing.put(Incident, "INC-0099", {**values, "detected_at": START})


def test_on_a_phone_nothing_sticks_out(
    live_server: Any, cast: Cast, context: BrowserContext, axe_source: str
) -> None:
    write_incidents(5)
    with act("action", "operator:test") as doing:
        doing.put(Action, "AC-0001", {"what": "見直し", "kind": "corrective", "due_on": date(2027, 1, 1)})
    page = come_in(context, live_server, cast.sakura)
    page.set_viewport_size({"width": 390, "height": 800})
    for path in (
        "/records/", "/records/incident/", "/records/incident/INC-0001/", "/records/incident/INC-0001/edit/",
        "/records/incident/INC-0001/remove/", "/import/",
    ):  # fmt: skip
        page.goto(live_server.url + path)
        assert not overflows(page), path
        assert violations(page, axe_source) == [], path
