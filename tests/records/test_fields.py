"""Decimals and several texts, from what is typed to the ledger, the facts, sheets, pages and the API, and back."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.ledger.canonical import canonical
from sekisho.records import register
from sekisho.records.facts import Facts, facts_of, snapshot
from sekisho.records.fields import Quantity, Several, WrongValue
from sekisho.records.models import Audit, Monitor
from sekisho.reports.sheets import column_names, csv_lines, sheet_now
from sekisho.reports.workbook import write_workbook
from sekisho.web.forms import RecordForm
from sekisho.workflows.act import act
from sekisho.workflows.import_file import plan_import, take
from sekisho.workflows.import_read import read_bytes
from sekisho.workflows.record import problems_of
from sekisho.workflows.verify import verify_all
from tests.api.calling import Caller, token_of
from tests.cast import Cast
from tests.records.any_value import quantities, several
from tests.web.reading import keys as keys_shown
from tests.web.reading import read, rows

OPERATOR = operator_actor("test")
PERCENT = Quantity("率", "Rate", least=0, most=100)
TEXTS = Several("国", "Countries")
MONITOR = {"title": "稼働率", "system": "S-EXC", "what": "availability", "since_on": "2026-01-01"}


# --- a decimal --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("99.95", "99.95"),
        ("99.950000", "99.95"),
        ("1,234.5", "1234.5"),
        ("１，２３４．５", "1234.5"),
        ("+.5", "0.5"),
        ("7.", "7"),
        ("-0.00", "0"),
        ("-0.25", "-0.25"),
        ("00100", "100"),
        ("0.000001", "0.000001"),
        ("999999999999.999", "999999999999.999"),
    ],
)
def test_a_decimal_has_one_form_however_it_is_written(typed: str, kept: str) -> None:
    field = Quantity()
    value = field.from_text(typed)
    assert value == Decimal(kept)
    assert str(value) == field.to_body(value) == field.to_text(value) == kept


@pytest.mark.parametrize(
    "wrong",
    ["1e3", "1E-3", "NaN", "inf", "-", ".", "1.2.3", "99.95%", "0x1", "十", "1000000000000", "0.0000001",
     "1234567890123.5", "123456789012.3456", "9" * 5_000],
)  # fmt: skip
def test_what_is_no_decimal_or_too_long_is_refused(wrong: str) -> None:
    with pytest.raises(WrongValue) as refused:
        Quantity().from_text(wrong)
    assert refused.value.text.ja != refused.value.text.en


def test_its_bounds_are_inclusive_and_told() -> None:
    assert [PERCENT.from_text(t) for t in ("0", "100", "100.000000")] == [0, 100, 100]
    for field, typed, told in (
        (PERCENT, "100.000001", "from 0 to 100"),
        (PERCENT, "-0.1", "from 0 to 100"),
        (Quantity(least="0.5"), "0.4", "at least 0.5"),
        (Quantity(most="0.5"), "0.6", "at most 0.5"),
    ):
        with pytest.raises(WrongValue, match=told):
            field.from_text(typed)
    PERCENT.name = "rate"
    assert {n: PERCENT.describe()[n] for n in ("type", "least", "most")} == {
        "type": "quantity",
        "least": "0",
        "most": "100",
    }


@given(st.data())
def test_any_decimal_survives_text_body_and_double(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([Quantity(), PERCENT, Quantity(least="0.125")]))
    value = data.draw(quantities(field))
    assert field.from_text(field.to_text(value)) == value
    body = json.loads(canonical({"v": field.to_body(value)}))["v"]
    assert str(field.from_body(body)) == body == str(value)
    assert str(field.from_fact(float(value))) == body


# --- several texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("JP; US", ["JP", "US"]),
        ("US；JP\nUS;;", ["US", "JP"]),
        (" CVE-2026-0001 ;CVE-2026-0002", ["CVE-2026-0001", "CVE-2026-0002"]),
        (" ; ", None),
        ("", None),
    ],
)
def test_several_texts_keep_their_order_and_stand_once(typed: str, kept: list[str] | None) -> None:
    assert TEXTS.from_text(typed) == kept


@given(several(TEXTS))
def test_any_texts_survive_text_and_body(value: list[str]) -> None:
    assert TEXTS.from_text(TEXTS.to_text(value)) == value
    assert TEXTS.from_body(json.loads(canonical({"v": TEXTS.to_body(value)}))["v"]) == value


def test_each_has_at_most_200_characters() -> None:
    assert TEXTS.from_text("x" * 200 + ";" + "y" * 200) == ["x" * 200, "y" * 200]
    with pytest.raises(WrongValue, match="200"):
        TEXTS.from_text("a; " + "x" * 201)


# --- records ----------------------------------------------------------------------------------------------------


def audit(**values: Any) -> dict[str, Any]:
    return {"title": "監査", "plan_year": 2026, "conducted_by": "internal", **values}


@pytest.fixture
def member(cast: Cast) -> None:
    """Three monitors with a level and one without; two audits with clauses and one without."""
    about = {"system": "S-EXC", "what": "availability", "since_on": date(2026, 1, 1)}
    with act("sample", OPERATOR.by) as doing:
        for key, bound in (("MO-1", "99.95"), ("MO-2", "100"), ("MO-3", "9.5"), ("MO-4", None)):
            level = {"bound": Decimal(bound), "direction": "at_least"} if bound else {}
            doing.put(Monitor, key, about | {"title": key} | level)
        for key, clauses in (
            ("AU-1", ["10-3", "9"]),
            ("AU-2", ["9", "G9-1", "10-1", "10-2"]),
            ("AU-3", None),
        ):
            doing.put(Audit, key, audit(clauses=clauses))


def then() -> Facts:
    return facts_of(snapshot(known_at=clock.now()))


def found(model: Any, query: dict[str, list[str]], of: Facts | None = None) -> list[str]:
    return [row.key for row in register.listed(model, register.asked_of(model, query), then=of).rows]


@pytest.mark.django_db
def test_what_is_kept_reads_back_equal_and_in_its_plain_form(member: None) -> None:
    for facts in (None, then()):
        values = [row.values["bound"] for row in register.listed(Monitor, register.Asked(), then=facts).rows]
        assert values == [Decimal("99.95"), Decimal(100), Decimal("9.5"), None]
        assert [str(v) for v in values] == ["99.95", "100", "9.5", "None"]
        several_texts = register.one(Audit, "AU-1", then=facts).values["clauses"]
        assert several_texts == ["10-3", "9"]
    assert str(Monitor.objects.get(pk="MO-1").bound) == "99.95"
    assert verify_all().ok


@pytest.mark.django_db
def test_the_longest_decimals_come_back_to_the_last_digit(cast: Cast) -> None:
    longest = ["999999999999.999", "-999999999.999999", "123456789012.345", "0.000001", "0"]
    with act("sample", OPERATOR.by) as doing:
        for n, bound in enumerate(longest):
            values = {"title": "x", "what": "other", "bound": Decimal(bound), "since_on": date(2026, 1, 1)}
            doing.put(Monitor, f"MO-{n}", values)
    for facts in (None, then()):
        kept = [str(row.values["bound"]) for row in register.each(Monitor, register.Asked(), then=facts)]
        assert kept == longest
    assert verify_all().ok


@pytest.mark.django_db
def test_facts_are_doubles_and_lists(member: None) -> None:
    monitors, audits = then().frame(Monitor).sort("key"), then().frame(Audit).sort("key")
    assert monitors.schema["bound"] == pl.Float64
    assert monitors["bound"].to_list() == [99.95, 100.0, 9.5, None]
    assert audits.schema["clauses"] == pl.List(pl.String)
    assert audits["clauses"].to_list() == [["10-3", "9"], ["9", "G9-1", "10-1", "10-2"], None]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"bound": ["99.950"]}, ["MO-1"]),
        ({"bound": ["9.5", "-"]}, ["MO-3", "MO-4"]),
        ({"bound__from": ["99.95"]}, ["MO-1", "MO-2"]),
        ({"bound__until": ["99.95"]}, ["MO-1", "MO-3"]),
        ({"bound__from": ["9.500001"], "bound__until": ["99.949999"]}, []),
        ({"sort": ["bound"]}, ["MO-3", "MO-1", "MO-2", "MO-4"]),
    ],
)
def test_decimals_are_asked_for_as_numbers(
    member: None, query: dict[str, list[str]], expected: list[str]
) -> None:
    assert found(Monitor, query) == found(Monitor, query, then()) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"clauses": ["9"]}, ["AU-1", "AU-2"]),
        ({"clauses": ["10-3", "G9-1"]}, ["AU-1", "AU-2"]),
        ({"clauses": ["10"]}, []),  # a part of a text is not the text
        ({"clauses": ["-"]}, ["AU-3"]),
        ({"sort": ["clauses"]}, ["AU-1", "AU-2", "AU-3"]),  # a list has no order: by key
    ],
)
def test_several_texts_are_asked_for_one_by_one(
    member: None, query: dict[str, list[str]], expected: list[str]
) -> None:
    assert found(Audit, query) == found(Audit, query, then()) == expected


@pytest.mark.django_db
def test_an_act_takes_only_their_own_types(cast: Cast) -> None:
    blank = dict.fromkeys(Monitor.kind_fields())
    for wrong in (99.95, "99.95", 1, True, Decimal("NaN"), Decimal("1e12"), Decimal("0.0000001")):
        values = blank | {"title": "x", "system": "S-EXC", "what": "other", "since_on": date(2026, 1, 1)}
        assert list(problems_of(Monitor, "MO-1", values | {"bound": wrong, "direction": "at_most"})) == [
            "bound"
        ]
    blank = dict.fromkeys(Audit.kind_fields())
    texts: tuple[Any, ...] = ("9", ["9", "9"], [9], ["9; 10-1"], ["9\n"], [" 9"], ["x" * 201], [""])
    for wrong in texts:
        assert list(problems_of(Audit, "AU-1", blank | audit(clauses=wrong))) == ["clauses"]
    assert problems_of(Audit, "AU-1", blank | audit(clauses=["9", "10-3"])) == {}


# --- sheets -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_workbook_has_numbers_and_takes_them_back(member: None) -> None:
    file = io.BytesIO()
    write_workbook(file, [sheet_now(Monitor), sheet_now(Audit)], "en")
    book = openpyxl.load_workbook(io.BytesIO(file.getvalue()))
    page, column = book["monitor"], column_names(Monitor).index("bound") + 1
    assert [page.cell(row, column).value for row in (3, 4, 5, 6)] == [99.95, 100, 9.5, None]
    assert page.cell(3, column).number_format == "General"
    letter = openpyxl.utils.get_column_letter(column)
    rules = {str(r.sqref).split(":")[0]: r for r in page.data_validations.dataValidation}
    assert rules[f"{letter}3"].type == "decimal"
    assert (
        book["audit"]
        .cell(2, column_names(Audit).index("clauses") + 1)
        .value.endswith("Several are parted by ;")
    )
    page.cell(3, column).value = 0.1 + 0.2
    page.cell(4, column).value = 1e-06
    book["audit"].cell(3, column_names(Audit).index("clauses") + 1).value = "9；10-1\n9"
    changed = io.BytesIO()
    book.save(changed)
    plan = plan_import(OPERATOR, read_bytes("all.xlsx", changed.getvalue()))
    assert plan.is_good, [(p.cell, p.text.en) for p in plan.all_problems]
    take(plan, OPERATOR)
    assert [str(m.bound) for m in Monitor.objects.order_by("pk")] == ["0.3", "0.000001", "9.5", "None"]
    assert Audit.objects.get(pk="AU-1").clauses == ["9", "10-1"]


@pytest.mark.django_db
def test_a_cell_with_too_many_decimals_is_refused(member: None) -> None:
    text = "key,bound\r\nMO-1,1.2345678\r\n"
    plan = plan_import(OPERATOR, read_bytes("monitor.csv", text.encode()))
    assert [(p.cell, p.code) for p in plan.all_problems] == [("monitor!B2", "wrong_value")]


@pytest.mark.django_db
def test_csv_holds_them_as_text(member: None) -> None:
    lines = "".join(csv_lines(sheet_now(Audit), bom=False)).split("\r\n")
    assert lines[2].split(",")[column_names(Audit).index("clauses")] == "9; G9-1; 10-1; 10-2"
    assert "99.95" in "".join(csv_lines(sheet_now(Monitor), bom=False)).split("\r\n")[1].split(",")


# --- pages ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_form_reads_them_and_shows_them_again(member: None) -> None:
    typed = MONITOR | {"bound": "１，０００．２５０", "direction": "at_most", "key": ""}
    form = RecordForm(Monitor, None, typed)
    assert form.is_valid(), form.errors
    assert form.values()["bound"] == Decimal("1000.25")
    again = RecordForm(Monitor, form.whole())
    assert again["bound"].value() == "1000.25"
    assert 'inputmode="decimal"' in str(again["bound"])
    texts = RecordForm(Audit, None, {"title": "監査", "clauses": "10-3；9\n10-3"})
    assert texts.is_valid(), texts.errors
    assert texts.values()["clauses"] == ["10-3", "9"]
    assert RecordForm(Audit, texts.whole())["clauses"].value() == "10-3; 9"
    wrong = RecordForm(Monitor, None, MONITOR | {"bound": "99.95%"})
    assert list(wrong.errors) == ["bound"]


@pytest.mark.django_db
def test_a_register_shows_and_filters_them(cast: Cast, member: None) -> None:
    client = cast.sakura.client
    shown = read(client, "/records/monitor/?sort=bound&bound__from=99")
    assert keys_shown(shown) == ["MO-1", "MO-2"]
    assert '<td class="num">99.95</td>' in shown
    assert 'inputmode="decimal" name="bound__from" value="99"' in shown
    audits = read(client, "/records/audit/?clauses=9")
    assert keys_shown(audits) == ["AU-1", "AU-2"]
    assert 'name="clauses" id="f-clauses" value="9"' in audits
    assert "対象条項: 9" in audits
    assert rows(audits)
    page = read(client, "/records/audit/AU-2/")
    assert "9、G9-1、10-1、10-2" in page


# --- the API ----------------------------------------------------------------------------------------------------


@pytest.fixture
def caller(cast: Cast) -> Caller:
    return token_of(cast.sakura)


@pytest.mark.django_db
@pytest.mark.parametrize("sent", [99.95, "99.95", "99.950000"])
def test_the_api_takes_a_number_or_a_string_and_answers_a_string(caller: Caller, sent: Any) -> None:
    body = {"values": MONITOR | {"bound": sent, "direction": "at_least"}}
    made = caller.post("records/monitor", body)
    assert made.status == 201, made.json
    assert made.json["values"]["bound"] == "99.95"
    assert [r["key"] for r in caller.get("records/monitor?bound__gte=99.95&bound=99.950").json["items"]] == [
        "MO-0001"
    ]
    assert caller.get("records/monitor?bound__lte=99.949999&sort=bound").json["items"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent", [True, "1e3", "", "1,000", 0.1234567, 1e12, 10**400, [1], "123456789012.3456"]
)
def test_the_api_refuses_what_is_no_decimal(caller: Caller, sent: Any) -> None:
    answer = caller.post("records/monitor", {"values": MONITOR | {"bound": sent, "direction": "at_least"}})
    assert answer.status in (400, 422), answer.json
    assert not Monitor.objects.exists()


@pytest.mark.django_db
def test_the_api_takes_and_asks_several_texts(cast: Cast, member: None) -> None:
    caller = token_of(cast.sakura)
    assert [r["key"] for r in caller.get("records/audit?clauses=9&clauses=-").json["items"]] == [
        "AU-1",
        "AU-2",
        "AU-3",
    ]
    assert caller.get("records/audit?clauses=9%3B10").code == "malformed"
    assert caller.get("records/audit/AU-1").json["values"]["clauses"] == ["10-3", "9"]


@pytest.mark.django_db
def test_the_api_describes_them(caller: Caller) -> None:
    shapes = caller.get("openapi.json").json["components"]["schemas"]
    taken = shapes["MonitorValues"]["properties"]["bound"]
    forms = [form for form in taken["anyOf"] if form != {"type": "null"}]
    assert {form["type"] for one in forms for form in one.get("anyOf", [one])} == {"number", "string"}
    assert "JSON number or string" in taken["description"]
    assert {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"} in shapes["MonitorSeen"][
        "properties"
    ]["bound"]["anyOf"]
    several_texts = next(
        f for f in shapes["AuditValues"]["properties"]["clauses"]["anyOf"] if f["type"] == "array"
    )
    assert several_texts["items"]["maxLength"] == 200
