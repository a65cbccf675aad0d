"""Reading CSV as Excel and other tools in Japan write it: nothing is guessed, nothing becomes mojibake."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.reports.sheets import guarded
from sekisho.workflows import import_errors as errors
from sekisho.workflows.import_read import read_bytes, read_path
from sekisho.workflows.import_tables import Cell

BAD = Path("/work/shared/inputs/vendor/bad")
shared = pytest.mark.skipif(not BAD.exists(), reason=f"{BAD} is not on this machine")


def rows(content: bytes, name: str = "unit.csv") -> list[list[Cell]]:
    return [row for _, row in read_bytes(name, content).tables[0].rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_encodings(encoding):
    assert rows("key,name\r\nU-1,能力表①髙﨑\r\n".encode(encoding)) == [
        ["key", "name"],
        ["U-1", "能力表①髙﨑"],
    ]


@shared
def test_bytes_5c_inside_characters_are_no_escapes():
    found = [row for _, row in read_path(BAD / "gen_sjis_5c.csv").tables[0].rows]
    assert found == [
        ["項目", "回答", "備考"],
        ["表計算ソフトの利用", "はい", "能力"],
        ["予約", "いいえ", "=1+1"],
    ]


@shared
def test_the_wave_dash_and_the_signs_of_cp932_lose_nothing():
    path = BAD / "gen_wave_dash_and_external.csv"
    found = read_path(path).tables[0].rows
    text = "\n".join(",".join(str(c) for c in row) for _, row in found) + "\n"
    assert text.encode("cp932") == path.read_bytes()


def test_quoted_line_ends_and_blank_lines_keep_the_rows_numbers():
    table = read_bytes("unit.csv", b'key,name\r\n"U-1","a\r\nb"\r\n\r\n,,\r\nU-2,"say ""x"""\r\n').tables[0]
    assert table.rows == [(1, ["key", "name"]), (2, ["U-1", "a\r\nb"]), (5, ["U-2", 'say "x"'])]


def test_tabs_part_the_cells_of_unicode_text():
    assert rows("key\tname\r\nU-1\ta,b\r\n".encode("utf-16")) == [["key", "name"], ["U-1", "a,b"]]


@given(st.text())
def test_the_guard_against_formulas_is_taken_off_exactly(text):
    first = guarded(text)[:1]
    assert first not in tuple("=+-@＝＋－＠\t\r")
    quoted = '"' + guarded(text).replace('"', '""') + '"'
    if text.strip() and "\x00" not in text and text.isprintable():
        assert rows(f"key,{quoted}\n".encode())[0][1] == text


def test_formula_signs_without_a_guard_are_plain_text():
    assert rows(b"key,name\nU-1,=1+1\nU-2,@x\nU-3,'quoted'\n")[1:] == [
        ["U-1", "=1+1"],
        ["U-2", "@x"],
        ["U-3", "'quoted'"],
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"key,name\nU-1,\x81\xff\n", errors.UnknownEncoding),
        (b"key\x00name\n", errors.WrongFormat),
        (b'key,name\nU-1,"never closed\n', errors.Damaged),
        (b'key,name\nU-1,"a"b\n', errors.Damaged),
        (b"", errors.NothingInIt),
        (b"\r\n,,\r\n", errors.NothingInIt),
        (b"key\n" + b"x\n" * 200_001, errors.TooLarge),
        (b"," * 300 + b"x\n", errors.TooLarge),
    ],
)
def test_what_is_refused(content, error):
    with pytest.raises(error):
        read_bytes("unit.csv", content)


def test_the_line_that_cannot_be_decoded_is_named():
    with pytest.raises(errors.UnknownEncoding) as caught:
        read_bytes("unit.csv", b"key,name\nU-1,a\nU-2,\x81\xff\n")
    assert "3 行目" in caught.value.text.ja


def test_a_folder_is_read_kind_by_kind(tmp_path):
    (tmp_path / "unit.csv").write_text("key\nU-1\n", encoding="utf-8")
    (tmp_path / "person.CSV").write_text("key\nP-1\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not read", encoding="utf-8")
    source = read_path(tmp_path)
    assert [table.sheet for table in source.tables] == ["person", "unit"]
    assert len(source.sha256) == 64


def test_an_empty_folder_says_what_it_looks_for(tmp_path):
    with pytest.raises(errors.NothingInIt) as caught:
        read_path(tmp_path)
    assert "CSV" in caught.value.text.en


def test_a_csv_file_may_be_told_its_kind():
    assert read_bytes("新しい部署.csv", b"key\nU-1\n", "unit").tables[0].sheet == "unit"
