"""The workbook as Excel sees it: read here by openpyxl, which is not ours."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest

from sekisho.records.contents import KINDS
from sekisho.records.models import Approval, Budget, Incident, Person, Unit
from sekisho.reports.sheets import Sheet, column_names
from sekisho.reports.workbook import TooLongForExcel, write_workbook


def opened(*sheets: Sheet, language: str = "ja") -> openpyxl.Workbook:
    out = io.BytesIO()
    write_workbook(out, sheets, language)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def values(model, **some):
    return dict.fromkeys(model.kind_fields()) | some


def test_the_template_has_a_sheet_a_kind_with_names_help_and_frozen_head():
    book = opened(*[Sheet(m) for m in KINDS])
    assert book.sheetnames == ["_guide", *(m.about.name for m in KINDS), "_lists"]
    assert book["_lists"].sheet_state == "hidden"
    assert book.active.title == "member_profile"
    for model in KINDS:
        page = book[model.about.name]
        assert [c.value for c in page[1]] == column_names(model)
        assert page["A2"].value.startswith("#")
        assert page.freeze_panes == "B3"
        assert page.max_row == 2


def test_choices_and_flags_are_drop_downs_of_their_words():
    book = opened(Sheet(Person), Sheet(Unit), language="en")
    rules = {str(rule.sqref).split(":")[0]: rule for rule in book["person"].data_validations.dataValidation}
    column = column_names(Person).index("employment") + 1
    rule = rules[f"{openpyxl.utils.get_column_letter(column)}3"]
    assert rule.type == "list"
    sheet, _, area = rule.formula1.partition("!")
    words = [row[0].value for row in book[sheet.strip("'")][area.replace("$", "")]]
    assert words == ["Officer", "Employee", "External"]


def test_help_says_what_is_needed_and_how_to_refer():
    head = [cell.value for cell in opened(Sheet(Person))["person"][2]]
    assert "必須" in head[column_names(Person).index("name")]
    assert "U-0001" in head[column_names(Person).index("unit")]


def test_no_text_becomes_a_formula_a_link_or_a_number():
    texts = [
        "=1+1",
        '=HYPERLINK("http://198.51.100.1")',
        "+81 3",
        "@x",
        "http://198.51.100.1",
        "007",
        "{=1}",
        "mailto:x",
    ]
    rows = [(f"U-{n}", values(Unit, name=text)) for n, text in enumerate(texts)]
    page = opened(Sheet(Unit, rows))["unit"]
    cells = [page.cell(3 + n, 2) for n in range(len(texts))]
    assert [(c.value, c.data_type, c.hyperlink) for c in cells] == [(t, "s", None) for t in texts]
    assert {c.number_format for c in cells} == {"@"}


def test_days_moments_and_numbers_are_what_excel_calculates_with():
    moment = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    book = opened(
        Sheet(Unit, [("U-1", values(Unit, name="x", since_on=date(2020, 4, 1), until_on=date(1890, 1, 1)))]),
        Sheet(
            Incident,
            [("I-1", values(Incident, detected_at=moment, reported_at=moment.replace(microsecond=1)))],
        ),
        Sheet(Budget, [("B-1", values(Budget, amount=1234567)), ("B-2", values(Budget, amount=2**53 - 1))]),
    )

    def cell(kind, model, name, row=3):
        return book[kind].cell(row, column_names(model).index(name) + 1).value

    assert cell("unit", Unit, "since_on") == datetime(2020, 4, 1)
    assert cell("unit", Unit, "until_on") == "1890-01-01"
    assert cell("incident", Incident, "detected_at") == datetime(2026, 11, 23, 14, 30)
    assert cell("incident", Incident, "reported_at") == "2026-11-23T14:30:00.000001+09:00"
    assert cell("budget", Budget, "amount") == 1234567
    assert cell("budget", Budget, "amount", 4) == str(2**53 - 1)


def test_choices_are_written_in_the_readers_words():
    rows = [("P-1", values(Person, name="x", employment="officer"))]
    column = column_names(Person).index("employment") + 1
    assert opened(Sheet(Person, rows))["person"].cell(3, column).value == "役員"
    assert opened(Sheet(Person, rows), language="en")["person"].cell(3, column).value == "Officer"


def test_a_text_that_no_cell_holds_is_refused_by_name():
    rows = [("AP-1", values(Approval, change="x" * 32_768))]
    with pytest.raises(TooLongForExcel) as caught:
        opened(Sheet(Approval, rows))
    assert "approval:AP-1 change" in caught.value.text.en


def test_it_is_written_row_by_row():
    """What is written does not wait in memory: the rows are asked for one at a time."""
    alive = []

    def rows():
        for n in range(50):
            alive.append(n)
            yield f"U-{n}", values(Unit, name="x")

    assert opened(Sheet(Unit, rows()))["unit"].max_row == 52
    assert len(alive) == 50
