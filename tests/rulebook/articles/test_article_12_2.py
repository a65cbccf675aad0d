"""Article 12-2, read as the rule: what is registered and what tools discover are the same."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, falling_short, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
SYSTEM = record(
    "system", "S-1", name="取引", unit="U-1", in_scope=True, operated_by="own", in_use_since_on=LONG_AGO
)


def seen(on):
    return at(on.year, on.month, on.day, 3)


def component(key="C-1", registered=LONG_AGO, first=LONG_AGO, last=ON, kind="hardware", **values):
    """Registered, and seen from a first to a last day."""
    days = {"first_seen_at": first and seen(first), "last_seen_at": last and seen(last)}
    told = {"name": key, "system": "S-1", "registered_on": registered} | days
    return record("component", key, kind=kind, **(told | values))


def found(on, *components):
    return reasons("12-2", on, given(SYSTEM, *components))


def test_12_2_is_met_where_every_component_is_registered_and_was_seen():
    assert found(ON, component(), component("C-2", last=ON - timedelta(days=30))) == set()
    assert verdict("12-2", ON, given(SYSTEM, component())) == Verdict.MET


def test_12_2_falls_short_from_the_day_on_which_something_is_discovered_that_is_not_registered():
    discovered = component(registered=None, first=day(2026, 9, 10), last=day(2026, 9, 20))
    assert found(day(2026, 9, 9), discovered) == {("member", "nothing_recorded")}
    outcome = ask("12-2", day(2026, 9, 10), given(SYSTEM, discovered))["C-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short",
        "not_registered",
        day(2026, 9, 10),
    )
    assert outcome.who == "role:system_manager@U-1"
    assert outcome.data == {"component": "C-1", "first": "2026-09-10"}


def test_12_2_is_met_from_the_day_of_registration():
    discovered = component(registered=ON)
    assert found(ON - ONE_DAY, discovered) == {("C-1", "not_registered")}
    assert found(ON, discovered) == set()


def test_12_2_takes_the_only_sighting_for_the_first_one():
    assert ask("12-2", ON, given(component(registered=None, first=None, system=None)))["C-1"].since == ON
    outcome = ask("12-2", ON, given(component(registered=None, first=ON, last=None, system=None)))["C-1"]
    assert (outcome.reason, outcome.who) == ("not_registered", "role:chief_system_officer")


def test_12_2_falls_short_when_a_registered_one_was_not_seen_for_thirty_days():
    quiet = component(last=day(2026, 10, 1))
    assert found(day(2026, 10, 31), quiet) == set()
    outcome = ask("12-2", day(2026, 11, 1), given(SYSTEM, quiet))["C-1"]
    assert (outcome.reason, outcome.since) == ("not_seen", day(2026, 11, 1))
    assert outcome.data == {"component": "C-1", "last": "2026-10-01"}


def test_12_2_gives_a_newly_registered_one_thirty_days_to_be_seen():
    unseen = component(registered=day(2026, 10, 1), first=None, last=None)
    assert found(day(2026, 10, 31), unseen) == set()
    outcome = ask("12-2", day(2026, 11, 1), given(SYSTEM, unseen))["C-1"]
    assert (outcome.reason, outcome.since) == ("never_seen", day(2026, 11, 1))


def test_12_2_counts_no_sighting_that_is_still_to_come():
    later = component(first=LONG_AGO, last=ON + ONE_DAY)
    assert found(ON, later) == {("C-1", "not_seen")}
    assert found(ON + ONE_DAY, later) == set()
    assert found(ON, component(registered=None, first=ON + ONE_DAY, last=ON + ONE_DAY)) == {
        ("member", "nothing_recorded")
    }


@pytest.mark.parametrize("kind", ["hosting", "licence", "document", "outsourced"])
def test_12_2_asks_not_to_see_what_no_tool_can_find(kind):
    assert found(ON, component(kind=kind, first=None, last=None)) == set()
    assert found(ON, component(kind=kind, first=None, last=None, discoverable=True)) == {
        ("C-1", "never_seen")
    }


@pytest.mark.parametrize("kind", ["hardware", "network", "software", "connection", "cloud"])
def test_12_2_asks_to_see_the_others_unless_their_record_says_that_they_cannot_be_found(kind):
    assert found(ON, component(kind=kind, first=None, last=None)) == {("C-1", "never_seen")}
    assert found(ON, component(kind=kind, first=None, last=None, discoverable=False)) == set()


def test_12_2_asks_no_more_of_one_that_has_ended_unless_it_is_seen_again():
    gone = component(last=day(2026, 9, 1), until_on=day(2026, 9, 1))
    assert found(ON, gone, component("C-2")) == set()
    back = component(last=day(2026, 9, 20), until_on=day(2026, 9, 1))
    outcome = ask("12-2", ON, given(SYSTEM, back))["C-1"]
    assert (outcome.reason, outcome.since) == ("seen_after_end", day(2026, 9, 20))
    assert found(day(2026, 9, 1), back) == {("C-1", "not_seen")}


def test_12_2_is_no_evidence_of_one_that_was_neither_registered_nor_seen():
    nothing = component(registered=None, first=None, last=None)
    assert found(ON, nothing) == {("C-1", "neither")}
    assert verdict("12-2", ON, given(SYSTEM, nothing)) == Verdict.NO_EVIDENCE


def test_12_2_is_no_evidence_in_silence():
    assert verdict("12-2", ON, given()) == Verdict.NO_EVIDENCE
    assert found(ON) == {("member", "nothing_recorded")}


def test_12_2_is_met_by_exception_while_one_lasts():
    facts = [SYSTEM, component(registered=None), exception("12-2", "component:C-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-2", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-2", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-2", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT


days = st.dates(day(2026, 8, 1), day(2026, 12, 31))
maybe = st.none() | days


@settings(max_examples=60)
@over(registered=maybe, spotted=st.none() | st.tuples(days, days).map(sorted), until=maybe, on=days)
def test_12_2_agrees_with_a_plain_reading_of_one_component(registered, spotted, until, on):
    first, last = spotted or (None, None)
    known = last if last and last <= on else first if first and first <= on else None
    is_registered = registered is not None and registered <= on
    if until is not None and until < on:
        short = known is not None and known > until
    elif is_registered:
        short = (known or registered) + timedelta(days=30) < on
    else:
        short = known is not None
    facts = given(SYSTEM, component(registered=registered, first=first, last=last, until_on=until))
    assert falling_short("12-2", on, facts) == ({"C-1"} if short else set())
