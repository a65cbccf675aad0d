"""The queue of held withdrawals: who may do what, two people, what is shown of a user."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.models import HeldWithdrawal
from sekisho.workflows.watch_after.models import Warned
from tests.cast import Cast, Member
from tests.web.looking import come_in, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read
from tests.workflows.watching import held, taken

pytestmark = pytest.mark.django_db
PAGE = "/watch/holds/"


@pytest.fixture
def waiting(cast: Cast, tmp_path: Path, settings: Any) -> str:
    """One withdrawal of u1 that waits; its key."""
    settings.SEKISHO_HOME = tmp_path
    taken(held("u1", address="bc1qexampleexampleexample0"))
    return HeldWithdrawal.objects.get().key


def send(member: Member, act: str, key: str, reason: str = "電話で本人を確認", **more: Any) -> int:
    ver = next((row.ver for row in HeldWithdrawal.objects.all() if row.key == key), 0)
    form = {"act": act, "key": key, "act_reason": reason, "expected_ver": ver} | more
    return member.client.post(PAGE, form).status_code


def buttons(member: Member) -> list[str]:
    """What the page offers to do with the withdrawal."""
    return re.findall(r'name="act" value="(\w+)"', read(member.client, PAGE))


def state() -> str:
    return str(HeldWithdrawal.objects.get().state)


def test_it_says_what_was_held_why_and_what_the_user_answered(waiting: str, cast: Cast):
    told = main(read(cast.mori.client, PAGE))
    assert all(
        part in told
        for part in (waiting, "1,234.5 資産 BTC", "u1", "初めて使う端末でのログイン", "連絡は未送信")
    )
    Warned.objects.update(told_at=clock.now(), told_by="webhook")
    assert "未回答" in main(read(cast.mori.client, PAGE))
    Warned.objects.update(answered_at=clock.now(), answer=Warned.NOT_MINE)
    assert "心当たりがない" in main(read(cast.mori.client, PAGE))


def test_the_most_urgent_stands_first_and_what_is_late_is_marked(waiting: str, cast: Cast):
    taken(held("u2", at=clock.now() - timedelta(hours=6)))
    told = main(read(cast.mori.client, PAGE))
    assert told.index("u2") < told.index("u1")
    assert "期限超過 1" in told
    assert "6時間0分経過" in told


def test_two_people_release_it_neither_of_whom_asked(waiting: str, cast: Cast, settings: Any):
    settings.SEKISHO_SECOND_FACTOR = False
    assert buttons(cast.aoki) == ["release", "ask", "refuse"]
    assert send(cast.aoki, "ask", waiting) == 302
    assert buttons(cast.aoki) == ["refuse"]
    assert "自分が申請した出金は、自分では許可できません" in main(read(cast.aoki.client, PAGE))
    assert send(cast.aoki, "release", waiting) == 403
    assert send(cast.mori, "release", waiting) == 302
    assert (state(), buttons(cast.mori)) == ("held", ["refuse"])
    assert send(cast.mori, "release", waiting) == 403
    assert "1人目として既に許可しています" in main(read(cast.mori.client, PAGE))
    assert "2人目として許可し、出金する" in main(read(cast.sakura.client, PAGE))
    assert send(cast.sakura, "release", waiting) == 302
    assert state() == "released"
    assert "判断を待つ出金はありません" in main(read(cast.mori.client, PAGE))
    decided = main(read(cast.mori.client, PAGE + "?which=decided"))
    assert all(part in decided for part in (waiting, "青木 健", "森 智子", "佐倉 美咲", "許可", "未通知"))


def test_to_release_and_refuse_takes_a_second_factor(waiting: str, cast: Cast):
    assert send(cast.aoki, "release", waiting) == 403, "aoki has none"
    assert send(cast.aoki, "refuse", waiting) == 403
    assert send(cast.mori, "refuse", waiting, "") == 422
    assert send(cast.mori, "refuse", waiting, "送金先が詐欺に関連") == 302
    assert state() == "refused"
    assert send(cast.sakura, "release", waiting) == 409


def test_who_may_not_has_no_button_and_is_refused(waiting: str, cast: Cast, settings: Any):
    settings.SEKISHO_SECOND_FACTOR = False
    assert buttons(cast.ono) == ["ask"]
    for member in (cast.nishi, cast.chiba, cast.ogawa):
        assert buttons(member) == []
        for act in ("ask", "release", "refuse"):
            assert send(member, act, waiting) == 403
    for act in ("release", "refuse"):
        assert send(cast.ono, act, waiting) == 403
    assert HeldWithdrawal.objects.get().ver == 1


def test_persons_are_shown_to_those_alone_whose_role_it_is(waiting: str, cast: Cast):
    html = read(cast.nishi.client, PAGE)
    assert waiting in html
    assert "u1" not in main(html).split()
    assert "bc1qexample" not in html
    assert "権限のある人にのみ表示" in main(html)
    assert waiting in read(cast.nishi.client, PAGE + "?user=nobody"), (
        "one cannot ask by what one must not see"
    )
    assert waiting not in main(read(cast.mori.client, PAGE + "?user=nobody"))


def test_what_is_stale_unknown_or_nonsense_is_said(waiting: str, cast: Cast):
    assert send(cast.mori, "refuse", waiting, expected_ver=9) == 409
    for key in ("HW-9", "", "\x00", "x" * 300, "<b>"):
        assert send(cast.mori, "refuse", key) == 404
    assert send(cast.mori, "erase", waiting) == 409
    for query in ("?page=x", "?page=999", "?which=%00", "?user=%00", "?user=" + "x" * 500):
        read(cast.mori.client, PAGE + query)
    assert state() == "held"


def test_on_another_day_nothing_is_offered(waiting: str, cast: Cast):
    look_at(cast.mori.client, clock.today() - timedelta(days=1))
    assert buttons(cast.mori) == []


def test_hostile_texts_stay_texts(cast: Cast, tmp_path: Path, settings: Any):
    settings.SEKISHO_HOME = tmp_path
    taken(held("<script>alert(1)</script>", asset='"><img src=x>', address="</dd><b>x"))
    html = read(cast.mori.client, PAGE)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "</dd><b>x" not in html


def test_in_english_with_few_queries(waiting: str, cast: Cast):
    taken(*(held(f"v{n}") for n in range(15)))
    client = in_english(cast.mori.client)
    read(client, PAGE)
    with at_most_queries(30):
        told = main(read(client, PAGE))
    assert "Ask for its release" in told


@pytest.mark.slow
def test_in_a_browser_nothing_is_serious(
    waiting: str, cast: Cast, new_context: Any, live_server: Any, axe_source: str
):
    browser = come_in(new_context(), live_server, cast.mori)
    browser.goto(live_server.url + PAGE)
    assert violations(browser, axe_source) == []
    assert browser.complaints == []  # type: ignore[attr-defined]
    browser.set_viewport_size({"width": 390, "height": 844})
    assert not overflows(browser)
    browser.get_by_label("確認した内容・理由").fill("電話で本人を確認")
    browser.get_by_role("button", name="許可を申請").click()
    browser.get_by_text("許可の申請あり").wait_for()
