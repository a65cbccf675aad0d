"""The words of the articles: cover against a model that walks day by day, who holds an office, approvals, answers."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from sekisho.records.models import GrantedException, StatusReport, Unit
from sekisho.rulebook.language import (
    answers,
    approvals,
    by_holder,
    cover,
    day_after,
    falls_short,
    holders,
    member_answers,
    minute_of,
    no_evidence,
    one,
    person,
    role,
)
from tests.rulebook.asking import at, day, given, record
from tests.rulebook.granting import approved, office

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


@settings(deadline=None)
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


@settings(deadline=None)
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
