"""Lists of controls as CSV: what is read, and what is refused with its line."""

from pathlib import Path

import pytest

from sekisho.connectors.contents import FRAMEWORK_FORMATS, framework_format
from sekisho.connectors.language import ControlDraft, Unreadable
from sekisho.connectors.tools.controls_csv.parse import MAX_BYTES, parse
from sekisho.connectors.tools.controls_csv.read import from_file
from sekisho.kernel.errors import NotFound

FIXTURE = Path(__file__).parents[1] / "fixtures" / "controls_csv" / "controls.csv"
INPUTS = Path(__file__).parents[4] / "shared" / "inputs" / "frameworks"
HEAD = "number,title,parent,text\n"


def read(text, encoding="utf-8"):
    return parse(text.encode(encoding)).controls


def test_a_list_is_read_in_its_order_with_several_lines_of_text():
    found = parse(from_file(FIXTURE))
    assert (found.name, found.version, found.losses) == ("", "", ())
    assert found.controls == (
        ControlDraft("CA-1", "入口の防御", "", "通信を検査する。\n疑わしいものを遮断する。"),
        ControlDraft("CA-1.1", "メール", "CA-1", "添付を検査する。"),
        ControlDraft("CA-2", "出口の防御"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_it_is_read_as_excel_in_japan_and_others_write_it(encoding):
    assert read("番号,名称\nA-1,防御\n", encoding) == (ControlDraft("A-1", "防御"),)
    assert read("Number\tTitle\r\nA-1\t防御\r\n", encoding) == (ControlDraft("A-1", "防御"),)


def test_columns_come_in_any_order_and_short_rows_leave_the_rest_empty():
    assert read("text,number\nx,A-1\ny,A-2\n")[1] == ControlDraft("A-2", text="y")
    assert read(HEAD + "A-1\n") == (ControlDraft("A-1"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "A-1,x\nA-1,y\n", "Line 3: the number A-1 stands twice"),
        (HEAD + ",x\n", "Line 2: it has no number"),
        (HEAD + "A-1,x,,y,z\n", "Line 2: it has 5 columns"),
        (HEAD + f"A-1,{'x' * 201}\n", "Line 2: title is too long"),
        (HEAD + f"A-1,x,,{'x' * 20_001}\n", "Line 2: text is too long"),
        (HEAD + 'A-1,"x\n', "it is not CSV"),
        ("title,text\nx,y\n", "'number' is needed"),
        ("number,number\n1,2\n", "'number' is needed"),
        ("number,colour\n1,red\n", "no other head is known"),
        (HEAD, "not one control"),
        ("", "'number' is needed"),
        ("number\nA\0B\n", "no characters"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text, told):
    with pytest.raises(Unreadable, match=told) as refusal:
        read(text)
    assert refusal.value.text.ja != refusal.value.text.en


def test_what_is_too_big_or_of_no_known_encoding_is_refused():
    with pytest.raises(Unreadable, match="too big"):
        parse(b" " * (MAX_BYTES + 1))
    with pytest.raises(Unreadable, match="neither"):
        parse(b"number\n\x81\xff\x81\n")


def test_what_hides_is_made_visible():
    assert read(HEAD + "A\u200b,\u202ex\n") == (ControlDraft("A<U+200B>", "<U+202E>x"),)


def test_a_format_is_known_by_the_ending_of_the_files_name():
    assert framework_format("CSF.JSON").id == "oscal"
    assert framework_format("controls.csv").id == "controls_csv"
    for name in ("nist-csf-2.0.yaml", "json", "a.xlsx"):
        with pytest.raises(NotFound):
            framework_format(name)
    for one in FRAMEWORK_FORMATS:
        assert one.name.ja != one.name.en
        assert 0 < one.max_bytes <= 50 * 1024 * 1024  # the store of evidence takes as much


def test_other_real_files_are_no_list_of_controls():
    paths = sorted((INPUTS / "open").glob("*.yaml"))
    if not paths:
        pytest.skip(f"no real inputs at {INPUTS}")
    for path in paths:
        with pytest.raises(Unreadable):
            parse(path.read_bytes())
