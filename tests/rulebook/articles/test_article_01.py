"""Article 1, read as the rule: what is in scope, and what is out of it for an approved reason."""

from datetime import timedelta

from hypothesis import given as over
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, falling_short, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, office

ON = day(2026, 11, 23)


def system(key="S-1", in_scope=True, since=LONG_AGO, **values):
    told = {"name": key, "operated_by": "own", "in_use_since_on": since}
    return record("system", key, in_scope=in_scope, **(told | values))


def out(key="S-2", reason="社内の勤怠のみ", **values):
    return system(key, in_scope=False, out_of_scope_reason=reason, **values)


def test_1_is_met_with_every_system_in_scope():
    assert verdict("1", ON, given(system())) == Verdict.MET


def test_1_is_met_from_the_day_on_which_the_reason_is_approved():
    facts = given(system(), out(), CHIEF, approved("system:S-2", on=day(2026, 1, 15)))
    assert verdict("1", day(2026, 1, 15), facts) == Verdict.MET
    outcome = ask("1", day(2026, 1, 14), facts)["S-2"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short",
        "not_approved",
        day(2020, 4, 1),
    )
    assert (outcome.who, outcome.data) == ("role:chief_system_officer", {"system": "S-2"})


def test_1_falls_short_for_a_system_out_of_scope_that_nobody_ever_approved():
    assert reasons("1", ON, given(system(), out())) == {("S-2", "not_approved")}


def test_1_falls_short_for_an_approved_system_without_a_reason():
    for reason in (None, "", "  \n"):
        facts = given(system(), out(reason=reason), CHIEF, approved("system:S-2"))
        assert reasons("1", ON, facts) == {("S-2", "no_reason")}


def test_1_counts_no_approval_by_somebody_without_the_office_that_day():
    gone = office("chief_system_officer", "P-CSO", until=day(2026, 1, 14))
    assert reasons("1", ON, given(system(), out(), gone, approved("system:S-2"))) == {("S-2", "not_approved")}
    other = office("risk_manager", "P-CSO")
    assert reasons("1", ON, given(system(), out(), other, approved("system:S-2"))) == {
        ("S-2", "not_approved")
    }


def test_1_counts_the_approval_of_an_officer_who_left_later():
    gone = office("chief_system_officer", "P-CSO", until=day(2026, 1, 15))
    assert verdict("1", ON, given(system(), out(), gone, approved("system:S-2"))) == Verdict.MET


def test_1_counts_no_approval_of_one_s_own_request():
    own = approved("system:S-2", asked_by="P-CSO")
    assert reasons("1", ON, given(system(), out(), CHIEF, own)) == {("S-2", "not_approved")}


def test_1_counts_no_request_that_was_not_decided_or_sent_back():
    for step in ("draft", "submitted", "sent_back", "withdrawn"):
        facts = given(system(), out(), CHIEF, approved("system:S-2", step=step))
        assert reasons("1", ON, facts) == {("S-2", "not_approved")}


def test_1_asks_not_of_a_system_after_its_last_day_of_use():
    facts = given(system(), out(in_use_until_on=day(2026, 3, 31)))
    assert "S-2" in ask("1", day(2026, 3, 31), facts)
    assert verdict("1", day(2026, 4, 1), facts) == Verdict.MET


def test_1_falls_short_where_no_system_is_in_scope():
    facts = given(out(since=day(2021, 6, 1)), CHIEF, approved("system:S-2"))
    outcome = ask("1", ON, facts)["member"]
    assert (outcome.reason, outcome.since) == ("none_in_scope", day(2021, 6, 1))
    assert outcome.who == "role:chief_system_officer"


def test_1_falls_short_the_day_after_the_last_system_in_scope_ends():
    facts = given(system(in_use_until_on=day(2026, 3, 31)), out(), CHIEF, approved("system:S-2"))
    assert verdict("1", day(2026, 3, 31), facts) == Verdict.MET
    outcome = ask("1", day(2026, 4, 1), facts)["member"]
    assert (outcome.reason, outcome.since) == ("none_in_scope", day(2026, 4, 1))


def test_1_is_no_evidence_where_nothing_is_recorded():
    assert verdict("1", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("1", ON, given(CHIEF)) == Verdict.NO_EVIDENCE


def test_1_is_met_by_an_exception_while_it_is_approved_and_not_expired():
    facts = [system(), out(), exception("1", "system:S-2")]
    assert verdict("1", ON, given(*facts)) == Verdict.FALLS_SHORT
    facts += [CHIEF, approved("exception:EX-1")]
    assert verdict("1", day(2026, 12, 31), given(*facts)) == Verdict.MET_BY_EXCEPTION
    assert verdict("1", day(2027, 1, 1), given(*facts)) == Verdict.FALLS_SHORT


DAYS = st.integers(-3, 3).map(lambda n: ON + timedelta(days=n))
REASONS = st.sampled_from([None, "", "理由"])
SYSTEMS = st.lists(st.tuples(st.booleans(), DAYS, st.none() | DAYS, REASONS, st.none() | DAYS))


@over(SYSTEMS)
def test_1_agrees_with_a_reader_who_goes_through_the_systems_one_by_one(drawn):
    rows, short, in_use = [CHIEF], set(), []
    for n, (in_scope, since, until, reason, approved_on) in enumerate(drawn):
        rows.append(system(f"S-{n}", in_scope, since, in_use_until_on=until, out_of_scope_reason=reason))
        if approved_on:
            rows.append(approved(f"system:S-{n}", on=approved_on))
        if since <= ON and (until is None or until >= ON):
            in_use.append(in_scope)
            if not in_scope and not (reason and approved_on and approved_on <= ON):
                short.add(f"S-{n}")
    if not any(in_use):
        short.add("member")
    assert falling_short("1", ON, given(*rows)) == short
