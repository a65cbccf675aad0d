"""What is wrong with the record of an audit, or of what it found."""

from datetime import date

import pytest

from sekisho.records.models import Audit, AuditFinding

AUDIT = {"title": "監査", "plan_year": 2026, "conducted_by": "internal"}
DAYS = {"from_on": date(2026, 5, 1), "until_on": date(2026, 6, 30), "reported_on": date(2026, 8, 1)}
FINDING = {"title": "棚卸し", "audit": "AU-1", "severity": "low", "owner": "P-1", "due_on": date(2026, 9, 1)}
DONE = {"done_on": date(2026, 8, 1), "confirmed_by": "P-2", "confirmed_on": date(2026, 8, 2)}


def test_a_whole_audit_and_a_plan_have_no_problem():
    assert Audit.problems(AUDIT) == {}
    assert (
        Audit.problems(AUDIT | DAYS | {"clauses": ["10", "9-3", "10-2-4", "G5-1", "１０－３", "10_2-1"]})
        == {}
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"conducted_by": "external"}, "firm"),
        ({"until_on": date(2026, 6, 30)}, "from_on"),
        (DAYS | {"until_on": date(2026, 4, 30)}, "until_on"),
        (DAYS | {"reported_on": date(2026, 6, 29)}, "reported_on"),
        (DAYS | {"until_on": None}, "until_on"),
        ({"clauses": ["10", "10.3"]}, "clauses"),
        ({"clauses": ["第10条"]}, "clauses"),
    ],
)
def test_an_audit_s_values_must_fit_together(values, field):
    assert set(Audit.problems(AUDIT | values)) == {field}


def test_the_names_that_are_no_clauses_are_told():
    (problem,) = Audit.problems(AUDIT | {"clauses": ["10", "10.3", "九条"]})["clauses"]
    assert problem.ja.startswith("「10.3」「九条」は")
    assert problem.en.startswith("10.3, 九条: ")


def test_a_whole_finding_and_an_open_one_have_no_problem():
    assert AuditFinding.problems(FINDING) == {}
    assert AuditFinding.problems(FINDING | DONE | {"closed_on": date(2026, 8, 2)}) == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (DONE | {"confirmed_by": "P-1"}, "confirmed_by"),
        (DONE | {"confirmed_by": None}, "confirmed_by"),
        (DONE | {"done_on": None}, "done_on"),
        ({"closed_on": date(2026, 8, 2)}, "done_on"),
        (DONE | {"confirmed_on": date(2026, 7, 31)}, "confirmed_on"),
        (DONE | {"closed_on": date(2026, 7, 31)}, "closed_on"),
        ({"found_on": date(2026, 7, 1), "done_on": date(2026, 6, 30)}, "done_on"),
    ],
)
def test_a_finding_s_values_must_fit_together(values, field):
    assert set(AuditFinding.problems(FINDING | values)) == {field}
