"""The year calendar: what will fall short and records' own days, by year and by month, for everybody and for oneself."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.kernel.kept import Kept
from sekisho.records import models as m
from sekisho.rulebook import months_ahead
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.rulebook.narrow import only_checks_of
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read, rows

PAGE, AHEAD = "/calendar/", "/calendar/ahead/"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def put(model: type[Any], key: str, **values: Any) -> None:
    with act("put", "operator:test") as doing:
        doing.put(model, key, values)


def action(key: str, due_on: date, owner: str = "P-0003", **values: Any) -> None:
    put(m.Action, key, what=f"措置{key}", kind="corrective", due_on=due_on, owner=owner, **values)


@pytest.fixture
def year(cast: Cast) -> Cast:
    """Aoki's office ends in 40 days; two actions are due."""
    put(m.Appointment, cast.aoki.appointment, until_on=in_days(40))
    action("AC-1", in_days(10))
    action("AC-2", in_days(100), owner="P-0006")
    return cast


def listed(html: str) -> list[tuple[str, str]]:
    """(sort, what) of the rows of the lists."""
    return [(cells[1], cells[2]) for cells in rows(html) if len(cells) == 5]


# --- what it shows ------------------------------------------------------------------------------------------------


def test_the_next_twelve_months_with_everything_in_them(year: Cast) -> None:
    html = read(year.nishi.client, f"{PAGE}?wait=1")
    months = re.findall(r'id="small-([\d-]+)"', html)
    start = clock.today().replace(day=1)
    assert months == [month_of(add_months(start, n)) for n in range(12)]
    assert [sort for sort, _ in listed(html)] == ["期限", "終了・失効", "不足の見込み", "期限"]
    shown = main(html)
    assert "改善・是正措置の期限： 措置AC-1" in shown
    assert "計 4 件" in shown


def test_records_own_days_are_there_at_once_and_the_rest_is_fetched(year: Cast) -> None:
    html = read(year.nishi.client, PAGE)
    assert "不足の見込み" not in [sort for sort, _ in listed(html)]
    assert "残り" in main(html)
    (address,) = re.findall(rf'hx-get="({AHEAD}[^"]*)"', html)
    fragment = read(year.nishi.client, address.replace("&amp;", "&"))
    assert "<html" not in fragment
    assert "不足の見込み" in [sort for sort, _ in listed(fragment)]
    assert f'id="small-{month_of(in_days(41))}"' in fragment
    assert "hx-swap-oob" in fragment
    assert "不足の見込み" in [sort for sort, _ in listed(read(year.nishi.client, PAGE))], (
        "worked out once for all"
    )


def test_a_fragment_brings_what_was_waited_for_and_no_other(year: Cast) -> None:
    wanted = month_of(in_days(41))
    fragment = read(year.nishi.client, f"{AHEAD}?waiting={wanted}")
    assert re.findall(r'id="small-([\d-]+)"', fragment) == [wanted]
    assert re.findall(r'id="small-([\d-]+)"', read(year.nishi.client, AHEAD)) == []


def test_the_fetching_ends_though_nothing_of_it_could_be_kept(
    year: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month that is too heavy to be kept is worked out for whoever looks, once, and not for ever."""
    monkeypatch.setattr(months_ahead, "_spans_kept", Kept(0, lambda _: 1))
    monkeypatch.setattr("sekisho.web.views.calendar.WAIT_AHEAD", 1e-9)
    html, brought = read(year.nishi.client, PAGE), []
    while addresses := re.findall(rf'hx-get="({AHEAD}[^"]*)"', html):
        html = read(year.nishi.client, addresses[0].replace("&amp;", "&"))
        brought += re.findall(r'id="small-([\d-]+)"', html)
    assert len(brought) == len(set(brought)) > 10
    assert month_of(in_days(41)) in brought


def test_each_entry_leads_to_its_record_and_a_finding_to_its_clause_too(year: Cast) -> None:
    html = read(year.nishi.client, f"{PAGE}?wait=1")
    for address in (
        "/records/action/AC-1/",
        "/records/unit/U-OPS/",
        "/rule/7-1/",
        "/records/appointment/A-0003/",
    ):
        assert f'href="{address}"' in html
    assert "佐倉 美咲" in main(html)  # who must act


def test_one_month_as_a_grid_and_a_list(year: Cast) -> None:
    day = in_days(41)
    html = read(year.nishi.client, f"{PAGE}?month={month_of(day)}&wait=1")
    assert re.findall(r'id="grid-([\d-]+)"', html) == [month_of(day)]
    assert "small-months" not in html
    assert f'id="day-{day}"' in html
    assert ("不足の見込み", "業務部") in [(sort, what.split(" ")[0]) for sort, what in listed(html)]
    assert html.count('href="/records/unit/U-OPS/"') == 2, "in the grid and in the list"


def test_a_day_tells_its_numbers_in_words(year: Cast) -> None:
    html = read(in_english(year.nishi.client), f"{PAGE}?wait=1")
    day = in_days(10)
    (cell,) = re.findall(rf'<a href="[^"]*#day-{day}"[^>]*>(.*?)</a>', html)
    assert ": Due 1" in cell
    assert f'href="?month={month_of(day)}#day-{day}"' in html


def test_what_is_overdue_from_before_stands_first(year: Cast) -> None:
    before = clock.today().replace(day=1) - timedelta(days=40)
    action("AC-9", before)
    html = read(year.nishi.client, PAGE)
    late = html[html.index('id="late-head"') : html.index('id="agenda-')]
    assert "措置AC-9" in late
    assert "期限超過" in late
    assert 'id="late-head"' not in read(
        year.nishi.client, f"{PAGE}?month={month_of(add_months(in_days(0), 3))}"
    )


def test_many_of_the_same_on_one_day_lead_to_their_register(year: Cast) -> None:
    for n in range(6):
        action(f"AC-1{n}", in_days(12))
    html = read(year.nishi.client, PAGE)
    assert ("期限", "改善・是正措置の期限： 6 件") in listed(html)
    (address,) = re.findall(r'href="(/records/action/\?[^"]*)"', html)
    register = read(year.nishi.client, address.replace("&amp;", "&"))
    assert len(re.findall("data-row>AC-1[0-9]<", register)) == 6
    alone = read(year.nishi.client, f"{PAGE}?month={month_of(in_days(12))}")
    assert len([what for _, what in listed(alone) if "措置AC-1" in what]) >= 6, "one by one in their month"


# --- what is asked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sorts"),
    [
        ("what=lapse", ["不足の見込み"]),
        ("what=planned", []),
        ("kind=action", ["期限", "期限"]),
        ("kind=unit", ["不足の見込み"]),
        ("unit=U-SYS", ["期限"]),
        ("unit=U-OPS&what=due", ["期限"]),
        ("what=nonsense&kind=nonsense", ["期限", "終了・失効", "不足の見込み", "期限"]),
    ],
)
def test_filters(year: Cast, query: str, sorts: list[str]) -> None:
    assert [sort for sort, _ in listed(read(year.nishi.client, f"{PAGE}?wait=1&{query}"))] == sorts


def test_mine_alone(year: Cast) -> None:
    def mine(client: Client) -> list[str]:
        return [sort for sort, _ in listed(read(client, f"{PAGE}?wait=1&whose=mine"))]

    assert mine(year.aoki.client) == ["期限", "終了・失効"]
    assert mine(year.sakura.client) == ["不足の見込み"]
    assert mine(year.nishi.client) == []


def test_another_year_by_its_first_month(year: Cast) -> None:
    first = date(clock.today().year + 1, 1, 1)
    html = read(year.nishi.client, f"{PAGE}?from={month_of(first)}")
    assert re.findall(r'id="small-([\d-]+)"', html)[0] == month_of(first)
    assert f'<option value="{month_of(first)}" selected>' in html
    (before,) = re.findall(r'href="([^"]*)" rel="prev"', html)
    assert f"from={first.year - 1}-01" in before


@pytest.mark.parametrize("what", ["2026-13", "nonsense", "1999-01", "9999-12", "2026-1", "２０２６-01", "-"])
def test_what_is_no_month_is_the_present_time(year: Cast, what: str) -> None:
    html = read(year.nishi.client, f"{PAGE}?from={what}&month={what}")
    assert re.findall(r'id="small-([\d-]+)"', html)[0] == month_of(clock.today())


def test_a_filter_stays_when_the_time_changes(year: Cast) -> None:
    html = read(year.nishi.client, f"{PAGE}?what=due&unit=U-OPS")
    addresses = re.findall(r'href="([^"]*)" rel="(?:prev|next)"', html) + re.findall(
        r'<h3><a href="([^"]*)"', html
    )
    assert len(addresses) == 14
    for address in addresses:
        assert "what=due" in address
        assert "unit=U-OPS" in address


def test_a_past_year_shows_what_was_left_undone_and_nothing_ahead(year: Cast) -> None:
    action("AC-9", date(clock.today().year - 1, 6, 1))
    html = read(year.nishi.client, f"{PAGE}?from={clock.today().year - 1}-01")
    assert listed(html) == [("期限 期限超過", "改善・是正措置の期限： 措置AC-9")]
    assert "残り" not in main(html)


def test_another_day_shows_that_days_calendar(year: Cast) -> None:
    client = year.nishi.client
    look_at(client, in_days(60))
    sorts = [sort for sort, _ in listed(read(client, f"{PAGE}?wait=1"))]
    assert "終了・失効" not in sorts
    assert "不足の見込み" not in sorts, "it falls short already on that day"
    before = clock.now()
    action("AC-3", in_days(20))
    look_at(client, clock.today(), before)
    assert "措置AC-3" not in read(client, PAGE)


def test_a_past_moment_asks_the_ledger_once_where_each_kind_changed(year: Cast) -> None:
    client, before = year.nishi.client, clock.now()
    action("AC-3", in_days(20))
    look_at(client, clock.today(), before)
    read(client, f"{PAGE}?wait=1")
    with at_most_queries(70):
        read(client, f"{PAGE}?wait=1")


def test_both_languages(year: Cast) -> None:
    shown = main(read(in_english(year.nishi.client), f"{PAGE}?wait=1"))
    for words in ("Year calendar", "Will fall short", "Action due", "Who acts", "in all", "Subscribe"):
        assert words in shown
    assert not re.search(r"[ぁ-ん]{3,}", re.sub(r"[^ ]*措置[^ ]*", "", shown))


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PAGE, AHEAD])
def test_who_has_not_signed_in_is_sent_to_sign_in(cast: Cast, path: str) -> None:
    answer = cast.anonymous.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", [PAGE, AHEAD])
def test_who_does_not_work_here_sees_none_of_it(cast: Cast, path: str) -> None:
    account = cast.kitagawa.account
    account.person = ""
    account.save()
    client = Client()
    client.force_login(account)
    assert client.get(path).status_code == 403


def test_the_menu_leads_here(year: Cast) -> None:
    assert '<a href="/calendar/" aria-current="page">' in read(year.nishi.client, PAGE)


def test_hostile_words_stay_words(cast: Cast) -> None:
    action("AC-1", in_days(5))
    put(m.Action, "AC-1", what="<script>alert(1)</script>")
    html = read(cast.nishi.client, PAGE)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


# --- in a browser -------------------------------------------------------------------------------------------------


def settled(page: Any) -> None:
    expect(page.locator("#calendar-ahead")).to_have_text("", timeout=30_000)


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_it_is_accessible_while_it_fills_and_when_it_is_full(
    year: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, year.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}{PAGE}")
    settled(page)
    expect(page.locator(".small-month .has.lapse")).to_have_count(1)
    assert violations(page, axe_source) == []
    page.goto(f"{live_server.url}{PAGE}?month={month_of(in_days(41))}")
    settled(page)
    expect(page.locator(".month-grid li.lapse")).to_have_count(1)
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def test_by_keyboard_from_a_day_of_the_year_to_the_record(
    year: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, year.sakura)
    page.goto(f"{live_server.url}{PAGE}")
    settled(page)
    page.locator(".small-month .has.lapse a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calendar/?month=*")
    settled(page)
    page.locator(".month-grid li.lapse a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/unit/U-OPS/")
    expect(page.locator("h1")).to_contain_text("業務部")


def test_a_choice_applies_without_a_click(year: Cast, live_server: Any, new_context: Any) -> None:
    page = come_in(new_context(), live_server, year.sakura)
    page.goto(f"{live_server.url}{PAGE}")
    page.locator("#f-what").select_option("due")
    page.wait_for_url("**/calendar/?*what=due*")
    settled(page)
    expect(page.locator(".small-month .has.lapse")).to_have_count(0)
    expect(page.locator(".small-month .has.due")).to_have_count(2)


def test_a_change_of_the_records_is_shown_without_a_reload(
    year: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, year.sakura)
    page.goto(f"{live_server.url}{PAGE}")
    settled(page)
    action("AC-7", in_days(3))
    expect(page.locator(".agenda-table a", has_text="措置AC-7")).to_have_count(1, timeout=30_000)
    settled(page)
    expect(page.locator(".small-month .has.lapse")).to_have_count(1)


def test_on_a_phone_the_list_alone_and_nothing_scrolls_sideways(
    year: Cast, live_server: Any, new_context: Any
) -> None:
    page = on_phone(come_in(new_context(), live_server, year.sakura))
    page.goto(f"{live_server.url}{PAGE}")
    settled(page)
    assert not overflows(page)
    expect(page.locator(".small-months")).to_be_hidden()
    expect(page.locator(".agenda-table a", has_text="措置AC-1")).to_be_visible()
