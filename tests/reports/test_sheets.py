"""CSV that is safe in a spreadsheet, and what a sheet's head and help say."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.access.rights import operator_actor
from sekisho.ledger.models import Head, Version
from sekisho.ledger.personal import erase
from sekisho.records.contents import KINDS
from sekisho.records.models import Person, Unit
from sekisho.reports.sheets import (
    body_of_row,
    column_names,
    csv_lines,
    guarded,
    help_row,
    sheet_now,
    sheet_then,
)
from sekisho.workflows.act import act
from sekisho.workflows.import_columns import is_comment

OPERATOR = operator_actor("test")
UNIT = {"name": "業務部", "function": "user", "since_on": date(2020, 4, 1)}
PERSON = {"name": "=山田", "employment": "employee", "joined_on": date(2020, 4, 1)}


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", "'=1"]
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "'quoted'", "1-2", "山田", "2026-11-23"])
def test_other_text_is_left_alone(text):
    assert guarded(text) == text


@given(st.text(), st.text())
def test_two_texts_never_look_the_same(one, other):
    assert (guarded(one) == guarded(other)) == (one == other)


@pytest.mark.django_db
def test_csv_for_excel_has_a_byte_order_mark_names_and_rows_by_key():
    with act("test", OPERATOR.by) as doing:
        doing.put_new(Person, [("P-2", PERSON), ("P-1", PERSON | {"name": 'a\n"b", c'})])
    text = "".join(csv_lines(sheet_now(Person)))
    assert text.startswith("\ufeffkey,name,")
    assert "\r\n" in text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [(r["key"], r["name"], r["joined_on"]) for r in rows] == [
        ("P-1", 'a\n"b", c', "2020-04-01"),
        ("P-2", "'=山田", "2020-04-01"),
    ]


@pytest.mark.django_db
def test_a_long_register_comes_in_pieces():
    with act("test", OPERATOR.by) as doing:
        doing.put_new(Unit, [(f"U-{n:04d}", UNIT | {"notes": "x" * 500}) for n in range(500)])
    pieces = list(csv_lines(sheet_now(Unit)))
    assert len(pieces) > 2
    assert max(map(len, pieces)) < 100_000
    assert len("".join(pieces).splitlines()) == 501


@pytest.mark.parametrize("model", KINDS, ids=lambda m: m.about.name)
def test_every_column_has_its_name_and_its_help_in_both_languages(model):
    names = column_names(model)
    assert names[0] == "key"
    assert "evidence" not in names
    for language in ("ja", "en"):
        help_ = help_row(model, language)
        assert is_comment(help_[0])
        assert len(help_) == len(names)
        assert all(help_)


@pytest.mark.django_db
def test_a_past_state_is_what_was_known_then_and_erased_names_stay_erased():
    with act("test", OPERATOR.by) as doing:
        doing.put_new(Person, [("P-1", PERSON), ("P-2", PERSON | {"name": "佐藤"})])
    size = Head.objects.get(pk=1).size
    with act("test", OPERATOR.by) as doing:
        doing.put(Person, "P-1", PERSON | {"name": "山本", "left_on": date(2024, 1, 1)})
        doing.remove(Person, "P-2")
    then = dict(sheet_then(Person, size).rows)
    assert {k: (v["name"], v["left_on"], v["joined_on"]) for k, v in then.items()} == {
        "P-1": ("=山田", None, date(2020, 4, 1)), "P-2": ("佐藤", None, date(2020, 4, 1)),
    }  # fmt: skip
    assert {key for key, _ in sheet_now(Person).rows} == {"P-1"}
    import json

    body = json.loads(bytes(Version.objects.get(kind="person", rec="P-2", ver=1).body))
    erase([body["name"]["$c"]])
    assert dict(sheet_then(Person, size).rows)["P-2"]["name"] is None


def test_json_of_a_record_has_every_field():
    row = ("P-1", dict.fromkeys(Person.kind_fields()) | PERSON)
    told = body_of_row(Person, row)
    assert list(told) == ["key", *Person.kind_fields()]
    assert told["joined_on"] == "2020-04-01"
    assert told["email"] is None


def test_instants_are_told_in_one_form():
    from sekisho.records.models import Incident

    values = dict.fromkeys(Incident.kind_fields()) | {
        "detected_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    }
    assert body_of_row(Incident, ("I-1", values))["detected_at"] == "2026-01-02T03:04:05.000000Z"
