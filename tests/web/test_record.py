"""One record: values, findings, referrers, approvals, history and ledger lines; of the past as of the past."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from sekisho.kernel import clock
from sekisho.ledger.personal import Personal, erase
from sekisho.records.models import Appointment, Document, Equipment, Person, Risk, System, Unit
from sekisho.workflows.act import act
from sekisho.workflows.approve import ask
from sekisho.workflows.record import remove_record, save_record
from tests.cast import Cast
from tests.web.looking import come_in, violations
from tests.web.reading import in_english, look_at, main, read, rows

pytestmark = pytest.mark.django_db


def part(html: str, heading: str) -> str:
    """The words of one card of the page."""
    start = html.index(f'aria-labelledby="{heading}"')
    return main("<main" + html[start : html.index("</section>", start)] + "</main>")


def test_values_are_told_in_words_with_links(cast: Cast) -> None:
    html = read(cast.nishi.client, "/records/system/S-EXC/")
    told = part(html, "values-head")
    for words in (
        "名称 取引所システム",
        "所管部署 システム部",
        "対象範囲 はい",
        "重要度 高",
        "運用主体 自社",
        "第1版",
    ):
        assert words in told
    assert '<a href="/records/unit/U-SYS/" title="U-SYS">システム部</a>' in html
    assert "In scope Yes" in part(
        read(in_english(cast.nishi.client), "/records/system/S-EXC/"), "values-head"
    )


def test_what_is_wrong_with_it_leads_to_the_clause(cast: Cast) -> None:
    html = read(cast.nishi.client, "/records/unit/U-SYS/")
    told = part(html, "findings-head")
    assert "7-1" in told
    assert "不足" in told
    assert 'href="/rule/7-1/"' in html


def test_other_records_that_refer_to_it_are_listed(cast: Cast) -> None:
    with act("desks", "operator:test") as doing:
        values = {"unit": "U-SYS", "confirmed_on": date(2026, 10, 1)}
        doing.put_new(Equipment, [(f"EQ-{n:04d}", {**values, "what": f"端末 {n}"}) for n in range(1, 31)])
    html = read(cast.nishi.client, "/records/unit/U-SYS/")
    told = part(html, "referrers-head")
    assert "役職員（所属） 3件" in told
    assert "機器（部署） 30件" in told
    assert "…" in told
    assert 'href="/records/equipment/?unit=U-SYS"' in html


def test_approvals_about_it_are_listed(cast: Cast) -> None:
    with act("policy", "operator:test") as doing:
        doing.put(Document, "D-0001", {"kind": "basic_policy", "title": "基本方針", "version": "1"})
    ask(cast.mori.actor, Document, "D-0001", {"review_by_on": date(2027, 3, 31)}, "期限")
    told = part(read(cast.nishi.client, "/records/document/D-0001/"), "approvals-head")
    assert "AP-0001" in told
    assert "申請中" in told
    assert "森 智子" in told


def test_history_tells_every_version_with_its_ledger_line(cast: Cast) -> None:
    save_record(cast.kitagawa.actor, Unit, "U-OPS", {"name": "営業部"}, reason="組織改正")
    html = read(cast.nishi.client, "/records/unit/U-OPS/")
    told = part(html, "history-head")
    for words in ("第2版", "変更", "北川 翔", "組織改正", "save_unit", "第1版", "作成", "operator:cast"):
        assert words in told
    assert ["名称", "業務部", "営業部"] in rows(html)
    lines = re.findall(r'href="/ledger/(\d+)/"', html)
    assert len(lines) == 2
    assert read(cast.nishi.client, f"/ledger/{lines[0]}/")


def test_a_long_history_is_shown_in_two_steps(cast: Cast) -> None:
    for n in range(25):
        save_record(cast.kitagawa.actor, Unit, "U-OPS", {"name": f"業務部 {n}"})
    html = read(cast.nishi.client, "/records/unit/U-OPS/")
    assert html.count('class="history-head"') == 20
    assert "すべての版を表示（26版）" in main(html)
    assert read(cast.nishi.client, "/records/unit/U-OPS/?history=all").count('class="history-head"') == 26


def test_e_mail_addresses_are_for_who_keeps_the_register_and_the_person_itself(cast: Cast) -> None:
    with act("address", "operator:test") as doing:
        doing.put(Person, "P-0003", {"email": "aoki.k@example.jp"})
    for member, sees in ((cast.kitagawa, True), (cast.aoki, True), (cast.nishi, False), (cast.chiba, False)):
        html = read(member.client, "/records/person/P-0003/")
        assert ("aoki.k@example.jp" in html) is sees, member.login
        assert ("aoki@example.jp" in html) is sees, member.login
        assert "青木 健" in main(html)


def test_an_erased_name_is_told_as_erased(cast: Cast) -> None:
    with act("name", "operator:test") as doing:
        doing.put(Person, "P-0010", {"name": "旧田 改"})
    erase([Personal.objects.get(value="旧田 勝").commitment])
    html = read(cast.kitagawa.client, "/records/person/P-0010/")
    assert "旧田 勝" not in html
    assert "（消去済み）" in html


def test_a_past_moment_shows_it_as_it_was_known(cast: Cast) -> None:
    before = clock.now()
    save_record(cast.kitagawa.actor, Unit, "U-OPS", {"name": "営業部"}, reason="組織改正")
    client = cast.kitagawa.client
    look_at(client, clock.today(), before)
    html = read(client, "/records/unit/U-OPS/")
    assert "業務部" in main(html)
    assert "営業部" not in main(html)
    assert "組織改正" not in main(html)
    for gone in ("/edit/", "/remove/", 'name="files"'):
        assert gone not in html
    for path in ("edit/", "remove/"):
        assert client.get(f"/records/unit/U-OPS/{path}").status_code == 403
    assert client.post("/records/unit/U-OPS/edit/", {"name": "別名"}).status_code == 403


def test_what_was_removed_is_not_found_now_but_then(cast: Cast) -> None:
    with act("extra", "operator:test") as doing:
        doing.put(Unit, "U-X", {"name": "臨時部", "function": "other", "since_on": date(2026, 1, 1)})
    before = clock.now()
    remove_record(cast.kitagawa.actor, Unit, "U-X", reason="誤登録")
    client = cast.nishi.client
    read(client, "/records/unit/U-X/", status=404)
    look_at(client, clock.today(), before)
    assert "臨時部" in main(read(client, "/records/unit/U-X/"))


def test_hostile_words_stay_words(cast: Cast) -> None:
    hostile = '<script>alert("1")</script>'
    with act("hostile", "operator:test") as doing:
        doing.put(System, "S-EXC", {"name": hostile, "out_of_scope_reason": hostile, "notes": hostile})
        doing.put(Risk, "R-0001", {"title": hostile, "category": "misuse", "system": "S-EXC"})
    for path in (
        "system/",
        "system/S-EXC/",
        "system/S-EXC/edit/",
        "risk/",
        "risk/R-0001/",
        "risk/?q=<script>",
    ):
        html = read(cast.sakura.client, f"/records/{path}")
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html
    assert "<script>" not in read(cast.nishi.client, "/lookup/system/?x=S")


def test_a_record_that_is_not_there_is_not_found(cast: Cast) -> None:
    read(cast.nishi.client, "/records/unit/U-NONE/", status=404)
    read(cast.nishi.client, "/records/dragon/U-OPS/", status=404)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_is_for_all_and_follows_the_ledger(
    live_server: Any, cast: Cast, context: BrowserContext, axe_source: str, language: str
) -> None:
    page = come_in(context, live_server, cast.kitagawa, language=language)
    page.goto(f"{live_server.url}/records/unit/U-SYS/")
    assert violations(page, axe_source) == []
    finding = page.locator("#record-findings .verdict.falls_short")
    expect(finding.first).to_be_visible()
    before = finding.count()
    with act("appoint", "operator:test") as doing:
        values = {"person": "P-0006", "role": "system_manager", "unit": "U-SYS", "grounds": "経験"}
        doing.put(Appointment, "A-0099", {**values, "since_on": date(2024, 4, 1)})
    expect(page.locator("#record-referrers")).to_contain_text("A-0099" if language == "" else "1")
    expect(finding).to_have_count(before - 1, timeout=5_000)
    assert page.complaints == []  # type: ignore[attr-defined]
