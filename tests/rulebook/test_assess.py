"""From outcomes to verdicts: composed clauses, departures, what runs again after a change. Asked of a small rule."""

from collections import Counter

import polars as pl
import pytest

from sekisho.findings.outcomes import MET
from sekisho.findings.verdicts import Duty, Verdict
from sekisho.records.contents import KINDS
from sekisho.records.facts import Snapshot, snapshot
from sekisho.records.facts.snapshot import GivenFacts
from sekisho.records.models import Equipment, System, Unit
from sekisho.rulebook.assess import assess, forget, judged
from sekisho.rulebook.language import CHECKS, CLAUSES, answers, check, clause, falls_short
from sekisho.workflows.act import act
from tests.plugins.answers import own_key
from tests.rulebook.asking import day, given, record, state, verdict
from tests.rulebook.granting import CHIEF, approved, exception, otherwise

ON = day(2026, 11, 23)


@pytest.fixture
def asked(monkeypatch):
    """A small rule in place of the real one; counts how often each check was asked.

    1-1 asks of units, 1-2 of systems, 1 is composed of both, 1-3 asks of equipment with a limit, G1 is read with 1-1,
    2 is a definition, 3 is composed of 1 and 1-3. 4 asks of units itself and has the example 4-1, which asks of systems. A unit or system with 'bad' in its name falls short.
    """
    monkeypatch.setattr("sekisho.rulebook.assess._key", own_key())
    real = [(registry, dict(registry)) for registry in (CLAUSES, CHECKS)]
    for registry, _ in real:
        registry.clear()
    counts: Counter[str] = Counter()
    clause("1", Duty.MUST, "全体", "The whole", items=("1-1", "1-2"))
    for citation, kind, limits in (
        ("1-1", Unit, ()),
        ("1-2", System, ()),
        ("1-3", Equipment, ("unit_list_age",)),
    ):
        clause(citation, Duty.MUST, citation, citation)
        _ask_of(citation, kind, limits, counts)
    clause("G1", Duty.MAY, "指針", "Guidance", read_with="1-1")
    clause("2", Duty.SCOPE, "定義", "Definition", definition=True)
    clause("3", Duty.MUST, "入れ子", "Nested", items=("1", "1-3"))
    clause("4", Duty.MUST, "全体と例示", "The whole and an example", items=("4-1",))
    _ask_of("4", Unit, (), counts)
    clause("4-1", Duty.MAY, "例示", "An example")
    _ask_of("4-1", System, (), counts)
    forget()
    yield counts
    forget()
    for registry, entries in real:  # whole again, in the rule's order
        registry.clear()
        registry.update(entries)


def _ask_of(citation, kind, limits, counts):
    def is_named_well(facts, on, limits):
        """Is the name good?"""
        counts[citation] += 1
        text = "what" if kind is Equipment else "name"
        bad = pl.col(text).str.contains("bad")
        return answers(
            facts[kind], kind, falls_short(bad, "bad", since=ON, who="role:operator", key=pl.col("key"))
        )

    is_named_well.__name__ = f"{kind.about.name}_is_named_well"
    check(
        citation,
        asks="ありますか。",
        reads=(kind,),
        limits=limits,
        reasons={"bad": ("{key} が不良", "{key} is bad")},
    )(is_named_well)


def unit(key="U-1", name="good"):
    return record("unit", key, name=name, function="user", since_on=day(2020, 4, 1))


def system(key="S-1", name="good"):
    told = {"in_scope": True, "operated_by": "own", "in_use_since_on": day(2020, 4, 1)}
    return record("system", key, name=name, **told)


EQUIPMENT = record("equipment", "E-1", unit="U-1", what="good", confirmed_on=ON)
GRANTED = (CHIEF, approved("exception:EX-1"))

# --- verdicts ---------------------------------------------------------------------------------------------------


def test_a_clause_is_met_falls_short_or_has_no_evidence(asked):
    assert verdict("1-1", ON, given(unit())) == Verdict.MET
    assert verdict("1-1", ON, given(unit(), unit("U-2", "bad"))) == Verdict.FALLS_SHORT
    assert verdict("1-1", ON, given()) == Verdict.NO_EVIDENCE


def test_counts_and_findings_tell_of_each_subject(asked):
    found = state("1-1", ON, given(unit(), unit("U-2", "bad"), unit("U-3", "bad")))
    assert found.counts == {"met": 1, "falls_short": 2, "no_evidence": 0, "excepted": 0}
    assert found.findings["subject"].to_list() == ["U-2", "U-3"]
    assert set(found.outcomes["check"]) == {"unit_is_named_well"}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((unit(), system()), Verdict.MET),
        ((unit(), system(name="bad")), Verdict.FALLS_SHORT),
        ((unit(),), Verdict.NO_EVIDENCE),
        ((unit(name="bad"),), Verdict.FALLS_SHORT),
        ((), Verdict.NO_EVIDENCE),
    ],
)
def test_a_composed_clause_is_the_worst_of_its_items(asked, records, expected):
    assert verdict("1", ON, given(*records)) == expected
    assert verdict("3", ON, given(*records, EQUIPMENT)) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((unit(), system()), Verdict.MET),
        ((unit(), system(name="bad")), Verdict.FALLS_SHORT),
        ((unit(name="bad"), system()), Verdict.FALLS_SHORT),
        ((unit(),), Verdict.NO_EVIDENCE),
        ((system(),), Verdict.NO_EVIDENCE),
        ((), Verdict.NO_EVIDENCE),
    ],
)
def test_a_clause_with_items_and_checks_of_its_own_is_the_worst_of_both(asked, records, expected):
    assert verdict("4", ON, given(*records)) == expected
    assert judge(given(*records))["4"].verdict == expected


def test_each_finding_is_a_clause_s_own_exactly_once(asked):
    states = judge(given(unit(name="bad"), system(name="bad"), EQUIPMENT))
    assert sorted(states["4"].findings["subject"]) == ["S-1", "U-1"]
    own = {c: sorted(s.own_findings["subject"]) for c, s in states.items()}
    assert own == {
        "1": [], "1-1": ["U-1"], "1-2": ["S-1"], "1-3": [], "G1": [], "2": [], "3": [], "4": ["U-1"], "4-1": ["S-1"],
    }  # fmt: skip


def test_an_own_check_that_stands_no_longer_leaves_the_clause_to_its_items(asked):
    (old,) = CHECKS["4"]
    CHECKS["4"] = [
        type(old)(old.clause, old.asks, old.function, old.reads, old.reasons, until=day(2026, 3, 31))
    ]
    facts = given(unit(name="bad"), system())
    assert verdict("4", day(2026, 3, 31), facts) == Verdict.FALLS_SHORT
    assert verdict("4", day(2026, 4, 1), facts) == Verdict.MET


def test_a_departure_from_a_clause_covers_its_own_checks_and_its_items(asked):
    bad = (unit(name="bad"), system(name="bad"))
    found = state("4", ON, given(*bad, exception("4"), *GRANTED))
    assert (found.verdict, found.counts["excepted"]) == (Verdict.MET_BY_EXCEPTION, 2)
    for subject, left in (("unit:U-1", "S-1"), ("system:S-1", "U-1")):
        single = state("4", ON, given(*bad, exception("4", subject), *GRANTED))
        assert single.verdict == Verdict.FALLS_SHORT
        assert single.findings.filter(~pl.col("excepted"))["subject"].to_list() == [left]
    spared = state("4", ON, given(*bad, exception("4", kind="not_applicable"), *GRANTED))
    assert (spared.verdict, spared.findings.is_empty()) == (Verdict.NOT_APPLICABLE, True)
    one = given(unit(), system(name="bad"), exception("4", "system:S-1", "not_applicable"), *GRANTED)
    assert verdict("4", ON, one) == Verdict.MET


def test_a_composed_clause_shows_the_outcomes_of_all_its_items(asked):
    found = state("3", ON, given(unit(), system(name="bad"), EQUIPMENT))
    assert sorted(found.outcomes["subject"]) == ["E-1", "S-1", "U-1"]
    assert found.findings["subject"].to_list() == ["S-1"]


@pytest.mark.parametrize("records", [(), (unit(),), (unit(name="bad"),)])
def test_a_clause_that_is_read_with_another_shares_its_verdict(asked, records):
    facts = given(*records)
    assert verdict("G1", ON, facts) == verdict("1-1", ON, facts)
    assert state("G1", ON, facts).clause.citation == "G1"


def test_a_definition_is_never_judged(asked):
    found = state("2", ON, given(unit(name="bad")))
    assert found.verdict == Verdict.DEFINITION
    assert found.outcomes.is_empty()


def test_an_amended_check_stands_beside_the_old_one_each_for_its_days(asked):
    def was_named(facts, on, limits):
        """Did it have a name?"""
        return answers(facts[Unit], Unit)

    clause("1-4", Duty.MUST, "改正", "Amended")
    check("1-4", asks="ありますか。", reads=(Unit,), reasons={}, until=day(2026, 3, 31))(was_named)
    _ask_of("1-4", Unit, (), asked)
    old, new = CHECKS["1-4"]
    CHECKS["1-4"] = [
        old,
        type(new)(new.clause, new.asks, new.function, new.reads, new.reasons, since=day(2026, 4, 1)),
    ]
    facts = given(unit(name="bad"))
    assert verdict("1-4", day(2026, 3, 31), facts) == Verdict.MET
    assert verdict("1-4", day(2026, 4, 1), facts) == Verdict.FALLS_SHORT


# --- departures -------------------------------------------------------------------------------------------------


def test_an_exception_counts_only_once_it_is_approved_and_while_it_lasts(asked):
    bad = (unit(name="bad"), exception("1-1"))
    assert verdict("1-1", ON, given(*bad)) == Verdict.FALLS_SHORT
    assert verdict("1-1", ON, given(*bad, *GRANTED)) == Verdict.MET_BY_EXCEPTION
    assert verdict("1-1", day(2026, 1, 14), given(*bad, *GRANTED)) == Verdict.FALLS_SHORT
    assert verdict("1-1", day(2026, 12, 31), given(*bad, *GRANTED)) == Verdict.MET_BY_EXCEPTION
    assert verdict("1-1", day(2027, 1, 1), given(*bad, *GRANTED)) == Verdict.FALLS_SHORT


def test_an_exception_for_one_subject_leaves_the_others(asked):
    bad = (unit(name="bad"), unit("U-2", "bad"), exception("1-1", "unit:U-1"), *GRANTED)
    found = state("1-1", ON, given(*bad))
    assert found.verdict == Verdict.FALLS_SHORT
    assert found.counts == {"met": 0, "falls_short": 1, "no_evidence": 0, "excepted": 1}
    assert dict(found.findings.select("subject", "exception").iter_rows()) == {"U-1": "EX-1", "U-2": None}
    assert verdict("1-1", ON, given(*bad[:1], unit("U-2"), *bad[2:])) == Verdict.MET_BY_EXCEPTION


def test_an_exception_that_nothing_needs_changes_nothing(asked):
    found = state("1-1", ON, given(unit(), exception("1-1"), *GRANTED))
    assert (found.verdict, found.counts["excepted"]) == (Verdict.MET, 0)
    assert verdict("1-1", ON, given(unit(name="bad"), exception("1-2"), *GRANTED)) == Verdict.FALLS_SHORT


def test_an_exception_covers_a_lack_of_evidence(asked):
    assert verdict("1-1", ON, given(exception("1-1"), *GRANTED)) == Verdict.MET_BY_EXCEPTION


def test_an_exception_of_an_item_reaches_the_composed_clause(asked):
    found = state("1", ON, given(unit(name="bad"), system(), exception("1-1"), *GRANTED))
    assert found.verdict == Verdict.MET_BY_EXCEPTION
    assert found.findings["exception"].to_list() == ["EX-1"]


def test_an_exception_of_a_composed_clause_covers_it_but_not_its_items(asked):
    facts = given(unit(name="bad"), system(), EQUIPMENT, exception("1"), *GRANTED)
    assert verdict("1", ON, facts) == Verdict.MET_BY_EXCEPTION
    assert verdict("1-1", ON, facts) == Verdict.FALLS_SHORT
    assert verdict("3", ON, facts) == Verdict.MET_BY_EXCEPTION
    single = given(unit(name="bad"), system(), exception("1", "unit:U-1"), *GRANTED)
    assert verdict("1", ON, single) == Verdict.MET_BY_EXCEPTION


def test_an_exception_of_a_clause_that_is_read_with_another_is_its_own(asked):
    facts = given(unit(name="bad"), exception("G1"), *GRANTED)
    assert verdict("G1", ON, facts) == Verdict.MET_BY_EXCEPTION
    assert verdict("1-1", ON, facts) == Verdict.FALLS_SHORT


@pytest.mark.parametrize("citation", ["1-1", "1", "G1"])
def test_not_applicable_takes_an_approval_and_leaves_no_finding(asked, citation):
    bad = (unit(name="bad"), system(), exception(citation, kind="not_applicable"))
    assert verdict(citation, ON, given(*bad)) == Verdict.FALLS_SHORT
    found = state(citation, ON, given(*bad, *GRANTED))
    assert found.verdict == Verdict.NOT_APPLICABLE
    assert found.findings.is_empty()


def test_not_applicable_in_silence_is_an_answer_too(asked):
    assert (
        verdict("1-1", ON, given(exception("1-1", kind="not_applicable"), *GRANTED)) == Verdict.NOT_APPLICABLE
    )


def test_an_item_that_does_not_apply_leaves_the_composed_clause_to_the_others(asked):
    spared = (unit(name="bad"), exception("1-1", kind="not_applicable"), *GRANTED)
    assert verdict("1", ON, given(system(), *spared)) == Verdict.MET
    assert verdict("1", ON, given(system(name="bad"), *spared)) == Verdict.FALLS_SHORT


def test_not_applicable_to_one_subject_leaves_the_others(asked):
    spared = (unit(name="bad"), exception("1-1", "unit:U-1", "not_applicable"), *GRANTED)
    assert verdict("1-1", ON, given(unit("U-2"), *spared)) == Verdict.MET
    assert state("1-1", ON, given(unit("U-2"), *spared)).outcomes["subject"].to_list() == ["U-2"]
    assert verdict("1-1", ON, given(*spared)) == Verdict.NOT_APPLICABLE


# --- done otherwise ---------------------------------------------------------------------------------------------


def test_an_example_that_is_done_otherwise_holds_with_the_clause_above_it(asked):
    facts = given(unit(), system(name="bad"), otherwise("4-1"), *GRANTED)
    assert verdict("4-1", ON, facts) == Verdict.MET_BY_EXCEPTION
    above = state("4", ON, facts)
    assert above.verdict == Verdict.MET_BY_EXCEPTION
    assert above.findings.select("subject", "exception").rows() == [("S-1", "EX-1")]


def test_what_is_done_otherwise_takes_an_approval_a_reason_and_an_equivalent(asked):
    bad = (unit(), system(name="bad"))
    assert verdict("4", ON, given(*bad, otherwise("4-1"))) == Verdict.FALLS_SHORT
    for lacking in ({"reason": " "}, {"equivalent": None}, {"equivalent": "\u3000"}):
        assert verdict("4", ON, given(*bad, otherwise("4-1", **lacking), *GRANTED)) == Verdict.FALLS_SHORT


def test_what_is_done_otherwise_needs_no_end_and_ends_with_the_one_it_has(asked):
    bad = (unit(), system(name="bad"))
    endless = given(*bad, otherwise("4-1", until_on=None), *GRANTED)
    assert verdict("4", day(2036, 1, 1), endless) == Verdict.MET_BY_EXCEPTION
    assert verdict("4", day(2027, 1, 1), given(*bad, otherwise("4-1"), *GRANTED)) == Verdict.FALLS_SHORT


def test_what_is_done_otherwise_for_one_subject_leaves_the_others(asked):
    bad = (unit(), system(name="bad"), system("S-2", "bad"), otherwise("4-1", "system:S-1"), *GRANTED)
    found = state("4", ON, given(*bad))
    assert found.verdict == Verdict.FALLS_SHORT
    assert dict(found.findings.select("subject", "exception").iter_rows()) == {"S-1": "EX-1", "S-2": None}


def test_an_obligation_is_never_met_by_doing_otherwise(asked):
    assert verdict("1-1", ON, given(unit(name="bad"), otherwise("1-1"), *GRANTED)) == Verdict.FALLS_SHORT
    bad = given(unit(), system(name="bad"), otherwise("4"), *GRANTED)
    assert verdict("4", ON, bad) == Verdict.FALLS_SHORT


def test_an_example_may_have_an_exception_too(asked):
    facts = given(unit(), system(name="bad"), exception("4-1"), *GRANTED)
    assert verdict("4", ON, facts) == Verdict.MET_BY_EXCEPTION


# --- what runs again --------------------------------------------------------------------------------------------


class Ledgered(GivenFacts):
    """Given facts of a ledger in which each kind changed at a place that the test names, or never."""

    def __init__(self, facts, **changed_at):
        super().__init__(facts._frames)
        self.changed_at = {kind.about.name: -1 for kind in KINDS} | changed_at


def judge(facts, on=ON):
    return judged(facts, Snapshot(0, on))


def test_after_a_change_only_the_checks_that_read_the_changed_kind_run_again(asked):
    facts = given(unit(), system(), EQUIPMENT)
    judge(Ledgered(facts, unit=1, system=2, equipment=3))
    assert asked == {"1-1": 1, "1-2": 1, "1-3": 1, "4": 1, "4-1": 1}
    judge(Ledgered(facts, unit=1, system=2, equipment=3))
    assert asked == {"1-1": 1, "1-2": 1, "1-3": 1, "4": 1, "4-1": 1}
    changed = judge(Ledgered(given(unit(), system(name="bad"), EQUIPMENT), unit=1, system=4, equipment=3))
    assert asked == {"1-1": 1, "1-2": 2, "1-3": 1, "4": 1, "4-1": 2}
    assert (changed["1-1"].verdict, changed["1-2"].verdict) == (Verdict.MET, Verdict.FALLS_SHORT)


@pytest.mark.parametrize("kind", ["tolerance", "approval", "appointment", "person"])
def test_a_check_with_a_limit_runs_again_after_a_change_of_what_limits_are_read_from(asked, kind):
    facts = given(unit(), system(), EQUIPMENT)
    judge(Ledgered(facts, unit=1, system=2, equipment=3))
    judge(Ledgered(facts, unit=1, system=2, equipment=3, **{kind: 4}))
    assert asked == {"1-1": 1, "1-2": 1, "1-3": 2, "4": 1, "4-1": 1}


def test_another_day_is_another_question_and_the_earlier_one_is_still_known(asked):
    facts = Ledgered(given(unit()), unit=1)
    for on in (ON, day(2026, 11, 24), ON):
        judge(facts, on)
    assert asked["1-1"] == 2


def test_a_past_state_and_the_present_one_are_kept_side_by_side(asked):
    past, present = Ledgered(given(unit(name="bad")), unit=1), Ledgered(given(unit()), unit=2)
    for _ in range(2):
        assert judge(past)["1-1"].verdict == Verdict.FALLS_SHORT
        assert judge(present)["1-1"].verdict == Verdict.MET
    assert asked["1-1"] == 2


def test_an_exception_needs_no_check_to_run_again(asked):
    bad = unit(name="bad")
    judge(Ledgered(given(bad), unit=1))
    excepted = judge(
        Ledgered(given(bad, exception("1-1"), *GRANTED), unit=1, exception=2, approval=3, appointment=4)
    )
    assert (asked["1-1"], excepted["1-1"].verdict) == (1, Verdict.MET_BY_EXCEPTION)


def test_facts_that_are_only_given_are_never_kept(asked):
    assert judge(given(unit(name="bad")))["1-1"].verdict == Verdict.FALLS_SHORT
    assert judge(given(unit()))["1-1"].verdict == Verdict.MET
    assert judge(Ledgered(given()))["1-1"].verdict == Verdict.NO_EVIDENCE


@pytest.mark.django_db
def test_of_the_ledger_too_only_the_checks_of_the_changed_kind_run_again(asked):
    told = {"function": "user", "since_on": day(2020, 4, 1)}
    with act("test", "operator:test") as doing:
        doing.put(Unit, "U-1", {"name": "good"} | told)
    assert assess(snapshot(ON))["1-1"].verdict == Verdict.MET
    before = asked.copy()
    with act("test", "operator:test") as doing:
        doing.put(Unit, "U-1", {"name": "bad"} | told)
    found = assess(snapshot(ON))
    assert (found["1-1"].verdict, found["1-2"].verdict) == (Verdict.FALLS_SHORT, Verdict.NO_EVIDENCE)
    assert asked - before == {"1-1": 1, "4": 1}
    assert found["1-1"].outcomes.filter(pl.col("outcome") == MET).is_empty()
