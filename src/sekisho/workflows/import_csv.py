"""Read a CSV file as Excel and other tools write it in Japan: UTF-8 or CP932, commas or tabs, quoted line ends.

Text that a spreadsheet would take for a formula is written by our own export with an apostrophe in front
(reports/sheets.py); the apostrophe is taken off here, and only there.
"""

from __future__ import annotations

import csv
import io
import re

from sekisho.kernel.texts import Text
from sekisho.workflows.import_errors import Damaged, UnknownEncoding, WrongFormat, letters
from sekisho.workflows.import_tables import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Table,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)

_GUARDED = re.compile(r"'+[=+\-@＝＋－＠\t\r]")


def read_csv(name: str, content: bytes, sheet: str) -> Table:
    """The file's one table, named `sheet`. Raises Unreadable."""
    text = decoded(name, content)
    rows: list[tuple[int, list[Cell]]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, record in enumerate(reader, 1):
            row = _row(record)
            if not row:
                continue
            cells += len(row)
            if len(rows) > MAX_ROWS:
                raise too_many_rows(name)
            if len(row) > MAX_COLUMNS:
                raise too_many_columns(name, f"{letters(len(row) - 1)}{number}")
            if cells > MAX_CELLS:
                raise too_many_cells(name)
            rows.append((number, row))
    except csv.Error:
        line = reader.line_num
        raise Damaged(
            name=name,
            where=Text(f"{line} 行目の引用符か長さ", f"line {line}: its quotation marks or its length"),
        ) from None
    return Table(sheet, rows)


def decoded(name: str, content: bytes) -> str:
    """The text: UTF-8 (with or without a byte order mark), UTF-16 with one, or CP932. Never a guess past that."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\x00" in content:
        raise WrongFormat(name=name, format=Text("文字でないデータ（バイナリ）", "binary data, not text"))
    else:
        encodings = ("utf-8-sig", "cp932")  # type: ignore[assignment]
    failed_at = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            failed_at = max(failed_at, error.start)
    raise UnknownEncoding(name=name, line=content.count(b"\n", 0, failed_at) + 1)


def _delimiter(text: str) -> str:
    """Tabs where the first line has tabs and no comma (Excel's 'Unicode text'), else commas."""
    first = text.split("\n", 1)[0]
    return "\t" if "\t" in first and "," not in first else ","


def _row(record: list[str]) -> list[Cell]:
    row: list[Cell] = [
        (cell[1:] if cell[0] == "'" and _GUARDED.match(cell) else cell) if cell else None for cell in record
    ]
    while row and (row[-1] is None or not str(row[-1]).strip()):
        row.pop()
    return row
