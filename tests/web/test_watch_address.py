"""One address's story: whom it touched, how often, whether it is blocked; and a destination's withdrawals."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Alert, AllowedAddress, IntelligenceItem
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.blocks import Found, block, block_found
from sekisho.workflows.watch_after.models import Block
from tests.cast import Cast
from tests.records.examples import write_standing
from tests.web.looking import come_in, overflows, violations
from tests.web.reading import at_most_queries, in_english, main, read, rows
from tests.web.watched_home import IP, IP6, TOKYO, WALLET, event, judge
from tests.workflows.watching import brute_force, held, taken

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.SEKISHO_HOME = tmp_path
    return tmp_path


def page(address: str) -> str:
    return f"/watch/addresses/{quote(address, safe=':/')}/"


def words_of(cast: Cast, address: str = IP) -> str:
    return main(read(cast.mori.client, page(address)))


def stuffing(home: Path) -> None:
    """Eight users fail from one address, the ninth succeeds; somebody else is elsewhere."""
    fails = [
        event(minutes_ago=20 - n / 10, user=f"u{n}", ok=False, ip=IP, device="bot", **TOKYO) for n in range(9)
    ]
    judge(
        home,
        [*fails, event(minutes_ago=15, user="u9", ok=True, ip=IP), event(user="other", ip="198.51.100.70")],
    )


def test_users_counts_and_answers_of_an_ip_address(home: Path, cast: Cast):
    stuffing(home)
    html = read(cast.mori.client, page(IP))
    told = main(html)
    assert "10 件 （ログイン失敗 9）" in told
    assert "利用者 10 人" in told
    users = {row[0]: row for row in rows(html) if len(row) == 6}
    assert users["u3"][1:3] == ["1", "1"]
    assert users["u9"][1:3] == ["1", "0"]
    assert "other" not in users
    assert sum(int(cell) for row in rows(html) if len(row) == 4 for cell in row[1:]) == 10, "of the columns"
    assert "パスワードリスト攻撃の疑い" in told
    assert 'href="/watch/users/u3/"' in html


def test_whether_it_is_blocked_by_what_and_until_when(home: Path, cast: Cast):
    now = clock.now()
    assert "遮断されていません" in words_of(cast)
    block_found(
        [Found(IP, "credential_stuffing", "web", now - 5 * HOUR), Found(IP, "brute_force", "web", now)]
    )
    block(cast.mori.actor, "198.51.100.0/28", now + 9 * HOUR, "業界の注意喚起")
    block(cast.mori.actor, "203.0.113.0/28", now + 9 * HOUR, "よその範囲")
    told = words_of(cast)
    assert "遮断中" in told
    assert "brute_force" in told
    assert "198.51.100.0/28" in told
    assert "業界の注意喚起" in told
    assert "期限切れ" in told
    assert "よその範囲" not in told


def test_an_address_that_is_never_blocked_says_so_and_has_no_form(home: Path, cast: Cast):
    with act("given", "operator:test") as doing:
        doing.put(
            AllowedAddress,
            "AA-1",
            {"network": "198.51.100.0/24", "reason": "本社", "since_on": clock.today()},
        )
    html = read(cast.mori.client, page(IP))
    assert "遮断しないアドレス 198.51.100.0/24" in main(html)
    assert 'name="until_at"' not in html
    form = {"act": "block", "address": IP, "until_at": "2099-01-01T00:00", "act_reason": "攻撃元"}
    assert cast.mori.client.post(page(IP), form).status_code in (409, 422)
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    ("typed", "one_form"),
    [
        (f"::ffff:{IP}", IP),
        ("2001:DB8:7:0:0:0:0:9", IP6),
        ("2001:0db8:0007::0009", IP6),
    ],
)
def test_an_address_has_one_page_however_it_is_written(home: Path, cast: Cast, typed: str, one_form: str):
    judge(home, [event(user="u1", ok=True, ip=one_form)])
    answer = cast.mori.client.get(page(typed))
    assert (answer.status_code, answer["Location"]) == (302, page(one_form))
    assert "u1" in words_of(cast, one_form)


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("2001:db8:7::/64", ["2001:db8:7::9", "2001:db8:7:0:1:2:3:4"], ["2001:db8:7:1::9", "2001:db8:70::9"]),
        ("2001:db8::/48", ["2001:db8:0:5::1", "2001:db8::1"], ["2001:db8:1::1", "2001:db80::1"]),
        ("198.51.100.0/28", [IP, "198.51.100.15"], ["198.51.100.16", "198.51.101.1"]),
        ("198.51.0.0/17", [IP, "198.51.127.1"], ["198.51.128.1", "198.5.1.1"]),
    ],
)
def test_a_network_has_a_story_of_all_its_addresses(
    home: Path, cast: Cast, network: str, inside: list[str], outside: list[str]
):
    judge(home, [event(user=f"u{n}", ok=True, ip=ip) for n, ip in enumerate([*inside, *outside])])
    block_found([Found(inside[0], "brute_force", "web", clock.now())])
    told = words_of(cast, network)
    assert "2 件" in told
    assert all(ip in told for ip in inside)
    assert not any(ip in told.split() for ip in outside)
    assert ("遮断中" in told) == (network == "2001:db8:7::/64")


def test_an_ipv6_address_is_blocked_by_its_network(home: Path, cast: Cast):
    form = {"act": "block", "address": IP6, "until_at": "2099-01-01T00:00", "act_reason": "攻撃元"}
    answer = cast.mori.client.post(page(IP6), form)
    assert answer.status_code == 422
    assert "1年以内" in main(answer.content.decode())
    soon = (clock.now() + HOUR).astimezone(clock.JAPAN).strftime("%Y-%m-%dT%H:%M")
    assert cast.mori.client.post(page(IP6), form | {"until_at": soon}).status_code == 302
    assert Block.objects.get().address == "2001:db8:7::/64"
    told = words_of(cast, "2001:db8:7::ff")
    assert "遮断中" in told


@pytest.mark.parametrize(
    "address", ["999.1.1.1", "1.2.3", "x", "2001::/16", "10.0.0.0/8", "1.2.3.4/33", "<script>alert(1)</script>", "%00", "a b c d e f g 1", "::g1", "1.2.3.4 OR 1=1"]
)  # fmt: skip
def test_what_is_no_address_is_a_clear_page(home: Path, cast: Cast, address: str):
    answer = cast.mori.client.get(f"/watch/addresses/{quote(address, safe='%')}/")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "IPアドレスでも暗号資産のアドレスでもありません" in main(html)
    assert "<script>alert" not in html


def test_a_destination_tells_its_withdrawals_and_whether_it_is_sanctioned(home: Path, cast: Cast):
    judge(home, [
        event("address_add", 60, user="u1", address=WALLET),
        event("withdraw", 50, user="u1", amount=70000.0, asset="BTC", address=WALLET, ip=IP),
        event("withdraw", 40, user="u2", amount=80000.0, asset="BTC", address=WALLET),
        event("withdraw", 30, user="u3", amount=90000.0, asset="BTC", address=WALLET + "x"),
    ])  # fmt: skip
    taken(held("u1", address=WALLET))
    told = words_of(cast, WALLET)
    assert all(
        part in told
        for part in (
            "70,000 資産 BTC",
            "80,000 資産 BTC",
            "制裁対象等の一覧にはありません",
            "保留した出金",
            "u2",
        )
    )
    assert "90,000" not in told
    write_standing(IntelligenceItem)
    with act("intelligence", "operator:test") as doing:
        values = {
            "source": "IS-9001",
            "received_at": clock.now(),
            "title": "制裁対象の追加",
            "indicators": [WALLET],
        }
        doing.put(IntelligenceItem, "II-9", values)
    assert "制裁対象等の一覧に載っています" in words_of(cast, WALLET)


def test_blocking_and_lifting_from_here_takes_the_right_and_a_reason(home: Path, cast: Cast):
    block_found([Found(IP, "brute_force", "web", clock.now())])
    entry = Block.objects.get()
    lifting = {"act": "lift", "entry": str(entry.pk), "act_reason": ""}
    answer = cast.mori.client.post(page(IP), lifting)
    assert answer.status_code == 422
    assert "理由を入力してください" in main(answer.content.decode())
    lifting["act_reason"] = "誤り"
    for bad in ("", "x", "0", "9" * 30, "-1"):
        assert cast.mori.client.post(page(IP), lifting | {"entry": bad}).status_code == 404
    assert cast.nishi.client.post(page(IP), lifting).status_code == 403
    assert Block.objects.filter(lifted_at=None).exists()
    assert cast.ono.client.post(page(IP), lifting).status_code == 302
    assert cast.ono.client.post(page(IP), lifting).status_code == 409


def test_its_alerts_stand_in_the_story_and_a_false_alarm_lifts_the_block(home: Path, cast: Cast):
    taken(brute_force(IP))
    told = words_of(cast)
    assert "アラート" in told
    assert "遮断中" in told
    alert = Alert.objects.get()
    form = {"act": "false_alarm", "alert": alert.key, "expected_ver": alert.ver, "act_reason": "自社の試験"}
    assert cast.mori.client.post(page("198.51.100.8"), form).status_code == 404, "of another address"
    assert cast.mori.client.post(page(IP), form | {"act_reason": ""}).status_code == 422
    assert cast.mori.client.post(page(IP), form).status_code == 302
    told = words_of(cast)
    assert "誤検知" in told
    assert "自社の試験" in told
    assert "遮断されていません" in told


def test_only_whose_role_is_to_look_sees_whom_it_touched(home: Path, cast: Cast):
    for member in (cast.nishi, cast.chiba, cast.kitagawa):
        assert member.client.get(page(IP)).status_code == 403


def test_nothing_on_record_says_what_to_check_in_english_too_with_few_queries(home: Path, cast: Cast):
    assert "このアドレスの記録はありません" in words_of(cast)
    client = in_english(cast.mori.client)
    stuffing(home)
    read(client, page(IP))
    with at_most_queries(30):
        assert "Users that it touched" in main(read(client, page(IP)))


@pytest.mark.slow
def test_in_a_browser_the_columns_are_drawn_and_nothing_is_serious(
    home: Path, cast: Cast, new_context: Any, live_server: Any, axe_source: str
):
    stuffing(home)
    browser = come_in(new_context(), live_server, cast.mori)
    browser.goto(live_server.url + page(IP))
    browser.locator("[data-watch-bars] svg").wait_for()
    assert violations(browser, axe_source) == []
    assert browser.complaints == []  # type: ignore[attr-defined]
    browser.set_viewport_size({"width": 390, "height": 844})
    assert not overflows(browser)
