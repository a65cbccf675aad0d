"""Live decisions: numbers by answer and rule, the newest that were not allowed, what is silent; it follows by itself."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.watch import history
from sekisho.watch.contents import shipped
from sekisho.watch.engine import Engine
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read, rows, words
from tests.web.watched_home import IP, WALLET, event, judge

pytestmark = pytest.mark.django_db
PAGE = "/watch/"
HOSTILE = "<img src=x onerror=alert(1)>/../'\";"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.SEKISHO_HOME = tmp_path
    return tmp_path


def stuffed(minutes_ago: float = 30, users: int = 10) -> list[Any]:
    return [event(minutes_ago=minutes_ago, user=f"u{n}", ok=False, ip=IP) for n in range(users)]


def withdrawal(minutes_ago: float = 20, user: str = "u1") -> Any:
    return event(
        "withdraw", minutes_ago, user=user, address=WALLET, amount=1234567.0, asset="BTC", ip="192.0.2.9"
    )


def listed(html: str) -> list[list[str]]:
    """The rows of the newest decisions."""
    return table_rows(html[html.index('id="watch-newest"') :])


def table_rows(html: str) -> list[list[str]]:
    return rows(html.replace('<tbody role="rowgroup">', "<tbody>"))


def poll_of(html: str) -> str:
    (url,) = re.findall(r'id="watch-poll"[^>]* hx-get="([^"]+)"', html)
    return unescape(url)


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_where_nothing_was_ever_judged_it_says_so_and_what_to_do(cast: Cast):
    shown = main(read(cast.mori.client, PAGE))
    assert "まだ何も判定されていません" in shown
    assert "sekisho watch serve" in shown
    assert "サービス用トークン" in shown
    assert "停止中" in shown
    assert "/access/tokens/new/" in read(cast.kitagawa.client, PAGE), "an administrator issues the token"


def test_numbers_by_answer_and_by_rule(home: Path, cast: Cast):
    judge(home, [*stuffed(90), withdrawal()])
    html = read(cast.mori.client, PAGE)
    shown = main(html)
    assert "許可 7 件 ／ 24時間 1時間 0 件、7日 7 件" in shown
    assert "遮断 4 件 ／ 24時間 1時間 1 件、7日 4 件" in shown
    assert "credential_stuffing 同じIPアドレスから10分間に8人以上" in shown
    assert [
        cell.split()[0]
        for cell in next(row for row in table_rows(html) if row[0].startswith("credential_stuffing"))
    ] == ["credential_stuffing", "0", "3", "3"]


def test_the_newest_that_were_not_allowed_with_links_and_reasons(home: Path, cast: Cast):
    judge(home, [*stuffed(), withdrawal()])
    html = read(cast.mori.client, PAGE)
    newest = listed(html)
    assert [row[1] for row in newest] == ["遮断"] * 4
    assert newest[0][2:6] == ["出金の依頼", "u1", "192.0.2.9", "1,234,567 (BTC)"]
    assert "出金先アドレスが登録されていません。" in newest[0][6]
    assert newest[1][2] == "ログイン 失敗"
    assert 'href="/watch/users/u1/"' in html
    assert 'href="/watch/addresses/192.0.2.9/"' in html


def test_filters_by_answer_and_rule(home: Path, cast: Cast):
    judge(home, [*stuffed(), event(minutes_ago=29, user="u1", ok=True, ip=IP), withdrawal()])
    client = cast.mori.client
    assert [row[3] for row in listed(read(client, f"{PAGE}?action=step_up"))] == ["u1"]
    assert len(listed(read(client, f"{PAGE}?rule=credential_stuffing"))) == 3
    assert listed(read(client, f"{PAGE}?rule=credential_stuffing&action=hold")) == []
    assert "条件に当てはまる判定はありません" in main(read(client, f"{PAGE}?rule=nothing"))


@pytest.mark.parametrize(
    "query", ["?action=destroy", "?span=century", "?rule=" + "x" * 5000, "?rule=%00", "?shown=%00x"]
)
def test_what_makes_no_sense_is_no_error(home: Path, cast: Cast, query: str):
    judge(home, [withdrawal()])
    assert cast.mori.client.get(PAGE + query).status_code == 200


@pytest.mark.parametrize(("span", "steps"), [("hour", 13), ("day", 25), ("week", 29)])
def test_the_chart_has_a_table_that_says_the_same(home: Path, cast: Cast, span: str, steps: int):
    judge(home, stuffed(3))
    html = read(cast.mori.client, f"{PAGE}?span={span}")
    table = html[html.index('id="steps-table"') : html.index('id="by-rule"')]
    told = rows(table)
    assert len(told) in (steps - 1, steps), "a step that has begun, too"
    assert sum(int(row[4]) for row in told) == 3
    assert 'data-bars="steps-table"' in html


def test_a_span_in_which_all_was_allowed_has_no_empty_picture(home: Path, cast: Cast):
    judge(home, [*stuffed(300), event(minutes_ago=5, user="u1", ok=True)])
    client = cast.mori.client
    quiet, busy = read(client, f"{PAGE}?span=hour"), read(client, PAGE)
    assert "この期間の判定は、すべて許可でした。" in main(quiet)
    assert "data-bars" not in quiet
    assert 'id="steps-table"' in quiet
    assert "data-bars" in busy


def test_a_users_id_or_an_address_goes_to_its_story(home: Path, cast: Cast):
    client = cast.mori.client
    for typed, url in {
        "u1": "/watch/users/u1/",
        " 192.0.2.9 ": "/watch/addresses/192.0.2.9/",
        "2001:DB8::9": "/watch/addresses/2001:DB8::9/",
        f"{WALLET}&to=address": f"/watch/addresses/{WALLET}/",
        WALLET: f"/watch/users/{WALLET}/",
    }.items():
        answer = client.get(f"{PAGE}?q={typed}")
        assert (answer.status_code, answer["Location"]) == (302, url), typed
    answer = client.get(PAGE, {"q": HOSTILE})
    assert unquote(answer["Location"]) == f"/watch/users/{HOSTILE}/"


# --- hostile, personal, past ------------------------------------------------------------------------------------------


def test_what_an_event_says_never_becomes_markup(home: Path, cast: Cast):
    judge(home, [event("withdraw", 5, user=HOSTILE, address=WALLET, asset="<b>x</b>", amount=1.0)])
    html = read(cast.mori.client, PAGE)
    assert "<img" not in html
    assert "<b>x" not in html
    assert HOSTILE in words(html)


def test_who_is_not_to_act_on_it_sees_numbers_and_no_persons(home: Path, cast: Cast):
    judge(home, [*stuffed(), withdrawal()])
    html = read(cast.nishi.client, PAGE)
    assert "遮断 4 件" in main(html)
    assert not any(
        secret in html for secret in ("192.0.2.9", IP, "/watch/users/", "1,234,567", WALLET, 'name="q"')
    )
    assert "役割の人にのみ表示" in main(html)


def test_who_does_not_work_here_sees_nothing(cast: Cast):
    for client in (cast.kyuda.client, cast.anonymous):
        answer = client.get(PAGE)
        assert answer["Location"].startswith("/accounts/login/")


def test_another_day_shows_what_was_judged_by_then(home: Path, cast: Cast):
    judge(home, [*stuffed(3 * 24 * 60), withdrawal()])
    client = cast.mori.client
    look_at(client, clock.today() - timedelta(days=2))
    html = read(client, PAGE)
    assert "watch-poll" not in html
    assert "検知サービスの状態" not in main(html), "it is of now"
    assert [row[2] for row in listed(html)] == ["ログイン 失敗"] * 3


# --- the state of the watch -------------------------------------------------------------------------------------------


def test_running_and_what_each_source_last_sent(home: Path, cast: Cast):
    judge(home, [event(minutes_ago=3 * 24 * 60, user="u1", ok=True)])
    shown = main(read(cast.mori.client, PAGE))
    assert re.search(r"web 監視対象ログの記録なし \S+ [\d:]+ 1 途絶", shown)
    assert "途絶" in shown
    assert "sekisho watch follow" in shown, "nobody acted on it yet"
    engine = Engine(home, shipped())
    try:
        assert "稼働中" in main(read(cast.mori.client, PAGE))
    finally:
        engine.close()


def test_an_open_page_is_told_when_something_was_judged_and_else_nothing(home: Path, cast: Cast):
    judge(home, stuffed())
    client = cast.mori.client
    poll = poll_of(read(client, PAGE))
    assert client.get(poll).status_code == 204
    judge(home, [withdrawal()])
    answer = client.get(poll)
    assert (answer.status_code, json.loads(answer["HX-Trigger"])) == (200, {"sekisho:moved": {}})
    assert "watch-poll" not in read(client, f"{PAGE}?still=1")


def test_parts_that_are_not_counted_yet_are_said(home: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    judge(home, stuffed(), sealed=True)
    monkeypatch.setattr("sekisho.web.watching.days._counts_of", lambda *_: None)
    assert "過去の記録を集計中です" in main(read(cast.mori.client, PAGE))


def test_few_questions_however_much_was_judged(home: Path, cast: Cast):
    judge(home, [*stuffed(users=60), *(withdrawal(user=f"u{n}") for n in range(30))])
    client = cast.mori.client
    read(client, PAGE)
    with at_most_queries(22):
        read(client, PAGE)


def test_a_log_that_goes_on_is_not_read_from_the_beginning(
    home: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    judge(home, stuffed())
    client = cast.mori.client
    read(client, PAGE)
    monkeypatch.setattr(
        history, "batches", lambda found: iter(()) if not list(found) else pytest.fail("read again")
    )
    assert "遮断 3 件" in main(read(client, PAGE))


def test_english(home: Path, cast: Cast):
    judge(home, [*stuffed(), withdrawal()])
    shown = main(read(in_english(cast.mori.client), PAGE))
    assert "Blocked 4 in 24 hours 4 in the last hour, 4 in 7 days" in shown
    assert "The destination is not registered." in shown
    assert not re.search(r"[ぁ-んァ-ン]", shown)


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_follows_without_a_reload_and_axe_finds_nothing(
    live_server: Any, context: Any, cast: Cast, home: Path, axe_source: str
):
    judge(home, stuffed())
    page: Page = come_in(context, live_server, cast.mori)
    in_theme(page, "dark")
    page.clock.install()
    page.goto(live_server.url + PAGE)
    expect(page.locator("#watch-newest tbody tr")).to_have_count(3)
    expect(page.locator(".watch-chart svg")).to_have_count(1)
    page.locator("#steps-summary").click()
    page.locator("#all-rules").focus()
    judge(home, [withdrawal()])
    page.clock.run_for(6_000)  # the page asks every five seconds
    expect(page.locator("#watch-newest tbody tr")).to_have_count(4)
    expect(page.locator(".watch-chart svg")).to_have_count(1)
    expect(page.locator("#all-rules")).to_be_focused()
    expect(page.locator("#steps-table")).to_be_visible()
    assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert page.complaints == []  # type: ignore[attr-defined]
