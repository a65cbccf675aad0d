"""The graph that the page of chains draws: which nodes and edges there are, and where each has its place."""

from __future__ import annotations

from sekisho.records.facts.chain_graph import Graph, of_service, of_stop, of_system, of_vendor, whole
from tests.records.outsourced import CHAIN, ON, cloud, location, service, subcontract, system, unit, vendor
from tests.records.test_concentration_searched import large
from tests.rulebook.asking import given

PLACES = (location("L-1", "JP"), location("L-2", "US"))
WITH_CLOUD = (*CHAIN, *PLACES, system("S-2"), cloud("CS-1", "V-2", ["S-1", "S-2"], ["L-1", "L-2"]))


def nodes(graph: Graph) -> dict[str, int]:
    """kind:key -> layer."""
    return {f"{r['kind']}:{r['key']}": r["layer"] for r in graph.nodes.iter_rows(named=True)}


def edges(graph: Graph) -> set[tuple[str, str]]:
    return {
        (f"{r['from_kind']}:{r['from_key']}", f"{r['to_kind']}:{r['to_key']}")
        for r in graph.edges.iter_rows(named=True)
    }


def test_a_service_is_drawn_from_its_systems_to_the_last_subcontractor_and_the_countries():
    graph = of_service(given(*WITH_CLOUD), ON, "outsourced_service", "OS-1")
    assert nodes(graph) == {
        "system:S-1": 1,
        "outsourced_service:OS-1": 2,
        "vendor:V-1": 3,
        "vendor:V-2": 4,
        "vendor:V-3": 5,
        "country:JP": 6,
        "country:US": 6,
        "country:SG": 6,
    }
    assert ("vendor:V-1", "vendor:V-2") in edges(graph)
    assert ("vendor:V-3", "country:SG") in edges(graph)
    links = graph.edges.drop_nulls("link")
    assert dict(links.select("link", "service").iter_rows()) == {"SUB-1": "OS-1", "SUB-2": "OS-1"}


def test_a_cloud_service_stands_at_its_locations_and_they_in_their_countries():
    drawn = edges(of_service(given(*WITH_CLOUD), ON, "cloud_service", "CS-1"))
    assert {
        ("cloud_service:CS-1", "location:L-1"),
        ("cloud_service:CS-1", "location:L-2"),
        ("location:L-2", "country:US"),
        ("cloud_service:CS-1", "vendor:V-2"),
        ("system:S-2", "cloud_service:CS-1"),
    } <= drawn


def test_an_unknown_end_is_a_node_of_its_own():
    records = (
        service("OS-1", "V-1"),
        vendor("V-1"),
        subcontract("SUB-1", "OS-1", "V-1", None),
        subcontract("SUB-2", "OS-1", "V-1", None),
        cloud("CS-1", "V-1", [], []),
    )
    graph = whole(given(*records), ON)
    assert nodes(graph)["unknown:subcontract:SUB-1"] == 4
    assert {
        ("vendor:V-1", "unknown:subcontract:SUB-1"),
        ("vendor:V-1", "unknown:subcontract:SUB-2"),
        ("cloud_service:CS-1", "unknown:cloud_service:CS-1"),
    } <= edges(graph)


def test_a_link_to_which_the_work_does_not_come_hangs_on_the_service_itself():
    loose = (subcontract("SUB-1", "OS-1", "V-8", "V-9"), subcontract("SUB-2", "OS-1", "V-9", "V-7"))
    graph = whole(given(service("OS-1", "V-1"), *loose), ON)
    assert edges(graph) == {
        ("outsourced_service:OS-1", "vendor:V-1"),
        ("outsourced_service:OS-1", "vendor:V-8"),
        ("vendor:V-8", "vendor:V-9"),
        ("vendor:V-9", "vendor:V-7"),
    }
    assert graph.edges.filter(to_key="V-8")["step"].to_list() == [None]


def test_a_vendor_is_drawn_with_everything_in_which_it_has_a_part():
    records = (*WITH_CLOUD, vendor("V-9"), system("S-9", operated_by="vendor", vendor="V-3"))
    things = {n for n in nodes(of_vendor(given(*records), ON, "V-3")) if not n.startswith(("country", "v"))}
    assert things == {"system:S-1", "system:S-9", "outsourced_service:OS-1"}
    assert nodes(of_vendor(given(*records), ON, "V-9")) == {}


def test_a_system_is_drawn_with_what_it_needs_and_without_the_other_systems():
    drawn = nodes(of_system(given(*WITH_CLOUD), ON, "S-2"))
    assert {"system:S-2", "cloud_service:CS-1", "vendor:V-2", "location:L-1"} <= set(drawn)
    assert not {"system:S-1", "outsourced_service:OS-1"} & set(drawn)


def test_a_system_that_a_vendor_operates_needs_that_vendor():
    run = system("S-9", operated_by="vendor", vendor="V-1")
    assert edges(of_system(given(run, vendor("V-1")), ON, "S-9")) == {
        ("system:S-9", "vendor:V-1"),
        ("vendor:V-1", "country:JP"),
    }


def test_a_vendor_at_several_steps_has_its_place_at_the_last():
    other = service("OS-2", "V-3")
    assert nodes(whole(given(*CHAIN, other), ON))["vendor:V-3"] == 5


def test_what_stops_is_drawn_on_the_way_on_which_it_comes():
    graph = of_stop(given(*WITH_CLOUD, unit("U-1")), ON, "vendor", "V-2")
    assert set(nodes(graph)) == {
        "vendor:V-2", "vendor:V-1", "outsourced_service:OS-1", "cloud_service:CS-1", "system:S-1", "system:S-2",
        "unit:U-1",
    }  # fmt: skip
    assert ("unit:U-1", "system:S-2") in edges(graph)


def test_what_stops_with_a_place_or_a_country_is_drawn_with_it():
    facts = given(*WITH_CLOUD)
    assert set(nodes(of_stop(facts, ON, "location", "L-2"))) == {
        "location:L-2",
        "cloud_service:CS-1",
        "system:S-1",
        "system:S-2",
        "unit:U-1",
    }
    drawn = nodes(of_stop(facts, ON, "country_vendors", "SG"))
    assert {"country:SG", "vendor:V-3", "vendor:V-2", "vendor:V-1", "outsourced_service:OS-1"} <= set(drawn)
    assert "cloud_service:CS-1" not in drawn
    assert set(nodes(of_stop(facts, ON, "system", "S-2"))) == {"system:S-2", "unit:U-1"}


def test_nothing_on_record_draws_nothing():
    facts = given()
    graphs = [whole(facts, ON), of_vendor(facts, ON, "V-1"), of_stop(facts, ON, "group", "G")]
    assert [len(graph) for graph in graphs] == [0, 0, 0]


def test_a_part_of_a_large_graph_is_cut_out_of_it():
    facts = large()
    assert len(whole(facts, ON)) > 10_000
    assert len(of_service(facts, ON, "outsourced_service", "OS-7")) == 1 + 1 + 8 + 8
    assert len(of_stop(facts, ON, "vendor", "V-77")) < 60
