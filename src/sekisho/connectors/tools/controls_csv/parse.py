"""Thought only: the bytes of a CSV list of controls into a framework. It has no name of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sekisho.connectors.language import ControlDraft, FrameworkDraft, Unreadable, one_line, visible
from sekisho.kernel.texts import Text

MAX_BYTES = 16 * 1024 * 1024
MAX_CONTROLS = 20_000
LONGEST_LINE, LONGEST_TEXT = 200, 20_000

COLUMNS = {"number": "番号", "title": "名称", "parent": "上位の番号", "text": "本文"}
_BY_HEAD = {head: name for name, ja in COLUMNS.items() for head in (name, ja)}

_TOO_BIG = Text(
    "大きすぎます（{size} バイト、上限 {most} バイト）。",
    "It is too big: {size} bytes, and at most {most} are taken.",
)
_BINARY = Text("文字でないデータです。CSV を指定してください。", "These are no characters. Give a CSV file.")
_ENCODING = Text(
    "文字コードが UTF-8 でも Shift_JIS でもありません。UTF-8 で保存し直してください。",
    "It is neither UTF-8 nor Shift_JIS. Save it as UTF-8.",
)
_HEADS = Text(
    "1行目の見出しは number, title, parent, text（番号、名称、上位の番号、本文）です。"
    "number は必須で、ほかの見出しは使えません（{found}）。",
    "The first row heads the columns: number, title, parent, text. "
    "'number' is needed, and no other head is known ({found}).",
)
_BROKEN = Text(
    "{line} 行目: CSV として読めません（引用符を確認してください）。",
    "Line {line}: it is not CSV. Check its quotation marks.",
)
_WIDTH = Text(
    "{line} 行目: 列が {found} 列あります（見出しは {wanted} 列）。",
    "Line {line}: it has {found} columns, and the head has {wanted}.",
)
_NO_NUMBER = Text("{line} 行目: 番号がありません。", "Line {line}: it has no number.")
_TWICE = Text(
    "{line} 行目: 番号 {number} が二度あります。何も取り込みません。",
    "Line {line}: the number {number} stands twice. Nothing is taken.",
)
_TOO_LONG = Text(
    "{line} 行目: {column} が長すぎます（上限 {most} 文字）。",
    "Line {line}: {column} is too long (at most {most} characters).",
)
_NOTHING = Text("管理策が一つもありません。", "There is not one control in it.")
_TOO_MANY = Text("管理策が {most} 件を超えています。", "There are more than {most} controls.")


def parse(data: bytes) -> FrameworkDraft:
    """The framework of a list: rows in their order. Raises Unreadable where any row is wrong."""
    if len(data) > MAX_BYTES:
        raise Unreadable(_TOO_BIG, size=len(data), most=MAX_BYTES)
    rows = _rows(_decoded(data))
    _, head = next(rows, (1, []))
    columns = _columns(head)
    found: dict[str, ControlDraft] = {}
    for line, row in rows:
        control = _control(line, row, columns)
        if control.number in found:
            raise Unreadable(_TWICE, line=line, number=control.number)
        found[control.number] = control
        if len(found) > MAX_CONTROLS:
            raise Unreadable(_TOO_MANY, most=MAX_CONTROLS)
    if not found:
        raise Unreadable(_NOTHING)
    return FrameworkDraft("", "", tuple(found.values()))


def _decoded(data: bytes) -> str:
    """UTF-8, with or without a byte order mark, or what Excel in Japan writes. Never a guess past that."""
    if b"\x00" in data:
        raise Unreadable(_BINARY)
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_ENCODING)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line that it ends on."""
    first = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise Unreadable(_BROKEN, line=reader.line_num) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _columns(head: list[str]) -> list[str]:
    """The columns' names in their order."""
    told = [_BY_HEAD.get(cell.strip().lower(), "") for cell in head]
    if "number" not in told or "" in told or len(set(told)) != len(told):
        raise Unreadable(_HEADS, found=", ".join(one_line(cell, 30) for cell in head[:8]) or "-")
    return told


def _control(line: int, row: list[str], columns: list[str]) -> ControlDraft:
    if len(row) > len(columns):
        raise Unreadable(_WIDTH, line=line, found=len(row), wanted=len(columns))
    given = dict(zip(columns, row, strict=False))
    told = {}
    for name, value in given.items():
        longest = LONGEST_TEXT if name == "text" else LONGEST_LINE
        told[name] = visible(value).strip() if name == "text" else one_line(value, longest + 1)
        if len(told[name]) > longest:
            raise Unreadable(_TOO_LONG, line=line, column=name, most=longest)
    if not told["number"]:
        raise Unreadable(_NO_NUMBER, line=line)
    return ControlDraft(**told)
