"""Article 12-6, read as the rule: register and discovery are compared every quarter, and agree well enough."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
SEPTEMBER = day(2026, 9, 1)


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def component(registered=LONG_AGO, key="C-1"):
    return record("component", key, name=key, kind="hardware", system="S-1", registered_on=registered)


def compared(done_on=SEPTEMBER, matched=100, missing=0, extra=0, key="RC-1", **values):
    numbers = {"matched": matched, "missing": missing, "extra": extra}
    told = {"source": "資産スキャン"} | numbers
    return record("reconciliation", key, done_on=done_on, **(told | values))


KNOWN = (system(), component())


def test_12_6_is_met_by_a_recent_reconciliation_that_is_accurate_enough():
    assert verdict("12-6", ON, given(*KNOWN, compared())) == Verdict.MET


def test_12_6_asks_for_a_reconciliation_every_quarter():
    lapses(
        "12-6", "member", KNOWN, compared, SEPTEMBER, day(2026, 12, 1),
        never="never_reconciled", old="reconciliation_old", since_never=day(2020, 7, 2),
    )  # fmt: skip
    outcome = ask("12-6", day(2026, 12, 2), given(*KNOWN, compared()))["member"]
    assert outcome.who == "role:chief_system_officer"
    assert outcome.data == {"system": "S-1", "count": "1", "last": "2026-09-01"}


def test_12_6_waits_a_quarter_from_the_first_registration_for_the_first_one():
    new = given(system(), component(registered=SEPTEMBER), component(ON, "C-2"))
    assert reasons("12-6", day(2026, 12, 1), new) == {("member", "no_reconciliation_yet")}
    assert verdict("12-6", day(2026, 12, 1), new) == Verdict.NO_EVIDENCE
    outcome = ask("12-6", day(2026, 12, 2), new)["member"]
    assert (outcome.reason, outcome.since) == ("never_reconciled", day(2026, 12, 2))


def test_12_6_falls_short_where_systems_are_on_record_and_nothing_was_ever_registered_or_compared():
    assert reasons("12-6", ON, given(system())) == {("member", "never_reconciled")}


def test_12_6_takes_a_reconciliation_of_one_system_for_that_one_alone():
    both = (*KNOWN, system("S-2"))
    outcome = ask("12-6", ON, given(*both, compared(system="S-1")))["member"]
    assert (outcome.reason, outcome.data) == ("never_reconciled", {"system": "S-2", "count": "1"})
    each = (compared(system="S-1"), compared(day(2026, 8, 30), key="RC-2", system="S-2"))
    assert verdict("12-6", ON, given(*both, *each)) == Verdict.MET
    outcome = ask("12-6", day(2026, 12, 1), given(*both, *each))["member"]
    assert (outcome.reason, outcome.since) == ("reconciliation_old", day(2026, 12, 1))
    assert outcome.data == {"system": "S-2", "count": "1", "last": "2026-08-30"}
    of_all = compared(day(2026, 8, 30), key="RC-2")
    assert verdict("12-6", ON, given(*both, compared(system="S-1"), of_all)) == Verdict.MET


def test_12_6_asks_not_of_systems_out_of_scope_or_out_of_use():
    others = (system("S-2", in_scope=False), system("S-3", in_use_until_on=SEPTEMBER))
    assert verdict("12-6", ON, given(*KNOWN, *others, compared(system="S-1"))) == Verdict.MET


@pytest.mark.parametrize(
    ("numbers", "short"),
    [((95, 5, 0), False), ((95, 2, 3), False), ((949, 51, 0), True), ((94, 0, 6), True), ((0, 1, 0), True)],
)
def test_12_6_is_met_to_an_accuracy_of_95_percent(numbers, short):
    facts = given(*KNOWN, compared(SEPTEMBER, *numbers))
    assert reasons("12-6", ON, facts) == ({("RC-1", "not_accurate")} if short else set())


def test_12_6_tells_how_accurate_it_was_and_what_was_asked():
    outcome = ask("12-6", ON, given(*KNOWN, compared(SEPTEMBER, 9499, 501, 0)))["RC-1"]
    assert (outcome.outcome, outcome.since, outcome.who) == (
        "falls_short", SEPTEMBER, "role:chief_system_officer",
    )  # fmt: skip
    assert outcome.data | {"target": "95", "accuracy": "94.9"} == outcome.data


def test_12_6_judges_the_newest_of_each_source_and_system():
    bad = compared(day(2026, 8, 25), 50, 50)
    assert reasons("12-6", ON, given(*KNOWN, bad, compared(key="RC-2"))) == set()
    other = compared(key="RC-2", source="クラウドの資産一覧")
    assert reasons("12-6", ON, given(*KNOWN, bad, other)) == {("RC-1", "not_accurate")}
    of_one = compared(key="RC-2", system="S-1")
    assert reasons("12-6", ON, given(*KNOWN, bad, of_one)) == {("RC-1", "not_accurate")}
    assert reasons("12-6", day(2026, 11, 26), given(*KNOWN, bad, other)) == set()  # too old to say anything


def test_12_6_is_no_evidence_where_nothing_was_compared():
    assert reasons("12-6", ON, given(*KNOWN, compared(SEPTEMBER, 0))) == {("RC-1", "nothing_compared")}
    assert verdict("12-6", ON, given(*KNOWN, compared(SEPTEMBER, 0))) == Verdict.NO_EVIDENCE


def test_12_6_counts_no_reconciliation_that_is_still_to_come():
    later = compared(ON + ONE_DAY, key="RC-2")
    assert reasons("12-6", ON, given(*KNOWN, compared(SEPTEMBER, 50, 50), later)) == {
        ("RC-1", "not_accurate")
    }


def test_12_6_is_no_evidence_in_silence():
    assert verdict("12-6", ON, given()) == Verdict.NO_EVIDENCE


def test_12_6_is_met_by_exception_while_one_lasts():
    inaccurate = compared(day(2026, 12, 20), 50, 50)
    facts = [*KNOWN, inaccurate, exception("12-6", "reconciliation:RC-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-6", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-6", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-6", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT
