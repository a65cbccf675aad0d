"""Article 3, read as the rule: risks at their accepted level, vendors' systems included, in proportion."""

from datetime import timedelta

from hypothesis import given as over
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from sekisho.rulebook.limits import all_limits
from tests.rulebook.asking import ask, day, falling_short, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception, office

ON = day(2026, 11, 23)
APRIL = day(2026, 4, 1)


def risk(key="R-1", residual=4, accepted=2, assessed_on=APRIL, **values):
    told = {"title": key, "system": "S-1", "category": "failure", "owner": "P-1"}
    levels = {"residual_level": residual, "accepted_level": accepted, "assessed_on": assessed_on}
    return record("risk", key, **(told | levels | values))


def treatment(key="T-1", of="R-1", **values):
    told = {"title": key, "kind": "reduce", "owner": "P-2", "due_on": day(2026, 12, 31)}
    return record("treatment", key, risk=of, **(told | values))


def test_3_1_is_met_by_a_risk_at_its_accepted_level():
    assert verdict("3-1", ON, given(risk(residual=2))) == Verdict.MET


def test_3_1_is_met_above_it_while_a_treatment_with_owner_and_due_date_runs():
    facts = given(risk(), treatment())
    assert verdict("3-1", ON, facts) == Verdict.MET
    assert verdict("3-1", day(2026, 12, 31), facts) == Verdict.MET


def test_3_1_falls_short_the_day_after_the_treatment_was_due():
    outcome = ask("3-1", day(2027, 1, 1), given(risk(), treatment()))["R-1"]
    assert (outcome.outcome, outcome.reason) == ("falls_short", "treatment_overdue")
    assert (outcome.since, outcome.due, outcome.who) == (day(2027, 1, 1), day(2026, 12, 31), "person:P-2")
    assert outcome.data == {"risk": "R-1", "treatment": "T-1"}


def test_3_1_is_met_again_from_the_day_on_which_a_late_treatment_is_done():
    facts = given(risk(), treatment(done_on=day(2027, 1, 10)))
    assert verdict("3-1", day(2027, 1, 9), facts) == Verdict.FALLS_SHORT
    assert verdict("3-1", day(2027, 1, 10), facts) == Verdict.MET


def test_3_1_falls_short_where_a_risk_above_its_level_was_never_treated():
    outcome = ask("3-1", ON, given(risk()))["R-1"]
    assert (outcome.reason, outcome.since, outcome.who) == ("no_treatment", APRIL, "person:P-1")
    assert outcome.data == {"risk": "R-1", "residual": "4", "accepted": "2"}
    assert ask("3-1", ON, given(risk(owner=None)))["R-1"].who == "role:risk_manager"


def test_3_1_counts_no_treatment_without_owner_or_due_date_and_none_of_another_risk():
    for lacking in ({"owner": None}, {"due_on": None}, {"of": "R-2"}):
        assert reasons("3-1", ON, given(risk(), treatment(**lacking))) == {("R-1", "no_treatment")}


def test_3_1_tells_of_the_treatment_that_was_due_first_where_several_are_overdue():
    first, second = treatment("T-2", due_on=day(2026, 10, 1), owner=None), treatment(due_on=day(2026, 11, 1))
    outcome = ask("3-1", ON, given(risk(), second, first, treatment("T-3")))["R-1"]
    assert (outcome.data["treatment"], outcome.since, outcome.who) == ("T-2", day(2026, 10, 2), "person:P-1")


def test_3_1_asks_for_no_treatment_of_an_accepted_risk_however_late_one_is():
    assert verdict("3-1", ON, given(risk(residual=1), treatment(due_on=APRIL))) == Verdict.MET


def test_3_1_is_no_evidence_where_a_level_or_the_day_of_assessment_is_missing():
    for lacking in ({"residual": None}, {"accepted": None}):
        assert reasons("3-1", ON, given(risk(**lacking))) == {("R-1", "no_levels")}
        assert verdict("3-1", ON, given(risk(**lacking))) == Verdict.NO_EVIDENCE
    assert reasons("3-1", ON, given(risk(residual=1, assessed_on=None))) == {("R-1", "not_assessed")}


def test_3_1_asks_not_of_a_risk_assessed_later_nor_of_a_system_out_of_use():
    assert (
        verdict("3-1", ON, given(risk(residual=2), risk("R-2", assessed_on=day(2026, 11, 24)))) == Verdict.MET
    )
    retired = record(
        "system", "S-1", name="旧", in_scope=True, in_use_since_on=APRIL, in_use_until_on=day(2026, 10, 1)
    )
    facts = given(risk(), risk("R-2", system=None, service="入出金", residual=1), retired)
    assert set(ask("3-1", ON, facts)) == {"R-2"}
    assert ask("3-1", day(2026, 10, 1), facts)["R-1"].reason == "no_treatment"


def test_3_1_is_no_evidence_in_silence():
    assert verdict("3-1", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("3-1", ON, given(treatment())) == Verdict.NO_EVIDENCE


def test_3_1_is_met_by_an_exception_while_it_is_approved_and_not_expired():
    facts = [risk(), exception("3-1", "risk:R-1")]
    assert verdict("3-1", ON, given(*facts)) == Verdict.FALLS_SHORT
    facts += [CHIEF, approved("exception:EX-1")]
    assert verdict("3-1", day(2026, 12, 31), given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict("3-1", day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT


def test_g3_is_read_with_3_1():
    for facts in (given(), given(risk()), given(risk(residual=1))):
        assert verdict("G3", ON, facts) == verdict("3-1", ON, facts)


DAYS = st.integers(-3, 3).map(lambda n: ON + timedelta(days=n))
LEVELS = st.none() | st.integers(1, 5)
TREATMENTS = st.lists(
    st.tuples(st.sampled_from([None, "P-2"]), st.none() | DAYS, st.none() | DAYS), max_size=3
)


@over(st.lists(st.tuples(LEVELS, LEVELS, st.none() | DAYS, TREATMENTS)))
def test_3_1_agrees_with_a_reader_who_goes_through_the_risks_one_by_one(drawn):
    rows, short = [], set()
    for n, (residual, accepted, assessed_on, treatments) in enumerate(drawn):
        rows.append(risk(f"R-{n}", residual, accepted, assessed_on))
        for m, (owner, due_on, done_on) in enumerate(treatments):
            rows.append(treatment(f"T-{n}-{m}", f"R-{n}", owner=owner, due_on=due_on, done_on=done_on))
        planned = any(owner and due_on for owner, due_on, _ in treatments)
        late = any(
            due_on and due_on < ON and not (done_on and done_on <= ON) for _, due_on, done_on in treatments
        )
        above = residual and accepted and residual > accepted
        if above and not (assessed_on and assessed_on > ON) and (late or not planned):
            short.add(f"R-{n}")
    assert falling_short("3-1", ON, given(*rows)) == short


def run_by_vendor(key="S-1", **values):
    told = {"name": key, "in_scope": True, "operated_by": "vendor", "vendor": "外部", "unit": "U-1"}
    return record("system", key, **(told | {"in_use_since_on": day(2020, 4, 1)} | values))


def test_3_2_is_met_to_the_last_day_of_the_limit_and_falls_short_the_day_after_or_where_there_is_none():
    lapses(
        "3-2", "S-1", [run_by_vendor()], lambda on: risk(assessed_on=on), day(2025, 11, 23), ON,
        never="never_assessed", old="old_assessment", since_never=day(2020, 4, 1),
    )  # fmt: skip
    facts = given(run_by_vendor(), risk(assessed_on=day(2025, 11, 23)))
    outcome = ask("3-2", day(2026, 11, 24), facts)["S-1"]
    assert (outcome.who, outcome.data) == ("role:system_manager@U-1", {"system": "S-1", "last": "2025-11-23"})


def test_3_2_counts_the_newest_assessment_of_any_of_its_risks():
    facts = given(run_by_vendor(), risk(assessed_on=day(2024, 1, 1)), risk("R-2", assessed_on=APRIL))
    assert verdict("3-2", ON, facts) == Verdict.MET


def test_3_2_falls_short_where_it_was_never_assessed_or_only_later():
    for rows in ([], [risk(assessed_on=None)], [risk(assessed_on=day(2026, 11, 24))], [risk(system="S-2")]):
        outcome = ask("3-2", ON, given(run_by_vendor(unit=None), *rows))["S-1"]
        assert (outcome.reason, outcome.since) == ("never_assessed", day(2020, 4, 1))
        assert outcome.who == "role:chief_system_officer"


def test_3_2_asks_of_systems_in_scope_and_in_use_that_a_vendor_runs():
    own = run_by_vendor("S-2", operated_by="own", vendor=None)
    outside = run_by_vendor("S-3", in_scope=False)
    ended = run_by_vendor("S-4", in_use_until_on=day(2026, 11, 22))
    assert set(ask("3-2", ON, given(run_by_vendor(), own, outside, ended))) == {"S-1"}


def test_3_2_is_no_evidence_in_silence_and_where_no_vendor_runs_a_system():
    assert verdict("3-2", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("3-2", ON, given(run_by_vendor(operated_by="own"), risk())) == Verdict.NO_EVIDENCE


def test_3_2_follows_a_tighter_tolerance_at_once_and_a_looser_one_once_approved():
    facts = [run_by_vendor(), risk(assessed_on=day(2026, 4, 1)), CHIEF]
    tighter = record("tolerance", "TO-1", limit="vendor_risk_age", value=6, from_on=APRIL)
    assert verdict("3-2", ON, given(*facts, tighter)) == Verdict.FALLS_SHORT
    looser = record("tolerance", "TO-1", limit="vendor_risk_age", value=18, reason="更改中", from_on=APRIL)
    later = day(2027, 6, 1)
    assert verdict("3-2", later, given(*facts, looser)) == Verdict.FALLS_SHORT
    assert verdict("3-2", later, given(*facts, looser, approved("tolerance:TO-1"))) == Verdict.MET


def profile(key="MP-1", as_of_on=APRIL, **values):
    told = {"name": "会員", "user_count": 1000, "assets_in_custody": 10**9, "services": "現物"}
    return record("member_profile", key, as_of_on=as_of_on, **(told | values))


def test_3_3_is_met_by_a_recent_profile_alone():
    assert verdict("3-3", ON, given(profile())) == Verdict.MET


def test_3_3_is_met_to_the_last_day_of_the_limit_and_falls_short_the_day_after():
    facts = given(profile(as_of_on=day(2025, 11, 23)))
    assert verdict("3-3", ON, facts) == Verdict.MET
    outcome = ask("3-3", day(2026, 11, 24), facts)["member"]
    assert (outcome.reason, outcome.since) == ("old_profile", day(2026, 11, 24))
    assert (outcome.who, outcome.data) == ("role:chief_system_officer", {"last": "2025-11-23"})


def test_3_3_judges_the_newest_profile_of_the_day():
    facts = given(
        profile(as_of_on=day(2024, 4, 1)), profile("MP-2"), profile("MP-3", as_of_on=day(2027, 4, 1))
    )
    assert verdict("3-3", ON, facts) == Verdict.MET
    assert ask("3-3", day(2027, 3, 31), facts)["member"].outcome == "met"


def test_3_3_is_no_evidence_where_the_profile_lacks_users_assets_or_services():
    for lacking in ({"user_count": None}, {"assets_in_custody": None}, {"services": " "}):
        facts = given(profile("MP-0", as_of_on=day(2026, 3, 1)), profile(**lacking))
        assert reasons("3-3", ON, facts) == {("member", "incomplete_profile")}
        assert verdict("3-3", ON, facts) == Verdict.NO_EVIDENCE


def test_3_3_is_no_evidence_in_silence_and_before_the_first_profile():
    assert reasons("3-3", ON, given()) == {("member", "nothing_recorded")}
    assert reasons("3-3", day(2026, 3, 31), given(profile())) == {("member", "no_profile")}


def tolerance(value=24, limit="review_age", **values):
    told = {"reason": "小規模のため", "from_on": day(2026, 1, 1), "until_on": day(2026, 12, 31)}
    return record("tolerance", "TO-1", limit=limit, value=value, **(told | values))


def test_3_3_falls_short_where_a_looser_tolerance_is_not_approved():
    outcome = ask("3-3", ON, given(profile(), tolerance()))["TO-1"]
    assert (outcome.reason, outcome.since, outcome.who) == (
        "not_approved",
        day(2026, 1, 1),
        "role:chief_system_officer",
    )
    assert outcome.data == {"tolerance": "TO-1", "limit": "review_age", "default": "12", "value": "24"}


def test_3_3_is_met_from_the_day_on_which_the_looser_tolerance_is_approved():
    facts = given(profile(), tolerance(), CHIEF, approved("tolerance:TO-1", on=day(2026, 4, 10)))
    assert verdict("3-3", day(2026, 4, 10), facts) == Verdict.MET
    assert verdict("3-3", day(2026, 4, 9), facts) == Verdict.FALLS_SHORT


def test_3_3_counts_no_approval_of_one_s_own_request_or_without_the_office():
    own = approved("tolerance:TO-1", asked_by="P-CSO")
    assert reasons("3-3", ON, given(profile(), tolerance(), CHIEF, own)) == {("TO-1", "not_approved")}
    former = office("chief_system_officer", "P-CSO", until=day(2026, 1, 14))
    facts = given(profile(), tolerance(), former, approved("tolerance:TO-1"))
    assert reasons("3-3", ON, facts) == {("TO-1", "not_approved")}


def test_3_3_falls_short_where_an_approved_looser_tolerance_gives_no_reason():
    facts = given(profile(), tolerance(reason=None), CHIEF, approved("tolerance:TO-1"))
    assert reasons("3-3", ON, facts) == {("TO-1", "no_reason")}


def test_3_3_asks_no_approval_of_a_tighter_or_equal_tolerance():
    for value in (6, 12):
        assert verdict("3-3", ON, given(profile(), tolerance(value, reason=None))) == Verdict.MET


def test_3_3_falls_short_where_a_tolerance_names_no_limit_of_the_rule():
    facts = given(profile(), tolerance(limit="reveiw_age"), CHIEF, approved("tolerance:TO-1"))
    assert reasons("3-3", ON, facts) == {("TO-1", "unknown_limit")}


def test_3_3_asks_not_of_a_tolerance_that_has_expired_or_not_begun():
    assert verdict("3-3", day(2027, 1, 1), given(profile(), tolerance())) == Verdict.MET
    assert verdict("3-3", day(2026, 12, 31), given(profile(), tolerance())) == Verdict.FALLS_SHORT
    assert verdict("3-3", ON, given(profile(), tolerance(from_on=day(2026, 11, 24)))) == Verdict.MET


@over(st.sampled_from(sorted(all_limits())), st.integers(0, 3000))
def test_3_3_asks_an_approval_exactly_where_the_limit_itself_says_that_a_value_loosens(name, value):
    loosens = all_limits()[name].loosens(value, ON)
    assert falling_short("3-3", ON, given(profile(), tolerance(value, limit=name))) == (
        {"TO-1"} if loosens else set()
    )
