"""Article 10, paragraph 2, read as the rule: attackers blocked, load spread, systems stopped, evidence preserved."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import at, day, every_outcome, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, office, otherwise

ON = day(2026, 11, 23)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)
APRIL = day(2024, 4, 1)
LAST_GOOD = day(2027, 11, 23)
A, B = "0a" * 32, "0b" * 32


def system(key="S-1", criticality="high", facing=True, **values):
    told = {"name": key, "in_scope": True, "in_use_since_on": APRIL, "unit": "U-1"}
    return record("system", key, criticality=criticality, internet_facing=facing, **(told | values))


def measure(kind, key=None, systems=("S-1",), tested_on=ON, **values):
    told = {
        "title": kind,
        "since_on": APRIL,
        "test_passed": True,
        "procedure": "D-1",
        "ordered_by": "csirt_lead",
    }
    return record(
        "response_measure", key or f"RM-{kind}", kind=kind, systems=list(systems), tested_on=tested_on, **(told | values)
    )  # fmt: skip


def procedure(key="D-1", kind="response_procedure", **values):
    told = {"title": "対応手順", "version": "1", "in_force_on": APRIL}
    return record("document", key, kind=kind, **(told | values))


LEAD = office("csirt_lead", "P-LEAD")
PEOPLE = [record("person", key, name=key, joined_on=LONG_AGO) for key in ("P-CSO", "P-LEAD", "P-ASK")]
APPROVED = [procedure(), approved("document:D-1", on=day(2024, 3, 1)), CHIEF, LEAD, *PEOPLE]
BLOCK, SPREAD, STOP, FORENSICS = (measure(kind) for kind in ("block", "spread", "stop", "forensics"))
WHOLE = [system(), *APPROVED, BLOCK, SPREAD, STOP, FORENSICS]
OF = {"10-2-1": "block", "10-2-2": "spread", "10-2-3": "stop", "10-2-4": "forensics"}
every_item = pytest.mark.parametrize("item", OF)
every_tested = pytest.mark.parametrize("item", ["10-2-1", "10-2-2", "10-2-3"])


def without(kind, *more):
    """All measures but one of a kind, and what is put in its place."""
    return [*(r for r in WHOLE if r.key != f"RM-{kind}"), *more]


def told(citation, on, *records):
    """What is not met: (subject, reason) to the day since when."""
    found = every_outcome(citation, on, given(*records))
    return {(subject, o.reason): o.since for subject, o in found if o.reason}


# --- the four items alike ---------------------------------------------------------------------------------------------


def test_10_2_is_met_where_each_item_has_its_measure():
    for citation in (*OF, "10-2"):
        assert verdict(citation, ON, given(*WHOLE)) == Verdict.MET


@every_item
def test_an_item_falls_short_where_a_system_has_no_measure(item):
    assert told(item, ON, *without(OF[item])) == {("S-1", "no_measure"): APRIL}
    assert verdict("10-2", ON, given(*without(OF[item]))) == Verdict.FALLS_SHORT


@every_item
def test_an_item_falls_short_the_day_after_a_measure_ends(item):
    rows = without(OF[item], measure(OF[item], until_on=ON))
    assert told(item, ON, *rows) == {}
    assert told(item, TOMORROW, *rows) == {("S-1", "no_measure"): TOMORROW}


@every_item
def test_an_item_counts_a_measure_from_its_first_day(item):
    rows = without(OF[item], measure(OF[item], since_on=TOMORROW))
    assert told(item, ON, *rows) == {("S-1", "no_measure"): APRIL}
    assert told(item, TOMORROW, *rows) == {}
    assert told(item, ON, *without(OF[item], measure(OF[item], since_on=None))) == {}


@every_item
def test_an_item_counts_no_measure_of_another_kind_or_system(item):
    other = next(kind for kind in OF.values() if kind != OF[item])
    for row in (measure(other, "RM-X"), measure(OF[item], systems=("S-2",))):
        assert told(item, ON, *without(OF[item], row)) == {("S-1", "no_measure"): APRIL}


@every_item
def test_silence_is_no_evidence(item):
    assert verdict(item, ON, given()) == verdict("10-2", ON, given()) == Verdict.NO_EVIDENCE


@every_item
def test_an_item_asks_not_of_systems_out_of_scope_or_out_of_use(item):
    gone = system("S-2", in_use_until_on=YESTERDAY)
    assert told(item, ON, *WHOLE, system("S-3", in_scope=False), gone) == {}
    assert told(item, ON, *WHOLE, system("S-2", in_use_until_on=ON)) == {("S-2", "no_measure"): APRIL}


@every_tested
def test_an_item_is_met_to_the_last_day_of_the_interval_of_tests_and_falls_short_the_day_after(item):
    assert told(item, LAST_GOOD, *WHOLE) == {}
    after = LAST_GOOD + timedelta(days=1)
    assert told(item, after, *WHOLE) == {("S-1", "old_test"): after}


@every_tested
def test_an_item_counts_no_test_that_failed_or_is_still_to_come(item):
    failed = measure(OF[item], test_passed=False, tested_on=YESTERDAY)
    assert told(item, ON, *without(OF[item], failed)) == {("S-1", "failed"): YESTERDAY}
    silent = measure(OF[item], test_passed=None)
    assert told(item, ON, *without(OF[item], silent)) == {("S-1", "failed"): ON}
    for later in (TOMORROW, None):
        rows = without(OF[item], measure(OF[item], tested_on=later))
        assert told(item, ON, *rows) == {("S-1", "never_tested"): APRIL}


@every_tested
def test_of_several_measures_of_a_system_the_best_is_told_of(item):
    kind = OF[item]
    worse = [measure(kind, "RM-A", test_passed=False), measure(kind, "RM-B", tested_on=None)]
    assert told(item, ON, *WHOLE, *worse) == {}
    old = measure(kind, "RM-C", tested_on=day(2025, 5, 1))
    assert told(item, ON, *without(kind, *worse, old)) == {("S-1", "old_test"): day(2026, 5, 2)}


@every_item
def test_10_2_holds_by_an_approved_equivalent_of_an_item_for_a_system(item):
    done = [otherwise(item, "system:S-1"), approved("exception:EX-1")]
    rows = without(OF[item])
    assert verdict(item, ON, given(*rows, *done)) == Verdict.MET_BY_EXCEPTION
    assert verdict("10-2", ON, given(*rows, *done)) == Verdict.MET_BY_EXCEPTION
    assert verdict("10-2", ON, given(*rows, done[0])) == Verdict.FALLS_SHORT  # nobody approved it
    nothing = [otherwise(item, "system:S-1", equivalent=None), done[1]]
    assert verdict("10-2", ON, given(*rows, *nothing)) == Verdict.FALLS_SHORT  # and nothing is done instead
    other = [otherwise(item, "system:S-2"), done[1]]
    assert verdict("10-2", ON, given(*rows, *other)) == Verdict.FALLS_SHORT
    assert (
        verdict("10-2", day(2027, 1, 1), given(*rows, *done)) == Verdict.FALLS_SHORT
    )  # its last day is past


def test_findings_go_to_the_system_manager_of_the_unit_that_keeps_the_system():
    found = dict(every_outcome("10-2-2", ON, given(*without("spread"))))
    assert (found["S-1"].who, found["S-1"].data["system"]) == ("role:system_manager@U-1", "S-1")


# --- which systems ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criticality", "facing", "asked"),
    [
        ("high", True, {"10-2-1", "10-2-2", "10-2-3", "10-2-4"}),
        ("high", False, {"10-2-1", "10-2-3", "10-2-4"}),
        ("medium", True, {"10-2-1", "10-2-2", "10-2-4"}),
        (None, True, {"10-2-1", "10-2-2", "10-2-4"}),
        ("low", False, set()),
        ("low", None, set()),
    ],
)
def test_each_item_is_asked_of_the_systems_that_it_concerns(criticality, facing, asked):
    rows = [*WHOLE, system("S-2", criticality, facing)]
    assert {item for item in OF if told(item, ON, *rows)} == asked


def test_an_item_that_concerns_no_system_has_no_evidence():
    assert verdict("10-2-2", ON, given(system(facing=False))) == Verdict.NO_EVIDENCE


# --- procedures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["10-2-1", "10-2-4"])
def test_a_procedure_must_be_in_force_and_approved(item):
    kind = OF[item]
    for row in (
        measure(kind, procedure=None),
        measure(kind, procedure="D-2"),
    ):
        assert told(item, ON, *without(kind, row)) == {("S-1", "no_procedure"): APRIL}
    unapproved = [r for r in WHOLE if r.kind != "approval"]
    assert told(item, ON, *unapproved) == {("S-1", "no_procedure"): APRIL}
    other = [*without("none", procedure(kind="other"))]
    assert told(item, ON, *(r for r in other if r != WHOLE[1])) == {("S-1", "no_procedure"): APRIL}


@pytest.mark.parametrize("item", ["10-2-1", "10-2-4"])
def test_an_item_falls_short_the_day_after_its_procedure_ends(item):
    rows = [procedure(until_on=ON), *(r for r in WHOLE if r.kind != "document")]
    assert told(item, ON, *rows) == {}
    assert told(item, TOMORROW, *rows) == {("S-1", "no_procedure"): TOMORROW}


# --- 10-2-1: attacks --------------------------------------------------------------------------------------------------


def attack(key="INC-1", detected=(2026, 11, 1), contained=59, **values):
    """`contained`: minutes after the detection at nine, or None."""
    found = at(*detected)
    until = None if contained is None else found + timedelta(minutes=contained)
    told = {"title": key, "kind": "attack", "severity": "serious", "state": "closed"}
    return record("incident", key, detected_at=found, contained_at=until, **(told | values))


def test_10_2_1_is_met_to_the_last_minute_and_falls_short_the_minute_after():
    assert told("10-2-1", ON, *WHOLE, attack(contained=60)) == {}
    found = dict(every_outcome("10-2-1", ON, given(*WHOLE, attack(contained=61))))["INC-1"]
    assert (found.reason, found.since, found.due) == ("blocked_late", day(2026, 11, 1), day(2026, 11, 1))
    assert found.data["due_at"] == "2026-11-01 10:00"
    assert found.data["contained"] == "2026-11-01 10:01"
    assert found.who == "role:csirt_lead"


def test_10_2_1_falls_short_where_an_attack_is_not_contained_on_the_day_of_its_deadline():
    late = attack(detected=(2026, 11, 24), contained=None, state="open")
    assert told("10-2-1", ON, *WHOLE, late) == {}
    assert told("10-2-1", TOMORROW, *WHOLE, late) == {("INC-1", "not_blocked"): TOMORROW}
    later = attack(detected=(2026, 11, 24), contained=60 * 24, state="open")
    assert told("10-2-1", TOMORROW, *WHOLE, later) == {("INC-1", "not_blocked"): TOMORROW}
    after = TOMORROW + timedelta(days=1)
    assert told("10-2-1", after, *WHOLE, later) == {("INC-1", "blocked_late"): TOMORROW}


def test_10_2_1_asks_of_attacks_that_were_taken_up_and_of_no_other_trouble():
    rows = [attack("INC-1", contained=None, state=s) for s in ("draft", "dismissed")]
    rows += [attack("INC-2", contained=None, kind=k) for k in ("failure", "leak", "misuse", "other")]
    for row in rows:
        assert told("10-2-1", ON, *WHOLE, row) == {}


def test_10_2_1_asks_of_attacks_of_the_last_twelve_months():
    assert told("10-2-1", ON, *WHOLE, attack(detected=(2025, 11, 23), contained=90)) != {}
    assert told("10-2-1", ON, *WHOLE, attack(detected=(2025, 11, 22), contained=90)) == {}


# --- 10-2-3: who may order a stop -------------------------------------------------------------------------------------


def test_10_2_3_falls_short_where_no_office_may_order_the_stop():
    rows = without("stop", measure("stop", ordered_by=None))
    assert told("10-2-3", ON, *rows) == {("S-1", "nobody_named"): APRIL}


def test_10_2_3_falls_short_the_day_after_the_last_holder_leaves():
    rows = [r for r in WHOLE if r != LEAD]
    held = office("csirt_lead", "P-LEAD", until=ON)
    assert told("10-2-3", ON, *rows, held) == {}
    assert told("10-2-3", TOMORROW, *rows, held) == {("S-1", "nobody_holds"): TOMORROW}
    found = dict(every_outcome("10-2-3", TOMORROW, given(*rows, held)))["S-1"]
    assert found.data["role"] == "csirt_lead"
    assert told("10-2-3", ON, *rows) == {("S-1", "nobody_holds"): APRIL}


def test_10_2_3_counts_no_holder_who_has_left_the_member():
    gone = record("person", "P-LEAD", name="P-LEAD", joined_on=LONG_AGO, left_on=ON)
    rows = [*(r for r in WHOLE if r != PEOPLE[1]), gone]
    assert told("10-2-3", ON, *rows) == {}
    assert told("10-2-3", TOMORROW, *rows) == {("S-1", "nobody_holds"): TOMORROW}


# --- 10-2-4: custody --------------------------------------------------------------------------------------------------


def handed(key, giver, taker, of_month, item="ディスク", sha256=A, incident="INC-1"):
    return record(
        "custody", key, incident=incident, item=item, from_person=giver, to_person=taker, at=at(2026, 11, of_month), sha256=sha256,
    )  # fmt: skip


CHAIN = [
    handed("CU-1", None, "P-1", 1),
    handed("CU-2", "P-1", "P-2", 2),
    handed("CU-3", "P-2", "P-3", 3),
]


def test_10_2_4_is_met_by_a_custody_without_a_break_whatever_the_order_of_its_records():
    assert told("10-2-4", ON, *WHOLE, *CHAIN) == {}
    other = [
        handed("CU-0", None, "P-9", 2, item="ログ", sha256=B),
        handed("CU-9", None, "P-9", 2, incident="INC-2", sha256=B),
    ]
    assert told("10-2-4", ON, *WHOLE, *reversed(CHAIN), *other) == {}


def test_10_2_4_falls_short_where_a_hand_over_is_missing():
    assert told("10-2-4", ON, *WHOLE, CHAIN[0], CHAIN[2]) == {("INC-1", "broken_chain"): day(2026, 11, 3)}
    assert told("10-2-4", ON, *WHOLE, *CHAIN[1:]) == {("INC-1", "broken_chain"): day(2026, 11, 2)}
    again = handed("CU-4", None, "P-4", 4)
    found = dict(every_outcome("10-2-4", ON, given(*WHOLE, *CHAIN, again)))["INC-1"]
    assert (found.reason, found.since) == ("broken_chain", day(2026, 11, 4))
    assert found.data == {"incident": "INC-1", "item": "ディスク", "handed": "2026-11-04 09:00"}


def test_10_2_4_falls_short_where_a_hash_does_not_match():
    other = handed("CU-3", "P-2", "P-3", 3, sha256=B)
    assert told("10-2-4", ON, *WHOLE, *CHAIN[:2], other) == {("INC-1", "hash_differs"): day(2026, 11, 3)}
    both = handed("CU-4", "P-9", "P-1", 4)
    assert told("10-2-4", ON, *WHOLE, *CHAIN[:2], other, both)[("INC-1", "hash_differs")] == day(2026, 11, 3)


def test_10_2_4_knows_no_hand_over_before_its_day():
    broken = handed("CU-2", "P-9", "P-2", 24)
    assert told("10-2-4", ON, *WHOLE, CHAIN[0], broken) == {}
    assert told("10-2-4", TOMORROW, *WHOLE, CHAIN[0], broken) == {("INC-1", "broken_chain"): TOMORROW}


def test_10_2_4_asks_no_test_of_the_measure():
    assert reasons("10-2-4", ON, given(*without("forensics", measure("forensics", tested_on=None)))) == set()
