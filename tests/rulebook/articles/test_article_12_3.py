"""Article 12-3, read as the rule: a configuration policy that is approved and reaches every system."""

from datetime import timedelta

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, office

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
FEBRUARY, SEPTEMBER = day(2026, 2, 1), day(2026, 9, 1)
APPROVED = approved("document:D-1")


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def policy(key="D-1", since=FEBRUARY, **values):
    told = {"kind": "configuration_policy", "title": "構成管理方針", "version": "1", "all_systems": True}
    return record("document", key, in_force_on=since, **(told | values))


def found(on, *records):
    return reasons("12-3", on, given(CHIEF, *records))


def test_12_3_is_met_by_an_approved_policy_that_applies_to_all_systems():
    facts = (system(), system("S-2"), policy(), APPROVED)
    assert found(ON, *facts) == set()
    assert {s: o.outcome for s, o in ask("12-3", ON, given(CHIEF, *facts)).items()} == dict.fromkeys(
        ("member", "S-1", "S-2"), "met"
    )


def test_12_3_falls_short_the_day_after_the_last_policy_ends():
    ending = (system(), policy(until_on=SEPTEMBER), APPROVED)
    assert found(SEPTEMBER, *ending) == set()
    outcome = ask("12-3", ON, given(CHIEF, *ending))["member"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short", "no_policy", SEPTEMBER + ONE_DAY,
    )  # fmt: skip
    assert outcome.who == "role:chief_system_officer"


def test_12_3_falls_short_before_the_policy_comes_into_force_and_where_there_is_none():
    coming = (system(), policy(since=SEPTEMBER), APPROVED)
    assert found(SEPTEMBER - ONE_DAY, *coming) == {("member", "no_policy")}
    assert found(SEPTEMBER, *coming) == set()
    assert found(ON, system(), policy(kind="quality_plan"), APPROVED) == {("member", "no_policy")}
    assert ask("12-3", ON, given(CHIEF, system()))["member"].since is None


def test_12_3_falls_short_without_the_approval_of_somebody_entitled():
    outcome = ask("12-3", ON, given(CHIEF, system(), policy()))["member"]
    assert (outcome.reason, outcome.since) == ("not_approved", FEBRUARY)
    others = [approved("document:D-1", by="P-ASK"), approved("document:D-1", by="P-OTHER")]
    for wrong in others:
        assert found(ON, system(), policy(), wrong) == {("member", "not_approved")}
    president = office("representative_director", "P-1")
    assert found(ON, system(), policy(), president, approved("document:D-1", by="P-1")) == set()


def test_12_3_falls_short_where_a_system_is_outside_the_reach():
    part = policy(all_systems=None, systems=["S-1"])
    outcome = ask("12-3", ON, given(CHIEF, system(), system("S-2"), part, APPROVED))["S-2"]
    assert (outcome.reason, outcome.since, outcome.who) == (
        "outside_reach", FEBRUARY, "role:chief_system_officer",
    )  # fmt: skip
    assert outcome.data == {"system": "S-2", "document": "D-1"}
    newer = system("S-2", in_use_since_on=SEPTEMBER)
    assert found(SEPTEMBER - ONE_DAY, system(), newer, part, APPROVED) == set()
    assert ask("12-3", ON, given(CHIEF, system(), newer, part, APPROVED))["S-2"].since == SEPTEMBER


def test_12_3_reads_a_policy_that_names_no_system_as_one_that_reaches_none():
    silent = policy(all_systems=False)
    assert found(ON, system(), silent, APPROVED) == {("S-1", "outside_reach")}


def test_12_3_counts_several_approved_policies_together_and_no_other():
    one, two = policy(all_systems=None, systems=["S-1"]), policy("D-2", all_systems=None, systems=["S-2"])
    systems = (system(), system("S-2"))
    assert found(ON, *systems, one, two, APPROVED, approved("document:D-2")) == set()
    assert found(ON, *systems, one, two, APPROVED) == {("S-2", "outside_reach")}


def test_12_3_asks_not_of_systems_out_of_scope_or_out_of_use():
    others = (system("S-2", in_scope=False), system("S-3", in_use_until_on=ON - ONE_DAY))
    assert found(ON, system(), *others, policy(all_systems=None, systems=["S-1"]), APPROVED) == set()


def test_12_3_is_no_evidence_in_silence():
    assert verdict("12-3", ON, given()) == Verdict.NO_EVIDENCE


def test_12_3_is_met_by_exception_while_one_lasts():
    part = policy(all_systems=None, systems=["S-1"])
    facts = [system(), system("S-2"), part, APPROVED, CHIEF, exception("12-3", "system:S-2")]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-3", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-3", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-3", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT
