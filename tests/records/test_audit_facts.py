"""What audits cover, as articles and pages ask it: how a scope is read, what counts, and what is still followed."""

import pytest

from sekisho.records.facts.audit import coverage, covering, open_findings, universe
from tests.rulebook.asking import day, given, record

ON = day(2026, 11, 23)
UNTIL = day(2026, 3, 31)
CITATIONS = {
    "1": "1", "10-1": "10", "10-2-1": "10", "10-2-4": "10", "G10-1": "10", "9-3-1": "9", "9-31": "9", "GC3": "9",
}  # fmt: skip


def audit(key="AU-1", until=UNTIL, **values):
    begun = {"from_on": day(2026, 1, 5), "until_on": until}
    return record("audit", key, title=key, plan_year=2025, conducted_by="internal", **(begun | values))


def clauses_covered(*named):
    found = covering(given(audit(clauses=list(named))), CITATIONS)
    return set(found["subject"])


@pytest.mark.parametrize(
    ("named", "covered"),
    [
        ("10", {"10-1", "10-2-1", "10-2-4", "G10-1"}),
        ("10-2", {"10-2-1", "10-2-4"}),
        ("10-2-4", {"10-2-4"}),
        ("G10", {"G10-1"}),
        ("9-3", {"9-3-1"}),
        ("9", {"9-3-1", "9-31", "GC3"}),
        ("GC3", {"GC3"}),
        ("1", {"1"}),
        ("１０-１", {"10-1"}),
        ("10-3", set()),
        ("0", set()),
    ],
)
def test_a_scope_names_articles_paragraphs_or_single_clauses(named, covered):
    assert clauses_covered(named) == covered


def test_a_clause_that_is_named_twice_is_covered_once():
    found = covering(given(audit(clauses=["10", "10-1"])), CITATIONS)
    assert found["subject"].to_list().count("10-1") == 1


def unit(key="U-1", **values):
    return record("unit", key, name=key, function="system", **({"since_on": day(2020, 4, 1)} | values))


def system(key="S-1", **values):
    told = {"name": key, "in_scope": True, "operated_by": "own", "in_use_since_on": day(2021, 4, 1)}
    return record("system", key, **(told | values))


def vendor(key="V-1", **values):
    return record("vendor", key, name=key, **({"important": True, "since_on": day(2022, 4, 1)} | values))


def test_the_universe_is_the_clauses_and_what_stands_on_the_day_with_its_first_day():
    records = (
        unit(), unit("U-2", until_on=day(2026, 11, 22)), unit("U-3", since_on=day(2026, 11, 24)),
        system(), system("S-2", in_scope=False), system("S-3", in_use_until_on=day(2026, 1, 1)),
        system("S-4", in_use_since_on=None), vendor(), vendor("V-2", important=False),
    )  # fmt: skip
    found = universe(given(*records), ON, {"1": "1"})
    assert found.rows() == [
        ("clause", "1", None),
        ("unit", "U-1", day(2020, 4, 1)),
        ("system", "S-1", day(2021, 4, 1)),
        ("system", "S-4", None),
        ("vendor", "V-1", day(2022, 4, 1)),
    ]


def test_the_newest_finished_audit_covers():
    records = (
        unit(),
        audit("AU-1", units=["U-1"]),
        audit("AU-2", until=day(2026, 9, 30), units=["U-1"]),
        audit("AU-3", until=None, units=["U-1"]),
        audit("AU-4", until=day(2026, 11, 24), units=["U-1"]),
        audit("AU-5", until=day(2025, 9, 30), units=["U-1", "U-9"]),
    )

    def covered(on):
        return coverage(given(*records), on, {}).select("subject", "covered_on", "audit").rows()

    assert covered(ON) == [("U-1", day(2026, 9, 30), "AU-2")]
    assert covered(day(2026, 9, 29)) == [("U-1", day(2026, 3, 31), "AU-1")]
    assert covered(day(2025, 9, 29)) == [("U-1", None, None)]
    assert covered(day(2026, 11, 24)) == [("U-1", day(2026, 11, 24), "AU-4")]


def test_nothing_recorded_is_no_row_but_for_the_clauses():
    found = coverage(given(), ON, CITATIONS)
    assert found["subject"].to_list() == list(CITATIONS)
    assert found["covered_on"].null_count() == len(CITATIONS)


def finding(key, due, severity="medium", **values):
    told = {"title": key, "audit": "AU-1", "severity": severity, "due_on": due, "found_on": day(2026, 4, 1)}
    return record("audit_finding", key, **(told | values))


def followed(*records, on=ON):
    return open_findings(given(audit(), *records), on)


def test_open_findings_come_overdue_first_then_by_severity_and_age():
    later, past = day(2027, 3, 31), day(2026, 10, 31)
    rows = followed(
        finding("AF-1", later, "high"),
        finding("AF-2", past, "low"),
        finding("AF-3", later, "high", found_on=day(2026, 3, 1)),
        finding("AF-4", past, "high"),
        finding("AF-5", past, "high", done_on=day(2026, 11, 1)),
        finding("AF-6", later),
    )
    assert rows["key"].to_list() == ["AF-4", "AF-2", "AF-3", "AF-1", "AF-5", "AF-6"]
    assert rows["late"].to_list() == [23, 23, 0, 0, 0, 0]


def test_a_finding_is_late_from_the_day_after_it_was_due_until_it_is_done():
    due = finding("AF-1", day(2026, 11, 23), done_on=day(2026, 11, 26))
    assert [followed(due, on=day(2026, 11, d))["late"][0] for d in (23, 24, 25, 26)] == [0, 1, 2, 0]


def test_a_finding_is_followed_from_the_day_it_was_made_until_the_auditor_confirms():
    made = {"found_on": day(2026, 4, 1), "done_on": day(2026, 6, 1), "closed_on": day(2026, 6, 2)}
    row = finding("AF-1", day(2026, 5, 1), **made, confirmed_on=day(2026, 7, 1))
    days = (day(2026, 3, 31), day(2026, 4, 1), day(2026, 6, 30), day(2026, 7, 1))
    assert [len(followed(row, on=d)) for d in days] == [0, 1, 1, 0]
    assert len(followed(finding("AF-1", day(2026, 5, 1), found_on=None))) == 1
    assert followed(finding("AF-1", day(2026, 5, 1), found_on=None))["made_on"].to_list() == [
        day(2026, 3, 31)
    ]
