"""An import tells of every mistake with its cell, and takes nothing unless all is good or good rows are asked for."""

import json
import threading
import time
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sekisho.access.rights import Refused, operator_actor
from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.contents import KINDS
from sekisho.records.models import Appointment, Document, Person, System, Unit
from sekisho.workflows.act import act
from sekisho.workflows.import_among import AMONG
from sekisho.workflows.import_columns import folded
from sekisho.workflows.import_file import ChangedSincePlan, NotAllGood, plan_import, take
from sekisho.workflows.import_plan import ImportPlan
from sekisho.workflows.import_read import read_bytes, read_path
from tests.workflows.books import PEOPLE, UNITS, book, saved
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
pytestmark = pytest.mark.django_db
OPERATOR = operator_actor("test")


def plan(sheets, actor=OPERATOR) -> ImportPlan:
    return plan_import(actor, read_bytes("f.xlsx", book(sheets)))


def load(sheets) -> None:
    take(plan(sheets), OPERATOR)


def problems(sheets, actor=OPERATOR) -> list[tuple[str, str]]:
    """(cell, code) of everything that is wrong; each has words in both languages."""
    found = list(plan(sheets, actor).all_problems)
    assert all(p.text.ja and p.text.en and "{" not in p.text.ja + p.text.en for p in found)
    return [(p.cell, p.code) for p in found]


def appointments(*rows):
    return [["key", "person", "role", "unit", "since_on", "until_on"], *rows]


@pytest.fixture
def member():
    """Two units and three people on record."""
    load({"unit": UNITS, "person": PEOPLE})


# --- what is taken --------------------------------------------------------------------------------------------------


def test_a_good_file_is_taken_whole_with_a_line_for_each_record_and_one_for_the_file():
    made = plan({"unit": UNITS, "person": PEOPLE})
    assert made.is_good
    assert made.counts == {"create": 5, "change": 0, "unchanged": 0, "bad": 0}
    taken = take(made, OPERATOR, reason="移行")
    assert (taken.created, taken.changed, taken.left_out) == (5, 0, 0)
    assert Person.objects.get(pk="P-1").unit_id == "U-A"
    lines = Version.objects.filter(act=taken.act)
    assert set(lines.values_list("act_name", "by", "reason")) == {("load", "operator:test", "移行")}
    note = json.loads(bytes(lines.get(op="note").body))
    assert note["file"]["name"] == "f.xlsx"
    assert note["rows"]["create"] == 5


def test_a_second_time_nothing_changes_and_no_line_is_written(member):
    lines = Version.objects.count()
    again = plan({"unit": UNITS, "person": PEOPLE})
    assert again.counts["unchanged"] == 5
    assert take(again, OPERATOR).act is None
    assert Version.objects.count() == lines


def test_a_change_shows_old_and_new_and_leaves_other_fields_alone(member):
    made = plan({"person": [["key", "employment"], ["P-1", "officer"]]})
    (row,) = made.rows
    assert row.action == "change"
    assert row.changes == {"employment": ("employee", "officer")}
    take(made, OPERATOR)
    person = Person.objects.get(pk="P-1")
    assert (person.employment, person.name, person.ver) == ("officer", "山田 太郎", 2)


def test_an_empty_cell_empties_its_field(member):
    load({"person": [["key", "unit"], ["P-1", None]]})
    assert Person.objects.get(pk="P-1").unit_id is None


def test_rows_that_are_missing_remove_nothing(member):
    load({"person": PEOPLE[:2]})
    assert Person.objects.count() == 3


def test_an_empty_key_gets_the_next_free_one_also_past_keys_of_the_file():
    load(
        {
            "unit": [
                ["key", "name", "function", "since_on"],
                ["", "a", "user", "2020-04-01"],
                ["U-0007", "b", "user", "2020-04-01"],
                [None, "c", "user", "2020-04-01"],
            ]
        }
    )
    assert set(Unit.objects.values_list("pk", "name")) == {("U-0008", "a"), ("U-0007", "b"), ("U-0009", "c")}


def test_a_key_that_was_removed_before_goes_on_with_its_versions(member):
    with act("test", OPERATOR.by) as doing:
        doing.remove(Person, "P-3")
    load({"person": PEOPLE})
    assert Person.objects.get(pk="P-3").ver == 3


def test_references_are_found_in_any_order_by_key_or_by_a_name_that_one_bears():
    units = [
        ["key", "name", "function", "since_on", "parent"],
        ["U-1", "子", "user", "2020-04-01", "親"],
        ["U-2", "親", "management", "2020-04-01", "U-3"],
        ["U-3", "本社", "management", "2020-04-01", None],
    ]
    load({"person": [PEOPLE[0], ["P-1", "山田 太郎", "子", "employee", "2020-04-01"]], "unit": units})
    assert dict(Unit.objects.values_list("pk", "parent")) == {"U-1": "U-2", "U-2": "U-3", "U-3": None}
    load({"appointment": appointments([None, "山田太郎", "system_manager", "U-1", "2021-04-01", None])})
    assert Appointment.objects.get().person_id == "P-1"


def test_lists_and_any_references_take_names_too(member):
    load(
        {
            "instruction": [
                ["key", "unit", "topic", "held_on", "attendees"],
                ["", "業務部", "t", "2021-01-01", "P-1; 佐藤花子\nP-1"],
            ],
            "action": [
                ["key", "what", "kind", "due_on", "arises_from"],
                ["", "x", "improvement", "2021-01-01", "部署・業務単位:監査室"],
            ],
        }
    )
    from sekisho.records.models import Action, Instruction

    assert Instruction.objects.get().attendees == ["P-1", "P-2"]
    assert Action.objects.get().arises_from == "unit:U-B"


def test_headers_may_be_labels_and_sheets_too():
    load(
        {
            "部署・業務単位": [
                ["キー", "名称", "機能 *", "Since"],
                ["U-A", "業務部", "ユーザー部門", "2020/4/1"],
            ]
        }
    )
    unit = Unit.objects.get()
    assert (unit.name, unit.function, unit.since_on) == ("業務部", "user", date(2020, 4, 1))


def test_comment_rows_and_sheets_set_aside_are_not_records():
    load(
        {
            "_guide": [["read me"]],
            "unit": [UNITS[0], ["# key", "label", "help", "help"], UNITS[1], ["#", "an old row", "?", "?"]],
        }
    )
    assert Unit.objects.count() == 1


def test_cells_are_taken_for_what_they_are(member):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "system"
    sheet.append(["key", "name", "in_scope", "operated_by", "in_use_since_on", "internet_facing"])
    sheet.append(["S-1", 2024, True, "own", date(2020, 4, 1), 1])
    sheet.append(["S-2", "x", "はい", "自社", 43922, "no"])
    sheet["B3"].value, sheet["B3"].data_type = "=plain text", "s"
    incidents = made.create_sheet("incident")
    incidents.append(["key", "title", "kind", "severity", "state", "detected_at"])
    incidents.append(["I-1", "x", "attack", "minor", "open", datetime(2026, 11, 23, 9, 30)])
    take(plan_import(OPERATOR, read_bytes("f.xlsx", saved(made))), OPERATOR)
    assert list(
        System.objects.order_by("pk").values_list(
            "name", "in_scope", "operated_by", "in_use_since_on", "internet_facing"
        )
    ) == [
        ("2024", True, "own", date(2020, 4, 1), True),
        ("=plain text", True, "own", date(2020, 4, 1), False),
    ]
    from sekisho.records.models import Incident

    assert Incident.objects.get().detected_at == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


# --- what is wrong with a sheet -------------------------------------------------------------------------------------


def test_unknown_sheets_and_columns_are_named_and_the_near_one_suggested():
    made = plan(
        {
            "persons": PEOPLE,
            "unit": [["key", "nmae", "function", "since_on"], ["U-1", "a", "user", "2020-04-01"]],
        }
    )
    told = {p.cell: p for p in made.problems}
    assert set(told) == {"persons", "unit!B1", "unit!1"}
    assert "name" in told["unit!B1"].text.en
    assert told["unit!1"].code == "missing_column"


def test_a_missing_column_is_told_once_for_the_sheet_and_for_each_new_row():
    found = problems(
        {
            "unit": [
                ["key", "function", "since_on"],
                ["U-1", "user", "2020-04-01"],
                ["U-2", "user", "2020-04-01"],
            ]
        }
    )
    assert found == [("unit!1", "missing_column"), ("unit!2", "missing_column"), ("unit!3", "missing_column")]


def test_the_key_column_is_needed():
    assert problems({"unit": [["name", "function", "since_on"], ["a", "user", "2020-04-01"]]}) == [
        ("unit!1", "missing_column")
    ]


def test_a_column_twice_and_values_beside_the_columns():
    assert problems(
        {"unit": [["key", "name", "名称", "function", "since_on"], ["U-1", "a", "b", "user", "2020-04-01"]]}
    ) == [("unit!C1", "double_column")]
    assert problems({"unit": [[*UNITS[0]], [*UNITS[1], "stray"]]}) == [("unit!E2", "unnamed_column")]


# --- what is wrong with a row ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("since_on", "soon", "wrong_value"),
        ("since_on", "2020-02-30", "wrong_value"),
        ("since_on", 20200401, "wrong_value"),
        ("since_on", 2020, "wrong_value"),
        ("since_on", datetime(2020, 4, 1, 9), "wrong_value"),
        ("since_on", True, "wrong_value"),
        ("since_on", None, "required"),
        ("function", "boss", "wrong_value"),
        ("name", "x" * 201, "wrong_value"),
        ("name", "=A1", "formula"),
        ("name", "=HYPERLINK(\"http://198.51.100.1\")", "formula"),
        ("name", date(2020, 4, 1), "wrong_value"),
        ("key", "U/1", "wrong_key"),
        ("key", "x" * 65, "wrong_key"),
        ("key", "=1", "formula"),
        ("key", date(2020, 4, 1), "wrong_value"),
        ("until_on", "2019-01-01", "rule"),
        ("parent", "nobody", "unknown_reference"),
    ],
)  # fmt: skip
def test_the_cell_is_named_and_what_to_do(column, value, code):
    names = ["key", "name", "function", "since_on", "until_on", "parent"]
    row = dict(zip(names, ["U-1", "a", "user", "2020-04-01", None, None], strict=True)) | {column: value}
    made = plan({"unit": [names, list(row.values())]})
    (problem,) = made.all_problems
    assert (problem.cell, problem.code) == (f"unit!{'ABCDEF'[names.index(column)]}2", code)
    assert "。" in problem.text.ja


def test_wrong_numbers():
    head = ["key", "fiscal_year", "text", "amount"]
    rows = [
        ["B-1", 2026.5, "a", 1],
        ["B-2", 2026, "a", -1],
        ["B-3", "二千", "a", 1],
        ["B-4", 2026.0, "a", "１，０００"],
    ]
    assert problems({"budget": [head, *rows]}) == [
        ("budget!B2", "wrong_value"),
        ("budget!D3", "wrong_value"),
        ("budget!B4", "wrong_value"),
    ]


def test_a_key_twice_is_told_of_both_rows():
    assert problems({"unit": [*UNITS, UNITS[1]]}) == [
        ("unit!A2", "duplicate_key"),
        ("unit!A4", "duplicate_key"),
    ]


def test_a_name_that_several_bear_is_refused_with_their_keys(member):
    load({"person": [PEOPLE[0], ["P-9", "山田　太郎", "U-A", "employee", "2020-04-01"]]})
    made = plan({"appointment": appointments(["A-1", "山田太郎", "risk_manager", None, "2021-04-01", None])})
    (problem,) = made.all_problems
    assert (problem.cell, problem.code) == ("appointment!B2", "ambiguous_reference")
    assert "P-1, P-9" in problem.text.en


def test_a_new_name_in_the_file_counts_and_the_old_one_does_not(member):
    load(
        {
            "person": [["key", "name"], ["P-1", "山本 太郎"]],
            "appointment": appointments(["A-1", "山本太郎", "risk_manager", None, "2021-04-01", None]),
        }
    )
    assert problems(
        {"appointment": appointments(["A-2", "山田太郎", "risk_manager", None, "2023-04-01", None])}
    ) == [("appointment!B2", "unknown_reference")]


def test_two_sheets_of_one_kind_are_both_judged(tmp_path):
    """Also where they bear the same name: a folder may hold unit.csv and unit.CSV."""
    for name, value in (("unit.csv", "boss"), ("unit.CSV", "user")):
        (tmp_path / name).write_text(
            f"key,name,function,since_on\nU-{value},,{value},2020-04-01\n", encoding="utf-8"
        )
    made = plan_import(OPERATOR, read_path(tmp_path))
    assert sorted((p.cell, p.code) for p in made.all_problems) == [
        ("unit!B2", "required"),
        ("unit!C2", "wrong_value"),
    ]


def test_a_problem_does_not_repeat_a_whole_novel():
    made = plan({"unit": [UNITS[0], ["U-1", "x", "ｘ" * 19_000, "2020-04-01"]]})
    (problem,) = made.all_problems
    assert problem.code == "wrong_value"
    assert max(len(problem.text.ja), len(problem.text.en)) == 500


# --- beside other records -------------------------------------------------------------------------------------------

MANAGER = "system_manager"


def test_appointments_that_overlap_inside_the_file_are_both_told(member):
    rows = [
        ["A-1", "P-1", MANAGER, "U-A", "2021-04-01", "2022-03-31"],
        ["A-2", "P-1", MANAGER, "U-A", "2022-03-31", None],
        ["A-3", "P-1", MANAGER, "U-B", "2022-03-31", None],
    ]
    assert problems({"appointment": appointments(*rows)}) == [
        ("appointment!E2", "overlap"),
        ("appointment!E3", "overlap"),
    ]


def test_appointments_that_follow_one_another_do_not_overlap(member):
    rows = [
        ["A-1", "P-1", MANAGER, "U-A", "2021-04-01", "2022-03-31"],
        ["A-2", "P-1", MANAGER, "U-A", "2022-04-01", None],
    ]
    assert problems({"appointment": appointments(*rows)}) == []


def test_an_appointment_that_overlaps_the_register_names_the_other(member):
    load({"appointment": appointments(["A-1", "P-1", MANAGER, "U-A", "2021-04-01", None])})
    made = plan({"appointment": appointments([None, "P-1", MANAGER, "U-A", "2023-04-01", None])})
    (problem,) = made.all_problems
    assert problem.code == "overlap"
    assert "A-1" in problem.text.ja


def test_ending_the_old_appointment_in_the_same_file_makes_room_for_the_new_one(member):
    load({"appointment": appointments(["A-1", "P-1", MANAGER, "U-A", "2021-04-01", None])})
    good = appointments(
        ["A-1", "P-1", MANAGER, "U-A", "2021-04-01", "2023-03-31"],
        ["A-2", "P-1", MANAGER, "U-A", "2023-04-01", None],
    )
    assert problems({"appointment": good}) == []


def test_the_new_one_falls_with_the_row_that_would_have_made_room(member):
    load({"appointment": appointments(["A-1", "P-1", MANAGER, "U-A", "2021-04-01", None])})
    rows = appointments(
        ["A-1", "P-1", MANAGER, "U-A", "2021-04-01", "2020-01-01"],
        ["A-2", "P-1", MANAGER, "U-A", "2023-04-01", None],
    )
    made = plan({"appointment": rows})
    assert [(p.cell, p.code) for p in made.all_problems] == [
        ("appointment!F2", "rule"),
        ("appointment!E3", "overlap"),
    ]
    take(made, OPERATOR, only_good=True)
    assert Appointment.objects.get().until_on is None


def test_an_appointment_outside_the_persons_time_is_refused(member):
    assert problems({"appointment": appointments(["A-1", "P-1", MANAGER, "U-A", "2020-03-31", None])}) == [
        ("appointment!E2", "outside_employment")
    ]


DOCUMENT = ["key", "kind", "title", "version", "in_force_on"]
APPROVAL = ["key", "subject", "step", "asked_by", "decided_by", "decision", "at"]


def policy(in_force: str, key: str = "D-1"):
    return [DOCUMENT, [key, "basic_policy", "方針", "1", in_force]]


def approved(
    on: str, *, by: str = "P-2", asked: str = "P-1", key: str = "AP-1", subject: str = "document:D-1"
):
    return [key, subject, "approved", asked, by, "approved", f"{on} 10:00"]


@pytest.fixture
def director(member):
    """P-2 is representative director from 1 April 2021 to 31 March 2024, and leaves on 31 December 2023."""
    load(
        {
            "appointment": appointments(
                ["A-1", "P-2", "representative_director", None, "2021-04-01", "2024-03-31"]
            )
        }
    )
    load({"person": [["key", "left_on"], ["P-2", "2023-12-31"]]})


def test_a_document_in_force_before_its_approval_is_refused_in_the_file(director):
    found = problems({"document": policy("2022-04-01"), "approval": [APPROVAL, approved("2022-04-02")]})
    assert found == [("document!E2", "in_force_before_approval"), ("approval!B2", "refers_to_bad")]


def test_and_against_the_register_whichever_of_the_two_is_new(director):
    load({"document": policy("2022-04-01"), "approval": [APPROVAL, approved("2022-04-01")]})
    assert problems({"document": policy("2022-03-31")}) == [("document!E2", "in_force_before_approval")]
    load({"document": policy("2022-04-01", "D-2")})
    late = approved("2022-05-01", key="AP-2", subject="document:D-2")
    assert problems({"approval": [APPROVAL, late]}) == [("approval!G2", "in_force_before_approval")]


def test_a_later_approval_of_a_change_does_not_make_the_document_early(director):
    load({"document": policy("2022-04-01"), "approval": [APPROVAL, approved("2022-04-01")]})
    assert problems({"approval": [APPROVAL, approved("2023-05-01", key="AP-2")]}) == []


def test_the_day_of_an_approval_is_japans(director):
    """2022-03-31T15:00Z is 1 April in Japan."""
    row = [*approved("2022-04-01")[:6], "2022-03-31T15:00:00Z"]
    assert problems({"document": policy("2022-04-01"), "approval": [APPROVAL, row]}) == []


def test_a_document_without_an_approval_is_left_to_the_checks(member):
    load({"document": policy("2022-04-01")})
    assert Document.objects.get().in_force_on == date(2022, 4, 1)


def test_nobody_approves_the_own_request(director):
    found = problems(
        {"document": policy("2022-04-01"), "approval": [APPROVAL, approved("2022-04-01", asked="P-2")]}
    )
    assert found == [("approval!E2", "own_approval")]


@pytest.mark.parametrize(
    ("on", "good"), [("2021-03-31", False), ("2021-04-01", True), ("2023-12-31", True), ("2024-01-01", False)]
)
def test_the_approver_held_the_role_on_the_day_and_worked_here(director, on, good):
    found = problems({"document": policy("2024-04-01"), "approval": [APPROVAL, approved(on)]})
    assert found == ([] if good else [("approval!E2", "not_entitled")])


def test_the_role_must_be_one_that_approves_the_subject_and_be_held(director):
    head = [*APPROVAL, "role"]
    wrong = problems(
        {"document": policy("2022-04-01"), "approval": [head, [*approved("2022-04-01"), "risk_manager"]]}
    )
    assert wrong == [("approval!H2", "wrong_role")]
    not_held = problems(
        {"document": policy("2022-04-01"), "approval": [head, [*approved("2022-04-01"), "board_member"]]}
    )
    assert not_held == [("approval!E2", "not_entitled")]


def test_an_open_request_may_be_about_a_record_to_come(director):
    row = ["AP-1", "document:D-77", "submitted", "P-1", None, None, None]
    assert problems({"approval": [APPROVAL, row]}) == []
    assert problems({"approval": [APPROVAL, approved("2022-04-01", subject="document:D-77")]}) == [
        ("approval!B2", "unknown_reference")
    ]


def test_an_acknowledgement_twice(member):
    load({"document": policy("2022-04-01")})
    head = ["key", "person", "document", "at"]
    rows = [["AK-1", "P-1", "D-1", "2022-05-01 09:00"], ["AK-2", "山田太郎", "方針", "2022-05-02 09:00"]]
    assert problems({"acknowledgement": [head, *rows]}) == [
        ("acknowledgement!C2", "double"),
        ("acknowledgement!C3", "double"),
    ]


def test_a_file_releases_no_held_withdrawal(member):
    head = ["key", "event", "held_at", "state", "decided_by"]
    load({"held_withdrawal": [head, ["HW-1", "shop:1", "2026-05-01 09:00", "held", None]]})
    released = ["HW-1", "shop:1", "2026-05-01 09:00", "released", "P-1"]
    expected = [("held_withdrawal!D2", "by_its_acts"), ("held_withdrawal!E2", "by_its_acts")]
    assert problems({"held_withdrawal": [head, released]}) == expected
    assert problems({"held_withdrawal": [head, ["HW-2", "shop:2", *released[2:]]]}) == expected


def test_every_rule_among_records_has_its_twin_over_sets():
    """A kind that looks at other records when one is saved must do so for a file too, without a query a row."""
    overriding = {m.about.name for m in KINDS if "problems_among" in vars(m)}
    assert overriding == set(AMONG)


# --- taking ---------------------------------------------------------------------------------------------------------


def test_nothing_is_taken_where_anything_is_wrong():
    made = plan({"unit": [*UNITS, ["U-C", "x", "boss", "2020-04-01"]]})
    with pytest.raises(NotAllGood):
        take(made, OPERATOR)
    assert not Unit.objects.exists()
    assert not Version.objects.exists()


def test_the_good_rows_are_taken_on_purpose():
    made = plan({"unit": [*UNITS, ["U-C", "x", "boss", "2020-04-01"]]})
    taken = take(made, OPERATOR, only_good=True)
    assert (taken.created, taken.left_out) == (2, 1)
    assert set(Unit.objects.values_list("pk", flat=True)) == {"U-A", "U-B"}


def test_good_rows_that_refer_to_bad_ones_are_bad_too_however_far():
    sheets = {
        "unit": [
            ["key", "name", "function", "since_on", "parent"],
            ["U-1", "a", "boss", "2020-04-01", None],
            ["U-2", "b", "user", "2020-04-01", "U-1"],
            ["U-3", "c", "user", "2020-04-01", "U-2"],
            ["U-4", "d", "user", "2020-04-01", None],
        ],
        "person": [PEOPLE[0], ["P-1", "x", "U-3", "employee", "2020-04-01"]],
    }
    made = plan(sheets)
    assert {(p.cell, p.code) for p in made.all_problems} == {
        ("unit!C2", "wrong_value"),
        ("unit!E3", "refers_to_bad"),
        ("unit!E4", "refers_to_bad"),
        ("person!C2", "refers_to_bad"),
    }
    take(made, OPERATOR, only_good=True)
    assert list(Unit.objects.values_list("pk", flat=True)) == ["U-4"]


def test_a_plan_made_before_another_change_is_refused(member):
    made = plan({"person": [["key", "employment"], ["P-1", "officer"]]})
    load({"person": [["key", "email"], ["P-1", "a@example.jp"]]})
    with pytest.raises(ChangedSincePlan):
        take(made, OPERATOR)
    assert Person.objects.get(pk="P-1").employment == "employee"


def test_and_so_is_one_whose_references_changed_meanwhile(member):
    made = plan({"appointment": appointments([None, "P-3", MANAGER, "U-A", "2021-04-01", None])})
    with act("test", OPERATOR.by) as doing:
        doing.remove(Person, "P-3")
    with pytest.raises(ChangedSincePlan):
        take(made, OPERATOR)


def test_changes_of_other_kinds_do_not_matter(member):
    made = plan({"unit": [["key", "name"], ["U-A", "業務一部"]]})
    load({"industry_case": [["key", "title", "source", "screened_on"], ["", "x", "y", "2024-01-01"]]})
    take(made, OPERATOR)
    assert Unit.objects.get(pk="U-A").name == "業務一部"


def test_the_fingerprint_tells_whether_two_plans_do_the_same(member):
    file = read_bytes("f.xlsx", book({"person": [["key", "employment"], ["P-1", "officer"]]}))
    before = plan_import(OPERATOR, file).fingerprint
    assert plan_import(OPERATOR, file).fingerprint == before
    load({"person": [["key", "employment"], ["P-1", "officer"]]})
    assert plan_import(OPERATOR, file).fingerprint != before


# --- who may --------------------------------------------------------------------------------------------------------


def test_a_register_that_one_may_not_write_is_left_out(cast):
    made = plan({"unit": UNITS}, cast.nishi.actor)
    assert [(p.cell, p.code) for p in made.all_problems] == [("unit", "not_allowed")]
    assert made.rows == []


def test_a_plan_is_taken_only_by_who_may_write(cast):
    made = plan({"unit": UNITS}, cast.mori.actor)
    with pytest.raises(Refused):
        take(made, cast.nishi.actor)


def test_a_person_imports_what_takes_no_approval(cast):
    taken = take(plan({"unit": UNITS}, cast.mori.actor), cast.mori.actor)
    assert set(Version.objects.filter(act=taken.act).values_list("act_name", "by")) == {
        ("import", cast.mori.by)
    }


def test_a_person_cannot_import_round_an_approval(cast):
    sheets = {
        "appointment": appointments(["A-9", cast.nishi.key, "risk_manager", None, "2024-04-01", None]),
        "approval": [
            APPROVAL,
            [
                "AP-1",
                "appointment:A-9",
                "approved",
                cast.mori.key,
                cast.kamiya.key,
                "approved",
                "2024-05-01 09:00",
            ],
        ],
    }
    codes = {(p.cell, p.code) for p in plan(sheets, cast.mori.actor).all_problems}
    assert codes == {("appointment!2", "needs_approval"), ("approval!2", "needs_approval")}


# --- at once --------------------------------------------------------------------------------------------------------


def many(count: int):
    units = [UNITS[0], *([f"U-{n:05d}", f"部 {n}", "user", "2020-04-01"] for n in range(50))]
    people = [
        PEOPLE[0],
        *([f"P-{n:05d}", f"人 {n}", f"部{n % 50}", "employee", "2020-04-01"] for n in range(count)),
    ]
    jobs = [[None, f"人{n}", MANAGER, f"U-{n % 50:05d}", "2021-04-01", None] for n in range(count)]
    return {"unit": units, "person": people, "appointment": appointments(*jobs)}


def queries(count: int) -> int:
    source = read_bytes("f.xlsx", book(many(count)))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        take(plan_import(OPERATOR, source), OPERATOR)
    return len(asked)


def test_no_query_a_row():
    assert queries(400) < 120


def test_ten_thousand_rows_take_seconds():
    source = read_bytes("f.xlsx", book(many(5_000)))
    began = time.process_time()
    made = plan_import(OPERATOR, source)
    assert time.process_time() - began < 5
    assert made.counts["create"] == 10_050
    taken = take(made, OPERATOR)
    assert time.process_time() - began < 15
    assert taken.created == 10_050


# --- at the same instant --------------------------------------------------------------------------------------------


def test_a_plan_made_while_somebody_writes_is_never_taken_past_that_write(crowd):
    """The one begins to write first and ends last: the plan waits for it, or is refused when it is taken."""
    writing, source = (
        threading.Event(),
        read_bytes("f.xlsx", book({"unit": [["key", "name"], ["U-OPS", "業務一部"]]})),
    )

    def write() -> None:
        with act("test", OPERATOR.by) as doing:
            doing.put(Unit, "U-OPS", {"name": "業務二部"})
            writing.set()
            time.sleep(0.5)

    def take_in() -> object:
        writing.wait(10)
        made = plan_import(OPERATOR, source)
        time.sleep(0.7)
        return take(made, OPERATOR), made.rows[0].changes["name"]

    _, result = race(write, take_in)
    assert isinstance(result, ChangedSincePlan) or result[1] == ("業務二部", "業務一部")
    assert faults() == []


def test_of_two_that_take_the_same_plan_one_wins(crowd):
    made = plan({"unit": [["key", "name"], ["U-OPS", "業務一部"]]})
    results = race(*[lambda: take(made, OPERATOR)] * 3)
    assert len(won(results)) == 1
    assert all(isinstance(error, ChangedSincePlan) for error in lost(results))
    assert faults() == []


# --- small things ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("ＡＢＣ", "abc"), ("山田　太郎", "山田太郎"), ("１〜２", "1～2"), ("a−b", "a-b"), ("key*", "Key")],
)
def test_ways_of_writing_that_mean_the_same(one, other):
    assert folded(one) == folded(other)


def test_labels_in_a_kind_name_one_field_and_choices_one_value():
    """A sheet may be written with labels: they must tell fields, and the choices of a field, apart."""
    for model in KINDS:
        fields = model.kind_fields()
        for language in ("ja", "en"):
            labels = [folded(f.label.in_(language)) for f in fields.values()]
            assert len(set(labels)) == len(labels), (model.about.name, language, sorted(labels))
            for name, field in fields.items():
                words = [w.in_(language).casefold() for w in getattr(field, "options", {}).values()]
                assert len(set(words)) == len(words), (model.about.name, name)


def test_the_day_of_an_import_is_the_clocks(member):
    then = datetime(2025, 1, 1, tzinfo=UTC)
    with clock.standing_at(then):
        load({"person": [["key", "email"], ["P-1", "a@example.jp"]]})
    made_at = Version.objects.get(kind="person", rec="P-1", ver=2).made_at
    assert abs(made_at - then) < timedelta(seconds=1)
