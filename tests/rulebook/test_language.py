"""The words of the articles: cover against a model that walks day by day, who holds an office, approvals, answers."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from sekisho.findings.verdicts import Duty
from sekisho.kernel.texts import Text
from sekisho.records.models import Equipment, GrantedException, MonitoringRound, Review, StatusReport, Unit
from sekisho.rulebook.language import (
    MEMBER,
    NOT_ASKED,
    Clause,
    answers,
    approvals,
    by_holder,
    cover,
    day_after,
    falls_short,
    holders,
    in_force,
    kept_up,
    key_in,
    member_answers,
    minute_of,
    no_evidence,
    one,
    one_in_force,
    person,
    role,
)
from sekisho.rulebook.limits import Limits, default_limits
from tests.rulebook.asking import at, day, given, record
from tests.rulebook.granting import JANUARY, approved, office

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)

# --- cover ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Covered:
    covered: bool
    vacant_since: date | None
    gap_from: date | None
    gap_until: date | None


def naive(periods, start):
    """Walk from the start to today and see on each day whether a period holds it."""
    days = [start + n * ONE_DAY for n in range((ON - start).days + 1)]
    held = [any(since <= d and (until is None or d <= until) for since, until in periods) for d in days]
    ends = [n for n, is_held in enumerate(held) if is_held]
    if not ends:
        return Covered(False, start, None, None)
    vacant = None if held[-1] else days[ends[-1]] + ONE_DAY
    empty_before = [n for n in range(ends[-1]) if not held[n]]
    if not empty_before:
        return Covered(held[-1], vacant, None, None)
    last = first = empty_before[-1]
    while first > 0 and not held[first - 1]:
        first -= 1
    return Covered(held[-1], vacant, days[first], days[last])


def asked(groups):
    """cover() of {group: (start, periods)}."""
    rows = [(g, since, until) for g, (_, periods) in groups.items() for since, until in periods]
    schema = {"unit": pl.String, "since_on": pl.Date, "until_on": pl.Date}
    starts = [(g, start) for g, (start, _) in groups.items()]
    found = cover(
        pl.LazyFrame(rows, schema=schema, orient="row"),
        "unit",
        pl.LazyFrame(starts, schema={"unit": pl.String, "start_on": pl.Date}, orient="row"),
        ON,
    ).collect()
    return {
        r["unit"]: Covered(r["covered"], r["vacant_since"], r["gap_from"], r["gap_until"])
        for r in found.iter_rows(named=True)
    }


DAYS = st.integers(-14, 4).map(lambda n: ON + n * ONE_DAY)
PERIODS = st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6)
GROUPS = st.dictionaries(
    st.sampled_from(["U-1", "U-2", "U-3"]), st.tuples(DAYS.filter(lambda d: d <= ON), PERIODS)
)


@drawn(GROUPS)
def test_cover_agrees_with_one_who_walks_day_by_day(groups):
    assert asked(groups) == {g: naive(periods, start) for g, (start, periods) in groups.items()}


def test_cover_of_no_period_at_all_is_a_vacancy_from_the_start():
    assert asked({"U-1": (day(2026, 1, 1), [])}) == {"U-1": Covered(False, day(2026, 1, 1), None, None)}


def test_cover_tells_the_newest_of_several_gaps():
    periods = [
        (day(2026, 1, 1), day(2026, 1, 31)),
        (day(2026, 3, 1), day(2026, 3, 31)),
        (day(2026, 4, 2), None),
    ]
    assert asked({"U-1": (day(2026, 1, 1), periods)})["U-1"] == Covered(
        True, None, day(2026, 4, 1), day(2026, 4, 1)
    )


def test_cover_of_groups_without_a_start_is_not_asked_for():
    periods = [(day(2026, 1, 1), None)]
    assert set(asked({"U-1": (day(2026, 1, 1), periods)})) == {"U-1"}


# --- who holds an office ----------------------------------------------------------------------------------------


def works(key, left=None):
    return record("person", key, name=key, employment="officer", joined_on=day(2018, 1, 1), left_on=left)


def held(*records, roles=("chief_system_officer",)):
    rows = holders(given(*records), *roles).sort("key").collect()
    return [tuple(r) for r in rows.select("person", "since_on", "until_on").iter_rows()]


def test_an_office_ends_with_the_person_s_last_day_at_the_member_at_the_latest():
    begun, last = day(2020, 4, 1), day(2026, 3, 31)
    open_ = office("chief_system_officer", "P-1")
    assert held(open_, works("P-1")) == [("P-1", begun, None)]
    assert held(open_) == [("P-1", begun, None)]
    assert held(open_, works("P-1", left=last)) == [("P-1", begun, last)]
    ended = office("chief_system_officer", "P-1", until=day(2025, 3, 31))
    assert held(ended, works("P-1", left=last)) == [("P-1", begun, day(2025, 3, 31))]


def test_holders_are_those_of_the_roles_asked_for():
    both = (office("chief_system_officer", "P-1"), office("risk_manager", "P-2"), office("operator", "P-3"))
    assert [p for p, *_ in held(*both, roles=("chief_system_officer", "risk_manager"))] == ["P-1", "P-2"]


TERMS = st.lists(st.tuples(st.sampled_from(["P-1", "P-2"]), DAYS, st.none() | DAYS), max_size=4)
LEAVING = st.dictionaries(st.sampled_from(["P-1", "P-2"]), st.none() | DAYS)
DEEDS = st.lists(st.tuples(st.sampled_from(["P-1", "P-2", "P-3"]), DAYS), max_size=5)


@drawn(TERMS, LEAVING, DEEDS)
def test_a_deed_counts_where_its_person_held_the_office_and_still_worked_here_on_its_day(
    terms, leaving, deeds
):
    facts = given(
        *(
            record(
                "appointment", f"A-{n}", person=p, role="chief_system_officer", since_on=since, until_on=until
            )
            for n, (p, since, until) in enumerate(terms)
        ),
        *(works(p, left) for p, left in leaving.items()),
        *(
            record("status_report", f"SR-{n}", reviewed_by=p, reviewed_at=at(d.year, d.month, d.day))
            for n, (p, d) in enumerate(deeds)
        ),
    )
    rows = facts[StatusReport].with_columns(
        on=pl.col("reviewed_at").dt.convert_time_zone("Asia/Tokyo").dt.date()
    )
    found = by_holder(rows, "reviewed_by", "on", holders(facts, "chief_system_officer")).collect()
    expected = [
        f"SR-{n}"
        for n, (p, d) in enumerate(deeds)
        if any(
            p == q and since <= d and (until is None or d <= until)
            for q, since, until in terms
        ) and (leaving.get(p) is None or d <= leaving[p])
    ]  # fmt: skip
    assert sorted(found["key"]) == sorted(expected)


# --- approvals --------------------------------------------------------------------------------------------------

ROLES = frozenset({"representative_director", "chief_system_officer"})


def granted(*records, on=ON):
    found = approvals(given(*records), GrantedException, ROLES, on).sort("key").collect()
    return list(found.iter_rows())


def test_an_approval_counts_from_its_day_by_one_who_holds_the_role_that_day():
    facts = (office("chief_system_officer", "P-CSO", until=day(2026, 1, 15)), approved("exception:EX-1"))
    assert granted(*facts) == [("EX-1", day(2026, 1, 15), "P-CSO")]
    assert granted(*facts, on=day(2026, 1, 15)) == [("EX-1", day(2026, 1, 15), "P-CSO")]
    assert granted(*facts, on=day(2026, 1, 14)) == []


def test_an_approval_counts_not_by_the_author_by_another_role_or_by_one_who_had_left():
    cso = office("chief_system_officer", "P-CSO")
    assert granted(cso, approved("exception:EX-1", asked_by="P-CSO")) == []
    assert granted(office("risk_manager", "P-CSO"), approved("exception:EX-1")) == []
    assert (
        granted(office("chief_system_officer", "P-CSO", since=day(2026, 1, 16)), approved("exception:EX-1"))
        == []
    )
    assert granted(cso, works("P-CSO", left=day(2026, 1, 14)), approved("exception:EX-1")) == []
    assert granted(cso, works("P-CSO", left=day(2026, 1, 15)), approved("exception:EX-1")) != []


def test_an_approval_of_another_kind_or_one_that_was_sent_back_is_none():
    cso = office("chief_system_officer", "P-CSO")
    assert granted(cso, approved("tolerance:EX-1")) == []
    for step in ("draft", "submitted", "sent_back", "withdrawn"):
        assert granted(cso, approved("exception:EX-1", step=step)) == []


def test_the_newest_of_several_approvals_is_told_once():
    first = approved("exception:EX-1")
    again = record(
        "approval", "AP-2", subject="exception:EX-1", step="approved", asked_by="P-ASK", decided_by="P-REP",
        at=at(2026, 1, 15, 18),
    )  # fmt: skip
    offices = (office("chief_system_officer", "P-CSO"), office("representative_director", "P-REP"))
    assert granted(*offices, first, again) == [("EX-1", day(2026, 1, 15), "P-REP")]


# --- documents in force ----------------------------------------------------------------------------------------


def document(key, kind="basic_policy", since=JANUARY, until=None, **values):
    return record(
        "document", key, kind=kind, title=key, version="1", in_force_on=since, until_on=until, **values
    )


REP = office("representative_director", "P-REP")
CSO = office("chief_system_officer", "P-CSO")


def standing(*records, kinds="basic_policy", on=ON, approvers=None):
    rows = in_force(given(*records), kinds, on, approvers).sort("key").collect()
    return list(rows.select("key", "approved_on").iter_rows())


def newest(*records, kinds="basic_policy", on=ON, approvers=None):
    rows = one_in_force(given(*records), kinds, on, approvers).collect()
    return list(rows.select("kind", "document", "approved_on", "ended").iter_rows())


def test_a_document_is_in_force_on_its_first_and_its_last_day_and_the_days_between():
    facts = (document("D-1", since=day(2026, 4, 1), until=day(2026, 6, 30)),)
    days = (day(2026, 3, 31), day(2026, 4, 1), day(2026, 6, 30), day(2026, 7, 1))
    assert [bool(standing(*facts, on=on)) for on in days] == [False, True, True, False]


def test_a_document_s_approval_is_by_those_whom_its_kind_asks_for_or_by_those_named():
    facts = (document("D-1"), document("D-2", "recovery_procedure"), REP, CSO)
    both = (*facts, approved("document:D-1"), approved("document:D-2"))
    kinds = ("basic_policy", "recovery_procedure")
    assert standing(*both, kinds=kinds) == [("D-1", None), ("D-2", JANUARY)]
    board = (*facts, approved("document:D-1", by="P-REP"))
    assert standing(*board) == [("D-1", JANUARY)]
    assert standing(*board, approvers=frozenset({"chief_system_officer"})) == [("D-1", None)]
    assert standing(*board, approvers=NOT_ASKED) == [("D-1", None)]


def test_of_each_kind_one_document_in_force_is_told_and_nulls_where_there_is_none():
    kinds = ("basic_policy", "recovery_procedure", "prevention_procedure")
    ended = document("D-2", "recovery_procedure", until=day(2026, 6, 30))
    assert newest(document("D-1"), ended, kinds=kinds) == [
        ("basic_policy", "D-1", None, None),
        ("recovery_procedure", None, None, day(2026, 7, 1)),
        ("prevention_procedure", None, None, None),
    ]
    assert newest() == [("basic_policy", None, None, None)]


def test_of_several_documents_in_force_an_approved_one_goes_first_then_the_newest():
    old, new = document("D-1"), document("D-2", since=day(2026, 10, 1))
    assert newest(old, new)[0][1] == "D-2"
    assert newest(old, new, REP, approved("document:D-1", by="P-REP"))[0][1:3] == ("D-1", JANUARY)


# --- what is kept up -------------------------------------------------------------------------------------------

BEGAN = day(2020, 4, 1)
LIMIT = "unit_list_age"  # half a year
UNITS = pl.LazyFrame({"key": ["U-1", "U-2"], "since_on": [BEGAN, BEGAN]})


def confirmed(*days, unit="U-1"):
    return [record("equipment", f"E-{unit}-{n}", unit=unit, confirmed_on=d) for n, d in enumerate(days)]


def kept(*records, on=ON, limits=None, not_yet="", subjects=UNITS, since="since_on"):
    """(outcome, reason, since, data) of each unit whose list of equipment is to be kept up."""
    found = kept_up(
        subjects, Unit, given(*records)[Equipment], by="unit", at="confirmed_on",
        limits=limits or default_limits(on), limit=LIMIT,
        never="none", old="old", not_yet=not_yet, since=since, who=role("operator", pl.col("key")),
    ).collect()  # fmt: skip
    assert set(found.filter(pl.col("outcome") != "met")["who"]) <= {"role:operator@U-1", "role:operator@U-2"}
    return {
        r["subject"]: (r["outcome"], r["reason"], r["since"], json.loads(r["data"] or "{}"))
        for r in found.iter_rows(named=True)
    }


MET: tuple[str, None, None, dict[str, str]] = ("met", None, None, {})


def test_what_is_kept_up_is_good_to_the_last_day_of_the_limit_and_old_the_day_after():
    records = [*confirmed(day(2026, 5, 23)), *confirmed(ON, unit="U-2")]
    assert kept(*records) == {"U-1": MET, "U-2": MET}
    old = ("falls_short", "old", day(2026, 11, 24), {"unit": "U-1", "last": "2026-05-23"})
    assert kept(*records, on=day(2026, 11, 24))["U-1"] == old
    assert kept(*records, on=day(2027, 1, 1))["U-1"] == old
    assert kept(*records, limits=Limits(ON, {LIMIT: 5}))["U-1"][1:3] == ("old", day(2026, 10, 24))


def test_the_newest_record_of_a_subject_counts_and_none_that_is_still_to_come_or_has_no_day():
    assert kept(*confirmed(day(2025, 1, 1), day(2026, 6, 1), day(2025, 6, 1)))["U-1"] == MET
    assert kept(*confirmed(ON + ONE_DAY, None))["U-1"][1] == "none"
    assert kept(*confirmed(day(2025, 1, 1), ON + ONE_DAY))["U-1"][1] == "old"


def test_what_was_never_kept_falls_short_from_the_subject_s_own_first_day():
    never = ("falls_short", "none", BEGAN, {"unit": "U-2"})
    assert kept(*confirmed(ON)) == {"U-1": MET, "U-2": never}
    assert kept(*confirmed(ON), since=None)["U-2"] == ("falls_short", "none", None, {"unit": "U-2"})
    assert kept(subjects=UNITS.clear()) == {}


def test_a_first_record_may_have_the_limit_s_length_in_which_there_is_no_evidence():
    new = UNITS.with_columns(since_on=pl.lit(day(2026, 5, 23)))
    waiting = ("no_evidence", "soon", None, {"unit": "U-1", "first_due": "2026-11-23"})
    assert kept(not_yet="soon", subjects=new)["U-1"] == waiting
    late = kept(not_yet="soon", subjects=new, on=ON + ONE_DAY)["U-1"]
    assert late == ("falls_short", "none", ON + ONE_DAY, {"unit": "U-1"})
    assert kept(*confirmed(ON), not_yet="soon", subjects=new)["U-1"] == MET
    with pytest.raises(ValueError, match="since"):
        kept(not_yet="soon", since=None)


def test_the_member_as_a_whole_keeps_up_with_one_outcome():
    def found(*records, on=ON):
        rows = given(*records)[Review]
        return kept_up(
            one(), MEMBER, rows, at="held_on", limits=default_limits(on), limit="review_age",
            never="none", old="old", who=role("operator"),
        ).collect().select("subject", "reason", "since", "data").rows()  # fmt: skip

    held = [record("review", f"RV-{n}", held_on=d) for n, d in enumerate((ON, day(2025, 1, 1)))]
    assert found(*held) == [("member", None, None, None)]
    assert found() == [("member", "none", None, "{}")]
    assert found(*held, on=day(2027, 11, 24)) == [
        ("member", "old", day(2027, 11, 24), '{"last":"2026-11-23"}')
    ]


def test_a_key_is_read_from_a_reference_of_its_kind_alone():
    rounds = [
        record("monitoring_round", f"MR-{n}", of=of) for n, of in enumerate(("unit:U-1", "vendor:V-1", None))
    ]
    keys = given(*rounds)[MonitoringRound].sort("key").select(key_in("of", "unit")).collect()
    assert keys.to_series().to_list() == ["U-1", None, None]


# --- clauses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("citation", "article", "told"),
    [("7-1", "", "7"), ("G10-2-4", "", "10"), ("18", "", "18"), ("GC3", "9", "9")],
)
def test_a_clause_stands_with_the_article_that_its_citation_names_or_that_is_given(citation, article, told):
    assert Clause(citation, Duty.MAY, Text("文", "Text"), article=article).article == told


# --- answers ----------------------------------------------------------------------------------------------------

ROWS = pl.LazyFrame(
    {
        "key": ["U-1", "U-2", "U-3"],
        "late": [True, None, False],
        "unknown": [True, None, True],
        "n": [1, 2, None],
    }
)


def test_the_first_case_that_holds_answers_and_unknown_counts_as_not():
    found = answers(
        ROWS,
        Unit,
        falls_short(
            pl.col("late"), "late", since=ON, due=day_after(pl.lit(ON)), who="role:operator", n=pl.col("n")
        ),
        no_evidence(pl.col("unknown"), "unknown", who=role("operator"), n=pl.col("n")),
    ).collect()
    rows = {r["subject"]: r for r in found.iter_rows(named=True)}
    assert {k: (r["kind"], r["outcome"], r["reason"]) for k, r in rows.items()} == {
        "U-1": ("unit", "falls_short", "late"),
        "U-2": ("unit", "met", None),
        "U-3": ("unit", "no_evidence", "unknown"),
    }
    assert (rows["U-1"]["since"], rows["U-1"]["due"], rows["U-1"]["who"]) == (
        ON, day(2026, 11, 24), "role:operator",
    )  # fmt: skip
    assert [json.loads(rows[k]["data"]) for k in ("U-1", "U-3")] == [{"n": "1"}, {"n": None}]
    assert (rows["U-2"]["data"], rows["U-2"]["since"], rows["U-2"]["who"]) == (None, None, None)


def test_answers_without_a_case_are_one_row_a_subject_and_none_of_no_rows():
    assert answers(ROWS, Unit).collect()["subject"].to_list() == ["U-1", "U-2", "U-3"]
    assert answers(ROWS.clear(), Unit, falls_short(pl.col("late"), "late")).collect().is_empty()


def test_the_member_answers_in_one_row():
    found = member_answers(one(), no_evidence(pl.lit(True), "none")).collect()
    assert found.select("kind", "subject", "outcome").rows() == [("member", "member", "no_evidence")]
    assert member_answers(ROWS.clear(), falls_short(pl.col("late"), "late")).collect().is_empty()


def test_who_must_act_is_named_by_role_by_role_and_unit_or_by_person():
    rows = pl.LazyFrame({"unit": ["U-1", None], "owner": ["P-1", None]})
    found = rows.select(
        a=role("operator"), b=role("operator", pl.col("unit")), c=person("owner"), d=person(pl.col("owner"))
    )
    assert found.collect().rows() == [
        ("role:operator", "role:operator@U-1", "person:P-1", "person:P-1"),
        ("role:operator", None, None, None),
    ]


def test_an_instant_is_told_in_japan_s_time():
    rows = pl.LazyFrame({"sent_at": [at(2026, 12, 31, 23, 59, 59)]})
    assert rows.select(minute_of("sent_at")).collect().item() == "2026-12-31 23:59"
