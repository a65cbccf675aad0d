"""Article 7, read as the rule: met, the last good day, the day after, never, silence."""

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, given, lapses, reasons, record, verdict

ON = day(2026, 11, 23)
UNIT = record("unit", "U-1", name="業務部", function="user", since_on=day(2020, 4, 1))


START = day(2020, 4, 1)


def manager(key="A-1", since=START, until=None, unit="U-1", person="P-1"):
    return record(
        "appointment", key, person=person, role="system_manager", unit=unit, since_on=since, until_on=until
    )


def test_7_1_is_met_while_the_unit_has_a_manager():
    assert verdict("7-1", ON, given(UNIT, manager())) == Verdict.MET


def test_7_1_is_met_on_the_manager_s_last_day():
    assert ask("7-1", day(2026, 3, 31), given(UNIT, manager(until=day(2026, 3, 31))))["U-1"].outcome == "met"


def test_7_1_falls_short_the_day_after_the_manager_leaves():
    outcome = ask("7-1", day(2026, 4, 1), given(UNIT, manager(until=day(2026, 3, 31))))["U-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_manager", day(2026, 4, 1))
    assert outcome.who == "role:chief_system_officer"


def test_7_1_falls_short_the_day_after_the_manager_leaves_the_member_though_the_appointment_goes_on():
    gone = record("person", "P-1", employment="employee", joined_on=day(2020, 4, 1), left_on=day(2026, 3, 31))
    facts = given(UNIT, manager(), gone)
    assert ask("7-1", day(2026, 3, 31), facts)["U-1"].outcome == "met"
    outcome = ask("7-1", day(2026, 4, 1), facts)["U-1"]
    assert (outcome.reason, outcome.since) == ("no_manager", day(2026, 4, 1))


def test_7_1_falls_short_for_a_unit_that_never_had_a_manager():
    other = manager(unit="U-9")
    outcome = ask("7-1", ON, given(UNIT, other))["U-1"]
    assert (outcome.reason, outcome.since) == ("no_manager", day(2020, 4, 1))


def test_7_1_counts_a_gap_for_a_year_after_it_ended():
    facts = given(UNIT, manager(until=day(2026, 3, 31)), manager("A-2", since=day(2026, 4, 3), person="P-2"))
    outcome = ask("7-1", day(2026, 4, 3), facts)["U-1"]
    assert (outcome.reason, outcome.since) == ("gap", day(2026, 4, 1))
    assert outcome.data == {"unit": "U-1", "from": "2026-04-01", "until": "2026-04-02"}
    assert ask("7-1", day(2027, 4, 2), facts)["U-1"].reason == "gap"
    assert ask("7-1", day(2027, 4, 3), facts)["U-1"].outcome == "met"


def test_7_1_sees_no_gap_where_appointments_overlap_or_follow_without_a_day_between():
    facts = given(UNIT, manager(until=day(2026, 3, 31)), manager("A-2", since=day(2026, 4, 1), person="P-2"))
    assert ask("7-1", ON, facts)["U-1"].outcome == "met"
    facts = given(UNIT, manager(until=day(2026, 3, 31)), manager("A-2", since=day(2026, 2, 1), person="P-2"))
    assert ask("7-1", ON, facts)["U-1"].outcome == "met"


def test_7_1_does_not_ask_of_a_unit_that_was_closed():
    closed = record(
        "unit", "U-2", name="旧部", function="user", since_on=day(2019, 1, 1), until_on=day(2026, 1, 31)
    )
    assert set(ask("7-1", ON, given(UNIT, manager(), closed))) == {"U-1"}


def test_7_1_asks_of_a_new_unit_from_its_first_day_alone():
    new = record("unit", "U-3", name="新部", function="user", since_on=day(2026, 11, 1))
    facts = given(UNIT, manager(), new, manager("A-3", since=day(2026, 11, 1), unit="U-3", person="P-3"))
    assert ask("7-1", ON, facts)["U-3"].outcome == "met"


def test_7_1_is_no_evidence_where_nothing_is_recorded():
    assert verdict("7-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("7-1", ON, given()) == {("member", "nothing_recorded")}


def equipment(on):
    return record("equipment", "K-1", unit="U-1", confirmed_on=on)


def flow(on):
    return record("information_flow", "K-1", unit="U-1", confirmed_on=on)


def status(on):
    return record("status_report", "K-1", unit="U-1", submitted_at=at(on.year, on.month, on.day))


def instruction(on):
    return record("instruction", "K-1", unit="U-1", held_on=on)


def test_7_2_is_met_with_all_four_kept():
    assert (
        verdict("7-2", ON, given(UNIT, equipment(ON), flow(ON), status(ON), instruction(ON))) == Verdict.MET
    )


@pytest.mark.parametrize(
    ("made", "last_good", "what"),
    [
        (equipment, day(2027, 5, 23), "equipment"),
        (flow, day(2027, 5, 23), "flows"),
        (status, day(2026, 12, 23), "status"),
        (instruction, day(2027, 11, 23), "instruction"),
    ],
)
def test_7_2_each_list_is_good_to_its_limit_and_falls_short_the_day_after_or_where_there_is_none(
    made, last_good, what
):
    lapses(
        "7-2", "U-1", [UNIT], made, ON, last_good,
        never=f"no_{what}", old=f"old_{what}", since_never=START,
    )  # fmt: skip


def test_7_2_falls_short_for_each_list_that_was_never_kept_and_names_the_unit_s_manager():
    outcome = ask("7-2", ON, given(UNIT, flow(ON), status(ON), instruction(ON)))["U-1"]
    assert (outcome.reason, outcome.who) == ("no_equipment", "role:system_manager@U-1")
    assert reasons("7-2", ON, given(UNIT)) == {
        ("U-1", "no_equipment"), ("U-1", "no_flows"), ("U-1", "no_status"), ("U-1", "no_instruction"),
    }  # fmt: skip


def test_7_2_is_no_evidence_in_silence():
    assert verdict("7-2", ON, given()) == Verdict.NO_EVIDENCE


def incident(**values):
    return record("incident", "INC-1", kind="leak", state="open", detected_at=at(2026, 5, 1, 10, 0), **values)


def test_7_3_is_met_to_the_last_minute_of_the_limit():
    assert verdict("7-3", ON, given(incident(reported_at=at(2026, 5, 1, 11, 0)))) == Verdict.MET


def test_7_3_falls_short_a_second_later():
    outcome = ask("7-3", ON, given(incident(reported_at=at(2026, 5, 1, 11, 0, 1))))["INC-1"]
    assert (outcome.reason, outcome.since) == ("late", day(2026, 5, 1))


def test_7_3_falls_short_where_it_was_never_reported():
    assert ask("7-3", ON, given(incident()))["INC-1"].reason == "not_reported"


def test_7_3_asks_not_of_a_draft_and_is_no_evidence_without_incidents():
    draft = record("incident", "INC-2", kind="leak", state="draft", detected_at=at(2026, 5, 1))
    assert verdict("7-3", ON, given(draft)) == Verdict.NO_EVIDENCE
    assert verdict("7-3", ON, given()) == Verdict.NO_EVIDENCE
