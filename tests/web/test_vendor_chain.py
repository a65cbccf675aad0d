"""The page of chains: who works for whom, where something falls short, what stops if one of them stops."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import polars as pl
import pytest

from sekisho.kernel import clock
from sekisho.web.chains import asked
from sekisho.web.chains.marks import marks
from sekisho.web.views import vendor_chain
from tests.cast import Cast, Member
from tests.web.outsourced import PAGE, SINCE, service, subcontract, vendor, world, write
from tests.web.reading import at_most_queries, in_english, look_at, main, read, rows

__all__ = ["world"]


def page(world: Cast, query: str = "") -> str:
    return read(world.nishi.client, PAGE + query)


def drawn(html: str) -> dict[str, Any]:
    """What the script draws: nodes by id, and the pairs of ends of edges."""
    found = re.search(r'<script id="chain-json"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found, "nothing to draw"
    told = json.loads(found[1])
    nodes = {node["id"]: node for node in told["nodes"]}
    return {"nodes": nodes, "edges": {(e["source"], e["target"]): e for e in told["edges"]}}


def listed(html: str) -> list[str]:
    """The nodes of the nested list, in order."""
    tree = html[html.index('id="chain-list"') : html.index('id="chain-table"')]
    return [unescape(n) for n in re.findall(r'data-node="([^"]+)"', tree)]


# --- the graph, the list, the table ---------------------------------------------------------------------------------


def test_everything_is_drawn_from_the_systems_to_the_last_subcontractor(world: Cast) -> None:
    graph = drawn(page(world))
    assert {
        ("system:S-EXC", "outsourced_service:OS-0001"),
        ("outsourced_service:OS-0001", "vendor:V-0001"),
        ("vendor:V-0001", "vendor:V-0002"),
        ("vendor:V-0002", "vendor:V-0003"),
        ("vendor:V-0003", "unknown:subcontract:SUB-0003"),
        ("cloud_service:CS-0001", "location:L-0002"),
        ("location:L-0002", "country:SG"),
        ("vendor:V-0003", "country:SG"),
        ("system:S-ACC", "vendor:V-0005"),
    } <= set(graph["edges"])


def test_the_list_holds_every_node_that_is_drawn(world: Cast) -> None:
    html = page(world)
    assert set(listed(html)) == set(drawn(html)["nodes"])


def test_a_chain_is_listed_step_by_step_with_tiers_and_countries(world: Cast) -> None:
    html = page(world, "?by=service&of=outsourced_service:OS-0001")
    assert listed(html)[:6] == [
        "outsourced_service:OS-0001",
        "system:S-EXC",
        "vendor:V-0001",
        "vendor:V-0002",
        "vendor:V-0003",
        "unknown:subcontract:SUB-0003",
    ]
    told = main(html)
    assert "東海ソフトウェア株式会社 2次 JP" in told
    assert "再委託先不明 4次" in told


def test_the_table_says_who_hands_on_to_whom(world: Cast) -> None:
    told = [row[:5] for row in rows(page(world, "?by=service&of=outsourced_service:OS-0001"))]
    assert told == [
        ["取引所システムの保守", "1", "取引所システムの保守", "第一システム株式会社", "JP"],
        ["取引所システムの保守", "2", "第一システム株式会社", "東海ソフトウェア株式会社", "JP"],
        ["取引所システムの保守", "3", "東海ソフトウェア株式会社", "Pacific Software Pte. Ltd.", "SG"],
        ["取引所システムの保守", "4", "Pacific Software Pte. Ltd.", "再委託先不明", ""],
    ]


def test_a_failing_step_bears_the_colour_of_its_finding(world: Cast) -> None:
    graph = drawn(page(world))
    assert graph["nodes"]["unknown:subcontract:SUB-0003"]["tone"] == "falls_short"  # 26-1: an unknown end
    assert graph["edges"]["vendor:V-0003", "unknown:subcontract:SUB-0003"]["tone"] == "falls_short"
    assert graph["nodes"]["vendor:V-0003"]["tone"] == "falls_short"  # 26-1: never monitored
    assert graph["nodes"]["country:SG"]["tone"] == ""
    assert "不足" in graph["nodes"]["vendor:V-0003"]["label"]  # the colour is not all that tells


def test_the_panel_of_a_failing_step_leads_to_clause_and_record(world: Cast) -> None:
    html = page(world, "?panel=unknown:subcontract:SUB-0003")
    assert "<html" not in html
    assert 'href="/rule/26-1/"' in html
    assert 'href="/records/subcontract/SUB-0003/"' in html
    assert "先は不明" in html


def test_the_panel_of_a_vendor_tells_its_values_and_the_ways_on(world: Cast) -> None:
    html = page(world, "?panel=vendor:V-0003")
    told = re.sub(r"\s+", " ", html)
    assert "Pacific Software Pte. Ltd." in told
    assert ">SG<" in told
    assert "?by=stops&amp;kind=vendor&amp;of=V-0003" in told
    assert 'href="/rule/25-4/"' in told


@pytest.mark.parametrize(
    "node", ["vendor:V-9", "planet:Mars", "country:XX", "person:P-0001", "vendor", "unknown:"]
)
def test_there_is_no_panel_of_what_is_not_there(world: Cast, node: str) -> None:
    read(world.nishi.client, f"{PAGE}?panel={node}", 404)


def test_every_node_has_its_panel(world: Cast) -> None:
    for node in drawn(page(world))["nodes"]:
        assert "chain-panel-head" in page(world, f"?panel={node}"), node


def test_without_script_the_panel_comes_with_the_page(world: Cast) -> None:
    html = page(world, "?by=vendor&of=V-0003&at=vendor:V-0003")
    assert "by=vendor&amp;of=V-0003&amp;at=vendor%3AV-0002#chain-panel" in html
    assert '<h2 id="chain-panel-head" tabindex="-1"><a href="/records/vendor/V-0003/">' in html


def test_a_vendor_is_shown_with_all_in_which_it_has_a_part(world: Cast) -> None:
    nodes = drawn(page(world, "?by=vendor&of=V-0002"))["nodes"]
    assert {"outsourced_service:OS-0001", "outsourced_service:OS-0002", "system:S-WAL"} <= set(nodes)
    assert "cloud_service:CS-0001" not in nodes


def test_a_system_is_shown_with_what_it_needs(world: Cast) -> None:
    nodes = drawn(page(world, "?by=system&of=S-WAL"))["nodes"]
    assert {"outsourced_service:OS-0002", "cloud_service:CS-0002", "location:L-0001"} <= set(nodes)
    assert not {"system:S-EXC", "outsourced_service:OS-0001"} & set(nodes)


def test_one_may_be_chosen_by_name(world: Cast) -> None:
    assert "vendor:V-0004" in drawn(page(world, "?by=vendor&of=Nimbus Cloud Inc."))["nodes"]


def test_without_a_choice_the_page_asks_for_one(world: Cast) -> None:
    for mode in ("service", "vendor", "system", "stops"):
        html = page(world, f"?by={mode}")
        assert "上で対象を選んでください。" in main(html), mode
        assert 'id="chain-json"' not in html


def test_past_a_bound_it_asks_to_choose(world: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor_chain, "MOST_NODES", 5)
    assert "多すぎます" in main(page(world, "?by=whole"))
    assert "上で対象を選んでください。" in main(page(world))  # the first page is then that of a service


def test_where_there_are_too_many_to_list_the_reader_types(
    world: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "MOST_OPTIONS", 2)
    html = page(world, "?by=vendor")
    assert 'list="chain-options"' in html
    assert 'hx-get="/lookup/vendor/"' in html
    assert "「V-9」に当たるものはありません。" in main(page(world, "?by=vendor&of=V-9"))
    assert "vendor:V-0004" in drawn(page(world, "?by=vendor&of=V-0004"))["nodes"]


def test_with_nothing_on_record_it_says_so(cast: Cast) -> None:
    assert "記録されていません" in main(read(cast.nishi.client, PAGE))
    for mode in ("service", "vendor", "stops"):
        assert "選べる対象が記録されていません。" in main(read(cast.nishi.client, f"{PAGE}?by={mode}"))
    assert "これに依存しているものはありません。" in main(read(cast.nishi.client, f"{PAGE}?by=weights"))


def test_a_name_never_becomes_markup(cast: Cast) -> None:
    evil = "</script><b>x"
    write([vendor("V-1", evil), service("OS-1", evil, "V-1")])
    html = read(cast.nishi.client, PAGE)
    assert "<b>x" not in html
    assert drawn(html)["nodes"]["vendor:V-1"]["label"].startswith(evil)


def test_the_gravest_finding_gives_the_colour_and_what_is_excepted_is_not_counted() -> None:
    told = [
        ("a", "falls_short", True, False),
        ("a", "falls_short", False, False),
        ("b", "falls_short", False, False),
        ("b", "no_evidence", True, False),
        ("c", "no_evidence", True, False),
        ("c", "falls_short", True, True),
        ("d", "falls_short", True, True),
    ]
    found = marks(pl.DataFrame(told, schema=["node", "outcome", "grave", "excepted"], orient="row"))
    assert {node: (mark.tone, mark.number) for node, mark in found.items()} == {
        "a": ("falls_short", 2),
        "b": ("mild", 2),
        "c": ("no_evidence", 1),
        "d": ("met_by_exception", 0),
    }


# --- what stops -----------------------------------------------------------------------------------------------------


def effects(html: str) -> list[tuple[str, str]]:
    """(what, effect) of each row of the answers."""
    return [(row[0], row[1]) for row in rows(html[: html.index("chain-list")]) if len(row) > 1]


def test_with_a_subcontractor_the_services_stop_whose_chain_contains_it(world: Cast) -> None:
    html = page(world, "?by=stops&kind=vendor&of=V-0003")
    assert effects(html) == [
        ("取引所システムの保守", "停止"),
        ("取引所システム", "停止"),
        ("システム部", "業務に支障"),
    ]
    nodes = drawn(html)["nodes"]
    assert nodes["vendor:V-0003"]["cause"]
    assert nodes["system:S-EXC"]["effect"] == "stops"
    assert "outsourced_service:OS-0002" not in nodes


def test_with_a_location_a_service_that_has_another_goes_on_with_less(world: Cast) -> None:
    found = dict(effects(page(world, "?by=stops&kind=location&of=L-0001")))
    assert found["鍵管理"] == "停止"
    assert found["仮想サーバー"] == "縮退して継続"
    assert found["ウォレット管理システム"] == "停止"
    assert found["取引所システム"] == "縮退して継続"


def test_a_country_is_two_questions_and_both_are_answered(world: Cast) -> None:
    html = page(world, "?by=stops&kind=country&of=SG")
    told = main(html)
    assert "その国のデータセンターが止まった場合: SG" in told
    assert "その国に所在する委託先が止まった場合: SG" in told
    first, second = html.split('id="stops-2"')
    assert ("仮想サーバー", "縮退して継続") in effects(first + "chain-list")
    assert ("取引所システムの保守", "停止") in effects(second)
    assert drawn(html)["nodes"]["system:S-EXC"]["effect"] == "stops"  # the graver of the two


def test_a_group_and_a_system_may_stop_too(world: Cast) -> None:
    group = dict(effects(page(world, "?by=stops&kind=group&of=第一グループ")))
    assert {"取引所システムの保守", "監視業務"} <= set(group)
    assert effects(page(world, "?by=stops&kind=system&of=S-WAL")) == [
        ("ウォレット管理システム", "停止"),
        ("システム部", "業務に支障"),
    ]


def test_what_nobody_knows_is_told_as_such(world: Cast) -> None:
    html = page(world, "?by=stops&kind=vendor&of=V-0005")
    assert ("取引所システムの保守", "停止するか不明") in effects(html)
    assert "停止しないと言えない" in main(html)


def test_concentration_counts_and_shares_come_heaviest_first(world: Cast) -> None:
    html = page(world, "?by=weights&kind=vendor")
    told = rows(html)
    assert [row[0] for row in told][:2] == ["東海ソフトウェア株式会社", "Nimbus Cloud Inc."]
    assert told[0][1:] == ["2", "100%", "2", "67%", "2", "50%", "0"]
    assert "再委託先が不明な業務が 1 件" in main(html)
    assert "?by=stops&amp;kind=vendor&amp;of=V-0002" in html


def test_concentration_of_places_tells_what_goes_on_with_less(world: Cast) -> None:
    told = {row[0]: row for row in rows(page(world, "?by=weights&kind=location"))}
    assert (told["東京リージョン"][5], told["東京リージョン"][7]) == ("1", "1")
    assert (told["シンガポールリージョン"][5], told["シンガポールリージョン"][7]) == ("0", "1")


# --- moments, rights, languages ---------------------------------------------------------------------------------------


def test_another_day_shows_what_stands_on_it(world: Cast) -> None:
    client = world.nishi.signed_in()
    look_at(client, SINCE - timedelta(days=1))
    assert "記録されていません" in main(read(client, PAGE))
    look_at(client, SINCE)
    assert "vendor:V-0003" in drawn(read(client, PAGE))["nodes"]


def test_a_past_moment_shows_what_was_known_then(world: Cast) -> None:
    before = clock.now()
    write([subcontract("SUB-0003", "OS-0001", "V-0003", "V-0005"), vendor("V-0003", "改称後")])
    client = world.nishi.signed_in()
    look_at(client, clock.today(), before)
    graph = drawn(read(client, PAGE))
    assert "unknown:subcontract:SUB-0003" in graph["nodes"]
    assert graph["nodes"]["vendor:V-0003"]["label"].startswith("Pacific")
    assert "Pacific" in read(client, f"{PAGE}?panel=vendor:V-0003")
    assert "unknown:subcontract:SUB-0003" not in drawn(page(world))["nodes"]


def test_an_account_without_a_person_sees_nothing(world: Cast) -> None:
    from sekisho.access.models import Account

    account = Account.objects.get(login=world.kitagawa.login)
    account.person = ""
    account.save()
    client = Member("kitagawa", "", "北川").signed_in()
    for query in ("", "?panel=vendor:V-0001", "?by=weights"):
        read(client, PAGE + query, 403)


def test_it_reads_in_english(world: Cast) -> None:
    client = in_english(world.nishi.signed_in())
    told = main(read(client, f"{PAGE}?by=stops&kind=location&of=L-0001"))
    assert "If 東京リージョン stops" in told
    assert "Goes on with less" in told
    assert not re.search("停止|縮退|委託", told)


def test_it_asks_the_database_little(world: Cast) -> None:
    page(world)  # facts and assessment are made once
    for query in (
        "?by=service&of=outsourced_service:OS-0001",
        "?by=stops&kind=vendor&of=V-0003",
        "?by=weights",
    ):
        with at_most_queries(16):
            page(world, query)


def test_the_menu_leads_here(world: Cast) -> None:
    assert re.search(r'<a href="/maps/vendors/" aria-current="page">', page(world))
