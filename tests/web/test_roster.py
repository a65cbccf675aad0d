"""The page of the duty roster: who is on call at any minute, the gaps ahead, the calendar, planning, handing on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Appointment, RosterShift
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read, rows

PAGE = "/maps/roster/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 11, 23, 12, 5, tzinfo=clock.JAPAN)
ENGLISH = pytest.mark.parametrize("language", ["ja", "en"])


def of(day: int, hour: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=clock.JAPAN)


@pytest.fixture(autouse=True)
def noon(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    """The clock stands still, but for a browser's server, which has threads of its own."""
    if "live_server" in request.fixturenames:
        yield
        return
    with clock.standing_at(NOON):
        yield


def put(model: type[Any], *records: tuple[str, dict[str, Any]]) -> None:
    with act("load", "operator:test") as doing:
        doing.put_new(model, list(records))


def shift(key: str, who: str, begin: datetime, end: datetime, **values: Any) -> tuple[str, dict[str, Any]]:
    return key, {"person": who, "from_at": begin, "until_at": end, **values}


@pytest.fixture
def team(cast: Cast) -> Cast:
    """青木 leads the CSIRT, 大野 and 小川 are members of it."""
    appointed = {"since_on": date(2024, 4, 1)}
    put(
        Appointment,
        ("A-91", {"person": cast.aoki.key, "role": "csirt_lead", **appointed}),
        ("A-92", {"person": cast.ono.key, "role": "csirt_member", **appointed}),
        ("A-93", {"person": cast.ogawa.key, "role": "csirt_member", **appointed}),
    )
    return cast


@pytest.fixture
def duty(team: Cast) -> Cast:
    """大野 by day and 小川 by night until the night of the 24th; then a gap, weeks of 青木, a gap in December."""
    ono, ogawa, aoki = team.ono.key, team.ogawa.key, team.aoki.key
    put(
        RosterShift,
        shift("SH-T0", aoki, of(20, 9), of(23, 9)),
        shift("SH-T1", ono, of(23, 9), of(23, 21), deputy=aoki),
        shift("SH-T2", ogawa, of(23, 21), of(24, 9)),
        shift("SH-T3", ono, of(24, 9), of(24, 21)),
        shift("SH-T4", aoki, of(25, 9), of(9, 9, 12)),
        shift("SH-T5", aoki, of(10, 9, 12), of(14, 9, 12)),
    )
    return team


# --- who is on call -----------------------------------------------------------------------------------------------------


def test_it_says_who_is_on_call_now_who_stands_in_and_who_comes_next(duty: Cast) -> None:
    told = main(read(duty.nishi.client, PAGE))
    assert "いまの当番 令和8年11月23日 12:05 大野 葵 令和8年11月23日 21:00 まで" in told
    assert "代理 青木 健 令和8年11月23日 21:00 まで" in told
    assert "次の当番: 小川 蓮 令和8年11月23日 21:00 から" in told


@pytest.mark.parametrize(
    ("minute", "who"),
    [
        ("2026-11-23T20:59", "大野 葵"),
        ("2026-11-23T21:00", "小川 蓮"),
        ("2026-11-24T21:00", "当番がいません"),
        ("2026-11-25T08:59", "当番がいません"),
        ("2026-12-01T03:00", "青木 健"),
        ("2030-01-01T00:00", "当番がいません"),
    ],
)
def test_it_says_who_is_on_call_at_any_minute(duty: Cast, minute: str, who: str) -> None:
    told = main(read(duty.nishi.client, f"{PAGE}?at={minute}"))
    assert "指定した時刻の当番" in told
    assert who in told.split("指定した時刻の当番")[1].split("日時を指定して調べる")[0]


@pytest.mark.parametrize("query", ["?at=tomorrow", "?at=0001-01-01T00:00", "?day=x&view=year", "?day=9999-12-31", "?shift=" + "x" * 300])  # fmt: skip
def test_what_cannot_be_read_is_as_if_it_were_not_there(duty: Cast, query: str) -> None:
    assert "いまの当番" in main(read(duty.nishi.client, PAGE + query))


def test_on_another_day_it_says_who_was_on_call_at_noon_and_nothing_can_be_changed(duty: Cast) -> None:
    look_at(duty.aoki.client, date(2026, 11, 24))
    html = read(duty.aoki.client, f"{PAGE}?shift=SH-T3")
    assert "表示している日の当番 令和8年11月24日 12:00 大野 葵" in main(html)
    assert "過去・将来の日を表示中は変更できません。" in main(html)
    assert 'name="act"' not in html


def test_who_left_is_not_on_call_but_the_deputy_is(duty: Cast) -> None:
    from sekisho.records.models import Person

    with act("leave", "operator:test") as doing:
        doing.put(Person, duty.ono.key, {"left_on": date(2026, 11, 22)})
    told = main(read(duty.nishi.client, PAGE)).split("いまの当番")[1]
    assert told.startswith(" 令和8年11月23日 12:05 代理 青木 健")


# --- gaps -----------------------------------------------------------------------------------------------------------------


def test_gaps_of_the_next_fortnight_and_later_ones_are_told(duty: Cast) -> None:
    told = main(read(duty.nishi.client, PAGE))
    assert "14日以内 令和8年11月24日 21:00 – 令和8年11月25日 09:00 12時間" in told
    assert "先の期間 令和8年12月9日 09:00 – 令和8年12月10日 09:00 24時間" in told
    assert "登録されている最後の当番: 令和8年12月14日 09:00" in told
    assert "不足" in told.split("これからの空白")[1][:10]


def test_without_a_gap_it_says_so(team: Cast) -> None:
    put(RosterShift, shift("SH-T1", team.aoki.key, of(20), of(30, 0, 12)))
    told = main(read(team.nishi.client, PAGE))
    assert "これからの14日間と、登録済みの当番に空白はありません。" in told


def test_without_any_shift_the_next_fortnight_is_a_gap(team: Cast) -> None:
    told = main(read(team.nishi.client, PAGE))
    assert "当番がいません" in told
    assert "この後の当番は登録されていません。" in told
    assert "14日以内 令和8年11月23日 12:05 – 令和8年12月7日 00:00" in told


def test_a_gap_offers_the_shift_that_fills_it_to_who_keeps_the_roster(duty: Cast) -> None:
    link = "from_at=2026-11-24T21%3A00&amp;hours=12&amp;number=1#plan"
    assert link in read(duty.aoki.client, PAGE)
    assert link not in read(duty.nishi.client, PAGE)
    form = read(duty.aoki.client, f"{PAGE}?from_at=2026-11-24T21:00&hours=12&number=1")
    for field in ('name="from_at" required value="2026-11-24T21:00"', 'name="hours" required value="12"'):
        assert field in form


# --- calendar ---------------------------------------------------------------------------------------------------------------


def test_the_month_shows_each_day_s_shifts_gaps_and_what_is_not_planned(duty: Cast) -> None:
    november = main(read(duty.nishi.client, PAGE))
    assert "23 月 00:00–09:00 青木 健 09:00–21:00 大野 葵 21:00–24:00 小川 蓮 24 火" in november
    assert "24 火 00:00–09:00 小川 蓮 09:00–21:00 大野 葵 21:00–24:00 空白 25 水 00:00–09:00 空白" in november
    december = main(read(duty.nishi.client, f"{PAGE}?day=2026-12-15"))
    assert "9 水 00:00–09:00 青木 健 09:00–24:00 空白（先の期間） 10 木" in december
    assert "14 月 00:00–09:00 青木 健 09:00–24:00 未定 15 火 00:00–24:00 未定" in december


def test_a_past_day_without_duty_is_told_and_one_before_the_first_shift_is_not(duty: Cast) -> None:
    put(RosterShift, shift("SH-T9", duty.aoki.key, of(10, 0), of(11, 0)))
    told = main(read(duty.nishi.client, PAGE))
    assert "9 月 10 火 00:00–24:00 青木 健 11 水 00:00–24:00 当番なし（過去） 12 木" in told


def test_the_week_shows_a_line_a_day(duty: Cast) -> None:
    html = read(duty.nishi.client, f"{PAGE}?view=week&day=2026-11-25")
    assert "令和8年11月23日 – 令和8年11月29日" in main(html)
    assert 'data-start="540" data-end="1260"' in html
    assert html.count('class="week-day') == 7


def test_the_months_and_weeks_before_and_after_are_a_link_away(duty: Cast) -> None:
    month, week = (read(duty.nishi.client, f"{PAGE}?view={v}&day=2026-01-31") for v in ("month", "week"))
    assert "?view=month&amp;day=2025-12-31" in month
    assert "?view=month&amp;day=2026-02-28" in month
    assert "?view=week&amp;day=2026-01-24" in week
    assert "?view=week&amp;day=2026-02-07" in week


def test_there_is_a_table_of_the_same(duty: Cast) -> None:
    html = read(duty.nishi.client, f"{PAGE}?view=week")
    table = [r for r in rows(html) if len(r) == 6]
    assert table[1][:5] == ["令和8年11月23日 09:00", "令和8年11月23日 21:00", "12", "大野 葵", "青木 健"]
    assert [r[3] for r in table] == ["青木 健", "大野 葵", "小川 蓮", "大野 葵", "青木 健"]


def test_it_is_told_in_english_too(duty: Cast) -> None:
    told = main(read(in_english(duty.nishi.client), PAGE))
    assert "On call now 23 Nov 2026, 12:05 大野 葵 until 23 Nov 2026, 21:00" in told
    assert "Within 14 days 24 Nov 2026, 21:00 – 25 Nov 2026, 09:00 12 hours" in told
    assert not [c for c in told if "ぁ" <= c <= "ん"]


def test_only_who_works_here_sees_it(duty: Cast) -> None:
    assert duty.anonymous.get(PAGE).status_code == 302
    read(duty.chiba.client, PAGE)


def test_it_asks_few_questions_however_many_shifts(duty: Cast) -> None:
    read(duty.nishi.client, PAGE)
    many = [shift(f"SH-M{n}", duty.ono.key, of(1) + n * HOUR, of(1) + (n + 1) * HOUR) for n in range(300)]
    put(RosterShift, *many)
    read(duty.nishi.client, PAGE)
    with at_most_queries(12):
        read(duty.nishi.client, PAGE)


# --- planning ---------------------------------------------------------------------------------------------------------------


def plan(cast: Cast, **values: Any) -> dict[str, Any]:
    people = [cast.aoki.key, cast.ono.key, cast.ogawa.key]
    told = {"act": "plan", "people": people, "from_at": "2026-12-14T09:00", "hours": "12", "number": "4"}
    return told | {"deputies": "on", "act_reason": "年末の当番"} | values


def test_a_rotation_is_planned_in_one_act(duty: Cast) -> None:
    answer = duty.ono.client.post(PAGE, plan(duty, begin_with=duty.ono.key, view="week", day="2026-12-14"))
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?view=week&day=2026-12-14")
    shifts = RosterShift.objects.filter(from_at__gte=of(14, 9, 12)).order_by("from_at")
    ono, ogawa, aoki = duty.ono.key, duty.ogawa.key, duty.aoki.key
    assert [s.person_id for s in shifts] == [ono, ogawa, aoki, ono]
    assert shifts[0].from_at == of(14, 9, 12)
    line = Version.objects.get(kind="roster_shift", rec=shifts[0].key)
    assert (line.act_name, line.reason) == ("plan_rotation", "年末の当番")
    assert "4 件の当番を登録しました。" in main(read(duty.ono.client, answer["Location"]))


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"people": []}, 422, "当番に入る人を選んでください。"),
        ({"from_at": ""}, 422, "開始日時を入力してください。"),
        ({"hours": "半日"}, 422, "整数で入力してください。"),
        ({"number": "0"}, 422, "1から200までで入力してください。"),
        ({"people": ["P-0008"]}, 422, "CSIRT責任者・CSIRT要員ではありません"),
        ({"from_at": "2026-12-13T09:00"}, 409, "既に当番 SH-T5 があります"),
        ({"act": "dance"}, 409, ""),
    ],
)
def test_what_cannot_be_planned_says_why_and_keeps_what_was_typed(
    duty: Cast, change: dict[str, Any], status: int, words: str
) -> None:
    answer = duty.aoki.client.post(PAGE, plan(duty, **change))
    assert answer.status_code == status
    html = answer.content.decode()
    assert words in main(html)
    if words:
        assert 'value="年末の当番"' in html
        assert 'role="alert"' in html
    assert RosterShift.objects.count() == 6


def test_a_begin_that_nobody_can_read_is_not_planned(duty: Cast) -> None:
    assert duty.aoki.client.post(PAGE, plan(duty, from_at="31/12/2026")).status_code == 422


def test_who_does_not_keep_the_roster_sees_no_form_and_plans_nothing(duty: Cast) -> None:
    assert 'value="plan"' not in read(duty.nishi.client, PAGE)
    assert duty.nishi.client.post(PAGE, plan(duty)).status_code == 403


def test_without_a_csirt_nobody_can_be_planned(cast: Cast) -> None:
    assert "CSIRT責任者・CSIRT要員の任命がありません。" in main(read(cast.mori.client, PAGE))


# --- handing on ---------------------------------------------------------------------------------------------------------------


def swap(cast: Cast, **values: Any) -> dict[str, Any]:
    told = {
        "act": "swap",
        "shift": "SH-T3",
        "person": cast.ogawa.key,
        "act_reason": "通院のため",
        "expected_ver": "1",
    }
    return told | values


@pytest.mark.parametrize("who", ["ono", "aoki"])
def test_its_own_person_and_the_lead_hand_a_shift_on(duty: Cast, who: str) -> None:
    client = getattr(duty, who).client
    html = read(client, f"{PAGE}?shift=SH-T3")
    assert "当番 SH-T3" in main(html)
    assert f'<option value="{duty.ogawa.key}">' in html
    answer = client.post(PAGE, swap(duty))
    assert answer.status_code == 302
    assert RosterShift.objects.get(pk="SH-T3").person_id == duty.ogawa.key
    assert "当番 SH-T3 を 小川 蓮 に引き継ぎました。" in main(read(client, answer["Location"]))


@pytest.mark.parametrize("who", ["ogawa", "mori", "nishi"])
def test_others_read_who_may(duty: Cast, who: str) -> None:
    client = getattr(duty, who).client
    html = read(client, f"{PAGE}?shift=SH-T3")
    assert "交代できるのは、当番の本人とCSIRT責任者です。" in main(html)
    assert 'value="swap"' not in html
    assert client.post(PAGE, swap(duty)).status_code == 403


def test_a_stale_page_is_told_and_shows_what_stands_now(duty: Cast) -> None:
    duty.aoki.client.post(PAGE, swap(duty))
    answer = duty.aoki.client.post(PAGE, swap(duty, person=duty.aoki.key))
    assert answer.status_code == 409
    told = main(answer.content.decode())
    assert "ほかの人が先に変更しました。" in told
    assert 'name="expected_ver" value="2"' in answer.content.decode()


def test_a_refusal_keeps_the_person_and_the_reason(duty: Cast) -> None:
    answer = duty.aoki.client.post(PAGE, swap(duty, act_reason=" "))
    assert answer.status_code == 422
    assert "理由を入力してください。" in main(answer.content.decode())
    assert f'<option value="{duty.ogawa.key}" selected>' in answer.content.decode()


def test_a_running_shift_says_that_the_rest_is_handed_on_and_one_that_is_over_that_it_cannot(
    duty: Cast,
) -> None:
    assert "この時刻から先の分だけを引き継ぎます。" in main(read(duty.aoki.client, f"{PAGE}?shift=SH-T1"))
    assert "終わった当番は交代できません。" in main(read(duty.aoki.client, f"{PAGE}?shift=SH-T0"))
    assert duty.aoki.client.post(PAGE, swap(duty, shift="SH-T0")).status_code == 409


def test_an_unknown_shift_is_told(duty: Cast) -> None:
    assert "当番 SH-NONE は登録されていません。" in main(read(duty.aoki.client, f"{PAGE}?shift=SH-NONE"))
    assert duty.aoki.client.post(PAGE, swap(duty, shift="SH-NONE")).status_code == 404


# --- in the browser -------------------------------------------------------------------------------------------------------------


def put_round_now(team: Cast) -> None:
    """Shifts of twelve hours round the present moment, with a gap in two days' time."""
    begin = datetime.combine(clock.today(), datetime.min.time(), clock.JAPAN) - 2 * DAY
    people = (team.aoki.key, team.ono.key, team.ogawa.key)
    put(
        RosterShift,
        *(
            shift(f"SH-{n:04d}", people[n % 3], begin + 12 * n * HOUR, begin + 12 * (n + 1) * HOUR)
            for n in range(20)
            if n != 9
        ),
    )


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_it_is_accessible(
    team: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    put_round_now(team)
    page = come_in(new_context(), live_server, team.aoki, language=language)
    in_theme(page, theme)
    for query in ("?view=month&shift=SH-0012", "?view=week"):
        page.goto(live_server.url + PAGE + query)
        page.locator("#roster-table summary").click()
        assert violations(page, axe_source) == []
        assert not overflows(page)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_on_a_phone_nothing_scrolls_sideways(
    team: Cast, live_server: Any, new_context: Any, axe_source: str
) -> None:
    put_round_now(team)
    page = on_phone(come_in(new_context(), live_server, team.aoki))
    for query in ("?view=month&shift=SH-0012", "?view=week"):
        page.goto(live_server.url + PAGE + query)
        assert not overflows(page)
        assert violations(page, axe_source) == []


def focused_day(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.dataset.day"))


def test_arrow_keys_go_from_day_to_day_and_page_keys_from_month_to_month(
    team: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, team.aoki)
    page.goto(f"{live_server.url}{PAGE}?day=2026-11-11")
    page.locator('[data-day="2026-11-11"]').focus()
    for key, day in (
        ("ArrowRight", "2026-11-12"),
        ("ArrowDown", "2026-11-19"),
        ("ArrowLeft", "2026-11-18"),
        ("ArrowUp", "2026-11-11"),
    ):
        page.keyboard.press(key)
        assert focused_day(page) == day
    page.keyboard.press("PageDown")
    page.wait_for_url("**day=2026-12-11*")
    page.locator('[data-day="2026-12-11"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**view=week&day=2026-12-11*")


def test_a_shift_is_handed_on_by_keyboard_alone(team: Cast, live_server: Any, new_context: Any) -> None:
    put_round_now(team)
    page = come_in(new_context(), live_server, team.aoki)
    page.goto(f"{live_server.url}{PAGE}?view=week&day={clock.today() + 3 * DAY}")
    page.locator('a.piece[href*="shift=SH-0012"]').first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**shift=SH-0012*")
    page.locator("#swap-person").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("家族の用事")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("SH-0012")
    assert RosterShift.objects.get(pk="SH-0012").ver == 2


def test_a_week_s_shifts_stand_at_their_hours_and_a_rotation_says_when_it_ends(
    team: Cast, live_server: Any, new_context: Any
) -> None:
    put_round_now(team)
    page = come_in(new_context(), live_server, team.aoki)
    page.goto(
        f"{live_server.url}{PAGE}?view=week&day={clock.today()}&from_at=2026-12-24T09:00&hours=8&number=6"
    )
    line = page.locator(".week-day.today .pieces.line")
    box, second = line.bounding_box(), line.locator("li").nth(1).bounding_box()
    assert box
    assert second
    assert abs(second["x"] - (box["x"] + box["width"] / 2)) < 3
    assert abs(second["width"] - box["width"] / 2) < 3
    told = page.locator("[data-plan-told]")
    expect(told).to_contain_text("2026-12-26 09:00")
    page.locator("#plan-number").fill("3")
    expect(told).to_contain_text("2026-12-25 09:00")
    page.locator("#plan-number").fill("")
    expect(told).to_have_text("")
