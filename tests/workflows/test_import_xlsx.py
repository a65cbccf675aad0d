"""Reading workbooks: what other programs wrote is read as they meant it; what could harm is refused in clear words."""

import io
import resource
import struct
import time
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook.protection import WorkbookProtection

from sekisho.workflows import import_errors as errors
from sekisho.workflows.import_read import read_bytes, read_path
from sekisho.workflows.import_tables import Broken, Cell, Formula
from sekisho.workflows.import_xlsx_parts import shows_date
from tests.workflows.books import book, part, saved, with_parts

BAD = Path("/work/shared/inputs/vendor/bad")
SHEET = "xl__worksheets__sheet1.xml"


def cells(content: bytes) -> list[list[Cell]]:
    return [row for _, row in read_bytes("f.xlsx", content).tables[0].rows]


def sheet_xml(rows: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return f'<?xml version="1.0"?>{head}{rows}</sheetData></worksheet>'.encode()


def simple(rows: str) -> bytes:
    return with_parts(book({"unit": [["key"]]}), **{SHEET: sheet_xml(rows)})


def test_every_type_of_cell_is_what_it_is():
    day, moment = date(2026, 11, 23), datetime(2026, 11, 23, 14, 30, 5)
    found = cells(book({"unit": [["文字", 7, 1.5, True, day, moment, "007", "=A1&B1", None, "x"]]}))
    assert found == [["文字", 7, 1.5, True, day, moment, "007", Formula("A1&B1"), None, "x"]]
    assert [type(c) for c in found[0][:5]] == [str, int, float, bool, date]


def test_rows_and_columns_keep_their_places():
    made = openpyxl.Workbook()
    made.active["C3"], made.active["A7"] = "c", "a"
    rows = read_bytes("f.xlsx", saved(made)).tables[0].rows
    assert rows == [(3, [None, None, "c"]), (7, ["a"])]


def test_days_count_from_1904_where_the_workbook_says_so():
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active.append([date(2026, 11, 23)])
    assert cells(saved(made)) == [[date(2026, 11, 23)]]


@pytest.mark.parametrize(
    "code",
    [
        "yyyy-mm-dd",
        "ggge年m月d日",
        '[$-411]ggge"年"m"月"d"日";@',
        "m/d/yy",
        "h:mm",
        "[h]:mm",
        "aaa",
        "yyyy\\-mm",
        "[$-F800]dddd",
    ],
)
def test_formats_that_show_a_day(code):
    assert shows_date(code)


@pytest.mark.parametrize(
    "code",
    ["General", "G/標準", "0.00E+00", "#,##0", '0"days"', "@", "[Red]0", "_ * #,##0_ ", "0.0%", "\\y0"],
)
def test_formats_that_show_a_number(code):
    assert not shows_date(code)


def test_a_hostile_format_takes_no_time():
    began = time.process_time()
    assert not shows_date("[" * 1_000_000)
    assert time.process_time() - began < 0.1


def test_japanese_era_dates_and_furigana():
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet("unit")
    sheet.write_datetime(0, 0, datetime(2026, 11, 23), made.add_format({"num_format": "[$-411]ggge年m月d日"}))
    sheet.write_string(0, 1, "山田")
    made.close()
    strings = part(out.getvalue(), "xl/sharedStrings.xml").replace(
        "<t>山田</t>".encode(),
        '<t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh><phoneticPr fontId="1"/>'.encode(),
    )
    assert cells(with_parts(out.getvalue(), **{"xl__sharedStrings.xml": strings})) == [
        [date(2026, 11, 23), "山田"]
    ]


def test_errors_and_shared_formulas_stay_visible():
    rows = (
        '<row r="1"><c r="A1" t="e"><v>#N/A</v></c>'
        '<c r="B1"><f t="shared" ref="B1:B2" si="0">A1*2</f><v>2</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
    )
    assert cells(simple(rows)) == [[Broken("#N/A"), Formula("A1*2")], [None, Formula("")]]


def test_other_dialects_are_read_too():
    rows = '<x:row><x:c t="inlineStr"><x:is><x:r><x:t>上</x:t></x:r><x:r><x:t>下</x:t></x:r></x:is></x:c></x:row>'
    xml = (
        '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>'
        f'{rows}<x:row><x:c t="d"><x:v>2026-11-23</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert cells(with_parts(book({"unit": []}), **{SHEET: xml.encode()})) == [["上下"], [date(2026, 11, 23)]]


TEXTS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32))


@settings(max_examples=80)
@given(
    st.lists(
        st.lists(st.one_of(TEXTS, NUMBERS, st.booleans(), st.none()), min_size=1, max_size=5),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
def test_what_xlsxwriter_writes_is_read_as_calamine_reads_it(rows, constant_memory):
    """Two programs that are not ours: one writes, the other is the oracle."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(
        out, {"constant_memory": constant_memory, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = made.add_worksheet("unit")
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            sheet.write(n, m, cell)
    made.close()
    ours: dict[tuple[int, int], object] = {}
    for number, row in (
        read_bytes("f.xlsx", out.getvalue()).tables[0].rows
        if any(c is not None for r in rows for c in r)
        else []
    ):
        ours |= {(number - 1, m): c for m, c in enumerate(row) if c is not None}
    oracle = python_calamine.load_workbook(io.BytesIO(out.getvalue())).get_sheet_by_index(0)
    theirs = {
        (n, m): c
        for n, row in enumerate(oracle.to_python(skip_empty_area=False))
        for m, c in enumerate(row)
        if c != ""
    }
    assert ours == theirs


# --- what is refused ------------------------------------------------------------------------------------------------


def refused(content: bytes, name: str = "f.xlsx") -> errors.Unreadable:
    with pytest.raises(errors.Unreadable) as caught:
        read_bytes(name, content)
    assert name in caught.value.text.ja
    assert name in caught.value.text.en
    return caught.value


def test_entities_are_refused_before_they_grow():
    lol = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    xml = lol.encode() + sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>')[21:]
    assert isinstance(refused(with_parts(book({"unit": []}), **{SHEET: xml})), errors.Hostile)


@pytest.mark.skipif(not BAD.exists(), reason=f"{BAD} is not on this machine")
def test_the_shared_entity_bomb_is_refused():
    with pytest.raises(errors.Hostile):
        read_path(BAD / "gen_xlsx_entity_bomb.xlsx")


def test_a_zip_bomb_is_refused_by_what_it_would_unpack_to():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book({"unit": []}))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet2.xml", "w") as file:
            for _ in range(310):
                file.write(b" " * 1024 * 1024)
    assert isinstance(refused(out.getvalue()), errors.TooLarge)


def test_a_part_that_unpacks_to_more_than_it_says_is_damaged():
    content = bytearray(simple('<row r="1"><c r="A1"><v>1</v></c></row>'))
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46  # the central directory's entry
    size = struct.unpack_from("<I", content, at + 24)[0]
    struct.pack_into("<I", content, at + 24, size - 40)
    assert isinstance(refused(bytes(content)), errors.Damaged)


def test_a_part_that_stands_twice_is_refused():
    out = io.BytesIO(book({"unit": []}))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    assert isinstance(refused(out.getvalue()), errors.Hostile)


def test_passwords_macros_and_other_formats_are_named():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert isinstance(refused(ole + "EncryptedPackage".encode("utf-16-le")), errors.PasswordProtected)
    assert isinstance(refused(ole, "old.xls"), errors.WrongFormat)
    assert isinstance(
        refused(with_parts(book({"unit": []}), **{"xl__vbaProject.bin": b"x"})), errors.HasMacros
    )
    assert isinstance(refused(with_parts(book({"unit": []}), mimetype=b"x")), errors.WrongFormat)
    assert isinstance(refused(b"PK\x03\x04rest"), errors.Damaged)
    assert isinstance(refused(b"hello"), errors.WrongFormat)
    assert isinstance(refused(book({"unit": [["key"]]})[:-200]), errors.Damaged)


def test_a_locked_structure_is_no_password():
    """Protecting the structure encrypts nothing: the file is read."""
    made = openpyxl.Workbook()
    made.security = WorkbookProtection(workbookPassword="x", lockStructure=True)
    made.active.append(["key"])
    assert cells(saved(made)) == [["key"]]


def test_a_million_rows_are_refused_fast_and_in_little_memory():
    row = '<row><c t="s"><v>0</v></c><c><v>5</v></c></row>'
    content = simple(row * 1_000_000)
    assert len(content) < 20 * 1024 * 1024
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    error = refused(content)
    assert isinstance(error, errors.TooLarge)
    assert "200,000" in error.text.ja
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # KiB


def test_far_cells_cost_nothing():
    assert cells(simple('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')) == [[1]]
    empty = simple('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>')
    assert cells(empty) == [[1]]
    error = refused(simple('<row r="1"><c r="XFD1"><v>1</v></c></row>'))
    assert isinstance(error, errors.TooLarge)
    assert "XFD1" in error.text.ja


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="1"/>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>x</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        '<row r="-1"/>',
        '<row r="1"><c r="A1" s="x"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>soon</v></c></row>',
        "<row",
    ],
)
def test_what_the_format_does_not_allow_is_damage(rows):
    assert isinstance(refused(simple(rows)), errors.Damaged)


def test_more_than_20_mb_are_not_even_looked_at(tmp_path):
    big = tmp_path / "big.xlsx"
    with big.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    with pytest.raises(errors.TooLarge):
        read_path(big)


def test_what_cannot_be_opened_says_so(tmp_path):
    with pytest.raises(errors.CannotOpen, match="no such file"):
        read_path(tmp_path / "none.xlsx")


def test_instants_come_without_a_zone():
    """A sheet knows no zone: the field says which (Japan)."""
    assert cells(book({"unit": [[datetime(2026, 1, 1, 9, tzinfo=UTC).replace(tzinfo=None)]]})) == [
        [datetime(2026, 1, 1, 9)]
    ]
