"""One user's story: how the account stands, where it was used, what happened, and who may act on it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.web.watching import story
from sekisho.workflows.watch_after.answering import freeze, thaw
from sekisho.workflows.watch_after.models import Frozen, Outgoing, Warned
from tests.cast import Cast
from tests.web.looking import come_in, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read
from tests.web.watched_home import IP, NEW_YORK, OSAKA, TOKYO, WALLET, event, judge
from tests.workflows.watching import held, new_place, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.SEKISHO_HOME = tmp_path
    return tmp_path


def page(user: str) -> str:
    return f"/watch/users/{quote(user)}/"


def words_of(cast: Cast, user: str = "u1", query: str = "") -> str:
    return main(read(cast.mori.client, page(user) + query))


def drawn(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="watch-map-data" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_events_are_told_newest_first_with_what_was_decided_and_why(home: Path, cast: Cast):
    judge(home, [
        event(minutes_ago=90, user="u1", ok=True, ip=IP, device="d1", **TOKYO),
        event(minutes_ago=60, user="u1", ok=True, ip="192.0.2.9", device="d2", **TOKYO),
        event("withdraw", 50, user="u1", amount=1234567.0, asset="BTC", address=WALLET, ip="192.0.2.9", **TOKYO),
        event(minutes_ago=40, user="u2", ok=True, device="stranger"),
    ])  # fmt: skip
    told = words_of(cast)
    first, second = told.index("1,234,567 資産 BTC"), told.index("ログイン（成功）")
    assert first < second
    assert "出金先アドレスが登録されていません。" in told
    assert "遮断" in told[first - 60 : first]
    assert "stranger" not in told
    assert all(part in told for part in ("d1", "d2", "AS4713", "198.51.100.7", "3 件", "許可 2", "遮断 1"))


def test_places_are_numbered_joined_in_order_and_told_by_a_table_too(home: Path, cast: Cast):
    judge(home, [
        event(minutes_ago=300, user="u1", ok=True, **TOKYO),
        event(minutes_ago=290, user="u1", ok=True, **TOKYO),
        event(minutes_ago=200, user="u1", ok=True, **OSAKA),
        event(minutes_ago=170, user="u1", ok=True, **NEW_YORK),
        event(minutes_ago=160, user="u1", ok=True),
        event(minutes_ago=20, user="u1", ok=True, **TOKYO),
    ])  # fmt: skip
    html = read(cast.mori.client, page("u1"))
    shown = drawn(html)
    assert shown["way"] == [0, 1, 2, 0]
    assert [(p["numbers"], p["country"], p["events"]) for p in shown["points"]] == [
        ([1, 4], "JP", 3), ([2], "JP", 1), ([3], "US", 1),
    ]  # fmt: skip
    assert shown["points"][2]["action"] == "step_up"
    assert "11,1" in main(html), "km from Osaka to New York"
    assert 'data-world="/static/vendor/world/countries-110m.json"' in html


def test_notices_answers_freezes_holds_and_alerts_stand_in_the_same_story(home: Path, cast: Cast):
    now = clock.now()
    judge(home, [event(minutes_ago=120, user="u1", ok=True, device="d1")])
    taken(new_place("u1", at=now - timedelta(minutes=40)), held("u1", at=now - timedelta(minutes=30)))
    Warned.objects.update(told_at=now - timedelta(minutes=29), told_by="webhook")
    Warned.objects.filter(seq=Warned.objects.order_by("-detected_at")[0].seq).update(
        answered_at=now - timedelta(minutes=20), answer=Warned.NOT_MINE
    )
    freeze(cast.aoki.actor, "u1", "本人からの電話")
    told = words_of(cast)
    order = [
        "本人からの電話",
        "本人の回答",
        "心当たりがない",
        "出金の保留",
        "HW-",
        "本人への連絡",
        "ログイン（成功）",
    ]
    story_ = told[told.index("経過") :]
    assert "凍結中" in told
    assert "保留中の出金 1 件" in told
    assert "「心当たりがない」との申告 1 件" in told
    assert [
        story_.index(part) for part in ("凍結", "本人の回答", "出金の保留", "ログイン（成功）")
    ] == sorted(story_.index(part) for part in ("凍結", "本人の回答", "出金の保留", "ログイン（成功）"))
    assert all(part in told for part in order)
    assert "青木 健" in told
    assert "アラート" in story_


def test_a_page_shows_as_many_as_it_may_and_the_next_goes_on_from_there(
    home: Path, cast: Cast, monkeypatch: Any
):
    monkeypatch.setattr(story, "SHOWN", 3)
    judge(
        home, [event(minutes_ago=100 - n, user="u1", ok=True, device=f"d{n}") for n in range(8)], sealed=True
    )
    taken(new_place("u1", at=clock.now() - timedelta(minutes=99, seconds=30)))
    seen, query = [], ""
    for _ in range(3):
        html = read(cast.mori.client, page("u1") + query)
        listed = html[html.index('id="story-head"') :]
        seen += re.findall(r"</span> (d\d)</span>", listed)
        assert ("アラート" in main(html)) == (len(seen) == 8)
        more = re.search(r'href="(\?[^"]*)" rel="next"', html)
        query = unescape(more[1]) if more else ""
    assert seen == [f"d{n}" for n in range(7, -1, -1)]
    assert not query


def test_a_request_looks_at_so_many_events_and_the_next_goes_on(home: Path, cast: Cast, monkeypatch: Any):
    judge(
        home, [event(minutes_ago=90 - n, user="u1", ok=True, device=f"d{n}") for n in range(3)], sealed=True
    )
    judge(home, [event(minutes_ago=0, user="u2")], sealed=True)
    taken(new_place("u1"))
    monkeypatch.setattr(story, "LOOKED", 1)
    html = read(cast.mori.client, page("u1"))
    assert "アラート" in main(html)
    assert "ここまでの記録" not in main(html), "for there is an alert"
    more = re.search(r'href="(\?[^"]*)" rel="next"', html)
    assert more
    told = words_of(cast, query=unescape(more[1]))
    assert all(f"d{n}" in told for n in range(3))
    assert "アラート" not in told[told.index("経過") :], "it was told on the page before"


def test_sums_say_so_where_they_leave_out_what_is_older(home: Path, cast: Cast, monkeypatch: Any):
    judge(home, [event(minutes_ago=90, user="u1", ok=True)], sealed=True)
    judge(home, [event(minutes_ago=0, user="u1", ok=True)], sealed=True)
    monkeypatch.setattr(story, "LOOKED", 1)
    assert re.search(r"イベント 1 件 .*直近の \d 件の記録から集計しました", words_of(cast))


def test_what_comes_again_and_again_is_told_once_with_the_rest(home: Path, cast: Cast):
    rows = [event(minutes_ago=30 - n, user="u1", ok=True, device=f"d{n}", **TOKYO) for n in range(6)]
    judge(home, [*rows[:3], event("trade", 27, user="u1"), *rows[4:]])
    told = words_of(cast)
    assert "同じ内容が続けて" not in told, "three and two are not enough"
    judge(home, [event(minutes_ago=9 - n, user="u1", ok=True, device=f"e{n}", **TOKYO) for n in range(7)])
    told = words_of(cast)
    assert "同じ内容が続けてさらに 8 件" in told
    assert all(f"e{n}" in told for n in range(7))


def test_what_was_simply_allowed_can_be_left_out(home: Path, cast: Cast):
    judge(home, [event(user="u1", ok=True), event("withdraw", user="u1", amount=5.0, address=WALLET)])
    told = words_of(cast, query="?only=judged")
    assert "出金の依頼" in told
    assert "ログイン（成功）" not in told


@pytest.mark.parametrize(
    "user", ["<script>alert(1)</script>", "a/b?c#d", "ユーザー 一", "{{7*7}}", "a' OR 1=1 --", "%00", "_%"]
)
def test_a_hostile_id_is_text_and_nothing_else(home: Path, cast: Cast, user: str):
    judge(
        home,
        [
            event(user=user, ok=True, device='"><img src=x>', agent="<b>evil</b>"),
            event(user="other", device="no"),
        ],
    )
    html = read(cast.mori.client, page(user))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<b>evil" not in html
    told = main(html)
    assert "ログイン" in told
    assert "no" not in told.split()


def test_what_is_no_id_is_said(home: Path, cast: Cast):
    for user in ("%00", "x" * 129, "a%00b"):
        answer = cast.mori.client.get(f"/watch/users/{user}/")
        assert answer.status_code == 404
        assert "見つかりません" in main(answer.content.decode())
    assert "この利用者の記録はありません" in words_of(cast, "nobody")
    for query in (
        "?upto=x&until=y",
        "?upto=-1&until=1",
        "?upto=9" + "9" * 30,
        "?upto=1&until=99999999999999999",
    ):
        assert "見つかりません" not in words_of(cast, "nobody", query)


def test_only_whose_role_is_to_look_sees_it(home: Path, cast: Cast):
    for member in (cast.nishi, cast.ogawa, cast.chiba, cast.kitagawa):
        assert member.client.get(page("u1")).status_code == 403
        assert member.client.post(page("u1"), {"act": "freeze", "act_reason": "不審"}).status_code == 403
    assert not Frozen.objects.exists()
    assert cast.ono.client.get(page("u1")).status_code == 200


def test_whoever_looks_may_freeze_and_the_entitled_end_it(home: Path, cast: Cast):
    assert cast.ono.client.post(page("u1"), {"act": "freeze", "act_reason": " "}).status_code == 422
    assert cast.ono.client.post(page("u1"), {"act": "freeze", "act_reason": "不審な操作"}).status_code == 302
    told = main(read(cast.ono.client, page("u1")))
    assert "凍結中" in told
    assert "凍結を解除できるのは" in told
    thawing = {"act": "thaw", "act_reason": "本人確認済み"}
    assert cast.ono.client.post(page("u1"), thawing).status_code == 403
    assert cast.aoki.client.post(page("u1"), thawing).status_code == 403, "without a second factor"
    assert Frozen.objects.filter(thawed_at=None).exists()
    assert cast.mori.client.post(page("u1"), thawing).status_code == 302
    told = words_of(cast)
    assert "凍結されていません" in told
    assert "本人確認済み" in told
    assert cast.mori.client.post(page("u1"), thawing).status_code == 409
    assert cast.mori.client.post(page("u1"), {"act": "erase"}).status_code == 409


def test_a_false_alarm_is_marked_with_its_reason_once(home: Path, cast: Cast):
    taken(held("u1"), held("u2"))
    mine, other = (Alert.objects.get(pk=w.alert) for w in Warned.objects.order_by("user"))
    form = {"act": "false_alarm", "alert": mine.key, "expected_ver": mine.ver, "act_reason": ""}
    answer = cast.mori.client.post(page("u1"), form)
    assert answer.status_code == 422
    assert "理由を入力してください" in main(answer.content.decode())
    assert (
        cast.mori.client.post(
            page("u1"), form | {"act_reason": "本人の新しい端末", "expected_ver": 99}
        ).status_code
        == 409
    )
    assert (
        cast.mori.client.post(page("u1"), form | {"alert": other.key, "act_reason": "x"}).status_code == 404
    )
    assert cast.mori.client.post(page("u1"), form | {"act_reason": "本人の新しい端末"}).status_code == 302
    told = words_of(cast)
    assert "誤検知" in told
    assert "本人の新しい端末" in told


def test_on_another_day_nothing_can_be_done(home: Path, cast: Cast):
    freeze(cast.mori.actor, "u1", "不審")
    look_at(cast.mori.client, clock.today() - timedelta(days=1))
    told = words_of(cast)
    assert "凍結中" in told
    assert "凍結を解除する" not in told


def test_a_delivery_that_fails_is_told_with_its_error(home: Path, cast: Cast):
    taken(held("u1"))
    warned = Warned.objects.get()
    Outgoing.objects.create(
        id="1", what="warning", way="webhook", warned=warned, made_at=clock.now(), tries=3, error="HTTP 503"
    )
    told = words_of(cast)
    assert "未送信" in told
    assert "3 回試行" in told
    assert "HTTP 503" in told


def test_whoever_was_told_later_than_the_limit_is_marked(home: Path, cast: Cast):
    now = clock.now()
    taken(held("u1", at=now - timedelta(minutes=90)), held("u2", at=now - timedelta(minutes=90)))
    Warned.objects.filter(user="u1").update(told_at=now - timedelta(minutes=31))
    assert "検知から59分" in words_of(cast)
    assert "限度60分を超過" not in words_of(cast)
    Warned.objects.filter(user="u1").update(told_at=now - timedelta(minutes=29))
    assert "限度60分を超過" in words_of(cast)
    assert "限度60分を超過" in words_of(cast, "u2"), "not told at all"


def test_in_english_and_with_few_queries(home: Path, cast: Cast):
    judge(home, [event(minutes_ago=20 - n, user="u1", ok=True) for n in range(20)])
    taken(*(held("u1") for _ in range(10)))
    thaw(cast.mori.actor, freeze(cast.mori.actor, "u1", "x").user, "y")
    client = in_english(cast.mori.client)
    read(client, page("u1"))
    with at_most_queries(40):
        told = main(read(client, page("u1")))
    assert "How it stands" in told
    assert "10 withdrawals held" in told
    assert HeldWithdrawal.objects.count() == 10


@pytest.mark.slow
def test_in_a_browser_the_map_is_drawn_and_nothing_is_serious(
    home: Path, cast: Cast, new_context: Any, live_server: Any, axe_source: str
):
    judge(home, [
        event(minutes_ago=300, user="u1", ok=True, **TOKYO),
        event(minutes_ago=170, user="u1", ok=True, **NEW_YORK),
    ])  # fmt: skip
    browser: Page = come_in(new_context(), live_server, cast.mori)
    browser.goto(live_server.url + page("u1"))
    expect(browser.locator(".watch-map svg text", has_text="2")).to_be_visible()
    browser.get_by_role("button", name="拡大").click()
    assert violations(browser, axe_source) == []
    assert browser.complaints == []  # type: ignore[attr-defined]
    browser.set_viewport_size({"width": 390, "height": 844})
    assert not overflows(browser)
