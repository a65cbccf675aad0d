"""The system map: what systems are made of, how they hang together, on what they rest, and what falls short."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.records.models import (
    CloudService,
    Component,
    Licence,
    OutsourcedService,
    Relation,
    System,
    Vendor,
)
from sekisho.web.system_map import components as table
from sekisho.web.views import system_map
from sekisho.workflows.act import act
from tests.cast import Cast, Member
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, in_english, look_at, main, read, rows

PAGE = "/maps/systems/"
SINCE = date(2024, 4, 1)
Written = tuple[type, str, dict[str, Any]]


def write(records: list[Written]) -> None:
    with act("configure", "operator:test") as doing:
        for model, key, values in records:
            doing.put(model, key, values)


def system(
    key: str, name: str, criticality: str | None = "medium", unit: str | None = "U-SYS", **values: Any
) -> Written:
    told = {"name": name, "unit": unit, "in_scope": True, "criticality": criticality, "operated_by": "own"}
    return System, key, {**told, "in_use_since_on": SINCE, **values}


def component(
    key: str, of: str | None, kind: str = "software", seen: int | None = 1, **values: Any
) -> Written:
    """Registered, and seen so many days ago."""
    at = None if seen is None else clock.now() - timedelta(days=seen)
    told = {"name": f"部品 {key}", "kind": kind, "system": of, "registered_on": SINCE, "confirmed_on": SINCE}
    return Component, key, {**told, "first_seen_at": at, "last_seen_at": at, **values}


def relation(one: str, kind: str, other: str) -> Written:
    return Relation, f"RE-{one}-{other}", {"from_component": one, "kind": kind, "to_component": other}


WEB, WAL, ACC, OLD = (
    system("S-WEB", "取引ウェブサイト", "high", internet_facing=True),
    system("S-WAL", "ウォレット管理", "high"),
    system("S-ACC", "経理システム", "low", "U-OPS", operated_by="vendor", vendor="V-0001"),
    system("S-OLD", "旧システム", in_use_until_on=date(2025, 3, 31)),
)


def world_of() -> list[Written]:
    vendors = [
        (Vendor, f"V-000{n}", {"name": f"委託先{n}", "country": "JP", "since_on": SINCE}) for n in (1, 2, 3)
    ]
    return [
        *vendors, WEB, WAL, ACC, OLD,
        (CloudService, "CS-1", {"name": "計算基盤", "vendor": "V-0002", "systems": ["S-WEB"], "since_on": SINCE}),
        (OutsourcedService, "OS-1", {"name": "監視業務", "vendor": "V-0003", "systems": ["S-WAL"], "since_on": SINCE}),
        component("C-EXC", "S-EXC"),
        component("C-WEB", "S-WEB"),
        component("C-WAL", "S-WAL"),
        component("C-BOX", "S-WAL", "hardware", identifier="SN-1"),
        component("C-ACC", "S-ACC"),
        relation("C-WEB", "connects_to", "C-EXC"),
        relation("C-WAL", "connects_to", "C-EXC"),
        relation("C-ACC", "runs_on", "C-BOX"),
    ]  # fmt: skip


@pytest.fixture
def world(cast: Cast) -> Cast:
    write(world_of())
    return cast


def page(cast: Cast, query: str = "") -> str:
    return read(cast.nishi.client, PAGE + query)


def drawn(html: str) -> dict[str, Any]:
    """What the script draws: nodes by id, edges by their ends."""
    found = re.search(r'<script id="chain-json" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found, "nothing is drawn"
    told = json.loads(found[1])
    nodes = {node["id"]: node for node in told["nodes"]}
    return {"nodes": nodes, "edges": {(e["source"], e["target"]): e for e in told["edges"]}}


def listed(html: str) -> set[str]:
    part = html[html.index('id="map-list"') : html.index('id="map-table"')]
    return set(re.findall(r'data-node="([^"]+)"', part))


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_the_map_draws_every_system_in_use_with_the_clouds_and_vendors_below_it(world: Cast) -> None:
    graph = drawn(page(world))
    assert set(graph["nodes"]) == {
        "system:S-EXC", "system:S-WEB", "system:S-WAL", "system:S-ACC",
        "cloud_service:CS-1", "vendor:V-0001", "vendor:V-0002", "vendor:V-0003",
    }  # fmt: skip
    below = {ends for ends, edge in graph["edges"].items() if edge["seat"]}
    assert below == {
        ("system:S-WEB", "cloud_service:CS-1"), ("cloud_service:CS-1", "vendor:V-0002"),
        ("system:S-WAL", "vendor:V-0003"), ("system:S-ACC", "vendor:V-0001"),
    }  # fmt: skip


def test_a_connection_has_no_direction_and_what_runs_on_another_has_one(world: Cast) -> None:
    write([relation("C-EXC", "connects_to", "C-WEB")])  # the same again, from the other side
    edges = drawn(page(world))["edges"]
    assert edges["system:S-EXC", "system:S-WEB"]["plain"]
    assert ("system:S-WEB", "system:S-EXC") not in edges
    assert not edges["system:S-ACC", "system:S-WAL"]["plain"]


def test_a_relation_counts_while_both_its_components_stand(world: Cast) -> None:
    write([component("C-WEB", "S-WEB", until_on=clock.today() - timedelta(days=1))])
    assert ("system:S-EXC", "system:S-WEB") not in drawn(page(world))["edges"]


def test_systems_stand_by_how_far_behind_the_internet_they_are(world: Cast) -> None:
    write([system("S-LON", "単独システム")])
    layers = {key: node["layer"] for key, node in drawn(page(world))["nodes"].items()}
    faces = [layers["system:S-EXC"], layers["system:S-WEB"]]
    assert faces == [0, 0]
    assert layers["system:S-WAL"] == 1
    assert layers["system:S-ACC"] == 2
    assert layers["system:S-LON"] < layers["cloud_service:CS-1"] < layers["vendor:V-0001"]


def test_critical_systems_and_findings_are_marked_and_told_in_words(world: Cast) -> None:
    nodes = drawn(page(world))["nodes"]
    assert nodes["system:S-WAL"]["critical"]
    assert not nodes["system:S-ACC"]["critical"]
    assert nodes["system:S-ACC"]["tone"] == "falls_short"
    assert "重要度低 / 構成要素 1" in nodes["system:S-ACC"]["label"]
    assert "不足" in nodes["system:S-ACC"]["label"]  # the colour is not all that tells


def test_a_finding_about_a_component_or_its_licence_stands_at_its_system(world: Cast) -> None:
    ended = {"title": "保守", "component": "C-WAL", "ends_on": clock.today() - timedelta(days=3)}
    write([component("C-NEW", "S-WAL", registered_on=None), (Licence, "LI-1", ended)])
    html = page(world, "?panel=system:S-WAL")
    assert 'href="/records/component/C-NEW/"' in html
    assert 'href="/rule/12-2/"' in html
    assert 'href="/records/licence/LI-1/"' in html
    assert "未登録 1" in drawn(page(world))["nodes"]["system:S-WAL"]["label"]


def test_the_list_holds_every_node_that_is_drawn(world: Cast) -> None:
    html = page(world)
    vendors_of_clouds = {"vendor:V-0002"}  # told at the cloud
    assert listed(html) == set(drawn(html)["nodes"]) - vendors_of_clouds


def test_the_table_tells_all_that_the_map_draws(world: Cast) -> None:
    told = {row[0]: row[1:] for row in rows(page(world))}
    assert told["ウォレット管理 S-WAL"][:6] == [
        "システム部", "高", "対象", "機器 1 ソフトウェア 1", "取引所システム", "委託先3",
    ]  # fmt: skip
    assert told["経理システム S-ACC"][4] == "の上で動く: ウォレット管理"
    assert told["取引ウェブサイト S-WEB"][2] == "対象 インターネット公開"


# --- which systems ----------------------------------------------------------------------------------------------------


def test_one_unit_s_systems_are_drawn_with_those_around_them(world: Cast) -> None:
    html = page(world, "?unit=U-OPS")
    nodes = drawn(html)["nodes"]
    assert {key for key in nodes if key.startswith("system")} == {"system:S-ACC", "system:S-WAL"}
    assert nodes["system:S-WAL"]["outside"]
    assert not nodes["system:S-ACC"]["outside"]
    assert [row[0] for row in rows(html)] == ["経理システム S-ACC"]


def test_systems_may_be_chosen_by_criticality_and_without_what_they_rest_on(world: Cast) -> None:
    nodes = drawn(page(world, "?criticality=low&rests=no"))["nodes"]
    assert set(nodes) == {"system:S-ACC", "system:S-WAL"}


def test_a_filter_that_names_nothing_is_none(world: Cast) -> None:
    assert set(drawn(page(world, "?unit=U-XX&criticality=huge"))["nodes"]) == set(drawn(page(world))["nodes"])


def test_the_systems_of_no_unit_may_be_chosen(world: Cast) -> None:
    write([system("S-LON", "単独システム", None, None)])
    html = page(world, "?unit=-")
    assert [row[0] for row in rows(html)] == ["単独システム S-LON"]
    assert "所管部署の記録なし" in main(html)


def test_past_a_bound_it_draws_nothing_and_the_table_goes_on_in_pages(
    world: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_map, "MOST_SYSTEMS", 3)
    monkeypatch.setattr("sekisho.web.system_map.asked.MOST_SYSTEMS", 3)
    html = page(world)
    assert "システムが 4 件あり、図にするには多すぎます（3 件まで）" in main(html)
    assert 'id="chain-json"' not in html
    shown = [row[0] for part in ("", "?systems=2") for row in rows(page(world, part))]
    assert len(shown) == len(set(shown)) == 4
    assert "system:S-ACC" in drawn(page(world, "?unit=U-OPS"))["nodes"]


def test_with_nothing_on_record_it_says_so(cast: Cast) -> None:
    write([(System, "S-EXC", {"in_use_until_on": date(2025, 1, 1)})])
    html = page(cast)
    assert "この日に利用中のシステムは記録されていません。" in main(html)
    assert 'id="chain-json"' not in html


# --- the panel, and a system's components -----------------------------------------------------------------------------


def test_the_panel_of_a_system_tells_its_parts_and_its_neighbours(world: Cast) -> None:
    html = page(world, "?panel=system:S-WAL")
    told = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "<html" not in html
    assert "機器 1 ソフトウェア 1" in told
    assert {'data-node="system:S-EXC"', 'data-node="vendor:V-0003"'} <= set(
        re.findall(r'data-node="[^"]+"', html)
    )
    assert "/maps/vendors/?by=system&amp;of=S-WAL" in html


def test_the_panel_brings_the_components_along(world: Cast) -> None:
    html = page(world, "?panel=system:S-WAL")
    assert '<section class="map-components" id="map-components" hx-swap-oob="true">' in html
    assert [row[0] for row in rows(html)] == ["部品 C-BOX", "部品 C-WAL"]
    assert "hx-swap-oob" not in page(world, "?at=system:S-WAL")


def test_the_panel_of_a_cloud_or_a_vendor_tells_who_rests_on_it(world: Cast) -> None:
    for node, resting in (
        ("cloud_service:CS-1", "S-WEB"),
        ("vendor:V-0003", "S-WAL"),
        ("vendor:V-0001", "S-ACC"),
    ):
        html = page(world, f"?panel={node}")
        assert f'data-node="system:{resting}"' in html, node
        assert rows(html) == []


@pytest.mark.parametrize("node", ["system:S-9", "vendor:V-9", "unit:U-SYS", "planet:Mars", "system"])
def test_there_is_no_panel_of_what_is_not_there(world: Cast, node: str) -> None:
    read(world.nishi.client, f"{PAGE}?panel={node}", 404)
    read(world.nishi.client, f"{PAGE}?at={node}", 404)


def test_every_node_has_its_panel(world: Cast) -> None:
    for node in drawn(page(world))["nodes"]:
        assert "chain-panel-head" in page(world, f"?panel={node}"), node


def test_without_script_panel_and_components_come_with_the_page(world: Cast) -> None:
    html = page(world, "?unit=U-SYS&at=system:S-WAL")
    assert "unit=U-SYS&amp;at=system%3AS-EXC#chain-panel" in html
    assert '<h2 id="chain-panel-head" tabindex="-1"><a href="/records/system/S-WAL/">' in html
    assert "ウォレット管理の構成要素" in main(html)


def test_a_system_out_of_use_has_its_panel_but_no_place_on_the_map(world: Cast) -> None:
    html = page(world, "?at=system:S-OLD")
    assert "旧システムの構成要素" in main(html)
    assert "system:S-OLD" not in drawn(html)["nodes"]


def test_the_table_tells_how_register_and_discovery_stand_of_each_component(world: Cast) -> None:
    today = clock.today()
    yesterday = {"until_on": today - timedelta(days=20)}
    write(
        [
            component("C-1", "S-LON", seen=5),
            component("C-2", "S-LON", seen=45),
            component("C-3", "S-LON", seen=None),
            component("C-4", "S-LON", seen=3, registered_on=None),
            component("C-5", "S-LON", "document", seen=None),
            component("C-6", "S-LON", seen=None, registered_on=today),
            component("C-7", "S-LON", seen=2, **yesterday),
            component("C-8", "S-LON", seen=None, **yesterday),
            component("C-9", "S-LON", seen=None, registered_on=None),
            system("S-LON", "単独システム"),
        ]
    )
    told = {row[0]: row[3] for row in rows(page(world, "?panel=system:S-LON"))}
    assert told == {
        "部品 C-1": "登録済・検出済",
        "部品 C-2": "登録済・未検出（期限超過）",
        "部品 C-3": "登録済・一度も未検出",
        "部品 C-4": "検出のみ（未登録）",
        "部品 C-5": "登録済（検出の対象外）",
        "部品 C-6": "登録済（検出待ち）",
        "部品 C-7": "廃止後に検出",
        "部品 C-9": "登録日・検出の記録なし",
    }
    assert [*told][:5] == [f"部品 C-{n}" for n in (2, 3, 4, 7, 9)]  # what falls short first


def test_the_table_names_what_a_component_stands_to_and_how_many_more(world: Cast) -> None:
    write([relation("C-WAL", "runs_on", "C-BOX")])
    cells = {row[0]: row[7] for row in rows(page(world, "?panel=system:S-WAL"))}
    assert cells["部品 C-WAL"] == "に接続する 部品 C-EXC の上で動く 部品 C-BOX"
    assert cells["部品 C-BOX"] == ""
    many = [component(f"C-M{n}", "S-WEB") for n in range(6)]
    write([*many, *(relation("C-WAL", "connects_to", key) for _, key, _ in many)])
    cells = {row[0]: row[7] for row in rows(page(world, "?panel=system:S-WAL"))}
    assert cells["部品 C-WAL"].endswith("ほか 4 件")


def test_many_components_come_in_pages(world: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "LINES_A_PAGE", 2)
    write([component(f"C-M{n}", "S-WAL") for n in range(3)])
    keys = [row[0] for n in (1, 2, 3) for row in rows(page(world, f"?panel=system:S-WAL&page={n}"))]
    assert len(keys) == len(set(keys)) == 5
    assert "?at=system:S-WAL&amp;page=2#map-components" in page(world, "?panel=system:S-WAL")


def test_a_name_never_becomes_markup(cast: Cast) -> None:
    evil = "</script><b>x"
    write([system("S-1", evil), component("C-1", "S-1", name=evil, identifier=evil)])
    for query in ("", "?panel=system:S-1", "?at=system:S-1"):
        assert "<b>x" not in page(cast, query)
    assert drawn(page(cast))["nodes"]["system:S-1"]["label"].startswith(evil)


# --- moments, rights, languages ---------------------------------------------------------------------------------------


def test_another_day_shows_what_stands_on_it(world: Cast) -> None:
    client = world.nishi.signed_in()
    look_at(client, date(2025, 3, 31))
    nodes = drawn(read(client, PAGE))["nodes"]
    assert "system:S-OLD" in nodes
    look_at(client, SINCE - timedelta(days=1))
    assert "system:S-WEB" not in drawn(read(client, PAGE))["nodes"]


def test_a_past_moment_shows_what_was_known_then(world: Cast) -> None:
    before = clock.now()
    write(
        [
            system("S-WAL", "改称後", "low"),
            component("C-LATE", "S-WAL"),
            relation("C-LATE", "connects_to", "C-WEB"),
        ]
    )
    client = world.nishi.signed_in()
    look_at(client, clock.today(), before)
    html = read(client, f"{PAGE}?at=system:S-WAL")
    assert drawn(html)["nodes"]["system:S-WAL"]["label"].startswith("ウォレット管理")
    assert ("system:S-WAL", "system:S-WEB") not in drawn(html)["edges"]
    assert "部品 C-LATE" not in html
    assert "改称後" not in html


def test_a_sighting_that_was_still_to_come_is_not_told(world: Cast) -> None:
    client = world.nishi.signed_in()
    later = datetime(2026, 11, 20, 3, tzinfo=UTC)
    first = datetime(2026, 10, 10, 3, tzinfo=UTC)
    write([component("C-WAL", "S-WAL", first_seen_at=first, last_seen_at=later)])
    look_at(client, date(2026, 10, 15))
    cells = {row[0]: row[5] for row in rows(read(client, f"{PAGE}?panel=system:S-WAL"))}
    assert cells["部品 C-WAL"] == "令和8年10月10日 12:00"


def test_an_account_without_a_person_sees_nothing(world: Cast) -> None:
    from sekisho.access.models import Account

    account = Account.objects.get(login=world.kitagawa.login)
    account.person = ""
    account.save()
    client = Member("kitagawa", "", "北川").signed_in()
    for query in ("", "?panel=system:S-WAL", "?at=system:S-WAL"):
        read(client, PAGE + query, 403)


def test_it_reads_in_english(world: Cast) -> None:
    client = in_english(world.nishi.signed_in())
    told = main(read(client, f"{PAGE}?at=system:S-WAL"))
    assert "Registered and seen" in told
    assert "Runs on" in told
    assert not re.search("構成要素|登録済|接続", told)


def test_it_asks_the_database_little(world: Cast) -> None:
    page(world)  # facts and assessment are made once
    for query in ("?unit=U-SYS", "?at=system:S-WAL", "?panel=vendor:V-0003"):
        with at_most_queries(16):
            page(world, query)


def test_the_menu_leads_here(world: Cast) -> None:
    assert re.search(r'<a href="/maps/systems/" aria-current="page">', page(world))


# --- in a browser -----------------------------------------------------------------------------------------------------


def opened(
    cast: Cast, server: Any, context: Any, query: str = "", language: str = "ja", theme: str = "light"
) -> Page:
    shown = come_in(context, server, cast.nishi, language=language)
    in_theme(shown, theme)
    shown.goto(f"{server.url}{PAGE}{query}")
    return shown


def test_the_map_is_drawn_and_a_click_in_the_list_opens_panel_and_components(
    world: Cast, live_server: Any, new_context: Any
) -> None:
    shown = opened(world, live_server, new_context())
    expect(shown.locator("#chain-map")).to_be_visible()
    expect(shown.locator("#chain-graph canvas").first).to_be_visible()
    shown.locator('#map-list [data-node="system:S-WAL"]').first.click()
    expect(shown.locator("#chain-panel-head")).to_contain_text("ウォレット管理")
    expect(shown.locator("#map-components-head")).to_have_text("ウォレット管理の構成要素")
    shown.locator('#chain-panel [data-node="vendor:V-0003"]').click()
    expect(shown.locator("#chain-panel-head")).to_contain_text("委託先3")
    expect(shown.locator("#map-components-head")).to_have_count(0)
    assert shown.complaints == []  # type: ignore[attr-defined]


def test_arrow_keys_walk_the_list_and_enter_opens(world: Cast, live_server: Any, new_context: Any) -> None:
    shown = opened(world, live_server, new_context())
    links = shown.locator("#map-list [data-node]")
    links.first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Home"):
        shown.keyboard.press(key)
    expect(links.first).to_be_focused()
    shown.keyboard.press("End")
    expect(links.last).to_be_focused()
    shown.keyboard.press("Enter")
    expect(shown.locator("#chain-panel-head")).to_be_focused()
    assert shown.complaints == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_page_is_accessible_and_fits_a_phone(
    world: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    write([component("C-NEW", "S-WAL", registered_on=None)])
    shown = opened(world, live_server, new_context(), "?unit=U-SYS&at=system:S-WAL", language, theme)
    expect(shown.locator("#chain-map")).to_be_visible()
    assert violations(shown, axe_source) == []
    assert not overflows(on_phone(shown))
    assert shown.complaints == []  # type: ignore[attr-defined]
