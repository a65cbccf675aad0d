"""Article 4, read as the rule: structure, policy, resources, awareness, reviews, publicity, readiness; the cycle."""

from datetime import date, timedelta

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from sekisho.records.models import MemberProfile
from sekisho.rulebook.language import fiscal_year
from tests.rulebook.asking import ask, at, day, falling_short, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, office

ON = day(2026, 11, 23)
DIRECTOR = office("representative_director", "P-REP")
BOARD = office("board_member", "P-DIR")
STAFF = record("person", "P-1", name="甲", employment="employee", joined_on=LONG_AGO)


def document(kind, key, in_force_on=LONG_AGO, **values):
    return record(
        "document", key, kind=kind, **({"title": key, "version": "1", "in_force_on": in_force_on} | values)
    )


# --- 4-1 --------------------------------------------------------------------------------------------------------

STRUCTURE = document("organisation_structure", "D-ORG")
STRUCTURE_APPROVED = approved("document:D-ORG", by="P-REP")


def test_4_1_is_met_with_a_representative_director_who_approved_the_structure():
    assert verdict("4-1", ON, given(DIRECTOR, STRUCTURE, STRUCTURE_APPROVED)) == Verdict.MET


def test_4_1_falls_short_the_day_after_the_representative_director_leaves_office():
    leaving = office("representative_director", "P-REP", until=day(2026, 3, 31))
    facts = given(leaving, STRUCTURE, STRUCTURE_APPROVED)
    assert verdict("4-1", day(2026, 3, 31), facts) == Verdict.MET
    assert reasons("4-1", day(2026, 4, 1), facts) == {("member", "no_director")}
    outcome = ask("4-1", day(2026, 4, 1), facts)["member"]
    assert (outcome.since, outcome.who) == (day(2026, 4, 1), "role:board_member")


def test_4_1_falls_short_the_day_after_the_representative_director_leaves_the_member():
    gone = record(
        "person", "P-REP", name="代表", employment="officer", joined_on=LONG_AGO, left_on=day(2026, 3, 31)
    )
    facts = given(DIRECTOR, gone, STRUCTURE, STRUCTURE_APPROVED)
    assert verdict("4-1", day(2026, 3, 31), facts) == Verdict.MET
    assert reasons("4-1", day(2026, 4, 1), facts) == {("member", "no_director")}


def test_4_1_keeps_an_approval_by_the_predecessor_of_that_day():
    former = office("representative_director", "P-REP", until=day(2026, 3, 31))
    successor = office("representative_director", "P-NEW", since=day(2026, 4, 1))
    assert verdict("4-1", ON, given(former, successor, STRUCTURE, STRUCTURE_APPROVED)) == Verdict.MET


def test_4_1_falls_short_where_the_structure_was_never_set_out():
    facts = given(STAFF, DIRECTOR)
    assert reasons("4-1", ON, facts) == {("member", "no_structure")}
    assert ask("4-1", ON, facts)["member"].who == "role:representative_director"


def test_4_1_falls_short_the_day_after_the_structure_ends():
    facts = given(
        DIRECTOR, document("organisation_structure", "D-ORG", until_on=day(2026, 3, 31)), STRUCTURE_APPROVED
    )
    assert verdict("4-1", day(2026, 3, 31), facts) == Verdict.MET
    outcome = ask("4-1", day(2026, 4, 1), facts)["member"]
    assert (outcome.reason, outcome.since) == ("no_structure", day(2026, 4, 1))


def test_4_1_falls_short_until_the_structure_is_approved():
    facts = given(DIRECTOR, STRUCTURE, STRUCTURE_APPROVED)
    outcome = ask("4-1", day(2026, 1, 14), facts)["member"]
    assert (outcome.reason, outcome.since, outcome.data) == (
        "structure_not_approved",
        LONG_AGO,
        {"document": "D-ORG"},
    )
    assert verdict("4-1", day(2026, 1, 15), facts) == Verdict.MET


def test_4_1_counts_no_approval_of_the_structure_by_anybody_else():
    for other in (CHIEF, BOARD):
        by = other.values["person"]
        facts = given(DIRECTOR, other, STRUCTURE, approved("document:D-ORG", by=by))
        assert reasons("4-1", ON, facts) == {("member", "structure_not_approved")}
    late = office("representative_director", "P-REP", since=day(2026, 1, 16))
    assert reasons("4-1", ON, given(late, STRUCTURE, STRUCTURE_APPROVED)) == {
        ("member", "structure_not_approved")
    }
    own = approved("document:D-ORG", by="P-REP", asked_by="P-REP")
    assert reasons("4-1", ON, given(DIRECTOR, STRUCTURE, own)) == {("member", "structure_not_approved")}


def test_4_1_falls_short_with_people_on_record_and_no_appointment_and_is_no_evidence_in_silence():
    assert reasons("4-1", ON, given(STAFF)) == {("member", "no_director"), ("member", "no_structure")}
    assert verdict("4-1", ON, given()) == Verdict.NO_EVIDENCE


def test_4_1_is_met_by_an_exception_while_it_is_approved_and_not_expired():
    facts = [DIRECTOR, exception("4-1")]
    assert verdict("4-1", ON, given(*facts)) == Verdict.FALLS_SHORT
    facts.append(approved("exception:EX-1", by="P-REP"))
    assert verdict("4-1", day(2026, 12, 31), given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict("4-1", day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT


# --- 4-2 --------------------------------------------------------------------------------------------------------

PLAN = document("mid_term_plan", "D-PLAN")
GOAL = record("goal", "G-1", fiscal_year=2026, text="停止を半減")
BUDGET = record("budget", "B-1", fiscal_year=2026, text="監視", amount=10_000_000)


def policy(key="D-POL", in_force_on=LONG_AGO, **values):
    return document(
        "basic_policy", key, in_force_on, **({"linked_plan": "D-PLAN", "outline": "概要"} | values)
    )


def acknowledged(by="P-1", of="D-POL", on=day(2026, 1, 20)):  # noqa: B008 - a day does not change
    return record(
        "acknowledgement", f"AK-{by}-{of}", person=by, document=of, at=at(on.year, on.month, on.day)
    )


POLICY_APPROVED = approved("document:D-POL", by="P-DIR")
DECIDED = (STAFF, BOARD, PLAN, POLICY_APPROVED, GOAL, BUDGET)


def test_4_2_is_met_with_policy_plan_goals_budget_and_everybody_s_word():
    assert verdict("4-2", ON, given(*DECIDED, policy(), acknowledged())) == Verdict.MET


def test_4_2_falls_short_without_a_policy_and_the_day_after_it_ends():
    assert ("member", "no_policy") in reasons("4-2", ON, given(*DECIDED))
    facts = given(*DECIDED, policy(until_on=day(2026, 10, 31)), acknowledged())
    assert verdict("4-2", day(2026, 10, 31), facts) == Verdict.MET
    outcome = ask("4-2", day(2026, 11, 1), facts)["member"]
    assert (outcome.reason, outcome.since, outcome.who) == (
        "no_policy",
        day(2026, 11, 1),
        "role:representative_director",
    )


def test_4_2_falls_short_until_somebody_of_the_board_approves_the_policy():
    facts = given(*DECIDED, policy(), acknowledged(on=day(2026, 1, 10)))
    assert reasons("4-2", day(2026, 1, 14), facts) >= {("member", "policy_not_approved")}
    assert ("member", "policy_not_approved") not in reasons("4-2", day(2026, 1, 15), facts)
    rows = (STAFF, CHIEF, PLAN, GOAL, BUDGET, policy(), acknowledged(), approved("document:D-POL"))
    assert reasons("4-2", ON, given(*rows)) == {("member", "policy_not_approved")}


def test_4_2_judges_an_approved_version_before_one_that_nobody_approved():
    unapproved = policy("D-NEW", in_force_on=day(2026, 9, 1))
    assert verdict("4-2", ON, given(*DECIDED, policy(), unapproved, acknowledged())) == Verdict.MET


def test_4_2_falls_short_where_the_policy_names_no_mid_term_plan():
    for linked in (None, "D-GONE", "D-ORG"):
        facts = given(*DECIDED, STRUCTURE, policy(linked_plan=linked), acknowledged())
        assert reasons("4-2", ON, facts) == {("member", "no_plan")}


def test_4_2_falls_short_on_the_first_day_of_a_fiscal_year_without_goals_or_budget():
    facts = given(*DECIDED, policy(), acknowledged())
    assert verdict("4-2", day(2027, 3, 31), facts) == Verdict.MET
    assert reasons("4-2", day(2027, 4, 1), facts) == {("member", "no_goals"), ("member", "no_budget")}
    outcome = ask("4-2", day(2027, 4, 2), facts)["member"]
    assert (outcome.since, outcome.data) == (day(2027, 4, 1), {"year": "2027"})


@pytest.mark.parametrize(("missing", "reason"), [(GOAL, "no_goals"), (BUDGET, "no_budget")])
def test_4_2_asks_goals_and_budget_each(missing, reason):
    rows = [r for r in DECIDED if r is not missing]
    assert reasons("4-2", ON, given(*rows, policy(), acknowledged())) == {("member", reason)}


def test_4_2_follows_the_fiscal_year_of_the_member():
    january = record("member_profile", "MP-1", name="会員", fiscal_year_starts=1, as_of_on=LONG_AGO)
    facts = given(*DECIDED, january, policy(), acknowledged())
    assert verdict("4-2", day(2026, 12, 31), facts) == Verdict.MET
    assert reasons("4-2", day(2027, 1, 1), facts) == {("member", "no_goals"), ("member", "no_budget")}


def test_4_2_is_met_without_a_word_to_the_thirtieth_day():
    facts = given(*DECIDED, policy(in_force_on=day(2026, 10, 24)))
    assert verdict("4-2", day(2026, 11, 23), facts) == Verdict.MET


def test_4_2_falls_short_the_day_after_thirty_days():
    outcome = ask("4-2", day(2026, 11, 24), given(*DECIDED, policy(in_force_on=day(2026, 10, 24))))["P-1"]
    assert (outcome.outcome, outcome.reason) == ("falls_short", "not_acknowledged")
    assert (outcome.since, outcome.due, outcome.who) == (day(2026, 11, 24), day(2026, 11, 23), "person:P-1")
    assert outcome.data == {"person": "P-1", "policy": "D-POL"}


def test_4_2_counts_thirty_days_from_the_day_on_which_a_person_joins():
    joined = record("person", "P-2", name="乙", employment="officer", joined_on=day(2026, 11, 1))
    facts = given(*DECIDED, joined, policy(), acknowledged())
    assert ask("4-2", day(2026, 12, 1), facts)["P-2"].outcome == "met"
    assert ask("4-2", day(2026, 12, 2), facts)["P-2"].since == day(2026, 12, 2)


def test_4_2_is_met_by_a_late_word_once_it_is_given():
    facts = given(*DECIDED, policy(in_force_on=day(2026, 9, 1)), acknowledged(on=day(2026, 11, 20)))
    assert ask("4-2", day(2026, 11, 19), facts)["P-1"].outcome == "falls_short"
    assert ask("4-2", day(2026, 11, 20), facts)["P-1"].outcome == "met"


def test_4_2_takes_no_word_for_an_earlier_version():
    earlier = policy("D-OLD", until_on=day(2026, 8, 31))
    facts = given(*DECIDED, earlier, policy(in_force_on=day(2026, 9, 1)), acknowledged(of="D-OLD"))
    assert reasons("4-2", ON, facts) == {("P-1", "not_acknowledged")}


def test_4_2_asks_not_of_people_of_vendors_nor_of_those_who_left():
    external = record("person", "P-2", name="乙", employment="external", vendor="外部", joined_on=LONG_AGO)
    left = record(
        "person", "P-3", name="丙", employment="employee", joined_on=LONG_AGO, left_on=day(2026, 11, 22)
    )
    found = ask("4-2", ON, given(*DECIDED, external, left, policy(), acknowledged()))
    assert set(found) == {"member", "P-1"}
    assert "P-3" in ask("4-2", day(2026, 11, 22), given(*DECIDED, left, policy(), acknowledged()))


def test_4_2_follows_an_approved_longer_time_to_acknowledge():
    longer = record(
        "tolerance", "TO-1", limit="acknowledgement_time", value=60, reason="休業", from_on=LONG_AGO
    )
    facts = [*DECIDED, policy(in_force_on=day(2026, 10, 1)), longer]
    assert verdict("4-2", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("4-2", ON, given(*facts, CHIEF, approved("tolerance:TO-1"))) == Verdict.MET


def test_4_2_excepts_one_person_alone():
    two = record("person", "P-2", name="乙", employment="employee", joined_on=LONG_AGO)
    facts = [*DECIDED, two, policy(), acknowledged(), exception("4-2", "person:P-2"), CHIEF]
    assert verdict("4-2", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("4-2", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_4_2_is_no_evidence_in_silence():
    assert verdict("4-2", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("4-2", ON, given()) == {("member", "nothing_recorded")}


DAYS = st.integers(-40, 5).map(lambda n: ON + timedelta(days=n))


@over(
    DAYS,
    st.lists(
        st.tuples(
            st.sampled_from(["officer", "employee", "external"]), DAYS, st.none() | DAYS, st.none() | DAYS
        )
    ),
)
def test_4_2_agrees_with_a_reader_who_goes_through_the_people_one_by_one(in_force_on, drawn):
    rows, short = [*DECIDED[1:], policy(in_force_on=in_force_on)], set()
    for n, (employment, joined_on, left_on, word_on) in enumerate(drawn):
        days = {"joined_on": joined_on, "left_on": left_on}
        rows.append(record("person", f"P-{n}", name="人", employment=employment, **days))
        if word_on:
            rows.append(acknowledged(f"P-{n}", on=word_on))
        here = joined_on <= ON and (left_on is None or left_on >= ON)
        last_good = max(in_force_on, joined_on) + timedelta(days=30)
        if here and employment != "external" and last_good < ON and not (word_on and word_on <= ON):
            short.add(f"P-{n}")
    in_force = in_force_on <= ON
    assert falling_short("4-2", ON, given(*rows)) == (short if in_force else {"member"})


# --- the fiscal year --------------------------------------------------------------------------------------------


@over(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.none() | st.integers(1, 12))
def test_the_fiscal_year_of_a_day_began_within_the_last_twelve_months(on, month):
    profile = record("member_profile", "MP-1", name="会員", fiscal_year_starts=month, as_of_on=on)
    year, start, last = fiscal_year(given(profile)[MemberProfile], on).collect().row(0)
    assert start == date(year, month or 4, 1)
    assert last == date(year - 1, month or 4, 1)
    assert start <= on < date(year + 1, month or 4, 1)


def test_the_fiscal_year_follows_the_newest_profile_of_the_day_that_names_its_month():
    named = record("member_profile", "MP-1", name="会員", fiscal_year_starts=10, as_of_on=day(2025, 1, 1))
    unnamed = record("member_profile", "MP-2", name="会員", as_of_on=day(2026, 1, 1))
    later = record("member_profile", "MP-3", name="会員", fiscal_year_starts=1, as_of_on=day(2027, 1, 1))
    rows = given(named, unnamed, later)[MemberProfile]
    assert fiscal_year(rows, ON).collect().row(0) == (2026, day(2026, 10, 1), day(2025, 10, 1))
    assert fiscal_year(given()[MemberProfile], ON).collect().row(0) == (
        2026,
        day(2026, 4, 1),
        day(2025, 4, 1),
    )


# --- 4-3 --------------------------------------------------------------------------------------------------------


def review(key="RV-1", held_on=day(2026, 4, 20), policy_decision="no_change"):  # noqa: B008 - a day does not change
    return record("review", key, title=key, held_on=held_on, policy_decision=policy_decision)


def action(key="AC-1", arises_from="review:RV-1", kind="improvement", due_on=day(2026, 9, 30), **values):  # noqa: B008
    told = {"what": key, "owner": "P-5"} | values
    return record("action", key, arises_from=arises_from, kind=kind, due_on=due_on, **told)


def test_4_3_is_met_to_the_last_day_of_the_interval_and_falls_short_the_day_after():
    facts = given(review())
    assert verdict("4-3", day(2027, 4, 20), facts) == Verdict.MET
    outcome = ask("4-3", day(2027, 4, 21), facts)["member"]
    assert (outcome.reason, outcome.since) == ("old_review", day(2027, 4, 21))
    assert (outcome.who, outcome.data) == ("role:representative_director", {"last": "2026-04-20"})


def test_4_3_judges_the_newest_review_of_the_day():
    facts = given(review(held_on=day(2025, 4, 20)), review("RV-2"), review("RV-3", held_on=day(2026, 12, 1)))
    assert verdict("4-3", ON, facts) == Verdict.MET
    assert set(ask("4-3", ON, facts)) == {"member", "RV-1", "RV-2"}


def test_4_3_falls_short_where_a_policy_stood_a_year_and_was_never_reviewed():
    facts = given(policy(in_force_on=day(2025, 11, 23)))
    assert verdict("4-3", ON, facts) == Verdict.NO_EVIDENCE
    assert ("member", "no_review_yet") in reasons("4-3", ON, facts)
    outcome = ask("4-3", day(2026, 11, 24), facts)["member"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short",
        "never_reviewed",
        day(2026, 11, 24),
    )


def test_4_3_falls_short_where_a_review_decided_nothing_about_the_policy():
    outcome = ask("4-3", ON, given(review(policy_decision=None)))["RV-1"]
    assert (outcome.reason, outcome.since) == ("no_policy_decision", day(2026, 4, 20))
    assert (outcome.who, outcome.data) == ("role:representative_director", {"review": "RV-1"})


def test_4_3_is_met_by_either_decision():
    for decision in ("change", "no_change"):
        assert verdict("4-3", ON, given(review(policy_decision=decision))) == Verdict.MET


def test_4_3_falls_short_the_day_after_an_improvement_was_due():
    facts = given(review(), action())
    assert verdict("4-3", day(2026, 9, 30), facts) == Verdict.MET
    outcome = ask("4-3", day(2026, 10, 1), facts)["AC-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "improvement_overdue",
        day(2026, 10, 1),
        day(2026, 9, 30),
    )
    assert (outcome.who, outcome.data) == ("person:P-5", {"action": "AC-1"})
    assert ask("4-3", ON, given(review(), action(owner=None)))["AC-1"].who == "role:chief_system_officer"


def test_4_3_is_met_from_the_day_on_which_the_improvement_is_done():
    facts = given(review(), action(done_on=day(2026, 11, 1)))
    assert verdict("4-3", day(2026, 10, 31), facts) == Verdict.FALLS_SHORT
    assert verdict("4-3", day(2026, 11, 1), facts) == Verdict.MET


def test_4_3_asks_not_of_actions_that_no_review_ordered():
    assert (
        verdict("4-3", ON, given(review(), action(arises_from="incident:INC-1"), action("AC-2", None)))
        == Verdict.MET
    )


def test_4_3_takes_no_review_of_operation_for_one_and_asks_of_it_no_decision_on_the_policy():
    of_operation = record("review", "RV-9", title="運用", kind="operations", held_on=day(2026, 10, 1))
    assert reasons("4-3", ON, given(policy(), of_operation)) == reasons("4-3", ON, given(policy()))
    of_management = record(
        "review", "RV-1", title="態勢", kind="management", held_on=ON, policy_decision="change"
    )
    assert verdict("4-3", ON, given(policy(), of_management, of_operation)) == Verdict.MET


def test_4_3_is_no_evidence_in_silence():
    assert verdict("4-3", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("4-3", day(2026, 4, 19), given(review())) == Verdict.NO_EVIDENCE


# --- 4-4 --------------------------------------------------------------------------------------------------------


def test_4_4_is_met_where_the_policy_in_force_has_an_outline():
    assert verdict("4-4", ON, given(policy())) == Verdict.MET


def test_4_4_falls_short_where_the_outline_is_empty():
    for outline in (None, "", " \n"):
        outcome = ask("4-4", ON, given(policy(outline=outline)))["member"]
        assert (outcome.reason, outcome.since) == ("no_outline", LONG_AGO)
        assert (outcome.who, outcome.data) == ("role:chief_system_officer", {"policy": "D-POL"})


def test_4_4_falls_short_the_day_after_the_policy_ends():
    facts = given(policy(until_on=day(2026, 10, 31)))
    assert verdict("4-4", day(2026, 10, 31), facts) == Verdict.MET
    outcome = ask("4-4", day(2026, 11, 1), facts)["member"]
    assert (outcome.reason, outcome.since) == ("nothing_in_force", day(2026, 11, 1))


def test_4_4_takes_no_outline_of_a_version_no_longer_or_not_yet_in_force():
    old = policy("D-OLD", until_on=day(2026, 8, 31))
    new = policy("D-NEW", in_force_on=day(2026, 9, 1), outline=None)
    assert verdict("4-4", day(2026, 8, 31), given(old, new)) == Verdict.MET
    assert reasons("4-4", day(2026, 9, 1), given(old, new)) == {("member", "no_outline")}
    coming = policy("D-NEW", in_force_on=day(2026, 11, 24))
    assert reasons("4-4", ON, given(coming)) == {("member", "nothing_in_force")}


def test_4_4_falls_short_where_no_policy_was_ever_made_and_is_no_evidence_in_silence():
    assert reasons("4-4", ON, given(STAFF)) == {("member", "nothing_in_force")}
    assert verdict("4-4", ON, given()) == Verdict.NO_EVIDENCE


# --- 4-5 --------------------------------------------------------------------------------------------------------

KINDS = ("prevention_procedure", "recovery_procedure", "recurrence_procedure")
PROCEDURES = tuple(document(kind, f"D-{n}") for n, kind in enumerate(KINDS))
PREVENTION = action(arises_from="incident:INC-1", kind="recurrence_prevention")


def incident(state="closed", **values):
    told = {
        "title": "停止",
        "kind": "failure",
        "severity": "minor",
        "commander": "P-7",
        "root_cause": "設定誤り",
    }
    instants = {"detected_at": at(2026, 5, 1), "closed_at": at(2026, 5, 20) if state == "closed" else None}
    return record("incident", "INC-1", state=state, **(told | instants | values))


def test_4_5_is_met_by_the_three_procedures_in_force_without_any_incident():
    assert verdict("4-5", ON, given(*PROCEDURES)) == Verdict.MET


@pytest.mark.parametrize("kind", KINDS)
def test_4_5_falls_short_the_day_after_a_procedure_ends(kind):
    ending = document(kind, "D-END", until_on=day(2026, 10, 31))
    facts = given(*(p for p in PROCEDURES if p.values["kind"] != kind), ending)
    assert verdict("4-5", day(2026, 10, 31), facts) == Verdict.MET
    outcome = ask("4-5", day(2026, 11, 1), facts)["member"]
    assert (outcome.reason, outcome.since) == (f"no_{kind}", day(2026, 11, 1))
    assert outcome.who == "role:chief_system_officer"


def test_4_5_falls_short_where_procedures_were_never_set_out_or_are_not_in_force_yet():
    system = record("system", "S-1", name="取引", in_scope=True, operated_by="own", in_use_since_on=LONG_AGO)
    assert reasons("4-5", ON, given(system)) == {("member", f"no_{kind}") for kind in KINDS}
    coming = [document(kind, f"D-{n}", day(2026, 11, 24)) for n, kind in enumerate(KINDS)]
    assert reasons("4-5", ON, given(*coming)) == {("member", f"no_{kind}") for kind in KINDS}
    assert reasons("4-5", ON, given(*(document(k, f"D-{k}", None) for k in KINDS))) == reasons(
        "4-5", ON, given(*coming)
    )


def test_4_5_is_met_by_a_closed_incident_with_root_cause_and_recurrence_prevention():
    assert verdict("4-5", ON, given(*PROCEDURES, incident(), PREVENTION)) == Verdict.MET


def test_4_5_falls_short_from_the_closing_of_an_incident_without_a_root_cause():
    facts = given(*PROCEDURES, incident(root_cause=" "), PREVENTION)
    assert verdict("4-5", day(2026, 5, 19), facts) == Verdict.MET
    outcome = ask("4-5", day(2026, 5, 20), facts)["INC-1"]
    assert (outcome.reason, outcome.since) == ("no_root_cause", day(2026, 5, 20))
    assert (outcome.who, outcome.data) == ("person:P-7", {"incident": "INC-1"})


def test_4_5_falls_short_where_a_closed_incident_has_no_recurrence_prevention():
    for other in (
        [],
        [action(arises_from="incident:INC-1", kind="corrective")],
        [action(kind="recurrence_prevention")],
    ):
        assert reasons("4-5", ON, given(*PROCEDURES, incident(), *other)) == {
            ("INC-1", "no_recurrence_prevention")
        }
    unled = ask("4-5", ON, given(*PROCEDURES, incident(commander=None)))["INC-1"]
    assert unled.who == "role:csirt_lead"


def test_4_5_asks_not_of_incidents_that_are_not_closed():
    for state in ("draft", "open", "dismissed"):
        assert verdict("4-5", ON, given(*PROCEDURES, incident(state, root_cause=None))) == Verdict.MET


def test_4_5_is_no_evidence_in_silence():
    assert verdict("4-5", ON, given()) == Verdict.NO_EVIDENCE


# --- G4 ---------------------------------------------------------------------------------------------------------

PROFILE = record("member_profile", "MP-1", name="会員", business_since_on=day(2019, 4, 1), as_of_on=LONG_AGO)
LAST_GOAL = record("goal", "G-0", fiscal_year=2025, text="停止を半減")
DONE = record("treatment", "T-1", title="冗長化", risk="R-1", kind="reduce", done_on=day(2026, 3, 31))
LOOKED = review(held_on=day(2026, 3, 31))
CYCLE = (PROFILE, LAST_GOAL, GOAL, DONE, LOOKED)


def test_g4_is_met_by_a_year_with_plan_do_check_and_act_and_a_plan_of_this_one():
    assert verdict("G4", ON, given(*CYCLE)) == Verdict.MET


def test_g4_falls_short_the_day_after_a_year_that_had_no_phase_but_its_plan():
    facts = given(*CYCLE, record("budget", "B-2", fiscal_year=2027, text="監視", amount=1))
    assert verdict("G4", day(2027, 3, 31), facts) == Verdict.MET
    missing = {("member", "no_do"), ("member", "no_check"), ("member", "no_act")}
    assert reasons("G4", day(2027, 4, 1), facts) == missing
    outcome = ask("G4", day(2027, 6, 1), facts)["member"]
    assert (outcome.since, outcome.data) == (day(2027, 4, 1), {"year": "2026"})


def test_g4_asks_this_year_for_its_plan_alone():
    facts = given(*(r for r in CYCLE if r is not GOAL))
    assert reasons("G4", ON, facts) == {("member", "no_plan")}
    outcome = ask("G4", ON, facts)["member"]
    assert (outcome.since, outcome.who, outcome.data) == (
        day(2026, 4, 1), "role:representative_director", {"year": "2026"},
    )  # fmt: skip


def test_g4_counts_what_fell_within_the_year_and_nothing_outside_it():
    for good in (day(2025, 4, 1), day(2026, 3, 31)):
        rows = (PROFILE, LAST_GOAL, GOAL, LOOKED, record("action", "AC-1", what="訓練", done_on=good))
        assert verdict("G4", ON, given(*rows)) == Verdict.MET
    for wrong in (day(2025, 3, 31), day(2026, 4, 1), None):
        rows = (PROFILE, LAST_GOAL, GOAL, LOOKED, record("action", "AC-1", what="訓練", done_on=wrong))
        assert reasons("G4", ON, given(*rows)) == {("member", "no_do")}
        assert ask("G4", ON, given(*rows))["member"].who == "role:chief_system_officer"


def test_g4_takes_an_instruction_for_do_and_an_assessment_for_check_and_what_follows_it_for_act():
    taught = record("instruction", "IN-1", unit="U-1", topic="持出し", held_on=day(2025, 9, 1))
    assessed = record("assessment", "AS-1", framework="CSSA", assessed_on=day(2025, 12, 1))
    rows = [PROFILE, LAST_GOAL, GOAL, taught, assessed]
    assert reasons("G4", ON, given(*rows)) == {("member", "no_act")}
    assert verdict("G4", ON, given(*rows, action(arises_from="assessment:AS-1"))) == Verdict.MET


def test_g4_takes_a_review_without_a_decision_for_check_but_not_for_act():
    rows = [PROFILE, LAST_GOAL, GOAL, DONE, review(held_on=day(2026, 3, 31), policy_decision=None)]
    assert reasons("G4", ON, given(*rows)) == {("member", "no_act")}
    assert verdict("G4", ON, given(*rows, action())) == Verdict.MET


def test_g4_asks_the_last_year_only_where_it_was_whole():
    for began, asked in ((day(2025, 4, 1), True), (day(2025, 4, 2), False)):
        started = record("member_profile", "MP-1", name="会員", business_since_on=began, as_of_on=began)
        assert verdict("G4", ON, given(started, GOAL)) == (Verdict.FALLS_SHORT if asked else Verdict.MET)
        assert verdict("G4", ON, given(policy(in_force_on=began), GOAL)) == (
            Verdict.FALLS_SHORT if asked else Verdict.MET
        )


def test_g4_asks_the_last_year_where_nobody_recorded_when_the_business_began():
    assert {reason for _, reason in reasons("G4", ON, given(GOAL))} == {
        "no_plan",
        "no_do",
        "no_check",
        "no_act",
    }


def test_g4_is_no_evidence_in_silence():
    assert verdict("G4", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("G4", ON, given(STAFF)) == Verdict.NO_EVIDENCE
