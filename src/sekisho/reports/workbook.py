"""Write an Excel workbook, a sheet a kind, that people fill in and `load` reads back without loss.

Every text is stored as a text, never as a formula. Row 1 holds the fields' names, row 2 their help (skipped when read),
choices are drop-downs, days are days. Row by row, so that memory stays small however many records there are.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, Flag, Instant, KindField, Number, Quantity, Words
from sekisho.records.record import Record
from sekisho.reports.sheets import Row, Sheet, column_names, help_of, help_row

GUIDE, LISTS = "_guide", "_lists"
FIRST = 2  # the first row of records, counted from 0
SPARE = 2_000  # empty rows below the records that have drop-downs too
MAX_TEXT = 32_767
MAX_NUMBER = 10**15  # past 15 digits Excel would round what somebody edits
_OLDEST = date(1900, 3, 1)  # Excel takes 1900 for a leap year
_FONT: dict[str, Any] = {"font_name": "Yu Gothic", "font_size": 10}
YES, NO = Text("はい", "yes"), Text("いいえ", "no")


class TooLongForExcel(SekishoError):
    """A text is longer than a cell of Excel holds. Data: where, limit."""

    code = "too_long_for_excel"
    status = 422
    text = Text(
        "{where} は Excel のセルに入る長さ（{limit} 文字）を超えています。CSV で書き出してください。",
        "{where} is longer than a cell of Excel holds ({limit} characters). Export it as CSV.",
    )


def write_workbook(target: Path | BinaryIO, sheets: Sequence[Sheet], language: str = "ja") -> None:
    """Write the sheets in the order given. Labels and help are in `language` ('ja' or 'en').

    A file appears whole or not at all.
    """
    if not isinstance(target, Path):
        _write(target, sheets, language)
        return
    part = target.with_name(f".{target.name}.part")
    try:
        _write(str(part), sheets, language)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _write(target: str | BinaryIO, sheets: Sequence[Sheet], language: str) -> None:
    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with tempfile.TemporaryDirectory(prefix="sekisho-") as folder:
        book = xlsxwriter.Workbook(target, options | {"tmpdir": folder})
        try:
            book.set_properties({"title": "Sekisho", "created": clock.now().replace(tzinfo=None)})
            _Writer(book, language).write(sheets)
            book.close()
        except FileCreateError as error:
            raise _cause(error) from None
        finally:
            _let_go(book)


def _cause(error: FileCreateError) -> Exception:
    """The system's own error, which says more."""
    return next((e for e in (*error.args, error.__context__) if isinstance(e, OSError)), error)


def _let_go(book: Any) -> None:
    """After a failure too: no row file stays open, and the writer does not complain that its file was never closed."""
    book.fileclosed = True
    for page in book.worksheets():
        if page.row_data_fh is not None:
            page.row_data_fh.close()


class _Writer:
    def __init__(self, book: Any, language: str) -> None:
        self.book, self.language = book, language
        self.lists: list[list[str]] = []
        styles: dict[str, dict[str, Any]] = {
            "text": {"num_format": "@", "text_wrap": True, "valign": "top"},
            "day": {"num_format": "yyyy-mm-dd", "valign": "top"},
            "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"},
            "number": {"num_format": "#,##0", "valign": "top"},
            "quantity": {"num_format": "General", "valign": "top"},
            "head": {"bold": True, "bg_color": "#E8F1FE", "bottom": 1},
            "needed": {"bold": True, "bg_color": "#C5D7FB", "bottom": 1},
            "help": {
                "font_color": "#595959",
                "text_wrap": True,
                "valign": "top",
                "bottom": 1,
                "num_format": "@",
            },
        }
        self.styles = {name: book.add_format(_FONT | style) for name, style in styles.items()}

    def write(self, sheets: Sequence[Sheet]) -> None:
        self._guide()
        for number, sheet in enumerate(sheets):
            made = self.book.add_worksheet(sheet.model.about.name)
            if number == 0:
                made.activate()
                made.set_first_sheet()
            self._sheet(made, sheet)
        self._lists()

    def _guide(self) -> None:
        page = self.book.add_worksheet(GUIDE)
        page.set_column(0, 0, 110)
        for row, line in enumerate(_GUIDE):
            page.write_string(row, 0, line.in_(self.language), self.styles["text"])

    def _sheet(self, page: Any, sheet: Sheet) -> None:
        names, fields = column_names(sheet.model), sheet.model.kind_fields()
        columns = [fields[name] for name in names[1:]]
        self._head(page, sheet.model, names)
        row = FIRST
        for record in sheet.rows:
            self._record(page, row, sheet.model, columns, record)
            row += 1
        page.autofilter(FIRST - 1, 0, max(row - 1, FIRST), len(names) - 1)
        for column, field in enumerate(columns, 1):
            self._validate(page, column, row + SPARE, field)

    def _head(self, page: Any, model: type[Record], names: list[str]) -> None:
        fields = model.kind_fields()
        page.freeze_panes(FIRST, 1)
        page.set_column(0, 0, 14, self.styles["text"])
        for column, name in enumerate(names[1:], 1):
            page.set_column(column, column, _width(fields[name]), self.styles[_style(fields[name])])
        for column, name in enumerate(names):
            needed = column > 0 and fields[name].required
            page.write_string(0, column, name, self.styles["needed" if needed else "head"])
        page.set_row(1, 64)
        for column, text in enumerate(help_row(model, self.language)):
            page.write_string(1, column, text, self.styles["help"])

    def _record(
        self, page: Any, row: int, model: type[Record], columns: list[KindField], record: Row
    ) -> None:
        key, values = record
        page.write_string(row, 0, key, self.styles["text"])
        for column, field in enumerate(columns, 1):
            value = values.get(field.name)  # type: ignore[attr-defined]
            if value is not None and value != "" and value != []:
                self._cell(page, row, column, field, value, f"{model.about.name}:{key}")

    def _cell(self, page: Any, row: int, column: int, field: KindField, value: Any, whose: str) -> None:
        style = self.styles[_style(field)]
        if isinstance(field, Day) and value >= _OLDEST:
            page.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
        elif isinstance(field, Instant) and _fits(value):
            page.write_datetime(row, column, value.astimezone(clock.JAPAN).replace(tzinfo=None), style)
        elif isinstance(field, Number) and abs(value) < MAX_NUMBER:
            page.write_number(row, column, value, style)
        elif isinstance(field, Quantity):
            page.write_number(row, column, float(value), style)
        else:
            text = self._words(field, value)
            if len(text) > MAX_TEXT:
                raise TooLongForExcel(where=f"{whose} {field.name}", limit=MAX_TEXT)  # type: ignore[attr-defined]
            page.write_string(row, column, text, self.styles["text"])

    def _words(self, field: KindField, value: Any) -> str:
        """Choices and flags in the reader's words; anything else as everywhere."""
        if isinstance(field, Choice):
            return field.label_of(value).in_(self.language)
        if isinstance(field, Flag):
            return (YES if value else NO).in_(self.language)
        return field.to_text(value)

    def _validate(self, page: Any, column: int, last: int, field: KindField) -> None:
        rule: dict[str, Any] = {"validate": "any"}
        if isinstance(field, Choice):
            rule = self._list([words.in_(self.language) for words in field.options.values()])
        elif isinstance(field, Flag):
            rule = self._list([YES.in_(self.language), NO.in_(self.language)])
        elif isinstance(field, Number):
            rule = _between("integer", field.least, field.most)
        elif isinstance(field, Quantity):
            rule = _between("decimal", *field.bounds)
        elif isinstance(field, Day):
            rule = {"validate": "date", "criteria": ">=", "value": _OLDEST}
        message = help_of(field, self.language)
        rule |= {
            "input_title": field.label.in_(self.language)[:32],
            "input_message": message[:255],
            "error_title": field.label.in_(self.language)[:32],
            "error_message": message[:255],
        }
        page.data_validation(FIRST, column, last, column, rule)

    def _list(self, words: list[str]) -> dict[str, Any]:
        """A drop-down. Its words stand in a hidden sheet: a list in the rule itself may hold 255 characters only."""
        if words not in self.lists:
            self.lists.append(words)
        letters = xlsxwriter.utility.xl_col_to_name(self.lists.index(words))
        return {"validate": "list", "source": f"='{LISTS}'!${letters}$1:${letters}${len(words)}"}

    def _lists(self) -> None:
        page = self.book.add_worksheet(LISTS)
        for row in range(max((len(words) for words in self.lists), default=0)):
            for column, words in enumerate(self.lists):
                if row < len(words):
                    page.write_string(row, column, words[row])
        page.hide()


def _fits(value: datetime) -> bool:
    """Whether Excel keeps the moment: it counts in days, to about a millisecond."""
    return value.microsecond % 1000 == 0 and value.astimezone(clock.JAPAN).date() >= _OLDEST


def _between(what: str, least: float, most: float) -> dict[str, Any]:
    return {"validate": what, "criteria": "between", "minimum": least, "maximum": most}


def _style(field: KindField) -> str:
    if isinstance(field, Day):
        return "day"
    if isinstance(field, Instant):
        return "moment"
    if isinstance(field, Quantity):
        return "quantity"
    return "number" if isinstance(field, Number) else "text"


def _width(field: KindField) -> int:
    if isinstance(field, Words):
        return 40
    return (
        20 if isinstance(field, Instant) else 12 if isinstance(field, Day | Flag | Number | Quantity) else 24
    )


_GUIDE = (
    Text(
        "Sekisho の記録を登録・変更するためのブックです。",
        "A workbook to register and change records of Sekisho.",
    ),
    Text(
        "1 行目は項目名です。変更しないでください。2 行目（# で始まる行）は説明で、読み込まれません。",
        "Row 1 holds the fields' names: leave it. Row 2 (it begins with #) is help, and is not read.",
    ),
    Text(
        "key が既にある行はその記録の変更、空欄の行は新しい記録になります。行を削除しても記録は削除されません。",
        "A row with a known key changes that record, an empty key makes a new one. Deleting a row deletes nothing.",
    ),
    Text(
        "空欄のセルはその項目を空にします。変更しない項目は列ごと削除できます。",
        "An empty cell empties its field. Columns that you do not want to change may be deleted.",
    ),
    Text(
        "日付は 2026-11-23、日時は 2026-11-23 14:30（日本時間）の形で入力してください。数式は使えません。",
        "Write days as 2026-11-23 and moments as 2026-11-23 14:30 (time of Japan). Formulas are not taken.",
    ),
    Text(
        "ほかの記録への参照は、キーか、1 件だけが持つ名称・氏名で入力してください。",
        "Refer to other records by key, or by a name that only one bears.",
    ),
    Text(
        "読み込み: sekisho load ファイル名 --preview で確認し、"
        "--preview なしで取り込みます。画面からも読み込めます。",
        "To take it in: `sekisho load FILE --preview` shows what it would do; without --preview it is done. "
        "The page 'Import' does the same.",
    ),
)
