"""Article 12-4, read as the rule: each system's configuration is set out, physical and logical, and confirmed."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, otherwise

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
JUNE, SEPTEMBER = day(2026, 6, 1), day(2026, 9, 1)


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def component(key, kind="hardware", system="S-1", registered=LONG_AGO, confirmed=SEPTEMBER, **values):
    told = {"name": key, "system": system, "registered_on": registered, "confirmed_on": confirmed}
    return record("component", key, kind=kind, **(told | values))


def relation(kind, one, other, key=None):
    return record("relation", key or f"RE-{one}-{other}", from_component=one, kind=kind, to_component=other)


def licence(ends_on, key="LI-1", of="C-2", **values):
    return record("licence", key, title=key, component=of, ends_on=ends_on, **values)


SYSTEM = system()
HARDWARE, SOFTWARE = component("C-1"), component("C-2", "software")
CONNECTION, DOCUMENT = component("C-3", "connection"), component("C-4", "document")
WHOLE = (SYSTEM, HARDWARE, SOFTWARE, CONNECTION, DOCUMENT)


def own(on, *records):
    """What clause 12-4's own check finds, its items left out."""
    mine = ("no_components", "never_confirmed", "confirmation_old")
    return {(s, r) for s, r in reasons("12-4", on, given(*records)) if r in mine}


# --- 12-4 -----------------------------------------------------------------------------------------------------------


def test_12_4_is_met_where_each_system_s_configuration_is_set_out_and_confirmed():
    assert verdict("12-4", ON, given(*WHOLE)) == Verdict.MET
    assert own(ON, *WHOLE) == set()


def test_12_4_falls_short_where_a_system_has_no_component_in_the_register():
    outcome = ask("12-4", ON, given(SYSTEM))["S-1"]
    assert own(ON, SYSTEM, component("C-1", system="S-2"), component("C-2", system=None)) == {
        ("S-1", "no_components")
    }
    assert (outcome.outcome, outcome.since, outcome.who) == (
        "falls_short", LONG_AGO, "role:system_manager@U-1",
    )  # fmt: skip


def test_12_4_falls_short_the_day_after_the_last_component_ends():
    ending = (SYSTEM, component("C-1", until_on=JUNE), component("C-2", until_on=SEPTEMBER))
    assert own(SEPTEMBER, *ending) == set()
    assert own(SEPTEMBER + ONE_DAY, *ending) == {("S-1", "no_components")}
    assert ask("12-4", ON, given(*ending))["S-1"].since == SEPTEMBER + ONE_DAY


def test_12_4_counts_no_component_that_is_only_discovered_or_registered_later():
    assert own(ON, SYSTEM, component("C-1", registered=None)) == {("S-1", "no_components")}
    later = component("C-1", registered=SEPTEMBER)
    assert own(SEPTEMBER - ONE_DAY, SYSTEM, later) == {("S-1", "no_components")}
    assert own(SEPTEMBER, SYSTEM, later) == set()


def test_12_4_asks_for_a_confirmation_every_half_year():
    lapses(
        "12-4", "S-1", [SYSTEM, component("C-2", "software", registered=JUNE, confirmed=None)],
        lambda on: component("C-1", registered=JUNE, confirmed=on), JUNE, day(2026, 12, 1),
        never="never_confirmed", old="confirmation_old", since_never=JUNE,
    )  # fmt: skip
    old = [component(f"C-{n}", kind, confirmed=JUNE) for n, kind in enumerate(("hardware", *LOGICAL))]
    outcome = ask("12-4", day(2026, 12, 2), given(SYSTEM, *old))["S-1"]
    assert (outcome.data, outcome.who) == ({"last": "2026-06-01", "system": "S-1"}, "role:system_manager@U-1")


def test_12_4_takes_the_newest_confirmation_of_any_component_of_the_system():
    rows = (SYSTEM, component("C-1", confirmed=LONG_AGO), component("C-2", confirmed=SEPTEMBER))
    assert own(ON, *rows) == set()
    assert own(ON, SYSTEM, system("S-2"), *rows[1:], component("C-9", system="S-2", confirmed=LONG_AGO)) == {
        ("S-2", "confirmation_old")
    }


def test_12_4_asks_not_of_systems_out_of_scope_or_out_of_use():
    assert own(ON, *WHOLE, system("S-2", in_scope=False), system("S-3", in_use_until_on=SEPTEMBER)) == set()


def test_12_4_is_no_evidence_in_silence():
    assert verdict("12-4", ON, given()) == Verdict.NO_EVIDENCE


def test_12_4_falls_short_with_an_item_and_holds_again_where_the_member_does_otherwise():
    facts = [SYSTEM, SOFTWARE, CONNECTION, DOCUMENT, otherwise("12-4-1", "system:S-1"), CHIEF]
    assert verdict("12-4", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-4", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_12_4_is_met_by_exception_while_one_lasts():
    facts = [SYSTEM, HARDWARE, SOFTWARE, CONNECTION, DOCUMENT, exception("12-4", "system:S-1"), CHIEF]
    april = day(2027, 4, 1)  # all are confirmed too long ago by then
    until = {"until_on": april}
    granted = [*facts[:-2], exception("12-4", "system:S-1", **until), CHIEF, approved("exception:EX-1")]
    assert verdict("12-4", april, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-4", april, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-4", april + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT


# --- 12-4-1 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["hardware", "network", "hosting", "cloud"])
def test_12_4_1_is_met_by_what_a_system_runs_on(kind):
    assert verdict("12-4-1", ON, given(SYSTEM, component("C-1", kind))) == Verdict.MET


@pytest.mark.parametrize("kind", ["software", "licence", "connection", "document", "outsourced"])
def test_12_4_1_falls_short_where_nothing_is_known_to_run_on(kind):
    outcome = ask("12-4-1", ON, given(SYSTEM, component("C-1", kind)))["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_physical", LONG_AGO)
    assert (outcome.who, outcome.data) == ("role:system_manager@U-1", {"system": "S-1"})


def test_12_4_1_follows_what_a_component_runs_on_step_by_step_into_other_systems():
    shared = component("C-9", "hosting", system="S-9")
    between = component("C-8", "software", system="S-8")
    steps = (relation("runs_on", "C-2", "C-8"), relation("runs_on", "C-8", "C-9"))
    facts = (SYSTEM, SOFTWARE, between, shared)
    assert verdict("12-4-1", ON, given(*facts, *steps)) == Verdict.MET
    for lacking in steps:
        rest = [s for s in steps if s is not lacking]
        assert verdict("12-4-1", ON, given(*facts, *rest)) == Verdict.FALLS_SHORT


def test_12_4_1_follows_no_other_relation_no_circle_for_ever_and_no_component_that_has_ended():
    shared = component("C-9", "hosting", system="S-9", until_on=SEPTEMBER)
    on_it = relation("runs_on", "C-2", "C-9")
    facts = (SYSTEM, SOFTWARE, shared)
    assert verdict("12-4-1", ON, given(*facts, relation("connects_to", "C-2", "C-9"))) == Verdict.FALLS_SHORT
    assert verdict("12-4-1", SEPTEMBER, given(*facts, on_it)) == Verdict.MET
    assert verdict("12-4-1", SEPTEMBER + ONE_DAY, given(*facts, on_it)) == Verdict.FALLS_SHORT
    circle = (relation("runs_on", "C-2", "C-8"), relation("runs_on", "C-8", "C-2"))
    around = (SYSTEM, SOFTWARE, component("C-8", "software", system="S-8"), *circle)
    assert verdict("12-4-1", ON, given(*around)) == Verdict.FALLS_SHORT


def test_12_4_1_falls_short_the_day_after_the_last_physical_component_ends():
    ending = given(SYSTEM, component("C-1", until_on=SEPTEMBER), SOFTWARE)
    assert verdict("12-4-1", SEPTEMBER, ending) == Verdict.MET
    assert ask("12-4-1", SEPTEMBER + ONE_DAY, ending)["S-1"].since == SEPTEMBER + ONE_DAY


def test_12_4_1_is_no_evidence_in_silence():
    assert verdict("12-4-1", ON, given()) == Verdict.NO_EVIDENCE


def test_12_4_1_is_met_by_exception_where_the_member_does_otherwise():
    facts = [SYSTEM, SOFTWARE, otherwise("12-4-1", "system:S-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-4-1", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-4-1", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-4-1", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT


# --- 12-4-2 ---------------------------------------------------------------------------------------------------------

LOGICAL = {"software": SOFTWARE, "connection": CONNECTION, "document": DOCUMENT}


@pytest.mark.parametrize("kind", LOGICAL)
def test_12_4_2_falls_short_where_one_of_the_logical_resources_is_not_on_record(kind):
    rest = [HARDWARE, *(c for k, c in LOGICAL.items() if k != kind)]
    outcome = ask("12-4-2", ON, given(SYSTEM, *rest))["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", f"no_{kind}", LONG_AGO)
    assert outcome.who == "role:system_manager@U-1"


@pytest.mark.parametrize("kind", LOGICAL)
def test_12_4_2_falls_short_the_day_after_the_last_one_ends(kind):
    rest = [HARDWARE, *(c for k, c in LOGICAL.items() if k != kind)]
    facts = given(SYSTEM, *rest, component("C-7", kind, until_on=SEPTEMBER))
    assert verdict("12-4-2", SEPTEMBER, facts) == Verdict.MET
    assert reasons("12-4-2", SEPTEMBER + ONE_DAY, facts) == {("S-1", f"no_{kind}")}
    assert ask("12-4-2", ON, facts)["S-1"].since == SEPTEMBER + ONE_DAY


def test_12_4_2_takes_a_relation_for_a_connection_on_both_sides_and_for_a_document_on_one():
    other = (system("S-2"), component("C-12", "software", "S-2"), component("C-14", "document", "S-2"))
    tied = relation("connects_to", "C-12", "C-2")
    facts = (SYSTEM, SOFTWARE, DOCUMENT, *other)
    assert reasons("12-4-2", ON, given(*facts)) == {("S-1", "no_connection"), ("S-2", "no_connection")}
    assert verdict("12-4-2", ON, given(*facts, tied)) == Verdict.MET
    written = relation("documented_in", "C-2", "C-14")
    undocumented = (SYSTEM, SOFTWARE, CONNECTION, *other, component("C-13", "connection", "S-2"))
    assert reasons("12-4-2", ON, given(*undocumented)) == {("S-1", "no_document")}
    assert verdict("12-4-2", ON, given(*undocumented, written)) == Verdict.MET


def test_12_4_2_falls_short_from_thirty_days_before_a_licence_ends():
    facts = given(*WHOLE, licence(day(2026, 12, 24)))
    assert verdict("12-4-2", ON, facts) == Verdict.MET
    outcome = ask("12-4-2", day(2026, 11, 24), facts)["LI-1"]
    assert (outcome.outcome, outcome.reason) == ("falls_short", "licence_ends")
    assert (outcome.since, outcome.due, outcome.who) == (
        day(2026, 11, 24), day(2026, 12, 24), "role:system_manager@U-1",
    )  # fmt: skip
    assert ask("12-4-2", day(2026, 12, 24), facts)["LI-1"].reason == "licence_ends"
    outcome = ask("12-4-2", day(2026, 12, 25), facts)["LI-1"]
    assert (outcome.reason, outcome.since) == ("licence_ended", day(2026, 12, 25))


def test_12_4_2_is_met_where_the_licence_is_renewed_for_longer():
    renewed = licence(day(2026, 12, 10), renewed_by="LI-2")
    for next_end in (day(2027, 12, 10), None):
        assert verdict("12-4-2", ON, given(*WHOLE, renewed, licence(next_end, "LI-2"))) == Verdict.MET
    for no_later in (day(2026, 12, 10), day(2026, 12, 1)):
        facts = given(*WHOLE, renewed, licence(no_later, "LI-2"))
        assert ("LI-1", "licence_ends") in reasons("12-4-2", ON, facts)
    assert reasons("12-4-2", ON, given(*WHOLE, renewed)) == {("LI-1", "licence_ends")}


def test_12_4_2_asks_of_no_licence_without_an_end_or_of_a_component_that_is_not_asked_of():
    old = day(2026, 3, 31)
    others = (
        licence(None),
        licence(old, "LI-2", "C-20"),
        licence(old, "LI-3", "C-21"),
        component("C-20", "software", until_on=old),
        component("C-21", "software", system="S-9"),
        system("S-9", in_scope=False),
    )
    assert verdict("12-4-2", ON, given(*WHOLE, *others)) == Verdict.MET
    alone = component("C-22", "software", system=None)
    facts = given(*WHOLE, alone, licence(old, "LI-4", "C-22"))
    assert reasons("12-4-2", ON, facts) == {("LI-4", "licence_ended")}
    assert ask("12-4-2", ON, facts)["LI-4"].who == "role:chief_system_officer"


def test_12_4_2_is_no_evidence_in_silence():
    assert verdict("12-4-2", ON, given()) == Verdict.NO_EVIDENCE


def test_12_4_2_is_met_by_exception_where_the_member_does_otherwise():
    facts = [SYSTEM, HARDWARE, SOFTWARE, CONNECTION, otherwise("12-4-2", "system:S-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-4-2", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-4-2", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-4-2", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT
