"""The rule as a wall: every clause with its verdict, duties told apart, filters, keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from sekisho.findings.verdicts import DUTY_WORDS, VERDICT_WORDS, Duty
from sekisho.records.facts import snapshot
from sekisho.rulebook.assess import assess
from sekisho.rulebook.contents import ARTICLES, TITLE, clauses
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations


def tiles(html: str) -> list[str]:
    """The citations of the tiles, in order."""
    return re.findall(r'class="tile [^"]*" href="/rule/([^/]+)/"', html)


def test_every_clause_has_its_tile_in_the_rules_order(cast: Cast) -> None:
    html = cast.nishi.client.get("/rule/").content.decode()
    assert tiles(html) == [c.citation for c in clauses()]
    assert TITLE.ja in html
    for article in ARTICLES:
        assert article.title.ja in html


def test_a_tile_tells_the_verdict_by_word_and_the_duty(cast: Cast) -> None:
    html = cast.nishi.client.get("/rule/").content.decode()
    state = assess(snapshot())["7-1"]
    tile = re.search(r'<a class="tile [^"]*" href="/rule/7-1/">.*?</a>', html, re.DOTALL)
    assert tile is not None
    assert VERDICT_WORDS[state.verdict].ja in tile[0]
    assert DUTY_WORDS[Duty.MUST].ja in tile[0]


def test_an_endeavour_that_falls_short_looks_milder_than_an_obligation_that_does(cast: Cast) -> None:
    """Guidance G7 shares the verdict of the obligation 7-1: same word, another colour."""
    html = cast.nishi.client.get("/rule/").content.decode()
    looks = {
        c: re.search(rf'href="/rule/{c}/".*?class="verdict (.*?)"', html, re.DOTALL)[1].split()  # type: ignore[index]
        for c in ("7-1", "G7")
    }
    assert looks == {"7-1": ["falls_short"], "G7": ["falls_short", "mild"]}


def test_the_wall_filters_by_verdict_and_duty(cast: Cast) -> None:
    states = assess(snapshot()).states
    html = cast.nishi.client.get("/rule/", {"verdict": "falls_short", "duty": "must"}).content.decode()
    expected = [c for c, s in states.items() if s.verdict == "falls_short" and s.clause.duty == "must"]
    assert tiles(html) == expected
    assert expected


def test_a_filter_that_nothing_meets_says_so(cast: Cast) -> None:
    html = cast.nishi.client.get("/rule/", {"verdict": "definition", "duty": "must"}).content.decode()
    assert tiles(html) == []
    assert "この条件に当てはまる条項はありません。" in html


def test_a_filter_that_is_none_shows_all(cast: Cast) -> None:
    html = cast.nishi.client.get("/rule/", {"verdict": "<script>", "duty": "x"}).content.decode()
    assert len(tiles(html)) == len(clauses())
    assert "<script>x" not in html


def test_the_totals_add_up_to_the_clauses(cast: Cast) -> None:
    response = cast.nishi.client.get("/rule/")
    totals = response.context["totals"]
    assert sum(number for _, _, number in totals) == len(clauses())
    assert all(sum(n for _, n in row) == number for _, row, number in totals)


def test_the_wall_takes_at_most_ten_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    client = cast.nishi.client
    client.get("/rule/")
    with django_assert_max_num_queries(10):
        client.get("/rule/")


def test_the_wall_in_english(cast: Cast) -> None:
    client = cast.nishi.client
    client.cookies["sekisho_language"] = "en"
    html = client.get("/rule/").content.decode()
    assert TITLE.en in html
    assert "Falls short" in html


def test_who_does_not_work_here_sees_no_verdicts(cast: Cast) -> None:
    assert cast.anonymous.get("/rule/").status_code == 302


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_wall_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}/rule/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_keyboard_goes_from_the_skip_link_through_the_wall_to_a_clause(
    cast: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, cast.sakura)
    page.goto(f"{live_server.url}/rule/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.getAttribute('href')") == "/rule/7-1/":
            break
    tile = page.locator('a.tile[href="/rule/7-1/"]')
    expect(tile).to_be_focused()
    assert tile.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("7-1")


def test_on_a_phone_nothing_scrolls_sideways_and_the_menu_opens(
    cast: Cast, live_server: Any, new_context: Any
) -> None:
    page = on_phone(come_in(new_context(), live_server, cast.sakura))
    page.goto(f"{live_server.url}/rule/")
    assert not overflows(page)
    expect(page.locator("#sidebar .menu")).not_to_be_visible()
    page.get_by_role("button", name="メニューを開く").click()
    expect(page.locator("#sidebar .menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar .menu")).not_to_be_visible()
