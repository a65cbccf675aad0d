"""Article 24, read as the rule: who audits, what is covered in a cycle, what the board is told, what is followed."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import (
    ask,
    day,
    every_outcome,
    falling_short,
    given,
    lapses,
    reasons,
    record,
    verdict,
)
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
FROM, UNTIL = day(2026, 5, 11), day(2026, 6, 30)


def unit(key, function, parent=None, since=LONG_AGO, **values):
    return record("unit", key, name=key, function=function, parent=parent, since_on=since, **values)


MANAGEMENT = unit("U-MGT", "management")
SYSTEMS = unit("U-SYS", "system", "U-MGT")
TEAM = unit("U-TEAM", "system", "U-SYS")
AUDITING = unit("U-AUD", "audit", "U-MGT")
UNITS = (MANAGEMENT, SYSTEMS, TEAM, AUDITING)


def person(key="P-A", unit="U-AUD", employment="employee", **values):
    return record("person", key, unit=unit, employment=employment, joined_on=LONG_AGO, **values)


def office(role="internal_auditor", key="A-1", person="P-A", since=LONG_AGO, **values):
    return record("appointment", key, person=person, role=role, since_on=since, **values)


GROUNDS = {"grounds": "システム監査技術者。監査に10年従事。"}
AUDITOR = (person(), office(**GROUNDS))


def audit(key="AU-1", begun=FROM, until=UNTIL, **values):
    told = {
        "title": key,
        "plan_year": 2026,
        "conducted_by": "internal",
        "auditors": ["P-A"],
        "units": ["U-SYS"],
    }
    return record("audit", key, from_on=begun, until_on=until, **(told | values))


def who_is_told(facts, on=ON, subject="AU-1"):
    """What 24-1 says of the audit: outcome, reason and data."""
    outcome = ask("24-1", on, given(*facts))[subject]
    return outcome.outcome, outcome.reason, outcome.data


# --- 24-1: regular --------------------------------------------------------------------------------------------------


def test_24_1_is_met_by_an_audit_of_the_last_year_by_an_independent_and_competent_auditor():
    facts = given(*UNITS, *AUDITOR, audit())
    assert verdict("24-1", ON, facts) == Verdict.MET
    assert set(ask("24-1", ON, facts)) == {"member", "AU-1"}


def test_24_1_an_audit_stands_for_a_year_from_its_end():
    lapses(
        "24-1", "member", [*UNITS, *AUDITOR], lambda on: audit(until=on), UNTIL, day(2027, 6, 30),
        never="no_audit", old="old_audit", since_never=day(2018, 10, 24),
    )  # fmt: skip


def test_24_1_a_member_without_audits_has_lacked_one_since_it_began_business():
    profile = record("member_profile", "MP-1", business_since_on=day(2021, 4, 1), as_of_on=LONG_AGO)
    later = record("member_profile", "MP-2", business_since_on=day(2022, 4, 1), as_of_on=ON + ONE_DAY)
    outcome = ask("24-1", ON, given(profile, later))["member"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_audit", day(2021, 4, 1))
    assert outcome.who == "role:internal_auditor"


def test_24_1_an_audit_that_runs_or_is_planned_is_not_finished():
    running = audit(until=None)
    planned = audit("AU-2", None, None)
    assert ("member", "no_audit") in reasons("24-1", ON, given(*UNITS, *AUDITOR, running, planned))


def test_24_1_is_no_evidence_in_silence():
    assert verdict("24-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("24-1", ON, given()) == {("member", "nothing_recorded")}


# --- 24-1: independent ----------------------------------------------------------------------------------------------


def test_24_1_falls_short_where_an_auditor_works_in_an_audited_unit_or_in_one_below_it():
    for own in ("U-SYS", "U-TEAM"):
        facts = [*UNITS, person(unit=own), office(**GROUNDS), audit()]
        assert who_is_told(facts) == (
            "falls_short", "works_in_audited", {"audit": "AU-1", "person": "P-A", "unit": own},
        )  # fmt: skip
    outcome = ask("24-1", ON, given(*facts))["AU-1"]
    assert (outcome.since, outcome.who) == (FROM, "role:internal_auditor")


def test_24_1_who_works_in_the_unit_above_an_audited_one_does_not_work_in_it():
    facts = [*UNITS, person(unit="U-SYS"), office(**GROUNDS), audit(units=["U-TEAM"])]
    assert who_is_told(facts)[0] == "met"


def test_24_1_falls_short_where_an_auditor_works_in_the_unit_that_owns_an_audited_system():
    system = record("system", "S-1", name="S", unit="U-SYS", in_scope=True, in_use_since_on=LONG_AGO)
    scope = {"units": None, "systems": ["S-1"]}
    assert who_is_told([*UNITS, system, *AUDITOR, audit(**scope)])[0] == "met"
    mine = [*UNITS, system, person(unit="U-SYS"), office(**GROUNDS), audit(**scope)]
    assert who_is_told(mine)[1] == "works_in_audited"


def test_24_1_an_audit_function_is_not_dependent_because_management_above_it_is_audited():
    assert who_is_told([*UNITS, *AUDITOR, audit(units=["U-MGT"])])[0] == "met"


def test_24_1_falls_short_where_the_audit_function_audits_itself():
    assert who_is_told([*UNITS, *AUDITOR, audit(units=["U-AUD"])])[1] == "works_in_audited"


def test_24_1_falls_short_where_the_audit_function_reports_to_an_audited_unit_that_is_not_management():
    under_it = unit("U-AUD", "audit", "U-TEAM")
    facts = [MANAGEMENT, SYSTEMS, TEAM, under_it, *AUDITOR]
    assert who_is_told([*facts, audit(units=["U-SYS"])]) == (
        "falls_short", "reports_to_audited", {"audit": "AU-1", "person": "P-A", "unit": "U-SYS"},
    )  # fmt: skip
    assert who_is_told([*facts, audit(units=["U-MGT"])])[1] == "reports_to_audited"  # U-SYS is part of it
    other = unit("U-OPS", "user", "U-MGT")
    assert who_is_told([*facts, other, audit(units=["U-OPS"])])[0] == "met"


def test_24_1_a_ring_of_units_ends():
    ring = [unit("U-SYS", "system", "U-TEAM"), unit("U-TEAM", "system", "U-SYS"), AUDITING]
    assert who_is_told([*ring, *AUDITOR, audit()])[0] == "met"


@pytest.mark.parametrize(
    "role", ["system_manager", "risk_manager", "project_lead", "vendor_owner", "csirt_lead"]
)
def test_24_1_falls_short_where_an_auditor_holds_an_office_for_an_audited_unit(role):
    held = office(role, "A-2", unit="U-SYS")
    told = who_is_told([*UNITS, *AUDITOR, held, audit()])
    assert told[:2] == ("falls_short", "held_office")
    assert told[2] == {"audit": "AU-1", "person": "P-A", "role": role, "from": str(LONG_AGO)}
    elsewhere = office(role, "A-2", unit="U-OPS")
    assert who_is_told([*UNITS, *AUDITOR, elsewhere, audit()])[0] == "met"


@pytest.mark.parametrize("role", ["developer", "operator"])
def test_24_1_falls_short_where_an_auditor_develops_or_operates_an_audited_system(role):
    held = office(role, "A-2", system="S-1")
    assert who_is_told([*UNITS, *AUDITOR, held, audit(systems=["S-1"])])[1] == "held_office"
    assert who_is_told([*UNITS, *AUDITOR, held, audit(systems=["S-2"])])[0] == "met"


def test_24_1_an_office_of_the_whole_member_counts_where_the_audit_covers_clauses():
    held = office("risk_manager", "A-2")
    assert who_is_told([*UNITS, *AUDITOR, held, audit(clauses=["3"])])[1] == "held_office"
    assert who_is_told([*UNITS, *AUDITOR, held, audit()])[0] == "met"


def test_24_1_a_vendor_owner_does_not_audit_vendors():
    held = office("vendor_owner", "A-2")
    assert who_is_told([*UNITS, *AUDITOR, held, audit(vendors=["V-1"])])[1] == "held_office"
    assert who_is_told([*UNITS, *AUDITOR, held, audit()])[0] == "met"


def test_24_1_an_office_of_oversight_does_not_make_dependent():
    held = office("board_member", "A-2")
    assert who_is_told([*UNITS, *AUDITOR, held, audit(clauses=["3"])])[0] == "met"


def test_24_1_an_office_counts_for_a_year_after_its_last_day():
    for until, found in ((FROM - timedelta(days=365), "falls_short"), (FROM - timedelta(days=366), "met")):
        held = office("developer", "A-2", system="S-1", until_on=until)
        assert who_is_told([*UNITS, *AUDITOR, held, audit(systems=["S-1"])])[0] == found


def test_24_1_an_office_counts_from_any_day_of_the_audit_but_not_after_it():
    for since, found in ((UNTIL, "falls_short"), (UNTIL + ONE_DAY, "met")):
        held = office("developer", "A-2", system="S-1", since=since)
        assert who_is_told([*UNITS, *AUDITOR, held, audit(systems=["S-1"])])[0] == found
    later = office("developer", "A-2", system="S-1", since=ON + ONE_DAY)
    running = [*UNITS, *AUDITOR, later, audit(until=None, systems=["S-1"])]
    assert who_is_told(running)[0] == "met"
    assert who_is_told(running, ON + ONE_DAY)[0] == "falls_short"


def test_24_1_an_office_ends_with_the_person_s_last_day_at_the_member():
    held = office("developer", "A-2", system="S-1")
    back = [*UNITS, office(**GROUNDS), held, audit(systems=["S-1"], competence="経験あり")]
    assert who_is_told([*back, person(left_on=day(2025, 5, 11))])[1] == "held_office"
    assert who_is_told([*back, person(left_on=day(2025, 5, 10))])[0] == "met"


def test_24_1_each_auditor_is_told_and_the_same_thing_once():
    two = [person("P-B", "U-SYS"), office(key="A-3", person="P-B", **GROUNDS)]
    three = [person("P-C", "U-TEAM"), office(key="A-4", person="P-C", **GROUNDS)]
    facts = given(*UNITS, *AUDITOR, *two, *three, audit(auditors=["P-A", "P-B", "P-C"]))
    found = [o for s, o in every_outcome("24-1", ON, facts) if s == "AU-1"]
    assert sorted((o.reason, o.data["person"]) for o in found if o.reason) == [
        ("works_in_audited", "P-B"), ("works_in_audited", "P-C"),
    ]  # fmt: skip
    good = given(
        *UNITS, *AUDITOR, audit(auditors=["P-A", "P-B"], units=["U-AUD2"], competence="経験あり"), *two
    )
    assert [o.outcome for s, o in every_outcome("24-1", ON, good) if s == "AU-1"] == ["met"]


def test_24_1_is_no_evidence_where_an_auditor_s_unit_is_not_on_record():
    assert who_is_told([*UNITS, person(unit=None), office(**GROUNDS), audit()]) == (
        "no_evidence", "unknown_place", {"audit": "AU-1", "person": "P-A"},
    )  # fmt: skip
    assert who_is_told([*UNITS, office(**GROUNDS), audit()])[1] == "unknown_place"
    external = person(unit=None, employment="external")
    assert who_is_told([*UNITS, external, office(**GROUNDS), audit()])[0] == "met"


# --- 24-1: competent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("appointment", "found"),
    [
        (office(**GROUNDS), "met"),
        (office(grounds="  "), "no_competence"),
        (office(), "no_competence"),
        (office(since=FROM, **GROUNDS), "met"),
        (office(since=FROM + ONE_DAY, **GROUNDS), "no_competence"),
        (office(until_on=FROM, **GROUNDS), "met"),
        (office(until_on=FROM - ONE_DAY, **GROUNDS), "no_competence"),
        (office("board_member", **GROUNDS), "no_competence"),
    ],
)
def test_24_1_competence_is_the_grounds_of_an_appointment_that_stands_on_the_first_day(appointment, found):
    outcome, reason, _ = who_is_told([*UNITS, person(), appointment, audit()])
    assert found == (reason or outcome)


def test_24_1_competence_may_be_recorded_with_the_audit():
    assert who_is_told([*UNITS, person(), audit(competence="公認システム監査人")])[0] == "met"


def test_24_1_falls_short_where_an_internal_audit_has_no_auditors():
    assert who_is_told([*UNITS, audit(auditors=None)])[:2] == ("falls_short", "no_auditors")


def test_24_1_an_outside_audit_needs_the_firm_and_its_competence_and_no_names():
    firm = {
        "conducted_by": "external",
        "firm": "監査法人",
        "competence": "システム監査の実績",
        "auditors": None,
    }
    assert who_is_told([*UNITS, audit(**firm)])[0] == "met"
    assert who_is_told([*UNITS, audit(**firm | {"firm": " "})])[1] == "no_firm"
    assert who_is_told([*UNITS, audit(**firm | {"competence": None})])[1] == "no_competence_of_firm"
    mine = [*UNITS, person(unit="U-SYS"), audit(**firm | {"auditors": ["P-A"]})]
    assert who_is_told(mine)[1] == "works_in_audited"


def test_24_1_asks_of_an_audit_from_its_first_day_to_the_end_of_the_cycle():
    bad = [*UNITS, audit(auditors=None)]
    good = audit("AU-2", until=ON, competence="経験あり")
    for on, asked in (
        (FROM - ONE_DAY, False), (FROM, True), (day(2029, 6, 30), True), (day(2029, 7, 1), False),
    ):  # fmt: skip
        assert (("AU-1", "no_auditors") in reasons("24-1", on, given(*bad, good))) is asked


def test_24_1_a_dependent_auditor_may_be_excepted():
    facts = [*UNITS, person(unit="U-SYS"), office(**GROUNDS), audit(), exception("24-1", "audit:AU-1")]
    assert verdict("24-1", ON, given(*facts)) == Verdict.FALLS_SHORT
    granted = given(*facts, CHIEF, approved("exception:EX-1"))
    assert verdict("24-1", day(2026, 12, 31), granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("24-1", day(2027, 1, 1), granted) == Verdict.FALLS_SHORT


# --- 24-2 -----------------------------------------------------------------------------------------------------------


def covered(on, *records):
    """Subject -> reason (None: met) of 24-2."""
    return {subject: outcome.reason for subject, outcome in ask("24-2", on, given(*records)).items()}


def system(key="S-1", **values):
    told = {"name": key, "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def vendor(key="V-1", since=LONG_AGO, **values):
    return record("vendor", key, name=key, since_on=since, **values)


def test_24_2_is_met_where_everything_was_covered():
    whole = {
        "clauses": [str(n) for n in range(1, 28)],
        "units": ["U-SYS"],
        "systems": ["S-1"],
        "vendors": ["V-1"],
    }
    facts = given(SYSTEMS, system(), vendor(important=True), audit(**whole))
    assert verdict("24-2", ON, facts) == Verdict.MET
    assert {"7-1", "27-9", "G24-1", "U-SYS", "S-1", "V-1"} <= set(ask("24-2", ON, facts))


def scope(kind):
    return {"clause": "clauses", "unit": "units", "system": "systems", "vendor": "vendors"}[kind]


SUBJECTS = [
    ("clause", "7-1", None, day(2018, 10, 24)),
    ("unit", "U-NEW", unit("U-NEW", "user", since=day(2021, 4, 1)), day(2021, 4, 1)),
    ("system", "S-1", system(in_use_since_on=day(2021, 4, 1)), day(2021, 4, 1)),
    ("vendor", "V-1", vendor(since=day(2021, 4, 1), important=True), day(2021, 4, 1)),
]


@pytest.mark.parametrize(("kind", "subject", "itself", "since"), SUBJECTS, ids=[s[0] for s in SUBJECTS])
def test_24_2_an_audit_covers_its_scope_until_the_cycle_ends(kind, subject, itself, since):
    """The day that `lapses` asks without an audit lies past the subject's first cycle."""
    nothing = {"units": None, "auditors": None}
    lapses(
        "24-2", subject, [SYSTEMS, *filter(None, [itself])],
        lambda on: audit(begun=on, until=on, **nothing | {scope(kind): [subject]}), UNTIL, day(2029, 6, 30),
        never=f"never_covered_{kind}", old=f"lapsed_{kind}",
        since_never=day(since.year + 3, since.month, since.day) + ONE_DAY,
    )  # fmt: skip
    outcome = ask(
        "24-2",
        day(2029, 7, 1),
        given(SYSTEMS, *filter(None, [itself]), audit(**nothing | {scope(kind): [subject]})),
    )
    assert outcome[subject].data == {kind: subject, "audit": "AU-1", "last": "2026-06-30"}
    assert outcome[subject].who == "role:internal_auditor"


@pytest.mark.parametrize(
    ("kind", "itself"),
    [
        ("unit", unit("X", "user", since=day(2024, 4, 1))),
        ("system", system("X", in_use_since_on=day(2024, 4, 1))),
        ("vendor", vendor("X", since=day(2024, 4, 1), important=True)),
    ],
)
def test_24_2_what_is_new_has_the_length_of_the_cycle_and_until_then_there_is_no_evidence(kind, itself):
    on_the_last, after = (ask("24-2", on, given(itself))["X"] for on in (day(2027, 4, 1), day(2027, 4, 2)))
    assert (on_the_last.outcome, on_the_last.reason) == ("no_evidence", f"not_yet_covered_{kind}")
    assert on_the_last.data == {kind: "X", "first_due": "2027-04-01"}
    assert (after.outcome, after.reason, after.since) == (
        "falls_short",
        f"never_covered_{kind}",
        day(2027, 4, 2),
    )


def test_24_2_clauses_count_from_the_day_on_which_the_member_began_business():
    def told(*records):
        return ask("24-2", ON, given(SYSTEMS, *records))["7-1"]

    young = record("member_profile", "MP-1", business_since_on=day(2024, 4, 1), as_of_on=day(2026, 4, 1))
    assert told(young).reason == "not_yet_covered_clause"
    old = record("member_profile", "MP-2", business_since_on=day(2016, 4, 1), as_of_on=day(2026, 5, 1))
    assert (told(young, old).reason, told(young, old).since) == ("never_covered_clause", day(2021, 10, 25))


def test_24_2_an_article_s_number_covers_all_of_it_and_a_paragraph_all_below_it():
    found = covered(ON, SYSTEMS, audit(clauses=["6", "2-1", "8-5", "１"]))
    assert [found[c] for c in ("6-1-1", "6-1-4", "2-1-1", "2-1-2", "8-5", "1")] == [None] * 6
    assert [found[c] for c in ("8-1", "7-1", "24-1")] == ["never_covered_clause"] * 3


def test_24_2_an_article_s_number_covers_its_guidelines_and_no_other_article():
    found = covered(ON, SYSTEMS, audit(clauses=["2", "5"]))
    assert (found["G5-1"], found["24-2"], found["27-1"]) == (
        None,
        "never_covered_clause",
        "never_covered_clause",
    )


def test_24_2_asks_of_what_is_judged_by_itself_alone():
    """Not of definitions, of what is read with another clause, of what is nothing but its items."""
    assert not {"2", "G3", "G7", "6-1"} & set(covered(ON, SYSTEMS))


def test_24_2_an_audit_that_runs_or_is_planned_covers_nothing():
    for some in (audit(until=None), audit(begun=None, until=None), audit(until=ON + ONE_DAY)):
        assert (
            covered(ON, unit("U-SYS", "system", since=day(2020, 4, 1)), some)["U-SYS"] == "never_covered_unit"
        )


def test_24_2_asks_of_active_units_and_of_systems_in_scope_and_in_use_alone():
    closed = unit("U-OLD", "user", until_on=day(2026, 1, 31))
    outside = system("S-OUT", in_scope=False)
    ended = system("S-OLD", in_use_until_on=day(2026, 1, 31))
    assert not {"U-OLD", "S-OUT", "S-OLD", "V-1"} & set(covered(ON, closed, outside, ended, vendor()))


def test_24_2_asks_of_vendors_that_are_important_by_what_they_do():
    critical = system(criticality="high", operated_by="vendor", vendor="V-1")
    assert covered(ON, critical, vendor(), vendor("V-2"))["V-1"] == "never_covered_vendor"
    assert "V-2" not in covered(ON, critical, vendor(), vendor("V-2"))


def test_24_2_one_subject_may_be_excepted_a_clause_too():
    whole = {"clauses": [str(n) for n in range(1, 28) if n != 7] + ["7-1", "7-2"], "units": ["U-SYS"]}
    facts = [SYSTEMS, audit(**whole), exception("24-2", "clause:7-3")]
    assert verdict("24-2", ON, given(*facts)) == Verdict.FALLS_SHORT
    granted = given(*facts, CHIEF, approved("exception:EX-1"))
    assert verdict("24-2", day(2026, 12, 31), granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("24-2", day(2027, 1, 1), granted) == Verdict.FALLS_SHORT


def test_24_2_is_no_evidence_in_silence():
    assert reasons("24-2", ON, given()) == {("member", "nothing_recorded")}


@settings(max_examples=40)
@over(st.lists(st.tuples(st.sampled_from(["7", "7-2", "U-SYS"]), st.integers(0, 2_500)), max_size=6))
def test_24_2_a_subject_is_covered_exactly_while_the_newest_audit_of_it_is_in_the_cycle(audits):
    made = [
        audit(f"AU-{n}", None, ON - timedelta(days=ago), clauses=[of] if of[0] == "7" else None,
              units=[of] if of[0] == "U" else None)
        for n, (of, ago) in enumerate(audits)
    ]  # fmt: skip
    found = falling_short("24-2", ON, given(SYSTEMS, *made))
    for subject, by in (("7-1", {"7"}), ("7-2", {"7", "7-2"}), ("U-SYS", {"U-SYS"})):
        last = max((ON - timedelta(days=ago) for of, ago in audits if of in by), default=None)
        good = last is not None and last >= day(2023, 11, 23)
        assert (subject not in found) is good


# --- 24-3 -----------------------------------------------------------------------------------------------------------

REPORTED = day(2026, 8, 29)  # the last good day: 60 days after the audit's end


def meeting(key="M-1", body="board", held_on=REPORTED):
    return record("meeting", key, body=body, held_on=held_on, agenda="監査報告")


def reported(on=REPORTED, at="M-1", **values):
    return audit(reported_on=on, reported_at_meeting=at, **values)


def board(facts, on=ON):
    outcome = ask("24-3", on, given(*facts))["AU-1"]
    return outcome.outcome, outcome.reason, outcome.since, outcome.due


def test_24_3_is_met_by_a_report_to_the_board():
    assert verdict("24-3", ON, given(meeting(), reported())) == Verdict.MET


def test_24_3_falls_short_the_day_after_the_last_good_day_and_no_more_once_it_was_reported_late():
    late = [meeting(held_on=day(2026, 9, 10)), reported(day(2026, 9, 10))]
    assert board(late, REPORTED)[0] == "met"
    for on in (REPORTED + ONE_DAY, day(2026, 9, 9)):
        assert board(late, on) == ("falls_short", "not_reported", REPORTED + ONE_DAY, REPORTED)
    assert board(late, day(2026, 9, 10))[0] == "met"
    assert ask("24-3", day(2026, 9, 9), given(*late))["AU-1"].who == "role:internal_auditor"


def test_24_3_falls_short_where_an_audit_was_never_reported():
    assert board([meeting(), audit()])[:2] == ("falls_short", "not_reported")


def test_24_3_a_report_at_a_meeting_of_another_body_is_none_to_the_board():
    committee = [meeting(body="committee"), reported()]
    assert board(committee, REPORTED)[0] == "met"
    assert board(committee) == ("falls_short", "not_to_the_board", REPORTED + ONE_DAY, REPORTED)


def test_24_3_a_report_without_a_meeting_on_record_is_no_evidence():
    for some in (reported(at=None), reported(at="M-GONE")):
        assert board([meeting(), some])[:2] == ("no_evidence", "no_meeting")


def test_24_3_a_meeting_that_is_still_to_come_has_heard_nothing():
    assert board([meeting(held_on=ON + ONE_DAY), reported()])[1] == "not_reported"


def test_24_3_does_not_ask_of_audits_that_run():
    facts = given(meeting(), reported(), audit("AU-2", until=None), audit("AU-3", until=ON + ONE_DAY))
    assert set(ask("24-3", ON, facts)) == {"AU-1"}


def test_24_3_may_be_excepted_and_is_no_evidence_in_silence():
    facts = [meeting(), audit(), exception("24-3", "audit:AU-1"), CHIEF, approved("exception:EX-1")]
    assert verdict("24-3", day(2026, 12, 31), given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict("24-3", day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT
    assert reasons("24-3", ON, given()) == {("member", "nothing_recorded")}


# --- G24-1 ----------------------------------------------------------------------------------------------------------

DUE, DONE, CONFIRMED = day(2026, 9, 30), day(2026, 9, 20), day(2026, 10, 20)  # confirmed on the last good day


def finding(**values):
    told = {
        "title": "権限の棚卸し", "audit": "AU-1", "severity": "medium", "owner": "P-O",
        "found_on": UNTIL, "due_on": DUE, "done_on": DONE, "confirmed_by": "P-A", "confirmed_on": CONFIRMED,
    }  # fmt: skip
    return record("audit_finding", "AF-1", **(told | values))


OPEN = {"done_on": None, "confirmed_by": None, "confirmed_on": None}
DONE_ALONE = {"confirmed_by": None, "confirmed_on": None}


def followed(*records, on=ON):
    outcome = ask("G24-1", on, given(*AUDITOR, audit(auditors=None), *records))["AF-1"]
    return outcome.outcome, outcome.reason, outcome.since, outcome.due, outcome.who


def test_g24_1_is_met_where_a_finding_was_done_and_an_auditor_confirmed_it():
    assert followed(finding())[0] == "met"
    assert followed(finding(closed_on=CONFIRMED))[0] == "met"


def test_g24_1_falls_short_the_day_after_a_finding_is_due():
    assert followed(finding(**OPEN), on=DUE)[0] == "met"
    assert followed(finding(**OPEN), on=DUE + ONE_DAY) == (
        "falls_short", "overdue", DUE + ONE_DAY, DUE, "person:P-O",
    )  # fmt: skip
    assert followed(finding(owner=None, **OPEN))[4] == "role:internal_auditor"


def test_g24_1_what_will_be_done_later_is_not_done():
    late = finding(done_on=ON + ONE_DAY, confirmed_on=ON + ONE_DAY)
    assert followed(late)[1] == "overdue"
    assert followed(late, on=ON + ONE_DAY)[0] == "met"


def test_g24_1_falls_short_where_what_is_done_is_not_confirmed_in_time():
    assert followed(finding(**DONE_ALONE), on=CONFIRMED)[0] == "met"
    assert followed(finding(**DONE_ALONE), on=CONFIRMED + ONE_DAY) == (
        "falls_short", "unconfirmed", CONFIRMED + ONE_DAY, CONFIRMED, "role:internal_auditor",
    )  # fmt: skip


def test_g24_1_falls_short_where_it_was_closed_without_confirmation():
    closed = finding(closed_on=day(2026, 9, 25), **DONE_ALONE)
    assert followed(closed, on=day(2026, 9, 24))[0] == "met"
    assert followed(closed, on=day(2026, 9, 25))[:3] == (
        "falls_short",
        "closed_unconfirmed",
        day(2026, 9, 25),
    )


def test_g24_1_nobody_confirms_the_own_work():
    mine = finding(owner="P-A", closed_on=CONFIRMED)
    assert followed(mine)[:3] == ("falls_short", "confirmed_by_owner", CONFIRMED)


def test_g24_1_falls_short_where_whoever_confirmed_was_no_auditor_on_that_day():
    def by(person):
        return finding(confirmed_by=person, closed_on=CONFIRMED)

    assert followed(by("P-X"))[:3] == ("falls_short", "confirmed_by_no_auditor", CONFIRMED)
    assert followed(by("P-X"), office("risk_manager", "A-2", "P-X"))[1] == "confirmed_by_no_auditor"
    for until, found in ((CONFIRMED, "met"), (CONFIRMED - ONE_DAY, "falls_short")):
        assert followed(by("P-X"), office(key="A-2", person="P-X", until_on=until))[0] == found


def test_g24_1_one_of_the_audit_s_own_auditors_may_confirm_whatever_office_that_person_holds():
    facts = given(audit(auditors=["P-X"]), finding(confirmed_by="P-X"))
    assert ask("G24-1", ON, facts)["AF-1"].outcome == "met"


def test_g24_1_does_not_ask_of_what_was_not_found_yet():
    facts = given(*AUDITOR, finding(found_on=ON + ONE_DAY))
    assert "AF-1" not in ask("G24-1", ON, facts)


def test_g24_1_may_be_excepted_and_is_no_evidence_in_silence():
    facts = [finding(**OPEN), exception("G24-1", "audit_finding:AF-1"), CHIEF, approved("exception:EX-1")]
    assert verdict("G24-1", ON, given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict("G24-1", day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT
    assert reasons("G24-1", ON, given()) == {("member", "nothing_recorded")}
