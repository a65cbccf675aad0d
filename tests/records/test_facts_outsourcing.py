"""Chains of subcontractors and important vendors, held against a reader who follows every link one by one."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.records.facts.outsourcing import (
    chain_links,
    chain_steps,
    direct_vendors,
    important_vendors,
    working_vendors,
)
from sekisho.records.facts.snapshot import GivenFacts
from tests.rulebook.asking import Given, day, given, record

ON = day(2026, 11, 23)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)
APRIL = day(2026, 4, 1)


def service(key: str, vendor: str, since: date = APRIL, **values: Any) -> Given:
    return record("outsourced_service", key, name=key, vendor=vendor, since_on=since, **values)


def cloud(key: str, vendor: str, since: date = APRIL, **values: Any) -> Given:
    return record("cloud_service", key, name=key, vendor=vendor, since_on=since, **values)


def link(key: str, giver: str, to: str | None, of: str = "OS-1", **values: Any) -> Given:
    return record(
        "subcontract", key, service=of, from_vendor=giver, to_vendor=to, unknown=to is None, **values
    )


def system(key: str, criticality: str = "high", **values: Any) -> Given:
    told = {"name": key, "in_scope": True, "operated_by": "own", "in_use_since_on": APRIL}
    return record("system", key, criticality=criticality, **(told | values))


def vendor(key: str, **values: Any) -> Given:
    return record("vendor", key, name=key, **({"since_on": APRIL} | values))


def steps(*records: Given, on: date = ON) -> list[tuple[Any, ...]]:
    """(service, vendor, step, link), in their order."""
    return list(chain_steps(given(*records), on).select("service", "vendor", "step", "link").iter_rows())


# --- chains -------------------------------------------------------------------------------------------------------------


def test_a_chain_is_followed_step_by_step_to_its_last():
    found = steps(service("OS-1", "V-1"), link("SUB-2", "V-2", "V-3"), link("SUB-1", "V-1", "V-2"))
    assert found == [
        ("OS-1", "V-1", 1, None),
        ("OS-1", "V-2", 2, "SUB-1"),
        ("OS-1", "V-3", 3, "SUB-2"),
    ]


def test_a_link_counts_in_its_own_service_alone():
    found = steps(service("OS-1", "V-1"), service("OS-2", "V-1"), link("SUB-1", "V-1", "V-2", of="OS-2"))
    assert found == [("OS-1", "V-1", 1, None), ("OS-2", "V-1", 1, None), ("OS-2", "V-2", 2, "SUB-1")]


def test_a_vendor_stands_once_in_a_service_at_its_first_step_by_the_first_link():
    found = steps(
        service("OS-1", "V-1"), link("SUB-9", "V-1", "V-2"), link("SUB-2", "V-1", "V-3"), link("SUB-3", "V-2", "V-3"),
        link("SUB-5", "V-3", "V-4"), link("SUB-4", "V-2", "V-4"),
    )  # fmt: skip
    assert sorted(found) == [
        ("OS-1", "V-1", 1, None), ("OS-1", "V-2", 2, "SUB-9"), ("OS-1", "V-3", 2, "SUB-2"), ("OS-1", "V-4", 3, "SUB-4"),
    ]  # fmt: skip


def test_every_unknown_end_is_a_row():
    found = steps(
        service("OS-1", "V-1"),
        link("SUB-1", "V-1", None),
        link("SUB-2", "V-1", "V-2"),
        link("SUB-3", "V-2", None),
    )
    assert [row for row in found if row[1] is None] == [
        ("OS-1", None, 2, "SUB-1"),
        ("OS-1", None, 3, "SUB-3"),
    ]


def test_services_and_links_count_from_their_first_to_their_last_day():
    rows = (
        service("OS-1", "V-1", until_on=ON),
        link("SUB-1", "V-1", "V-2", since_on=YESTERDAY, until_on=YESTERDAY),
    )
    assert len(steps(*rows, on=day(2026, 3, 31))) == 0
    assert len(steps(*rows, on=APRIL)) == 1
    assert len(steps(*rows, on=YESTERDAY)) == 2
    assert len(steps(*rows, on=ON)) == 1
    assert len(steps(*rows, on=TOMORROW)) == 0


def test_it_is_told_since_when_the_work_reaches_a_step():
    facts = given(
        service("OS-1", "V-1"), link("SUB-1", "V-1", "V-2", since_on=day(2026, 6, 1)), link("SUB-2", "V-2", "V-3"),
        link("SUB-3", "V-3", "V-4", since_on=day(2020, 1, 1)),
    )  # fmt: skip
    found = dict(chain_steps(facts, ON).select("vendor", "since_on").iter_rows())
    assert found == {"V-1": APRIL} | dict.fromkeys(("V-2", "V-3", "V-4"), day(2026, 6, 1))


def test_a_circle_that_was_written_behind_our_back_ends():
    found = steps(service("OS-1", "V-1"), link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-1"))
    assert [row[1] for row in found] == ["V-1", "V-2"]


def test_without_records_there_are_no_steps_but_their_columns():
    for found in (chain_steps(given(), ON), chain_links(given(), ON), working_vendors(given(), ON)):
        assert found.is_empty()
    assert chain_steps(given(), ON).columns == [
        "service",
        "vendor",
        "step",
        "from_vendor",
        "link",
        "since_on",
    ]
    assert important_vendors(given(), ON).columns == ["vendor", "why"]


def test_links_are_told_with_their_steps_and_those_that_hang_in_the_air_without():
    facts = given(
        service("OS-1", "V-1"), service("OS-2", "V-9", until_on=YESTERDAY), link("SUB-1", "V-1", "V-2"),
        link("SUB-2", "V-2", None), link("SUB-3", "V-5", "V-6"), link("SUB-4", "V-9", "V-8", of="OS-2"),
    )  # fmt: skip
    found = chain_links(facts, ON).select("link", "from_vendor", "to_vendor", "step").iter_rows()
    assert sorted(found) == [
        ("SUB-1", "V-1", "V-2", 2), ("SUB-2", "V-2", None, 3), ("SUB-3", "V-5", "V-6", None),
    ]  # fmt: skip


DAYS = st.none() | st.integers(-3, 3).map(lambda n: ON + timedelta(days=n))
SERVICES, FIRMS = ["OS-1", "OS-2"], ["V-1", "V-2", "V-3", "V-4", "V-5"]
LINKS = st.lists(
    st.tuples(st.sampled_from(SERVICES), st.sampled_from(FIRMS), st.sampled_from([*FIRMS, None]), DAYS, DAYS),
    max_size=12,
)
RUNNING = st.dictionaries(st.sampled_from(SERVICES), st.tuples(st.sampled_from(FIRMS), DAYS, DAYS))


def counts(since: date | None, until: date | None) -> bool:
    return (since is None or since <= ON) and (until is None or until >= ON)


@settings(max_examples=200)
@over(RUNNING, LINKS)
def test_chains_agree_with_a_reader_who_follows_every_link(running, drawn):
    """Also circles, which may not be written: what cannot be is still read to an end."""
    rows = [service(key, v, since or APRIL, until_on=until) for key, (v, since, until) in running.items()]
    rows += [
        link(f"SUB-{n:02d}", giver, to, of, since_on=since, until_on=until)
        for n, (of, giver, to, since, until) in enumerate(drawn)
    ]
    expected: set[tuple[str, str | None, int]] = set()
    hanging, unknown = set(), set()
    for key in SERVICES:
        standing = [(n, g, t) for n, (of, g, t, s, u) in enumerate(drawn) if of == key and counts(s, u)]
        at = {running[key][0]: 1} if key in running and counts(*running[key][1:]) else {}
        if not at:
            continue
        for step in range(2, 9):
            further = {t for _, g, t in standing if at.get(g) == step - 1 and t is not None and t not in at}
            at |= dict.fromkeys(further, step)
        expected |= {(key, v, step) for v, step in at.items()}
        unknown |= {(f"SUB-{n:02d}", at[g] + 1) for n, g, t in standing if t is None and g in at}
        hanging |= {f"SUB-{n:02d}" for n, g, _ in standing if g not in at}
    facts = given(*rows)
    found = chain_steps(facts, ON)
    known = found.drop_nulls("vendor").select("service", "vendor", "step")
    assert sorted(known.iter_rows()) == sorted(expected)
    ends = found.filter(found["vendor"].is_null()).select("link", "step")
    assert sorted(ends.iter_rows()) == sorted(unknown)
    links = chain_links(facts, ON)
    assert set(links.filter(links["step"].is_null())["link"]) == hanging


# --- who works for the member ---------------------------------------------------------------------------------------------


def test_whoever_works_for_the_member_itself_is_told_once_since_its_first_day():
    facts = given(
        service("OS-1", "V-1", day(2026, 5, 1)), cloud("CS-1", "V-1", APRIL, holds_users_data=True), link("SUB-1", "V-1", "V-2"),
        system("S-1", "low", operated_by="vendor", vendor="V-3"), service("OS-2", "V-4", until_on=YESTERDAY),
        system("S-2", operated_by="vendor", vendor="V-5", in_scope=False), system("S-3", operated_by="vendor"),
    )  # fmt: skip
    assert list(direct_vendors(facts, ON).iter_rows()) == [("V-1", APRIL, True), ("V-3", APRIL, False)]
    assert [row[0] for row in working_vendors(facts, ON).iter_rows()] == ["V-1", "V-2", "V-3"]


def test_a_subcontractor_holds_users_data_where_one_of_its_services_does():
    facts = given(
        service("OS-1", "V-1"), service("OS-2", "V-2", holds_users_data=True),
        link("SUB-1", "V-1", "V-3"), link("SUB-2", "V-2", "V-3", of="OS-2"), link("SUB-3", "V-1", "V-4"),
    )  # fmt: skip
    found = working_vendors(facts, ON).select("vendor", "holds_users_data")
    assert dict(found.iter_rows()) == {"V-1": False, "V-2": True, "V-3": True, "V-4": False}


# --- who matters ------------------------------------------------------------------------------------------------------------


def why(*records: Given, on: date = ON) -> dict[str, str]:
    return dict(important_vendors(given(*records), on).iter_rows())


def test_a_vendor_matters_for_what_it_does():
    assert why(vendor("V-1", important=True)) == {"V-1": "set"}
    assert why(system("S-1", operated_by="vendor", vendor="V-1")) == {"V-1": "runs_critical"}
    assert why(system("S-1"), service("OS-1", "V-1", systems=["S-1"])) == {"V-1": "serves_critical"}
    assert why(system("S-1"), cloud("CS-1", "V-1", systems=["S-0", "S-1"])) == {"V-1": "serves_critical"}
    assert why(service("OS-1", "V-1", holds_users_data=True)) == {"V-1": "holds_data"}
    assert why(cloud("CS-1", "V-1", holds_users_data=True)) == {"V-1": "holds_data"}
    run = system("S-1", "low", operated_by="vendor", vendor="V-1", holds_users_data=True)
    assert why(run) == {"V-1": "holds_data"}


def test_a_subcontractor_matters_at_any_step_of_what_matters_and_of_nothing_else():
    chain = (link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3"), link("SUB-3", "V-3", None))
    mattering = why(service("OS-1", "V-1", holds_users_data=True), *chain)
    assert mattering == {"V-1": "holds_data", "V-2": "in_chain", "V-3": "in_chain"}
    assert why(service("OS-1", "V-1"), *chain) == {}


def test_the_first_reason_is_told():
    rows = (
        system("S-1", operated_by="vendor", vendor="V-1"), service("OS-1", "V-1", systems=["S-1"], holds_users_data=True),
        link("SUB-1", "V-1", "V-2"), service("OS-2", "V-2", holds_users_data=True),
    )  # fmt: skip
    assert why(*rows) == {"V-1": "runs_critical", "V-2": "holds_data"}
    assert why(*rows, vendor("V-1", important=True))["V-1"] == "set"


@pytest.mark.parametrize(
    "rows",
    [
        (vendor("V-1"), vendor("V-2", important=False)),
        (vendor("V-1", important=True, until_on=YESTERDAY), vendor("V-2", important=True, since_on=TOMORROW)),
        (system("S-1", operated_by="vendor", vendor="V-1", in_use_until_on=YESTERDAY),),
        (system("S-1", operated_by="vendor", vendor="V-1", in_scope=False),),
        (system("S-1", "medium"), service("OS-1", "V-1", systems=["S-1"])),
        (system("S-1", in_use_since_on=TOMORROW), service("OS-1", "V-1", systems=["S-1"])),
        (system("S-1"), service("OS-1", "V-1", systems=["S-1"], until_on=YESTERDAY)),
        (service("OS-1", "V-1", TOMORROW, holds_users_data=True),),
        (cloud("CS-1", "V-1", holds_users_data=True, until_on=YESTERDAY),),
    ],
)
def test_a_vendor_does_not_matter_for_what_is_over_is_to_come_or_is_not_critical(rows):
    assert why(*rows) == {}


def test_a_vendor_that_still_works_matters_after_the_last_day_of_its_own_record():
    assert why(vendor("V-1", until_on=YESTERDAY), service("OS-1", "V-1", holds_users_data=True)) != {}


# --- at size ----------------------------------------------------------------------------------------------------------------


def large() -> GivenFacts:
    """5,000 vendors in 1,250 chains of 8: each vendor hands work on in two of them."""
    rows: list[Given] = [system("S-1")]
    for n in range(1_250):
        firms = [f"V-{(n * 4 + m * 617) % 5_000:04d}" for m in range(8)]
        rows.append(service(f"OS-{n}", firms[0], systems=["S-1"]))
        rows += [link(f"SUB-{n}-{m}", firms[m], firms[m + 1], f"OS-{n}") for m in range(7)]
    return given(*rows)


def test_chains_of_five_thousand_vendors_take_a_fraction_of_a_second():
    facts = large()
    began = time.process_time()
    found = chain_steps(facts, ON)
    important = important_vendors(facts, ON)
    assert (
        time.process_time() - began < 0.5
    )  # about 0.03 s; a shared machine may be slow, a loop over rows is slower
    assert (len(found), found["step"].max()) == (10_000, 8)
    assert len(important) == found["vendor"].n_unique() == 5_000
