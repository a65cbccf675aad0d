"""What systems are made of: what stands on a day, what it runs on, how systems hang together."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.records.facts.configuration import (
    connected,
    documented,
    hosted,
    links,
    made_of,
    registered,
    seen_by,
    standing,
)
from tests.rulebook.asking import Given, at, day, given, record

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)


def component(key: str, system: str | None = "S-1", kind: str = "software", **values: object) -> Given:
    told = {"name": key, "kind": kind, "system": system, "registered_on": day(2024, 4, 1)}
    return record("component", key, **(told | values))


def relation(one: str, kind: str, other: str) -> Given:
    return record("relation", f"{one}-{kind}-{other}", from_component=one, kind=kind, to_component=other)


def keys(rows: pl.LazyFrame) -> set[str]:
    return set(rows.collect()["key"])


def test_what_is_registered_stands_from_its_day_to_its_last() -> None:
    facts = given(component("C-1", until_on=ON), component("C-2", registered_on=ON))
    assert keys(registered(facts, ON - ONE_DAY)) == {"C-1"}
    assert keys(registered(facts, ON)) == {"C-1", "C-2"}
    assert keys(registered(facts, ON + ONE_DAY)) == {"C-2"}


def test_what_is_only_discovered_stands_from_its_first_sighting() -> None:
    found = component(
        "C-1", registered_on=None, first_seen_at=at(2026, 11, 23, 0, 30), last_seen_at=at(2026, 11, 24)
    )
    facts = given(found, component("C-2", registered_on=None))
    assert keys(standing(facts, ON - ONE_DAY)) == set()
    assert keys(standing(facts, ON)) == {"C-1"}
    assert keys(registered(facts, ON)) == set()


def test_the_last_known_sighting_is_the_first_one_where_the_last_was_still_to_come() -> None:
    facts = given(component("C-1", first_seen_at=at(2026, 9, 1), last_seen_at=at(2026, 11, 23)))

    def seen(on: date) -> date | None:
        rows = standing(facts, on).select(seen=seen_by(on)).collect()
        found: date | None = rows["seen"][0]
        return found

    assert seen(ON) == ON
    assert seen(ON - ONE_DAY) == day(2026, 9, 1)
    assert seen(day(2026, 8, 31)) is None


def test_a_connection_between_systems_is_told_once_with_the_number_of_its_relations() -> None:
    facts = given(
        component("C-1", "S-2"), component("C-2", "S-1"), component("C-3", "S-1"), component("C-4", None),
        relation("C-1", "connects_to", "C-2"), relation("C-3", "connects_to", "C-1"),
        relation("C-1", "runs_on", "C-3"), relation("C-2", "connects_to", "C-3"), relation("C-4", "runs_on", "C-1"),
        relation("C-2", "documented_in", "C-1"), relation("C-2", "connects_to", "C-9"),
    )  # fmt: skip
    assert links(facts, ON).rows() == [("S-1", "S-2", "connects_to", 2), ("S-2", "S-1", "runs_on", 1)]
    assert set(connected(facts, ON).collect()["system"]) == {"S-1", "S-2"}
    assert set(documented(facts, ON).collect()["system"]) == {"S-1"}


def test_a_system_is_made_of_what_is_registered_and_what_is_only_discovered() -> None:
    seen = {"first_seen_at": at(2026, 11, 1), "last_seen_at": at(2026, 11, 1)}
    facts = given(
        component("C-1"), component("C-2", registered_on=None, **seen), component("C-3", kind="network"),
        component("C-4", None),
    )  # fmt: skip
    assert made_of(facts, ON).rows() == [("S-1", "network", 1, 0), ("S-1", "software", 1, 1)]


places = st.integers(0, 6)


@settings(max_examples=60)
@over(st.lists(st.tuples(places, places), max_size=12), st.sets(places), st.sets(places))
def test_what_a_system_runs_on_is_followed_as_far_as_it_goes(
    steps: list[tuple[int, int]], physical: set[int], ended: set[int]
) -> None:
    """Each of seven components is of a system of its own."""
    parts = [
        component(
            f"C-{n}",
            f"S-{n}",
            "hardware" if n in physical else "software",
            until_on=ON - ONE_DAY if n in ended else None,
        )
        for n in range(7)
    ]
    ties = [relation(f"C-{one}", "runs_on", f"C-{other}") for one, other in dict.fromkeys(steps)]

    def reaches(place: int, met: frozenset[int]) -> bool:
        if place in ended or place in met:
            return False
        further = (other for one, other in steps if one == place)
        return place in physical or any(reaches(other, met | {place}) for other in further)

    expected = {f"S-{n}" for n in range(7) if reaches(n, frozenset())}
    assert set(hosted(given(*parts, *ties), ON)["system"]) == expected
