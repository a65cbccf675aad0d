"""A departure names a clause that there is, and only an example of the rule may be done otherwise: by form and by file."""

from datetime import date

import pytest

from sekisho.access.rights import operator_actor
from sekisho.kernel.errors import Invalid
from sekisho.records.models import GrantedException
from sekisho.rulebook.contents import clause_named
from sekisho.workflows import approve
from sekisho.workflows.import_file import plan_import
from sekisho.workflows.import_read import read_bytes
from tests.workflows.books import book

pytestmark = pytest.mark.django_db
DAYS = {"from_on": date(2026, 12, 1), "until_on": date(2027, 3, 31)}
OTHERWISE = {
    "kind": "otherwise",
    "reason": "部署が一つのため",
    "equivalent": "四半期ごとに改善会議を開く",
    **DAYS,
}


def ask(cast, **values):
    return approve.ask(cast.mori.actor, GrantedException, None, values)


def refused(cast, **values):
    with pytest.raises(Invalid) as refusal:
        ask(cast, **values)
    return {name: [text.en for text in texts] for name, texts in refusal.value.problems.items()}


def test_an_example_is_done_otherwise_with_a_reason_and_an_equivalent_and_without_an_end(cast):
    assert clause_named("G4").duty == "may"
    approval = ask(cast, clause="G4", **OTHERWISE | {"until_on": None})
    approve.approve(cast.sakura.actor, approval.key)
    assert GrantedException.objects.get().equivalent == "四半期ごとに改善会議を開く"


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_what_is_done_otherwise_is_said_with_its_reason(cast, nothing):
    assert set(refused(cast, clause="G4", **OTHERWISE | {"equivalent": nothing})) == {"equivalent"}
    assert set(refused(cast, clause="G4", **OTHERWISE | {"reason": None})) == {"reason"}


@pytest.mark.parametrize("clause", ["7-1", "8-1"])
def test_an_obligation_or_endeavour_is_not_done_otherwise(cast, clause):
    (text,) = refused(cast, clause=clause, **OTHERWISE)["clause"]
    assert text.startswith(f"{clause} is no guidance clause")
    assert ask(cast, clause=clause, **OTHERWISE | {"kind": "exception"}).step == "submitted"


@pytest.mark.parametrize("kind", ["exception", "not_applicable", "otherwise"])
@pytest.mark.parametrize("clause", ["7-9", "第7条", "7-1 "])
def test_a_clause_that_there_is_not_is_refused(cast, kind, clause):
    (text,) = refused(cast, clause=clause, **OTHERWISE | {"kind": kind})["clause"]
    assert f"no clause '{clause}'" in text


def test_a_file_is_held_to_the_same():
    head = ["key", "clause", "kind", "reason", "equivalent", "from_on", "until_on"]
    told = ["部署が一つのため", "改善会議", "2026-12-01", "2027-03-31"]
    rows = [
        ["EX-1", "G4", "代替措置", *told],
        ["EX-2", "7-1", "otherwise", *told],
        ["EX-3", "7-9", "exception", *told],
        ["EX-4", "7-1", "exception", *told],
    ]
    planned = plan_import(operator_actor("test"), read_bytes("f.xlsx", book({"exception": [head, *rows]})))
    assert [(p.cell, p.code) for p in planned.all_problems] == [
        ("exception!B3", "rule"),
        ("exception!B4", "rule"),
    ]


def test_an_exception_may_be_for_one_clause_that_a_clause_asks_about(cast):
    told = {"clause": "24-2", "kind": "exception", "reason": "来期に監査", **DAYS}
    assert ask(cast, subject="clause:7-1", **told).step == "submitted"
    (text,) = refused(cast, subject="clause:7-9", **told)["subject"]
    assert "clause:7-9 is not on record" in text


def test_a_file_may_name_a_clause_as_the_subject():
    head = ["key", "clause", "kind", "subject", "reason", "from_on", "until_on"]
    told = ["来期に監査", "2026-12-01", "2027-03-31"]
    rows = [
        ["EX-1", "24-2", "exception", "clause:7-1", *told],
        ["EX-2", "24-2", "exception", "clause:7-9", *told],
    ]
    planned = plan_import(operator_actor("test"), read_bytes("f.xlsx", book({"exception": [head, *rows]})))
    assert [(p.cell, p.code) for p in planned.all_problems] == [("exception!D3", "unknown_reference")]
