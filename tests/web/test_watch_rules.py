"""The rules in force: what each asks and does, what it found, where it comes from, and how a change is proposed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.records.models import WatchRules
from sekisho.watch.contents import shipped
from sekisho.workflows.approve import approve, ask
from tests.cast import Cast
from tests.records.examples import RULES, example
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, in_english, main, read, words
from tests.web.watched_home import IP, event, judge
from tests.workflows.watching import stuffing, taken

pytestmark = pytest.mark.django_db
PAGE = "/watch/rules/"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.SEKISHO_HOME = tmp_path
    return tmp_path


def stuffed(minutes_ago: float = 30) -> list[Any]:
    return [event(minutes_ago=minutes_ago, user=f"u{n}", ok=False, ip=IP) for n in range(10)]


def approved(cast: Cast, **values: Any) -> str:
    asked = ask(
        cast.aoki.actor, WatchRules, None, example(WatchRules) | {"in_force_at": clock.now()} | values
    )
    approve(cast.sakura.actor, asked.key)
    return asked.key


def line(html: str, name: str) -> str:
    """What the table says of a rule."""
    found = re.search(rf'<tr role="row" id="rule-{name}".*?</tr>', html, re.DOTALL)
    assert found, name
    return words(found[0])


def test_without_a_set_of_its_own_the_member_has_the_one_that_ships(cast: Cast):
    html = read(cast.mori.client, PAGE)
    shown = main(html)
    assert "製品の標準ルール" in shown
    assert "適用中 18、試行 1" in shown
    for rule in shipped().rules:
        assert rule.reason.ja in line(html, rule.name)
    told = line(html, "credential_stuffing")
    assert "適用 同じIPアドレスから" in told
    assert "IPアドレス（IPv6は/64）ごとに10分で異なる利用者が8以上" in told
    assert "担当 CSIRT責任者 10-2-1" in told
    assert "遮断 80 0 0 0 0.00 0 なし" in told
    assert "試行" in line(html, "risk_score")
    assert "40以上 追加認証 70以上 保留 120以上 遮断" in shown


def test_the_set_on_record_leads_to_its_record_and_to_who_approved_it(cast: Cast):
    approval = approved(cast, title="改定<b>", reason="見直し")
    html = read(cast.mori.client, PAGE)
    assert 'href="/records/watch_rules/WR-0001/"' in html
    assert f'href="/approvals/{approval}/"' in html
    assert "佐倉 美咲" in main(html)
    assert "改定<b> WR-0001 第1版" in main(html)
    assert re.findall(r'id="rule-(\w+)"', html) == ["withdrawal"]


def test_hits_users_alarms_and_false_ones(home: Path, cast: Cast):
    judge(home, stuffed(3000))
    taken(stuffing())
    html = read(cast.mori.client, PAGE)
    told = line(html, "credential_stuffing")
    assert "遮断 80 0 3 3 300.00 3 1 件 正当 0、誤検知 0" in told
    assert "/watch/?rule=credential_stuffing&amp;span=week#newest" in html
    assert 'href="/records/alert/?rule=credential_stuffing"' in html


def test_a_rule_that_is_gone_is_told_as_long_as_it_has_hits(home: Path, cast: Cast):
    judge(home, stuffed())
    approved(cast)
    assert "廃止" in line(read(cast.mori.client, PAGE), "credential_stuffing")


def test_the_source_is_there_line_by_line_and_as_a_file(cast: Cast):
    approved(cast, rules=RULES + "\n# <script>")
    html = read(cast.mori.client, PAGE)
    assert "<script>" not in html[html.index('id="source"') :].split("</ol>")[0]
    (number,) = re.findall(r'href="#line-(\d+)"', html)
    (shown,) = re.findall(rf'<li id="line-{number}"><code>(.*?)</code>', html)
    assert shown == RULES.splitlines()[int(number) - 1].replace("'", "&#x27;")
    answer = cast.mori.client.get(f"{PAGE}?source=1")
    assert answer.content.decode() == WatchRules.objects.get().rules
    assert answer["Content-Disposition"] == 'attachment; filename="watch_rules.yaml"'
    assert answer["Content-Type"].startswith("text/plain")


def test_a_change_is_proposed_and_what_waits_is_named(cast: Cast):
    assert 'href="/records/watch_rules/new/"' in read(cast.mori.client, PAGE)
    approved(cast)
    waiting = ask(cast.aoki.actor, WatchRules, "WR-0001", {"reason": "閾値"})
    html = read(cast.mori.client, PAGE)
    assert 'href="/records/watch_rules/WR-0001/edit/"' in html
    assert f'href="/watch/backtest/?rules=approval:{waiting.key}"' in html
    assert f"承認待ちの変更: {waiting.key}" in main(html)


def test_who_does_not_watch_reads_and_proposes_nothing(cast: Cast):
    html = read(cast.nishi.client, PAGE)
    assert "credential_stuffing" in html
    assert "/edit/" not in html
    assert "/watch/backtest/" not in html
    for client in (cast.kyuda.client, cast.anonymous):
        assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_limits_of_watching_stand_there(cast: Cast):
    shown = main(read(cast.mori.client, PAGE))
    assert "不正ログイン・異常取引の検知から利用者への連絡までの時間 60 分" in shown


def test_parts_that_are_not_counted_yet_are_said(home: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    judge(home, stuffed(), sealed=True)
    monkeypatch.setattr("sekisho.web.watching.days._counts_of", lambda *_: None)
    assert "過去の記録を集計中です" in main(read(cast.mori.client, PAGE))


def test_few_questions(home: Path, cast: Cast):
    judge(home, stuffed())
    approved(cast)
    read(cast.mori.client, PAGE)
    with at_most_queries(22):
        read(cast.mori.client, PAGE)


def test_english(home: Path, cast: Cast):
    judge(home, stuffed())
    html = read(in_english(cast.mori.client), PAGE)
    assert "Live Logins of eight or more users" in line(html, "credential_stuffing")
    assert not re.search(r"[ぁ-んァ-ン]", main(html).split("The source (YAML)")[0])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_axe_finds_nothing_and_a_rule_leads_to_its_line(
    live_server: Any, new_context: Any, cast: Cast, home: Path, axe_source: str
):
    judge(home, stuffed())
    page: Page = come_in(new_context(), live_server, cast.mori, language="en")
    in_theme(page, "dark")
    page.goto(live_server.url + PAGE)
    page.locator("#source-brute_force").click()
    expect(page.locator(".watch-source li:target")).to_be_in_viewport()
    assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]
