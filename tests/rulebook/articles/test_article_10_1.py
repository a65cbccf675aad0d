"""Article 10, paragraph 1, read as the rule: a verified safeguard at each layer, and at each step of an attack."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from sekisho.records.models.defence import KILL_CHAIN, LAYERS
from tests.rulebook.asking import day, every_outcome, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
APRIL = day(2024, 4, 1)
LAST_GOOD = day(2027, 11, 23)
SYSTEM = record("system", "S-1", name="取引", in_scope=True, in_use_since_on=APRIL)
STEPS = tuple(KILL_CHAIN)


def guard(key, layer="entry", systems=("S-1",), verified_on=ON, result="effective", **values):
    told = {"title": key, "layer": layer, "systems": list(systems) or None, "since_on": APRIL}
    return record("safeguard", key, **(told | {"verified_on": verified_on, "result": result} | values))


def all_layers(**values):
    """One at each layer of S-1."""
    return [guard(f"SG-{layer}", layer, **values) for layer in LAYERS]


def all_steps(but=(), **values):
    """One for each step, of no system."""
    return [
        guard(f"SG-{n}", systems=(), step=step, **values) for n, step in enumerate(STEPS) if step not in but
    ]


WHOLE = [*all_layers(), *all_steps()]


def told(on, *records):
    """What is not met: (subject, reason, layer or step) to the day since when."""
    found = every_outcome("10-1", on, given(SYSTEM, *records))
    return {
        (subject, o.reason, o.data.get("layer") or o.data.get("step")): o.since
        for subject, o in found
        if o.reason
    }


# --- layers -----------------------------------------------------------------------------------------------------------


def test_10_1_is_met_by_a_verified_safeguard_at_each_layer_and_step():
    assert verdict("10-1", ON, given(SYSTEM, *WHOLE)) == Verdict.MET


@pytest.mark.parametrize("layer", LAYERS)
def test_10_1_falls_short_once_for_each_layer_without_a_safeguard(layer):
    rest = [r for r in WHOLE if r.key != f"SG-{layer}"]
    assert told(ON, *rest) == {("S-1", "no_layer", layer): APRIL}


def test_10_1_falls_short_at_every_layer_and_step_where_nothing_is_recorded_of_a_system():
    found = told(ON)
    assert {key for key in found if key[0] == "S-1"} == {("S-1", "no_layer", layer) for layer in LAYERS}
    assert {key for key in found if key[0] == "member"} == {("member", "no_step", step) for step in STEPS}
    assert set(found.values()) == {APRIL}


def test_10_1_lacks_nothing_since_before_the_rule():
    old = record("system", "S-1", name="取引", in_scope=True, in_use_since_on=day(2010, 1, 1))
    found = dict(every_outcome("10-1", ON, given(old)))
    assert found["S-1"].since == found["member"].since == day(2018, 10, 24)


def test_10_1_is_met_to_the_last_day_of_a_verification_and_falls_short_the_day_after():
    assert told(LAST_GOOD, *WHOLE) == {}
    after = LAST_GOOD + timedelta(days=1)
    found = told(after, *WHOLE)
    assert set(found) == {("S-1", "old", x) for x in LAYERS} | {("member", "step_old", x) for x in STEPS}
    assert set(found.values()) == {after}


def test_10_1_counts_no_verification_that_is_still_to_come():
    later = ON + timedelta(days=1)
    rows = [*all_layers(verified_on=later), *all_steps()]
    assert told(ON, *rows) == {("S-1", "not_verified", layer): APRIL for layer in LAYERS}
    assert told(later, *rows) == {}


def test_10_1_counts_no_safeguard_that_was_never_verified_or_has_no_result():
    rows = [guard("SG-entry", verified_on=None, result=None), guard("SG-inside", "inside", result=None)]
    rows += [guard("SG-exit", "exit"), *all_steps()]
    assert told(ON, *rows) == {("S-1", "not_verified", x): APRIL for x in ("entry", "inside")}


def test_10_1_counts_a_safeguard_that_works_in_part_and_none_that_was_found_ineffective():
    rows = [*all_layers(result="partial"), *all_steps()]
    assert told(ON, *rows) == {}
    found = day(2026, 9, 1)
    rows = [*all_layers(result="ineffective", verified_on=found), *all_steps()]
    assert told(ON, *rows) == {("S-1", "ineffective", layer): found for layer in LAYERS}


def test_10_1_is_met_where_another_safeguard_of_the_layer_is_verified():
    rows = [*WHOLE, guard("SG-X", "exit", result="ineffective"), guard("SG-Y", "exit", verified_on=None)]
    assert told(ON, *rows) == {}


def test_10_1_falls_short_the_day_after_a_safeguard_ends():
    rows = [r for r in WHOLE if r.key != "SG-exit"] + [guard("SG-exit", "exit", until_on=ON)]
    assert told(ON, *rows) == {}
    after = ON + timedelta(days=1)
    assert told(after, *rows) == {("S-1", "no_layer", "exit"): after}


def test_10_1_falls_short_since_the_verification_lapsed_where_that_was_before_the_end():
    ended = guard("SG-exit", "exit", verified_on=day(2025, 1, 10), until_on=day(2026, 6, 30))
    rows = [r for r in WHOLE if r.key != "SG-exit"] + [ended]
    assert told(ON, *rows) == {("S-1", "no_layer", "exit"): day(2026, 1, 11)}


def test_10_1_counts_a_safeguard_from_its_first_day_and_one_without_a_first_day_always():
    rest = [r for r in WHOLE if r.key != "SG-exit"]
    planned = guard("SG-exit", "exit", since_on=ON + timedelta(days=1))
    assert told(ON, *rest, planned) == {("S-1", "no_layer", "exit"): APRIL}
    assert told(ON + timedelta(days=1), *rest, planned) == {}
    assert told(ON, *rest, guard("SG-exit", "exit", since_on=None)) == {}


def test_10_1_asks_of_systems_in_scope_and_in_use_alone():
    out = record("system", "S-2", name="社内", in_scope=False, in_use_since_on=APRIL)
    over = record(
        "system", "S-3", name="旧", in_scope=True, in_use_since_on=APRIL, in_use_until_on=day(2026, 11, 22)
    )
    assert reasons("10-1", ON, given(SYSTEM, out, over, *WHOLE)) == set()
    ends_today = record("system", "S-3", name="旧", in_scope=True, in_use_since_on=APRIL, in_use_until_on=ON)
    assert {s for s, _ in reasons("10-1", ON, given(SYSTEM, ends_today, *WHOLE))} == {"S-3"}


def test_10_1_one_safeguard_may_protect_several_systems():
    second = record("system", "S-2", name="閲覧", in_scope=True, in_use_since_on=APRIL)
    both = [*all_layers(systems=("S-1", "S-2")), *all_steps()]
    assert reasons("10-1", ON, given(SYSTEM, second, *both)) == set()
    assert reasons("10-1", ON, given(SYSTEM, second, *WHOLE)) == {("S-2", "no_layer")}


def test_10_1_sends_a_finding_to_the_csirt():
    assert {o.who for _, o in every_outcome("10-1", ON, given(SYSTEM)) if o.reason} == {"role:csirt_lead"}


# --- the kill chain ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
def test_10_1_falls_short_once_for_each_step_without_a_safeguard(step):
    assert told(ON, *all_layers(), *all_steps(but=(step,))) == {("member", "no_step", step): APRIL}


def test_10_1_a_step_is_covered_by_a_safeguard_of_any_system_and_layer():
    rows = [*all_layers(), *all_steps(but=("delivery",)), guard("SG-M", "exit", ("S-9",), step="delivery")]
    assert told(ON, *rows) == {}


def test_10_1_a_step_falls_short_where_its_safeguards_are_unverified_or_found_ineffective():
    rows = [*all_layers(), *all_steps(but=("delivery",))]
    never = guard("SG-M", systems=(), step="delivery", verified_on=None)
    assert told(ON, *rows, never) == {("member", "step_not_verified", "delivery"): APRIL}
    useless = guard("SG-M", systems=(), step="delivery", result="ineffective")
    assert told(ON, *rows, useless) == {("member", "step_ineffective", "delivery"): ON}


# --- silence, exceptions, the guideline -------------------------------------------------------------------------------


def test_10_1_silence_is_no_evidence():
    assert verdict("10-1", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("G10-1", ON, given()) == Verdict.NO_EVIDENCE


def test_10_1_holds_by_an_approved_exception_of_the_system():
    rest = [r for r in WHOLE if r.key != "SG-exit"]
    spared = [exception("10-1", "system:S-1"), approved("exception:EX-1"), CHIEF]
    assert verdict("10-1", ON, given(SYSTEM, *rest, *spared)) == Verdict.MET_BY_EXCEPTION
    assert verdict("10-1", ON, given(SYSTEM, *rest, exception("10-1", "system:S-1"))) == Verdict.FALLS_SHORT
    over = day(2027, 1, 1)
    assert verdict("10-1", over, given(SYSTEM, *rest, *spared)) == Verdict.FALLS_SHORT


def test_g10_1_shares_the_verdict_of_10_1():
    for rows in (WHOLE, WHOLE[1:]):
        facts = given(SYSTEM, *rows)
        assert verdict("G10-1", ON, facts) == verdict("10-1", ON, facts)
