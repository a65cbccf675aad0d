"""What stops if this one stops, and how much hangs on whom: read as questions."""

from __future__ import annotations

import polars as pl
import pytest

from sekisho.records.facts.concentration import CAUSES, concentration, unknown_ends, what_stops
from tests.records.outsourced import CHAIN, ON, cloud, location, service, subcontract, system, vendor
from tests.rulebook.asking import Given, day, given, record

Effects = dict[str, str]


def stops(kind: str, key: str, *records: Given) -> Effects:
    """kind:key -> effect."""
    found = what_stops(given(*records), ON, kind, key)
    return {f"{r['kind']}:{r['key']}": r["effect"] for r in found.iter_rows(named=True)}


WHOLE = {"outsourced_service:OS-1": "stops", "system:S-1": "stops", "unit:U-1": "stops"}


@pytest.mark.parametrize("key", ["V-1", "V-2", "V-3"])
def test_a_service_stops_with_any_vendor_of_its_chain_and_its_systems_and_units_with_it(key: str):
    assert stops("vendor", key, *CHAIN) == WHOLE


def test_a_vendor_on_whom_nothing_rests_stops_nothing():
    assert stops("vendor", "V-9", *CHAIN, vendor("V-9")) == {}
    assert stops("vendor", "nobody", *CHAIN) == {}


def test_a_group_stops_with_all_its_vendors():
    assert stops("group", "G", *CHAIN) == WHOLE
    assert stops("group", "H", *CHAIN, vendor("V-9", group="H")) == {}


def test_a_country_is_two_questions_its_vendors_and_its_data_centres():
    records = (*CHAIN, location("L-1", "SG"), cloud("CS-1", "V-1", [], ["L-1"]))
    assert stops("country_vendors", "SG", *records) == WHOLE
    assert stops("country_locations", "SG", *records) == {"cloud_service:CS-1": "stops"}


def test_a_cloud_stops_where_all_its_locations_stop_and_else_goes_on_degraded():
    places = (location("L-1", "JP"), location("L-2", "JP"), location("L-3", "US"))
    records = (system("S-1", unit=None), *places)
    two = cloud("CS-1", "V-1", ["S-1"], ["L-1", "L-2"])
    three = cloud("CS-2", "V-1", [], ["L-1", "L-2", "L-3"])
    assert stops("location", "L-1", *records, two) == {
        "cloud_service:CS-1": "degraded",
        "system:S-1": "degraded",
    }
    assert stops("country_locations", "JP", *records, two) == {
        "cloud_service:CS-1": "stops",
        "system:S-1": "stops",
    }
    assert stops("country_locations", "JP", *records, three) == {"cloud_service:CS-2": "degraded"}
    assert stops("location", "L-1", *records, cloud("CS-3", "V-1", [], ["L-1"])) == {
        "cloud_service:CS-3": "stops"
    }


def test_a_system_that_a_vendor_operates_stops_with_it():
    run = system("S-1", unit=None, operated_by="vendor", vendor="V-1")
    assert stops("vendor", "V-1", run, vendor("V-1")) == {"system:S-1": "stops"}
    own = system("S-1", unit=None, operated_by="own", vendor="V-1")
    assert stops("vendor", "V-1", own, vendor("V-1")) == {}


def test_a_system_itself_and_its_unit():
    assert stops("system", "S-1", *CHAIN) == {"system:S-1": "stops", "unit:U-1": "stops"}


def test_a_service_without_a_system_is_the_work_of_the_unit_of_who_is_in_charge():
    clerk = record("person", "P-1", name="甲", unit="U-7", employment="employee", joined_on=day(2020, 4, 1))
    alone = service("OS-9", "V-1", in_charge="P-1")
    assert stops("vendor", "V-1", clerk, alone) == {"outsourced_service:OS-9": "stops", "unit:U-7": "stops"}


def test_what_nobody_knows_is_not_taken_for_safe():
    unknown = (service("OS-1", "V-1", "S-1"), subcontract("SUB-1", "OS-1", "V-1", None))
    records = (system("S-1", unit=None), vendor("V-1"), vendor("V-9", country=None), *unknown)
    for kind, key in (("vendor", "V-9"), ("group", "any"), ("country_vendors", "DE")):
        found = stops(kind, key, *records)
        assert found == {"outsourced_service:OS-1": "unknown", "system:S-1": "unknown"}, kind
    assert stops("vendor", "V-1", *records)["system:S-1"] == "stops"
    assert stops("country_vendors", "DE", service("OS-2", "V-9"), vendor("V-9", country=None)) == {
        "outsourced_service:OS-2": "unknown"
    }
    assert stops("location", "L-1", cloud("CS-1", "V-1", [], [])) == {"cloud_service:CS-1": "unknown"}
    assert unknown_ends(given(*records), ON) == 1


def test_a_link_that_hangs_loose_may_matter():
    loose = subcontract("SUB-1", "OS-1", "V-8", "V-9")
    records = (service("OS-1", "V-1"), loose)
    assert stops("vendor", "V-9", *records) == {"outsourced_service:OS-1": "unknown"}
    assert stops("vendor", "V-8", *records) == {"outsourced_service:OS-1": "unknown"}
    assert stops("vendor", "V-1", *records) == {"outsourced_service:OS-1": "stops"}
    assert "V-9" not in concentration(given(*records), ON)["key"]


def test_the_gravest_effect_counts_and_every_way_to_it_is_told():
    records = (
        system("S-1", unit=None),
        location("L-1", "JP"),
        location("L-2", "US"),
        cloud("CS-1", "V-1", ["S-1"], ["L-1", "L-2"]),
        cloud("CS-2", "V-1", ["S-1"], ["L-1"]),
    )
    found = what_stops(given(*records), ON, "location", "L-1")
    row = found.filter(pl.col("key") == "S-1").row(0, named=True)
    assert (row["effect"], row["through"]) == ("stops", ["cloud_service:CS-1", "cloud_service:CS-2"])


def test_only_what_stands_on_the_day_counts():
    over = {"until_on": day(2026, 11, 22)}
    soon = {"since_on": day(2026, 11, 24)}
    for span in (over, soon):
        assert stops("vendor", "V-1", service("OS-1", "V-1", **span)) == {}
        assert stops("vendor", "V-1", cloud("CS-1", "V-1", [], [], **span)) == {}
        late = subcontract("SUB-1", "OS-1", "V-1", "V-2", **span)
        assert stops("vendor", "V-2", service("OS-1", "V-1"), late) == {}
    assert stops("vendor", "V-1", service("OS-1", "V-1", until_on=ON)) == {"outsourced_service:OS-1": "stops"}
    gone = system("S-1", in_use_until_on=day(2026, 11, 22))
    assert stops("vendor", "V-1", gone, service("OS-1", "V-1", "S-1")) == {"outsourced_service:OS-1": "stops"}


def test_systems_come_in_scope_and_critical_first():
    records = [
        system("S-1", in_scope=False, unit=None),
        system("S-2", criticality="low", unit=None),
        system("S-3", unit=None),
        service("OS-1", "V-1", "S-1", "S-2", "S-3"),
    ]
    found = what_stops(given(*records), ON, "vendor", "V-1")
    assert found["key"].to_list() == ["OS-1", "S-3", "S-2", "S-1"]
    assert found["critical"].to_list() == [None, True, False, False]
    assert found["in_scope"].to_list() == [None, True, True, False]


def test_concentration_counts_services_systems_and_critical_ones_with_their_share():
    records = (
        *CHAIN,
        system("S-2", criticality="low"),
        location("L-1", "JP"),
        location("L-2", "US"),
        cloud("CS-1", "V-1", ["S-1", "S-2"], ["L-1", "L-2"]),
    )
    found = concentration(given(*records), ON)
    rows = {(r["kind"], r["key"]): r for r in found.iter_rows(named=True)}
    first = rows["vendor", "V-1"]
    assert (first["services"], first["systems"], first["critical"]) == (2, 2, 1)
    assert (first["services_share"], first["systems_share"], first["critical_share"]) == (1.0, 1.0, 1.0)
    assert rows["vendor", "V-3"]["services_share"] == 0.5
    assert rows["group", "G"]["systems"] == 1
    assert (rows["location", "L-1"]["services"], rows["location", "L-1"]["degraded"]) == (0, 1)
    assert rows["country_vendors", "JP"]["services"] == 2
    assert found["key"][0] == "JP"  # of equals in the order of kinds: country_vendors before vendor
    assert found["critical"].to_list() == sorted(found["critical"].to_list(), reverse=True)


def test_nothing_on_record_answers_nothing():
    assert concentration(given(), ON).is_empty()
    assert all(what_stops(given(), ON, kind, "X").is_empty() for kind in CAUSES)
    assert unknown_ends(given(), ON) == 0


def test_a_share_of_nothing_is_none():
    found = concentration(given(service("OS-1", "V-1"), vendor("V-1")), ON)
    assert found["systems_share"].to_list() == [None] * len(found)


def test_what_is_no_cause_is_refused():
    with pytest.raises(ValueError, match="no cause"):
        what_stops(given(), ON, "planet", "Mars")
