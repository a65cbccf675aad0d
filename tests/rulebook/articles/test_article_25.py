"""Article 25, read as the rule: vendors chosen by criteria, bound by contract, their risks managed to the last step."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, falling_short, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
APRIL = day(2026, 4, 1)
VENDOR = record("vendor", "V-1", name="甲", since_on=LONG_AGO)
FLAGS = (
    "roles",
    "audit_right",
    "subcontracting_procedure",
    "service_levels",
    "rules",
    "security_requirements",
)


def contract(key="CT-1", vendor="V-1", from_on=APRIL, **values):
    told = dict.fromkeys(FLAGS, True) | {"title": key, "confirmed_on": from_on}
    return record("contract", key, vendor=vendor, from_on=from_on, **(told | values))


def criteria(key="D-1", since=LONG_AGO, until=None, kind="vendor_criteria"):
    return record("document", key, kind=kind, title=key, version="1", in_force_on=since, until_on=until)


CRITERIA = [criteria(), CHIEF, approved("document:D-1")]


def evaluation(done_on, key="VE-1", decision="adopt", vendor="V-1", **values):
    told = {"criteria": "D-1"}
    return record(
        "vendor_evaluation", key, vendor=vendor, done_on=done_on, decision=decision, **(told | values)
    )


# --- 25-1 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["adopt", "conditional"])
def test_25_1_is_met_where_the_vendor_was_adopted_by_the_contract_s_first_day(decision):
    for done_on in (APRIL, day(2026, 3, 1)):
        facts = given(contract(), evaluation(done_on, decision=decision), *CRITERIA)
        assert verdict("25-1", ON, facts) == Verdict.MET


def test_25_1_falls_short_where_the_contract_began_a_day_before_the_evaluation():
    outcome = ask("25-1", ON, given(contract(), evaluation(day(2026, 4, 2)), *CRITERIA))["CT-1"]
    assert (outcome.outcome, outcome.reason) == ("falls_short", "no_evaluation_before")
    assert (outcome.since, outcome.who) == (APRIL, "role:vendor_owner")
    assert outcome.data == {"contract": "CT-1", "vendor": "V-1", "from": "2026-04-01"}


def test_25_1_falls_short_where_the_vendor_was_never_evaluated_decided_on_or_only_another_was():
    for rows in (
        [],
        [evaluation(APRIL, decision=None)],
        [evaluation(APRIL, vendor="V-2")],
        [evaluation(day(2026, 11, 24))],
    ):
        assert reasons("25-1", ON, given(contract(), *rows, *CRITERIA)) == {("CT-1", "no_evaluation_before")}


@pytest.mark.parametrize(
    ("made_by", "good"),
    [
        (CRITERIA, True),
        ([criteria(until=APRIL), CHIEF, approved("document:D-1")], True),
        ([criteria(until=day(2026, 3, 31)), CHIEF, approved("document:D-1")], False),
        ([criteria(since=day(2026, 4, 2)), CHIEF, approved("document:D-1")], False),
        ([criteria(kind="other"), CHIEF, approved("document:D-1")], False),
        ([criteria()], False),
        ([], False),
    ],
)
def test_25_1_counts_an_evaluation_by_approved_criteria_that_were_in_force_on_its_day(made_by, good):
    facts = given(contract(), evaluation(APRIL), *made_by)
    assert reasons("25-1", ON, facts) == (set() if good else {("CT-1", "not_by_criteria")})


def test_25_1_is_met_to_the_last_day_of_the_interval_and_falls_short_the_day_after():
    facts = given(contract(), evaluation(APRIL), *CRITERIA)
    assert verdict("25-1", day(2027, 4, 1), facts) == Verdict.MET
    outcome = ask("25-1", day(2027, 4, 2), facts)["CT-1"]
    assert (outcome.reason, outcome.since) == ("evaluation_old", day(2027, 4, 2))
    assert outcome.data["last"] == "2026-04-01"
    again = given(contract(), evaluation(APRIL), evaluation(day(2027, 4, 2), "VE-2"), *CRITERIA)
    assert verdict("25-1", day(2027, 4, 2), again) == Verdict.MET


def test_25_1_does_not_count_a_later_evaluation_by_no_criteria():
    later = evaluation(day(2027, 3, 1), "VE-2", criteria=None)
    facts = given(contract(), evaluation(APRIL), later, *CRITERIA)
    assert reasons("25-1", day(2027, 4, 2), facts) == {("CT-1", "evaluation_old")}


def test_25_1_falls_short_from_the_day_on_which_the_vendor_is_rejected_until_it_is_adopted_again():
    rejected = evaluation(day(2026, 6, 1), "VE-2", decision="reject", criteria=None)
    still = evaluation(day(2026, 7, 1), "VE-3", decision="reject")
    by_nothing = evaluation(day(2026, 8, 1), "VE-4", criteria=None)
    rows = [contract(), evaluation(APRIL), rejected, still, by_nothing, *CRITERIA]
    assert verdict("25-1", day(2026, 5, 31), given(*rows)) == Verdict.MET
    outcome = ask("25-1", ON, given(*rows))["CT-1"]
    assert (outcome.reason, outcome.since, outcome.data["decided"]) == (
        "rejected",
        day(2026, 6, 1),
        "2026-06-01",
    )
    assert verdict("25-1", ON, given(*rows, evaluation(ON, "VE-5"))) == Verdict.MET


def test_25_1_falls_short_where_the_newest_evaluation_before_the_contract_rejected_the_vendor():
    rejected = evaluation(day(2026, 3, 1), "VE-2", decision="reject")
    rows = [contract(), evaluation(day(2026, 2, 1)), rejected, *CRITERIA]
    assert ask("25-1", ON, given(*rows))["CT-1"].since == APRIL
    late = given(*rows, evaluation(day(2026, 5, 1), "VE-3"))
    assert reasons("25-1", ON, late) == {("CT-1", "no_evaluation_before")}


def test_25_1_asks_of_contracts_in_force_on_their_first_and_last_days():
    ended = contract("CT-2", from_on=day(2025, 1, 1), until_on=day(2026, 3, 31))
    to_come = contract("CT-3", from_on=day(2026, 11, 24))
    facts = given(contract(), ended, to_come, *CRITERIA)
    assert set(ask("25-1", ON, facts)) == {"CT-1"}
    assert set(ask("25-1", day(2026, 3, 31), facts)) == {"CT-2"}
    assert set(ask("25-1", APRIL, facts)) == {"CT-1"}


def test_25_1_is_no_evidence_in_silence_and_where_no_contract_is_in_force():
    assert verdict("25-1", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("25-1", ON, given(evaluation(APRIL), *CRITERIA)) == Verdict.NO_EVIDENCE


def test_25_1_is_met_by_an_exception_while_it_is_approved_and_not_expired():
    facts = [contract(), *CRITERIA, exception("25-1", "contract:CT-1")]
    assert verdict("25-1", ON, given(*facts)) == Verdict.FALLS_SHORT
    facts.append(approved("exception:EX-1"))
    assert verdict("25-1", day(2026, 12, 31), given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict("25-1", day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT


def test_25_1_follows_a_looser_interval_once_it_is_approved():
    looser = record(
        "tolerance", "TO-1", limit="vendor_evaluation_age", value=24, reason="二年契約", from_on=APRIL
    )
    facts = [contract(), evaluation(APRIL), *CRITERIA, looser]
    assert verdict("25-1", day(2028, 4, 1), given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("25-1", day(2028, 4, 1), given(*facts, approved("tolerance:TO-1"))) == Verdict.MET


DAYS = st.integers(-3, 3).map(lambda n: ON + timedelta(days=n))
EVALUATIONS = st.lists(
    st.tuples(
        DAYS,
        st.sampled_from(["adopt", "conditional", "reject", None]),
        st.sampled_from(["D-1", "D-2", None]),
    ),
    max_size=5,
)


@over(st.lists(st.tuples(DAYS, st.none() | DAYS, EVALUATIONS), max_size=4), DAYS, DAYS)
def test_25_1_agrees_with_a_reader_who_goes_through_the_contracts_one_by_one(drawn, since, until):
    """D-1 is in force from `since` to `until`; D-2 is none that is approved."""
    rows = [criteria(since=since, until=until), criteria("D-2"), CHIEF, approved("document:D-1")]
    short = set()
    for n, (from_on, until_on, evaluations) in enumerate(drawn):
        rows.append(contract(f"CT-{n}", f"V-{n}", from_on, until_on=until_on))
        counting = []
        for m, (done_on, decision, by) in enumerate(evaluations):
            rows.append(evaluation(done_on, f"VE-{n}-{m}", decision=decision, vendor=f"V-{n}", criteria=by))
            by_criteria = by == "D-1" and since <= done_on <= until
            if decision and done_on <= ON and (by_criteria or decision == "reject"):
                counting.append((done_on, m, decision))
        counting.sort()
        before = [d for on, _, d in counting if on <= from_on]
        well = bool(before) and before[-1] != "reject" and counting[-1][2] != "reject"
        if from_on <= ON and (until_on is None or until_on >= ON) and not well:
            short.add(f"CT-{n}")
    assert falling_short("25-1", ON, given(*rows)) == short


# --- 25-2 -----------------------------------------------------------------------------------------------------------


def service(key="OS-1", vendor="V-1", since=APRIL, **values):
    return record("outsourced_service", key, name=key, vendor=vendor, since_on=since, **values)


def test_25_2_is_met_by_a_contract_that_fixes_all_four():
    assert verdict("25-2", ON, given(contract(), service())) == Verdict.MET


@pytest.mark.parametrize("part", ["roles", "audit_right", "subcontracting_procedure", "service_levels"])
@pytest.mark.parametrize("value", [False, None])
def test_25_2_falls_short_for_each_part_that_a_contract_lacks_or_does_not_tell(part, value):
    outcome = ask("25-2", ON, given(contract(**{part: value})))["CT-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", f"lacks_{part}", APRIL)
    assert (outcome.who, outcome.data) == ("role:vendor_owner", {"contract": "CT-1", "vendor": "V-1"})


def test_25_2_tells_of_every_part_that_is_missing():
    bare = contract(**dict.fromkeys(FLAGS))
    assert reasons("25-2", ON, given(bare)) == {
        ("CT-1", "lacks_roles"), ("CT-1", "lacks_audit_right"), ("CT-1", "lacks_subcontracting_procedure"),
        ("CT-1", "lacks_service_levels"),
    }  # fmt: skip


def test_25_2_asks_not_of_a_contract_that_has_ended_or_not_begun():
    ended = contract("CT-2", roles=False, until_on=day(2026, 11, 22))
    to_come = contract("CT-3", roles=False, from_on=day(2026, 11, 24))
    assert verdict("25-2", ON, given(contract(), ended, to_come)) == Verdict.MET
    assert reasons("25-2", day(2026, 11, 22), given(contract(), ended)) == {("CT-2", "lacks_roles")}


SYSTEM = {"name": "系", "in_scope": True, "operated_by": "vendor", "vendor": "V-1", "in_use_since_on": APRIL}


@pytest.mark.parametrize(
    "work",
    [
        service(),
        record("cloud_service", "CS-1", name="雲", vendor="V-1", since_on=APRIL),
        record("system", "S-1", **SYSTEM),
    ],
    ids=lambda given: given.kind,
)
def test_25_2_falls_short_where_one_works_without_a_contract(work):
    outcome = ask("25-2", ON, given(work))["V-1"]
    assert (outcome.reason, outcome.since, outcome.data) == ("no_contract", APRIL, {"vendor": "V-1"})
    ended = contract(until_on=day(2026, 6, 30))
    assert verdict("25-2", day(2026, 6, 30), given(work, ended)) == Verdict.MET
    assert ask("25-2", day(2026, 7, 1), given(work, ended))["V-1"].since == day(2026, 7, 1)
    assert verdict("25-2", ON, given(work, ended, contract("CT-2", from_on=ON))) == Verdict.MET
    assert reasons("25-2", ON, given(work, contract(vendor="V-2"))) == {("V-1", "no_contract")}


def test_25_2_asks_no_contract_of_work_that_has_ended_or_not_begun_or_is_done_further_down():
    past = service("OS-2", "V-2", until_on=day(2026, 11, 22))
    to_come = service("OS-3", "V-3", since=day(2026, 11, 24))
    below = record("subcontract", "SUB-1", service="OS-1", from_vendor="V-1", to_vendor="V-4")
    own = record("system", "S-1", **(SYSTEM | {"operated_by": "own"}))
    outside = record("system", "S-2", **(SYSTEM | {"in_scope": False, "vendor": "V-5"}))
    facts = given(service(), contract(), past, to_come, below, own, outside)
    assert verdict("25-2", ON, facts) == Verdict.MET
    assert set(ask("25-2", ON, facts)) == {"CT-1", "V-1"}


def test_25_2_is_no_evidence_in_silence():
    assert verdict("25-2", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("25-2", ON, given(VENDOR)) == Verdict.NO_EVIDENCE


def test_25_2_is_met_by_an_exception_for_the_contract():
    facts = [contract(audit_right=False), CHIEF, exception("25-2", "contract:CT-1")]
    assert verdict("25-2", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("25-2", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 25-3 -----------------------------------------------------------------------------------------------------------


def test_25_3_is_met_by_a_contract_that_names_both_from_the_day_on_which_the_vendor_confirmed_them():
    facts = given(contract(confirmed_on=ON))
    assert verdict("25-3", ON, facts) == Verdict.MET
    outcome = ask("25-3", day(2026, 11, 22), facts)["CT-1"]
    assert (outcome.reason, outcome.since, outcome.who) == ("not_confirmed", APRIL, "role:vendor_owner")
    assert verdict("25-3", ON, given(contract(confirmed_on=day(2026, 3, 1)))) == Verdict.MET


@pytest.mark.parametrize("part", ["rules", "security_requirements"])
@pytest.mark.parametrize("value", [False, None])
def test_25_3_falls_short_where_a_contract_lacks_one_or_does_not_tell(part, value):
    assert reasons("25-3", ON, given(contract(**{part: value}))) == {("CT-1", f"lacks_{part}")}


def test_25_3_falls_short_where_the_vendor_never_confirmed():
    assert reasons("25-3", ON, given(contract(confirmed_on=None))) == {("CT-1", "not_confirmed")}


def test_25_3_asks_of_contracts_in_force_alone_and_is_no_evidence_in_silence():
    ended = contract(rules=False, until_on=day(2026, 11, 22))
    assert verdict("25-3", day(2026, 11, 22), given(ended)) == Verdict.FALLS_SHORT
    assert verdict("25-3", ON, given(ended)) == Verdict.NO_EVIDENCE
    assert verdict("25-3", ON, given()) == Verdict.NO_EVIDENCE


def test_25_3_is_met_by_an_exception_for_the_contract():
    facts = [contract(confirmed_on=None), CHIEF, exception("25-3", "contract:CT-1")]
    assert verdict("25-3", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
    assert verdict("25-3", ON, given(*facts)) == Verdict.FALLS_SHORT


# --- 25-4 -----------------------------------------------------------------------------------------------------------


def link(key, giver, to, of="OS-1", **values):
    return record("subcontract", key, service=of, from_vendor=giver, to_vendor=to, **values)


def risk(vendor, assessed_on=ON, key=None, **values):
    told = {"title": "委託", "category": "failure", "assessed_on": assessed_on}
    return record("risk", key or f"R-{vendor}", vendor=vendor, **(told | values))


def test_25_4_is_met_to_the_last_day_of_the_limit_and_falls_short_the_day_after_or_where_there_is_none():
    for vendor, rows in (("V-1", []), ("V-2", [link("SUB-1", "V-1", "V-2"), risk("V-1", day(2027, 6, 1))])):
        lapses(
            "25-4", vendor, [service(), *rows], lambda on, of=vendor: risk(of, on), ON, day(2027, 11, 23),
            never="never_assessed", old="old_assessment", since_never=APRIL,
        )  # fmt: skip


def test_25_4_asks_of_every_step_of_a_chain_and_of_clouds_and_vendor_run_systems():
    cloud = record("cloud_service", "CS-1", name="雲", vendor="V-8", since_on=APRIL)
    system = record("system", "S-1", **(SYSTEM | {"vendor": "V-9"}))
    chain = [link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3"), link("SUB-3", "V-3", "V-4")]
    facts = [service(), *chain, cloud, system]
    assert reasons("25-4", ON, given(*facts)) == {
        (v, "never_assessed") for v in ("V-1", "V-2", "V-3", "V-4", "V-8", "V-9")
    }
    assessed = [risk(v) for v in ("V-1", "V-2", "V-3", "V-8", "V-9")]
    outcome = ask("25-4", ON, given(*facts, *assessed))["V-4"]
    assert (outcome.reason, outcome.who, outcome.data) == (
        "never_assessed",
        "role:risk_manager",
        {"vendor": "V-4"},
    )
    assert verdict("25-4", ON, given(*facts, *assessed, risk("V-4"))) == Verdict.MET


def test_25_4_tells_since_when_a_subcontractor_works():
    later = link("SUB-1", "V-1", "V-2", since_on=day(2026, 9, 1))
    assert ask("25-4", ON, given(service(), risk("V-1"), later))["V-2"].since == day(2026, 9, 1)


def test_25_4_leaves_an_unknown_subcontractor_to_26_1_and_asks_not_of_what_has_ended():
    unknown = record("subcontract", "SUB-1", service="OS-1", from_vendor="V-1", unknown=True)
    ended = link("SUB-2", "V-1", "V-2", until_on=day(2026, 11, 22))
    over_ = service("OS-2", "V-3", until_on=day(2026, 11, 22))
    assert verdict("25-4", ON, given(service(), risk("V-1"), unknown, ended, over_)) == Verdict.MET


def test_25_4_counts_no_risk_of_a_system_or_service_that_names_no_vendor():
    facts = given(service(), risk(None, service="OS-1"), risk(None, key="R-2", system="S-1"))
    assert reasons("25-4", ON, facts) == {("V-1", "never_assessed")}


def test_25_4_is_no_evidence_in_silence_and_where_nobody_works_for_the_member():
    assert verdict("25-4", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("25-4", ON, given(VENDOR, risk("V-1"))) == Verdict.NO_EVIDENCE


def test_25_4_is_met_by_an_exception_for_the_vendor():
    facts = [service(), CHIEF, exception("25-4", "vendor:V-1")]
    assert verdict("25-4", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("25-4", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION
