"""The block list: what is on it, adding and lifting by hand, how devices fetch it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.models import AllowedAddress
from sekisho.web.watching import blocks as listing
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.blocks import Found, addresses, block, block_found, fetched
from sekisho.workflows.watch_after.models import Block, BlockReader
from tests.cast import Cast
from tests.web.looking import come_in, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read

pytestmark = pytest.mark.django_db
PAGE = "/watch/blocks/"
IP = "198.51.100.7"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    settings.SEKISHO_HOME = tmp_path


def found(*ips: str, rule: str = "brute_force", at: Any = None) -> None:
    block_found([Found(ip, rule, "web", at or clock.now()) for ip in ips])


def soon(hours: int = 5) -> str:
    return (clock.now() + timedelta(hours=hours)).astimezone(clock.JAPAN).strftime("%Y-%m-%dT%H:%M")


def listed(cast: Cast, query: str = "") -> list[str]:
    return re.findall(r'role="rowheader"[^>]*>(?:<a[^>]*>)?([^<]+)<', read(cast.mori.client, PAGE + query))


def test_entries_that_block_stand_apart_from_those_that_are_over(cast: Cast):
    found(IP, "203.0.113.9")
    found("192.0.2.1", at=clock.now() - 9 * HOUR)
    block(cast.mori.actor, "203.0.113.16/28", clock.now() + HOUR, "注意喚起による")
    assert listed(cast) == ["203.0.113.16/28", "203.0.113.9", IP]
    assert listed(cast, "?which=over") == ["192.0.2.1"]
    told = main(read(cast.mori.client, PAGE))
    assert all(
        part in told
        for part in ("brute_force", "手動", "森 智子", "注意喚起による", "検知サービス", "装置は未取得")
    )


def test_it_is_searched_by_address_range_rule_and_reason(cast: Cast):
    found(IP, "203.0.113.9")
    found("2001:db8:5::1", rule="credential_stuffing")
    block(cast.mori.actor, "203.0.113.16/28", clock.now() + HOUR, "注意喚起による")
    assert listed(cast, "?q=198.51") == [IP]
    assert listed(cast, "?q=203.0.113.20") == ["203.0.113.16/28"]
    assert listed(cast, "?q=2001:DB8:5::99") == ["2001:db8:5::/64"]
    assert listed(cast, "?q=stuffing") == ["2001:db8:5::/64"]
    assert listed(cast, "?q=%E6%B3%A8%E6%84%8F") == ["203.0.113.16/28"]
    for query in ("?q=%25", "?q=" + "x" * 500, "?q=%3Cscript%3E&page=99&which=x"):
        assert listed(cast, query) == []
    assert len(listed(cast, "?q=%00")) == 4, "nothing is left of it to search for"
    assert "条件に合う項目はありません" in main(read(cast.mori.client, PAGE + "?q=nothing"))


def test_pages_have_so_many_entries(cast: Cast, monkeypatch: Any):
    monkeypatch.setattr(listing, "PER_PAGE", 3)
    found(*(f"192.0.2.{n}" for n in range(1, 9)))
    assert [len(listed(cast, f"?page={n}")) for n in (1, 2, 3)] == [3, 3, 2]


def test_somebody_blocks_an_address_or_a_range_and_lifts_it(cast: Cast):
    form = {"act": "block", "address": "203.0.113.0/28", "until_at": soon(), "act_reason": "攻撃元"}
    assert cast.aoki.client.post(PAGE, form).status_code == 302
    entry = Block.objects.get()
    assert (entry.address, entry.by, entry.reason) == ("203.0.113.0/28", cast.aoki.by, "攻撃元")
    assert abs(entry.until_at - clock.now() - 5 * HOUR) < timedelta(minutes=2)
    lifting = {"act": "lift", "entry": str(entry.pk), "act_reason": "誤り"}
    assert cast.mori.client.post(PAGE, lifting | {"act_reason": ""}).status_code == 422
    assert cast.mori.client.post(PAGE, lifting).status_code == 302
    assert addresses() == []
    assert cast.mori.client.post(PAGE, lifting).status_code == 409
    over = main(read(cast.mori.client, PAGE + "?which=over"))
    assert "解除" in over


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"address": "999.1.1.1"}, 422, "IPアドレスかネットワーク"),
        ({"address": "10.0.0.0/8"}, 422, "IPアドレスかネットワーク"),
        ({"address": ""}, 422, "IPアドレスかネットワーク"),
        ({"until_at": ""}, 422, "期限を入力してください"),
        ({"until_at": "tomorrow"}, 422, "日時ではありません"),
        ({"until_at": "2001-01-01T00:00"}, 422, "1年以内"),
        ({"until_at": "9999-12-31T23:59"}, 422, "1年以内"),
        ({"act_reason": " "}, 422, "理由を入力してください"),
        ({"address": "10.1.2.3"}, 409, "遮断しないアドレス"),
        ({"act": "burn"}, 409, "操作を選んでください"),
    ],
)
def test_what_cannot_be_blocked_is_said_and_what_was_typed_stays(
    cast: Cast, change: dict, status: int, said: str
):
    with act("given", "operator:test") as doing:
        doing.put(
            AllowedAddress, "AA-1", {"network": "10.1.0.0/16", "reason": "本社", "since_on": clock.today()}
        )
    form = {"act": "block", "address": IP, "until_at": soon(), "act_reason": "攻撃元の疑い"}
    answer = cast.mori.client.post(PAGE, form | change)
    html = answer.content.decode()
    assert answer.status_code == status
    assert said in main(html)
    assert "act_reason" in change or "act" in change or "攻撃元の疑い" in html
    assert not Block.objects.exists()


def test_who_may_not_sees_the_list_and_no_form(cast: Cast):
    found(IP)
    html = read(cast.nishi.client, PAGE)
    assert IP in html
    assert 'name="act_reason"' not in html
    assert f"/watch/addresses/{IP}/" not in html, "whose page would be refused"
    form = {"act": "block", "address": "203.0.113.9", "until_at": soon(), "act_reason": "攻撃元"}
    assert cast.nishi.client.post(PAGE, form).status_code == 403
    assert Block.objects.count() == 1
    look_at(cast.mori.client, clock.today() - timedelta(days=1))
    assert 'name="act_reason"' not in read(cast.mori.client, PAGE)


def test_who_fetched_it_and_how_long_ago(cast: Cast):
    assert "まだどの装置も取得していません" in main(read(cast.mori.client, PAGE))
    fetched("service:edge-gateway")
    told = main(read(cast.mori.client, PAGE))
    assert "service:edge-gateway" in told
    assert "15分以内" in told
    BlockReader.objects.update(fetched_at=clock.now() - HOUR)
    assert "15分を超えて未取得" in main(read(cast.mori.client, PAGE))


def test_the_four_forms_are_told_with_the_address_of_this_installation(cast: Cast, settings: Any):
    settings.SEKISHO_PUBLIC_URL = "https://sekisho.example.jp"
    told = main(read(cast.mori.client, PAGE))
    base = "https://sekisho.example.jp"
    for part in (
        f'"{base}/api/watch/blocklist?form=plain"',
        f'"{base}/api/watch/blocklist"',
        f'"{base}/api/watch/blocklist?form=nftables" | nft -f -',
        f"api_url: {base}/ api_key: $TOKEN",
    ):
        assert part in told
    for address in ("/api/watch/blocklist?form=plain", "/api/watch/blocklist?form=nftables", "/v1/decisions"):
        assert cast.anonymous.get(address).status_code in (401, 403), "served, to who has a token"


def test_an_empty_list_says_what_to_do_in_both_languages_with_few_queries(cast: Cast):
    assert "遮断中のアドレスはありません" in main(read(cast.mori.client, PAGE))
    found(*(f"192.0.2.{n}" for n in range(1, 40)))
    client = in_english(cast.mori.client)
    read(client, PAGE)
    with at_most_queries(30):
        assert "Fetched by devices" in main(read(client, PAGE))


@pytest.mark.slow
def test_in_a_browser_nothing_is_serious(cast: Cast, new_context: Any, live_server: Any, axe_source: str):
    found(IP, "2001:db8:5::1")
    fetched("service:edge-gateway")
    browser = come_in(new_context(), live_server, cast.mori)
    browser.goto(live_server.url + PAGE)
    assert violations(browser, axe_source) == []
    assert browser.complaints == []  # type: ignore[attr-defined]
    browser.set_viewport_size({"width": 390, "height": 844})
    assert not overflows(browser)
