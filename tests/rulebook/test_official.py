"""The official text, imported by a member: read, split at its citations, compared between editions.

The rule text here is made up. What the association publishes is read from ../shared where that is there.
"""

import csv
import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.rulebook.official import (
    Edition,
    OfficialTextError,
    Part,
    compare,
    errors,
    read,
    read_text,
    split,
)
from sekisho.rulebook.official.characters import dated_acts, fold, number
from sekisho.rulebook.official.compare import segments
from sekisho.rulebook.official.marks import relation

SHARED = Path(__file__).parents[3] / "shared" / "rule"
OFFICIAL = SHARED / "official" / "jvcea-system-risk-management-2024-02-09.txt"
with_official = pytest.mark.skipif(not OFFICIAL.exists(), reason=f"the official text is not at {OFFICIAL}")

AIRSHIPS = """
飛行船の係留に関する規則

(2019年4月1日 制定)

(令和3年7月15日 一部改正)

第1章 総則

(目的)

第1条 本規則は、組合員が所有する飛行船（気球を除く。以下同じ。）の係留について定める。

(定義)

第2条 本規則において係留とは、次の各号をいう。

- (1) 飛行船を柱につなぐこと。
- (2) 飛行船を格納庫に入れること

第 2 章 柱

第 1 節 柱の管理

（柱）

第 3 条 組合員は、柱を備えなければならない。

- 2 前項の柱は、前2条の目的に合い、強い風に

耐えるものでなければならない。

- 3 組合員は、柱について次の各号を記録する。
 - (1) 高さ
 - (2) 綱の本数及び
太さ
- 4 組合員は、記録を３年保管する。

第２節 見張り

(見張り)

第4条 組合員は、見張りを置かなければならない。

(夜の灯)

第5条 組合員は、夜に灯をともさなければならない。

(係留長)

第6条 係留長は、次の役割を担う。

- (1) 綱の点検
- (2) 組合への報告

附則

この規則は、2019年5月1日から施行する。

附則（令和3年7月15日決議）

この規則は、令和3年8月1日から施行する。

「飛行船の係留に関する規則」に関するガイドライン

(2019年4月1日 制定)

第2章関係

柱は、組合員の土地に立てるものとします。

第3条関係第2項関係

強い風とは、

第4条の規定によらず毎秒20メートルの風をいいます。

- ・ 台風
- ①竜巻

第6条第1項第2号関係

報告は、書面で行います。

附則

このガイドラインは、2019年5月1日から施行する。
"""


def airships(old: str = "", new: str = "") -> Edition:
    """The made-up rule, with one passage written otherwise."""
    assert old in AIRSHIPS
    return split(AIRSHIPS.replace(old, new, 1) if old else AIRSHIPS)


def all_parts(edition: Edition) -> tuple[Part, ...]:
    return (*edition.parts, *edition.supplementary)


def texts(edition: Edition) -> dict[str, str]:
    return {part.citation: fold(part.text) for part in all_parts(edition)}


def as_written(edition: Edition) -> str:
    """Every word of an edition in the order of its source."""

    def words(part: Part) -> str:
        caption = f"({part.heading})" if part.level == "article" and part.heading else ""
        return f"{caption}{part.label}{'' if part.level == 'article' else part.heading}{part.text}"

    zones = [
        [p for p in edition.parts if p.level != "guideline"],
        [p for p in edition.supplementary if not p.citation.startswith("G")],
        [p for p in edition.parts if p.level == "guideline"],
        [p for p in edition.supplementary if p.citation.startswith("G")],
    ]
    return edition.title + edition.preamble + "".join(words(part) for zone in zones for part in zone)


def without_bullets(source: str) -> str:
    return re.sub(r"^\s*[-*•]\s+", "", source, flags=re.MULTILINE)


class TestSplit:
    def test_every_part_has_its_citation(self):
        assert [part.citation for part in airships().parts] == [
            "C1",
            "1",
            "2",
            "2-1-1",
            "2-1-2",
            "C2",
            "C2-1",
            "3",
            "3-1",
            "3-2",
            "3-3",
            "3-3-1",
            "3-3-2",
            "3-4",
            "C2-2",
            "4",
            "5",
            "6",
            "6-1",
            "6-1-1",
            "6-1-2",
            "G",
            "GC2",
            "G3-2",
            "G6-1-2",
        ]

    def test_title_and_dates_are_read_in_both_calendars(self):
        edition = airships()
        assert edition.title == "飛行船の係留に関する規則"
        assert (edition.enacted_on, edition.amended_on) == (date(2019, 4, 1), (date(2021, 7, 15),))

    def test_parts_have_level_heading_label_and_text(self):
        edition = airships()
        assert edition.find("C2") == Part("C2", "chapter", "柱", "", "第 2 章")
        assert edition.find("C2-2") == Part("C2-2", "section", "見張り", "", "第２節")
        assert edition.find("3") == Part("3", "article", "柱", "", "第 3 条")
        assert edition.find("4") == Part(
            "4", "article", "見張り", "組合員は、見張りを置かなければならない。", "第4条"
        )
        assert edition.find("3-3-1") == Part("3-3-1", "item", "", "高さ", "(1)")
        assert edition.find("3-9") is None

    def test_a_page_break_inside_a_paragraph_or_an_item_is_healed(self):
        found = texts(airships())
        assert found["3-2"] == "前項の柱は、前2条の目的に合い、強い風に耐えるものでなければならない。"
        assert found["3-3-2"] == "綱の本数及び太さ"

    def test_a_reference_at_the_start_of_a_line_begins_nothing(self):
        guideline = airships().find("G3-2")
        assert guideline is not None
        assert guideline.heading == "第3条関係第2項関係"
        assert guideline.text.split("\n") == [
            "強い風とは、第4条の規定によらず毎秒20メートルの風をいいます。",
            "・ 台風",
            "①竜巻",
        ]

    def test_supplementary_provisions_are_cited_in_their_order(self):
        assert [(p.citation, p.heading) for p in airships().supplementary] == [
            ("S1", "附則"),
            ("S2", "附則（令和3年7月15日決議）"),
            ("GS1", "附則"),
        ]

    def test_no_word_is_lost(self):
        assert fold(as_written(airships())) == fold(without_bullets(AIRSHIPS))

    def test_items_of_article_27_are_cited_by_the_article_alone(self):
        lines = [f"第{n}条 組合員は、努める。" for n in range(1, 28)]
        edition = split("\n".join([*lines, "(1) 場所", "(2) 義務"]))
        assert [p.citation for p in edition.parts][-3:] == ["27", "27-1", "27-2"]
        assert "6-1" in texts(edition)

    def test_what_has_no_words_is_named(self):
        assert airships().lacking(["1", "3-2", "3-9", "G1"]) == ("3-9", "G1")


class TestShapes:
    """The same text as other tools write it."""

    def test_no_bullets_and_full_width(self):
        wide = without_bullets(AIRSHIPS).translate(
            str.maketrans("0123456789() ", "０１２３４５６７８９（）　")
        )
        assert texts(split(wide)) == texts(airships())

    def test_as_laws_are_printed(self):
        edition = split(
            "飛行船の係留に関する規則\n第一章　総則\n（目的）\n第一条　本規則は、係留を定める。\n"
            "（柱）\n第二条　組合員は、次の柱を備える。\n一　高い柱\n二　低い柱（\n（１）木の柱\n三　丸い柱\n"
            "２　前項の柱は、\n２条の目的に合うものとする。\n第二条の二　柱は白とする。"
        )
        assert texts(edition) == {
            "C1": "",
            "1": "本規則は、係留を定める。",
            "2": "",
            "2-1": "組合員は、次の柱を備える。",
            "2-1-1": "高い柱",
            "2-1-2": "低い柱((1)木の柱",
            "2-1-3": "丸い柱",
            "2-2": "前項の柱は、2条の目的に合うものとする。",
            "2_2": "柱は白とする。",
        }

    def test_captions_inside_the_article_line_and_numbered_first_paragraphs(self):
        edition = split(
            "第1条（目的） 1 本規則は、係留を定める。\n2 柱も定める。\n第2条 （削除）\n第3条 柱は白とする。"
        )
        assert [(p.citation, p.label, p.heading, p.text) for p in edition.parts] == [
            ("1", "第1条", "目的", ""),
            ("1-1", "1", "", "本規則は、係留を定める。"),
            ("1-2", "2", "", "柱も定める。"),
            ("2", "第2条", "", "（削除）"),
            ("3", "第3条", "", "柱は白とする。"),
        ]

    def test_a_run_of_deleted_articles(self):
        edition = split("第1条 本規則は、係留を定める。\n第2条から第4条まで 削除\n第5条 柱は白とする。")
        assert [(p.citation, p.text) for p in edition.parts][1:] == [("2", "削除"), ("5", "柱は白とする。")]

    def test_a_table_of_contents_stays_in_the_preamble(self):
        contents = "目次\n第1章 総則（第1条・第2条）\n第2章 柱（第3条―第6条）\n附則\n\n第1章 総則"
        edition = airships("第1章 総則", contents)
        assert texts(edition) == texts(airships())
        assert "第2章 柱（第3条―第6条）" in edition.preamble

    def test_wrapped_titles_captions_and_supplements(self):
        source = (
            AIRSHIPS.replace("飛行船の係留に関する規則\n", "飛行船の係留に\n関する規則\n", 1)
            .replace("(夜の灯)", "(夜の\n灯)")
            .replace("附則（令和3年7月15日決議）", "附則（令和3年7月\n15日決議）")
            .replace("に関するガイドライン", "に関す\nるガイドライン")
        )
        assert [dataclasses.replace(p, label="") for p in all_parts(split(source))] == [
            dataclasses.replace(p, label="") for p in all_parts(airships())
        ]

    def test_page_numbers_and_running_heads_are_no_text(self):
        title = "飛行船の係留に関する規則"
        lines = [line for line in without_bullets(AIRSHIPS).splitlines() if line.strip()]
        pages = [lines[i : i + 7] for i in range(0, len(lines), 7)]
        for foot in ("{}", "- {} -", "{} / 9", "{}ページ"):
            numbered = [
                "\n".join([*([title] if n > 1 else []), *page, foot.format(n)])
                for n, page in enumerate(pages, 1)
            ]
            assert texts(split("\f".join(numbered))) == texts(airships())

    def test_page_numbers_of_a_copied_text_are_no_text(self):
        lines = [line for line in AIRSHIPS.splitlines() if line.strip()]
        lines[20:20], lines[9:9] = ["2"], ["1"]
        assert texts(split("\n".join(lines))) == texts(airships())

    def test_radicals_that_pdf_fonts_give_are_kanji(self):
        source = "飛⾏船の規則\n(2019年4⽉1⽇ 制定)\n第⼀条 本規則は、⼈を守る。\n第⼆条 ⾵を測る。"
        assert texts(split(source)) == {"1": "本規則は、人を守る。", "2": "風を測る。"}

    def test_a_number_alone_on_its_line_has_its_paragraph_on_the_next(self):
        assert texts(split("第1条 本規則は、係留を定める。\n２\n柱も定める。"))["1-2"] == "柱も定める。"

    @pytest.mark.parametrize(
        ("heading", "citation"),
        [
            ("第10条関係", "G10"),
            ("第 10 条関係第 4 項関係", "G10-4"),
            ("第１０条第４項関係", "G10-4"),
            ("第六条第一項第二号関係", "G6-1-2"),
            ("第27条第1号関係", "G27-1"),
            ("第3章関係", "GC3"),
            ("第4章第1節関係", "GC4-1"),
            ("第10条の2第3項関係", "G10_2-3"),
            ("第16条及び第17条関係", "G16"),
            ("第24条 組合員は、係留に関係", None),
            ("第3条に関係する。", None),
        ],
    )
    def test_headings_of_the_guideline(self, heading, citation):
        assert relation(heading) == citation

    @pytest.mark.parametrize(
        ("numeral", "value"),
        [("10", 10), ("１０", 10), ("十", 10), ("二十七", 27), ("一〇", 10), ("百二", 102), ("元", 1)],
    )
    def test_numerals(self, numeral, value):
        assert number(numeral) == value

    def test_dates_in_kanji(self):
        assert dated_acts("令和元年十二月一日制定、二〇二四年二月九日一部改正") == (
            (date(2019, 12, 1), "制定"),
            (date(2024, 2, 9), "改正"),
        )


class TestRefusals:
    """Better no import than one that lost or doubled a clause; and the message says what next."""

    @pytest.mark.parametrize(
        ("source", "error"),
        [
            ("", errors.Empty),
            ("\n \f\n", errors.Empty),
            ("お知らせ\n本日は晴れです。", errors.NotTheRule),
            ("前の規則\n第2条の規定により、旗を掲げる。", errors.NotTheRule),
            ("第2条 柱を備える。", errors.OutOfOrder),
            ("第1条 柱を備える。\n第1条 灯をともす。", errors.RepeatedNumber),
            ("第1条 柱を備える。\n第2条 灯をともす。\n第1条 柱を備える。", errors.RepeatedNumber),
            ("第1条 柱を備える。\n第3条 灯をともす。", errors.OutOfOrder),
            ("第1章 甲\n第1条 柱を備える。\n第3章 乙\n第2条 灯をともす。", errors.OutOfOrder),
            ("第1条 柱を備える。\n3 灯をともす。", errors.OutOfOrder),
            ("第1条 柱を備える。\n2 灯をともす。\n2 旗を掲げる。", errors.RepeatedNumber),
            ("第1条 次の柱。\n(1) 甲\n(3) 乙", errors.OutOfOrder),
            ("第1条 次の柱。\n(2) 甲", errors.OutOfOrder),
            ("第1条 次の柱。\n(1) 甲\n(1) 乙", errors.RepeatedNumber),
            ("第1条 柱を備える。\n第1条関係\n甲。\n第1条関係\n乙。", errors.RepeatedNumber),
            ("規則\n(2019年2月30日 制定)\n第1条 柱を備える。", errors.NoSuchDay),
        ],
    )
    def test_a_text_that_is_not_the_rule_whole_and_once(self, source, error):
        with pytest.raises(error) as caught:
            split(source)
        assert isinstance(caught.value, OfficialTextError)
        assert "{" not in caught.value.text.ja + caught.value.text.en

    def test_the_message_says_where(self):
        with pytest.raises(errors.OutOfOrder) as caught:
            split("第1条 柱を備える。\n\n3 灯をともす。")
        assert caught.value.data["line"] == 3
        assert "第2項のはずが第3項" in caught.value.text.ja
        assert "第2項 expected, 第3項 found" in caught.value.text.en


# A small PDF by hand: its font only says which character each code is, which is all that reading needs.


def pdf(pages: list[list[str]], trailer: bytes = b"", picture: bool = False) -> bytes:
    """Pages of lines. `trailer` adds to the trailer; `picture` puts one on every page.

    Each line ends with a space: without glyphs PDFium takes a line of one character for one of no width.
    """
    used = sorted({" "} | {c for page in pages for line in page for c in line})
    pairs = "\n".join(f"<{ord(c):04X}> <{ord(c):04X}>" for c in used)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def "
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(used)} beginbfchar\n{pairs}\nendbfchar "
        "endcmap end end"
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/FontDescriptor 5 0 R/DW 1000>>",
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900"
        b"/Descent -200/CapHeight 700/StemV 80>>",
        stream(cmap),
        stream(
            b"\x00", b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
        ),
    ]
    kids = []
    for page in pages:
        shown = b" ".join(b"<" + f"{line} ".encode("utf-16-be").hex().encode() + b"> Tj T*" for line in page)
        drawn = b" q 9 0 0 9 9 9 cm /P Do Q" if picture else b""
        objects.append(stream(b"BT /F 10 Tf 14 TL 50 800 Td " + shown + b" ET" + drawn))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 850]/Resources<</Font<</F 3 0 R>>/XObject<</P 7 0 R>>>>"
            b"/Contents %d 0 R>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    return assembled(objects, trailer)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def assembled(objects: list[bytes], trailer: bytes) -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for nth, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (nth, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF"
        % (
            len(objects) + 1,
            table,
            len(objects) + 1,
            trailer,
            len(out),
        )
    )


PASSWORD = (
    b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<"
    + b"41" * 32
    + b">/U<"
    + b"42" * 32
    + b">>>"
)


class TestRead:
    @pytest.fixture
    def file(self, tmp_path):
        def write(content: bytes, name: str = "rule") -> Path:
            path = tmp_path / name
            path.write_bytes(content)
            return path

        return write

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
    def test_text_in_the_encodings_that_are_met(self, file, encoding):
        assert read_text(file(AIRSHIPS.replace("\n", "\r\n").encode(encoding))) == AIRSHIPS

    def test_a_pdf_reads_as_the_text_does(self, file):
        lines = [line for line in without_bullets(AIRSHIPS).splitlines() if line.strip()]
        pages = [[*lines[i : i + 20], str(i // 20 + 1)] for i in range(0, len(lines), 20)]
        text = read_text(file(pdf(pages)))
        assert text.count("\f") == len(pages) - 1
        assert texts(split(text)) == texts(airships())

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"", errors.Empty),
            (b" \r\n\t", errors.Empty),
            (b"\xef\xbb\xbf", errors.Empty),
            (b"<!DOCTYPE html><p>", errors.WrongFormat),
            ("\n <HTML><p>第1条 柱を備える。".encode(), errors.WrongFormat),
            (b"PK\x03\x04word/document.xml", errors.WrongFormat),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", errors.WrongFormat),
            (b"\x7fELF\x02\x01\x00\x00", errors.WrongFormat),
            (b"\xff\xfe\x00", errors.WrongFormat),
            (b"\x82", errors.UnknownEncoding),
            (b"\x82\x00\xfd\xff", errors.WrongFormat),
            (b"%PDF-1.7\nnothing more", errors.DamagedPdf),
            (pdf([["第1条"]])[:300], errors.DamagedPdf),
            (pdf([["第1条"]], trailer=PASSWORD), errors.EncryptedPdf),
            (pdf([[]]), errors.NoTextLayer),
            (pdf([[], []], picture=True), errors.NoTextLayer),
            pytest.param(b"a" * (read.MAX_BYTES + 1), errors.TooBig, id="too many bytes"),
            pytest.param(b"a" * (read.MAX_CHARACTERS + 1), errors.TooBig, id="too many characters"),
        ],
    )
    def test_a_file_that_is_not_read(self, file, content, error):
        with pytest.raises(error) as caught:
            read_text(file(content, "規則.pdf"))
        assert "規則.pdf" in caught.value.text.ja
        assert "規則.pdf" in caught.value.text.en
        assert "{" not in caught.value.text.ja + caught.value.text.en

    def test_a_page_that_is_only_a_picture_among_others_is_named(self, file):
        whole = pdf([["第1条 柱を備える。"], []], picture=True)
        with pytest.raises(errors.NoTextLayer) as caught:
            read_text(file(whole))
        assert caught.value.data["pages"] == "2"

    def test_an_empty_page_among_others_is_no_loss(self, file):
        assert read_text(file(pdf([["第1条 柱を備える。"], [], ["第2条 灯。"]]))).count("\f") == 2

    def test_too_many_pages(self, file):
        assert read_text(file(pdf([["a"]] * read.MAX_PAGES)))
        with pytest.raises(errors.TooBig) as caught:
            read_text(file(pdf([["a"]] * (read.MAX_PAGES + 1))))
        assert "501 ページ" in caught.value.text.ja

    def test_a_pdf_with_too_many_characters(self, file, monkeypatch):
        monkeypatch.setattr(read, "MAX_CHARACTERS", 10)
        for pages in ([["a" * 11]], [["a" * 6], ["a" * 6]]):
            with pytest.raises(errors.TooBig):
                read_text(file(pdf(pages)))

    def test_no_file_and_a_folder(self, tmp_path):
        for path in (tmp_path / "none.txt", tmp_path):
            with pytest.raises(errors.CannotOpen) as caught:
                read_text(path)
            assert path.name in caught.value.text.en

    @settings(max_examples=100)
    @given(st.binary(max_size=400), st.integers(0, 400), st.booleans())
    def test_any_bytes_are_read_or_refused(self, tmp_path_factory, noise, at, inside):
        whole = pdf([["第1条 柱を備える。"]])
        content = whole[:at] + noise + whole[at + len(noise) :] if inside else noise
        path = tmp_path_factory.mktemp("any") / "file"
        path.write_bytes(content)
        try:
            split(read_text(path))
        except OfficialTextError:
            return


def change(old: Edition, new: Edition) -> list[tuple[str, str, str]]:
    return [(c.citation, c.kind, c.moved_from) for c in compare(old, new)]


class TestCompare:
    def test_width_and_white_space_are_no_change(self):
        wide = AIRSHIPS.translate(str.maketrans("0123456789(),", "０１２３４５６７８９（），"))
        assert compare(airships(), split(wide.replace("組合員は、", "組合員 は、\n"))) == ()

    def test_a_changed_word_is_shown_in_its_sentence(self):
        (found,) = compare(airships(), airships("見張りを置かなければ", "見張りを常に置かなければ"))
        assert (found.citation, found.kind) == ("4", "changed")
        kept = "".join(s.text for s in found.segments if s.kind == "same")
        assert kept == "見張り\n組合員は、見張りを置かなければならない。"
        assert [(s.kind, s.text) for s in found.segments if s.kind != "same"] == [("added", "常に")]

    def test_an_added_paragraph_renumbers_those_behind_it(self):
        new = split(
            AIRSHIPS.replace("- 4 組合員は、記録", "- 5 組合員は、記録").replace(
                "- 3 組合員は、柱に", "- 3 柱は白とする。\n- 4 組合員は、柱に"
            )
        )
        assert change(airships(), new) == [
            ("3-3", "added", ""),
            ("3-4", "moved", "3-3"),
            ("3-4-1", "moved", "3-3-1"),
            ("3-4-2", "moved", "3-3-2"),
            ("3-5", "moved", "3-4"),
        ]

    def test_a_removed_item_stands_where_it_stood(self):
        new = airships(" - (1) 高さ\n - (2) 綱", " - (1) 綱")
        assert change(airships(), new) == [("3-3-1", "moved", "3-3-2"), ("3-3-1", "removed", "")]

    def test_a_second_paragraph_moves_the_text_of_the_article_to_its_first(self):
        new = airships(
            "見張りを置かなければならない。\n", "見張りを置かなければならない。\n\n2 見張りは二人とする。\n"
        )
        assert change(airships(), new) == [("4-1", "moved", "4"), ("4-2", "added", "")]
        assert change(new, airships()) == [("4", "moved", "4-1"), ("4-2", "removed", "")]

    def test_a_changed_heading_and_a_new_supplement_are_changes(self):
        new = split(
            AIRSHIPS.replace("(夜の灯)", "(灯火)").replace(
                "\n「飛行船", "\n附則\n\n直ちに施行する。\n\n「飛行船"
            )
        )
        assert change(airships(), new) == [("5", "changed", ""), ("S3", "added", "")]

    def test_a_moved_part_shows_both_its_texts(self):
        new = split(AIRSHIPS.replace("第6条第1項第2号関係", "第6条第1項第1号関係"))
        (found,) = compare(airships(), new)
        assert (found.citation, found.kind, found.moved_from) == ("G6-1-1", "moved", "G6-1-2")
        assert found.before is not None
        assert found.before.startswith("第6条第1項第2号関係")

    @given(st.text("柱灯 綱のをアイaB1、。\n", max_size=60), st.text("柱灯 綱のをアイaB1、。\n", max_size=60))
    def test_segments_tell_both_texts(self, before, after):
        found = segments(before, after)
        assert "".join(s.text for s in found if s.kind != "removed") == after
        assert fold("".join(s.text for s in found if s.kind != "added")) == fold(before)
        assert all(s.text for s in found)

    def test_long_texts_are_shown_whole_and_soon(self):
        before, after = "柱、" * 2_000, "、灯" * 2_000
        assert [s.kind for s in segments(before, after)] == ["removed", "added"]


# Editions made at random, written in a random shape, and split again.

WORDS = st.sampled_from(
    [
        "柱",
        "飛行船の綱",
        "前2項",
        "第2条の規定",
        "第3章の定め",
        "24時間",
        "（以下同じ）",
        "OS",
        "(1)に定める",
        "組合員が",
        "及び",
    ]
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=14).map(
    lambda words: "組合員は、" + "".join(words) + "とする。"
)
ITEM = st.lists(WORDS, max_size=8).map(lambda words: "綱の" + "".join(words) + "点検")
HEADING = st.sampled_from(["柱", "見張り", "綱の点検", "記録（控えを含む）"])
PARAGRAPH = st.tuples(SENTENCE, st.lists(ITEM, max_size=3))
ARTICLE = st.tuples(HEADING, st.lists(PARAGRAPH, min_size=1, max_size=3))


@st.composite
def editions(draw) -> Edition:
    parts: list[Part] = []
    chapters = 0
    for nth, (heading, paragraphs) in enumerate(draw(st.lists(ARTICLE, min_size=1, max_size=8)), 1):
        if draw(st.booleans()) if parts else True:
            chapters += 1
            parts.append(Part(f"C{chapters}", "chapter", draw(HEADING), "", f"第{chapters}章"))
        numbered = len(paragraphs) > 1 or nth == 6
        parts.append(Part(str(nth), "article", heading, "" if numbered else paragraphs[0][0], f"第{nth}条"))
        for p, (text, items) in enumerate(paragraphs, 1):
            if numbered:
                parts.append(Part(f"{nth}-{p}", "paragraph", "", text, str(p) if p > 1 else ""))
            parts += [Part(f"{nth}-{p}-{i}", "item", "", item, f"({i})") for i, item in enumerate(items, 1)]
    notes = [
        Part(f"G{n}", "guideline", f"第{n}条関係", text)
        for n, text in draw(st.dictionaries(st.integers(1, 9), SENTENCE)).items()
    ]
    head = (
        [Part("G", "guideline", "「飛行船の規則」に関するガイドライン", "(2019年4月1日 制定)")]
        if notes
        else []
    )
    supplement = (Part("S1", "supplementary", "附則", draw(SENTENCE)),)
    dates = "(2019年4月1日 制定)\n(2021年7月15日 一部改正)"
    return Edition(
        "飛行船の規則", date(2019, 4, 1), (date(2021, 7, 15),), (*parts, *head, *notes), supplement, dates
    )


@dataclasses.dataclass(frozen=True)
class Shape:
    """How a tool writes a text: wrapped at a width, with bullets or not, wide numerals, gaps, pages."""

    width: int
    bullets: bool
    wide: bool
    space: str
    gaps: bool
    page: int


SHAPES = st.builds(
    Shape,
    width=st.integers(24, 90),
    bullets=st.booleans(),
    wide=st.booleans(),
    space=st.sampled_from([" ", "　", ""]),
    gaps=st.booleans(),
    page=st.sampled_from([0, 12, 40]),
)


def blocks(edition: Edition, shape: Shape) -> list[str]:
    """The lines of an edition before any is wrapped."""
    out, label = [edition.title, *edition.preamble.split("\n")], ""
    guideline = [p for p in edition.parts if p.level == "guideline"]
    rule = [p for p in edition.parts if p.level != "guideline"]
    after = [p for p in edition.supplementary if p.citation.startswith("G")]
    for part in (*rule, *(p for p in edition.supplementary if p not in after), *guideline, *after):
        bullet = "- " if shape.bullets and part.level in ("paragraph", "item") and not label else ""
        if part.level == "article":
            out += [f"({part.heading})", *([part.label + shape.space + part.text] if part.text else [])]
            label = "" if part.text else part.label
        elif part.level in ("paragraph", "item"):
            out.append(bullet + (label or part.label) + shape.space + part.text)
            label = ""
        elif part.level in ("chapter", "section"):
            out.append(part.label + shape.space + part.heading)
        else:
            out += [part.heading, *part.text.split("\n")]
    return out


def written(edition: Edition, shape: Shape) -> str:
    lines = blocks(edition, shape)
    if shape.wide:
        lines = [line.translate(str.maketrans("0123456789()", "０１２３４５６７８９（）")) for line in lines]
    wrapped: list[str] = []
    for line in lines:
        wrapped += [line[i : i + shape.width] for i in range(0, len(line), shape.width)]
        wrapped += [""] * shape.gaps
    if not shape.page:
        return "\n".join(wrapped)
    pages = [wrapped[i : i + shape.page] for i in range(0, len(wrapped), shape.page)]
    return "\f".join("\n".join([*page, str(nth)]) for nth, page in enumerate(pages, 1))


def essence(edition: Edition) -> list[tuple[str, str, str, str]]:
    return [(p.citation, p.level, fold(p.heading), fold(p.text)) for p in all_parts(edition)]


STRAY = [
    "第7条 旗を掲げる。",
    "第2条の旗",
    "(3)の旗",
    "第3章",
    "（旗）",
    "旗。",
    "附則",
    "2項の旗",
    "・ 旗",
    "第9条関係",
    "目次",
]


class TestRoundTrip:
    @settings(max_examples=100)
    @given(editions(), SHAPES)
    def test_any_edition_in_any_shape_is_split_as_it_was(self, edition, shape):
        found = split(written(edition, shape))
        assert essence(found) == essence(edition)
        assert (found.title, found.enacted_on, found.amended_on) == (
            edition.title,
            edition.enacted_on,
            edition.amended_on,
        )
        assert compare(edition, found) == ()

    @settings(max_examples=100)
    @given(editions(), SHAPES)
    def test_no_word_of_any_edition_is_lost(self, edition, shape):
        source = written(edition, dataclasses.replace(shape, page=0))
        assert fold(as_written(split(source))) == fold(without_bullets(source))

    @settings(max_examples=100)
    @given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["", *STRAY])), max_size=3))
    def test_no_word_of_a_spoilt_text_is_lost_unless_it_is_refused(self, slips):
        lines = AIRSHIPS.split("\n")
        for at, stray in slips:
            lines[at : at + (not stray)] = [stray] if stray else []
        source = "\n".join(lines)
        try:
            edition = split(source)
        except OfficialTextError:
            return
        assert sorted(fold(as_written(edition))) == sorted(fold(without_bullets(source)))

    @settings(max_examples=100)
    @given(editions(), editions())
    def test_a_comparison_tells_every_part_and_nothing_twice(self, old, new):
        changes = compare(old, new)
        before, after = texts(old), texts(new)
        told = [(c.citation, c.kind == "removed") for c in changes]
        assert len(set(told)) == len(told)
        touched = {c.citation for c in changes if c.kind != "removed"}
        assert all(before.get(c) == text for c, text in after.items() if text and c not in touched)
        gone = {c.citation for c in changes if c.kind in ("removed", "changed")} | {
            c.moved_from for c in changes
        }
        assert all(after.get(c) == text for c, text in before.items() if text and c not in gone)
        assert compare(new, new) == ()


@pytest.fixture(scope="module")
def edition() -> Edition:
    """The official edition of 2024."""
    return split(read_text(OFFICIAL))


@with_official
class TestTheOfficialText:
    def test_every_clause_has_its_words(self, edition):
        with (SHARED / "clauses.csv").open(encoding="utf-8-sig", newline="") as file:
            clauses = [row["clause"] for row in csv.DictReader(file)]
        assert len(clauses) == 126
        assert [c for c in clauses if (part := edition.find(c)) is None or not part.text] == []
        headings = ("C", "G", "S")
        leaves = {p.citation for p in all_parts(edition) if p.text and not p.citation.startswith(headings)}
        assert leaves == {c for c in clauses if not c.startswith("G")}
        guideline = {p.citation for p in edition.parts if p.level == "guideline"}
        assert guideline == {"G", *(c for c in clauses if c.startswith("G"))}

    def test_its_dates_and_its_measure(self, edition):
        assert edition.enacted_on == date(2018, 7, 30)
        assert edition.amended_on == (date(2020, 4, 24), date(2024, 2, 9))
        levels = [p.level for p in edition.parts]
        counted = [
            levels.count(x) for x in ("chapter", "section", "article", "paragraph", "item", "guideline")
        ]
        assert counted == [5, 3, 27, 69, 30, 21]
        assert len(edition.supplementary) == 4

    def test_no_word_of_it_is_lost(self, edition):
        assert fold(as_written(edition)) == fold(without_bullets(read_text(OFFICIAL)))

    @settings(max_examples=100)
    @given(SHAPES)
    def test_it_splits_alike_in_any_shape(self, edition, shape):
        found = split(written(edition, shape))
        assert [e for e in essence(found) if e[0][0] != "G"] == [
            e for e in essence(edition) if e[0][0] != "G"
        ]
        assert compare(edition, found) == () or shape.width < 24

    def test_from_a_pdf(self, edition, tmp_path):
        lines = written(edition, Shape(38, False, True, "　", False, 0)).split("\n")
        path = tmp_path / "rule.pdf"
        path.write_bytes(pdf([[*lines[i : i + 36], f"{i // 36 + 1}"] for i in range(0, len(lines), 36)]))
        assert compare(edition, split(read_text(path))) == ()
