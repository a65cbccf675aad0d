"""Article 13-2: the stops that were announced, for users: without sign-in, and nothing beside them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.facts import snapshot
from sekisho.records.models import Maintenance, MemberProfile
from sekisho.rulebook.assess import assess
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import in_theme, on_phone, overflows, violations, watched

PAGE = "/public/stops/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NONE = "現在、予定している停止はありません"


def stop(
    key: str = "MT-1", begins: timedelta = 10 * DAY, announced: timedelta | None = -DAY, **more: Any
) -> datetime:
    """A stop of two hours that begins so long from now; returns its beginning."""
    now = clock.now()
    begun = now + begins
    values = {
        "system": "S-EXC", "what": "鍵の入替え", "stops_service": True, "planned_from_at": begun, "planned_until_at": begun + 2 * HOUR,
        "announced_at": None if announced is None else now + announced, "announcement": "売買を停止します。\nご了承ください。",
    }  # fmt: skip
    with act("maintenance", "person:P-0003") as doing:
        doing.put(Maintenance, key, values | more)
    return begun


def words(cast: Cast, **query: str) -> str:
    answer = cast.anonymous.get(PAGE, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_users_read_an_announced_stop_without_sign_in(cast: Cast) -> None:
    begun = stop()
    html = words(cast)
    assert "売買を停止します。<br>ご了承ください。" in html
    assert begun.astimezone(clock.JAPAN).strftime("%H:%M") in html
    assert NONE not in html


def test_a_stop_that_is_not_announced_or_only_later_or_that_stops_nothing_is_not_shown(cast: Cast) -> None:
    stop("MT-1", announced=None)
    stop("MT-2", announced=HOUR)
    stop("MT-3", stops_service=False)
    assert NONE in words(cast)


def test_it_appears_with_its_announcement_and_goes_a_week_after_its_end(cast: Cast) -> None:
    begun = stop(announced=HOUR)
    with clock.standing_at(clock.now() + HOUR):
        assert "売買を停止します" in words(cast)
    over = begun + 2 * HOUR
    for instant, text in ((over - timedelta(seconds=1), "停止の時間帯"), (over, "予定の時間帯を過ぎた停止")):
        with clock.standing_at(instant):
            assert text in words(cast)
    with clock.standing_at(over + 7 * DAY - timedelta(seconds=1)):
        assert "売買を停止します" in words(cast)
    with clock.standing_at(over + 7 * DAY):
        assert "売買を停止します" not in words(cast)


def test_the_next_stop_stands_first_and_what_is_over_stands_below(cast: Cast) -> None:
    stop("MT-1", begins=12 * DAY, announcement="三つ目")
    stop("MT-2", begins=-DAY, announcement="終わったもの")
    stop("MT-3", begins=-HOUR, announcement="一つ目")
    stop("MT-4", begins=3 * DAY, announcement="二つ目")
    html = words(cast)
    places = [
        html.index(text) for text in ("一つ目", "二つ目", "三つ目", "予定の時間帯を過ぎた", "終わったもの")
    ]
    assert places == sorted(places)


def test_a_change_is_shown_from_its_own_announcement_on(cast: Cast) -> None:
    change = {"change_announced_at": clock.now() + HOUR, "change_announcement": "終了が遅れます。"}
    stop(begins=-HOUR, **change)
    assert "終了が遅れます" not in words(cast)
    with clock.standing_at(clock.now() + HOUR):
        html = words(cast)
        assert "終了が遅れます。" in html
        assert "変更のお知らせ" in html


def test_a_stop_announced_without_words_is_shown_with_its_times(cast: Cast) -> None:
    stop(announcement=None)
    assert "サービスの一部をご利用いただけません" in words(cast)


def test_what_the_page_shows_is_what_clause_13_2_counts_as_announced(cast: Cast) -> None:
    for announced, met in ((-DAY, True), (None, False)):
        stop(begins=3 * DAY, urgent=True, announced=announced)
        assert (NONE not in words(cast)) is met
        with clock.standing_at(clock.now() + 3 * DAY):
            assert (assess(snapshot())["13-2"].verdict == "met") is met


def test_it_tells_nothing_but_what_was_announced(cast: Cast) -> None:
    stop(begins=-DAY, result="手順の誤りで遅延", done_from_at=clock.now() - DAY, done_until_at=clock.now())
    with act("profile", "operator:test") as doing:
        doing.put(MemberProfile, "MP-1", {"name": "公開会員", "as_of_on": clock.today(), "user_count": 4242})
    html = words(cast)
    assert "公開会員" in html
    for secret in (
        "4242",
        "取引所システム",
        "S-EXC",
        "MT-1",
        "鍵の入替え",
        "手順の誤り",
        "佐倉",
        "/rule/",
        "csrf",
    ):
        assert secret not in html, secret


def test_markup_in_an_announcement_stays_text(cast: Cast) -> None:
    stop(
        begins=-HOUR,
        announcement="<script>alert(1)</script>",
        change_announced_at=clock.now(),
        change_announcement="<b>2</b>",
    )
    html = words(cast)
    assert "<script>alert" not in html
    assert "<b>2" not in html


def test_its_language_is_told_by_its_address(cast: Cast) -> None:
    stop()
    assert 'lang="en"' in words(cast, lang="en").split("<head>")[0]
    assert "Planned stops of the service for maintenance" in words(cast, lang="en")
    assert 'lang="ja"' in words(cast).split("<head>")[0]


def test_caches_may_keep_the_publics_page_but_not_a_signed_in_readers(cast: Cast) -> None:
    public = cast.anonymous.get(PAGE)
    assert public.headers["Cache-Control"] == "public, max-age=300"
    assert not public.cookies
    assert "private" in cast.nishi.client.get(PAGE).headers["Cache-Control"]


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(cast: Cast) -> None:
    begun = stop()
    client = cast.anonymous
    tag = client.get(PAGE).headers["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 304
    stop("MT-2", announcement="追加のお知らせ")
    again = client.get(PAGE, headers={"If-None-Match": tag})
    assert "追加のお知らせ" in again.content.decode()
    tag = again.headers["ETag"]
    with clock.standing_at(begun):  # the clock alone changes it too
        assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 200


def test_it_is_for_reading_alone(cast: Cast) -> None:
    assert cast.anonymous.post(PAGE).status_code in (403, 405)


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_public_page_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    stop(begins=-HOUR, change_announced_at=clock.now(), change_announcement="延長します。")
    stop("MT-2", begins=-DAY)
    page = watched(new_context().new_page())
    in_theme(page, theme)
    page.goto(f"{live_server.url}{PAGE}?lang={language}")
    assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert page.complaints == []  # type: ignore[attr-defined]
