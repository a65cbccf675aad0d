"""The page of chains in a browser: the graph on its canvas, the list by keyboard, the panel, without script, on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.outsourced import PAGE, subcontract, world, write

__all__ = ["world"]


def shown(page: Page) -> list[str]:
    """The nodes on the canvas."""
    found: list[str] = page.evaluate(
        "document.getElementById('chain-graph')._cyreg.cy.nodes().map(n => n.id())"
    )
    return found


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_page_is_accessible_and_keeps_the_policy(
    world: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, world.nishi, language=language)
    in_theme(page, theme)
    for query in ("", "?by=stops&kind=location&of=L-0001&at=vendor:V-0004", "?by=weights"):
        page.goto(f"{live_server.url}{PAGE}{query}")
        if "weights" not in query:
            expect(page.locator("#chain-graph canvas").first).to_be_visible()
        assert violations(page, axe_source) == [], query
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_graph_holds_what_the_list_holds_and_a_click_opens_the_panel(
    world: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, world.nishi)
    page.goto(f"{live_server.url}{PAGE}")
    expect(page.locator("#chain-graph canvas").first).to_be_visible()
    links = page.locator(".chain-tree [data-node]").evaluate_all("all => all.map(a => a.dataset.node)")
    assert set(shown(page)) == set(links)
    at = page.evaluate(
        "document.getElementById('chain-graph')._cyreg.cy.getElementById('vendor:V-0003').renderedPosition()"
    )
    page.locator("#chain-graph").click(position=at)
    expect(page.locator("#chain-panel-head")).to_contain_text("Pacific Software")
    expect(page.locator('.chain-tree [aria-current="true"]')).to_contain_text("Pacific Software")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_list_is_walked_by_arrow_keys_and_enter_opens_the_panel(
    world: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, world.nishi)
    page.goto(f"{live_server.url}{PAGE}?by=service&of=outsourced_service:OS-0001")
    expect(page.locator("#chain-graph canvas").first).to_be_visible()
    page.locator(".chain-tree [data-node]").first.focus()
    for key, expected in (
        ("ArrowDown", "system:S-EXC"),
        ("ArrowDown", "vendor:V-0001"),
        ("ArrowRight", "vendor:V-0002"),
        ("ArrowRight", "vendor:V-0003"),
        ("ArrowLeft", "vendor:V-0002"),
        ("Home", "outsourced_service:OS-0001"),
        ("End", "country:SG"),
        ("ArrowUp", "country:JP"),
        ("ArrowUp", "unknown:subcontract:SUB-0003"),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.node") == expected
    page.keyboard.press("Enter")
    expect(page.locator("#chain-panel-head")).to_be_focused()
    expect(page.locator("#chain-panel")).to_contain_text("26-1")


def test_the_picture_follows_the_theme_and_the_zoom(world: Cast, live_server: Any, new_context: Any) -> None:
    page = come_in(new_context(), live_server, world.nishi)
    in_theme(page, "light")
    page.goto(f"{live_server.url}{PAGE}")
    graph = "document.getElementById('chain-graph')._cyreg.cy"
    expect(page.locator("#chain-graph canvas").first).to_be_visible()
    ink = f"{graph}.getElementById('country:SG').style('color')"
    light, before = page.evaluate(ink), page.evaluate(f"{graph}.zoom()")
    page.locator("#theme-switch").click()
    assert page.evaluate(ink) != light
    page.get_by_role("button", name="拡大").click()
    assert page.evaluate(f"{graph}.zoom()") > before
    page.get_by_role("button", name="全体を表示").click()
    assert page.evaluate(f"{graph}.zoom()") == pytest.approx(before, rel=0.05)


def test_a_new_record_is_drawn_without_a_reload(
    world: Cast, live_server: Any, new_context: Any, transactional_db: None
) -> None:
    page = come_in(new_context(), live_server, world.nishi)
    page.goto(f"{live_server.url}{PAGE}")
    expect(page.locator("#chain-graph canvas").first).to_be_visible()
    write([subcontract("SUB-0009", "OS-0002", "V-0002", "V-0005")])
    expect(page.locator('[data-node="vendor:V-0005"]')).to_have_count(4)  # list and table, twice each
    page.wait_for_function(
        "document.getElementById('chain-graph')._cyreg.cy.getElementById('vendor:V-0005')"
        ".connectedEdges('[source = \"vendor:V-0002\"]').length === 1"
    )


def test_without_script_the_list_and_its_links_do_the_work(
    world: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(java_script_enabled=False), live_server, world.nishi)
    page.goto(f"{live_server.url}{PAGE}?by=vendor&of=V-0003")
    expect(page.locator("#chain-map")).to_be_hidden()
    page.locator(".chain-tree").get_by_role("link", name="Pacific Software").click()
    expect(page.locator("#chain-panel-head")).to_contain_text("V-0003")
    page.get_by_role("link", name="停止した場合の影響").last.click()
    expect(page.locator("#stops-1")).to_contain_text("取引所システムの保守")


def test_on_a_phone_nothing_scrolls_sideways(world: Cast, live_server: Any, new_context: Any) -> None:
    page = on_phone(come_in(new_context(), live_server, world.nishi))
    for query in ("", "?by=stops&kind=country&of=SG", "?by=weights"):
        page.goto(f"{live_server.url}{PAGE}{query}")
        assert not overflows(page), query
