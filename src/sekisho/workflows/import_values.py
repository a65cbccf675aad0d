"""A cell as a value of its field. Text goes through the field's own reading; typed cells are what they are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.fields import Day, Flag, Instant, KindField, Number, Quantity, WrongValue
from sekisho.workflows.import_tables import Broken, Cell, Formula
from sekisho.workflows.import_xlsx_parts import day_or_moment

_OLDEST = date(1950, 1, 1)  # a bare number before it is rather a year or a count than a day of Excel


class FormulaInCell(WrongValue):
    code = "formula"
    text = Text(
        "数式（={formula}）は読み込みません。セルをコピーし「値の貼り付け」で値に置き換えてください。",
        "Formulas (={formula}) are not taken. Copy the cell and paste it as a value.",
    )


class BrokenCell(WrongValue):
    code = "broken_cell"
    text = Text(
        "エラー値（{error}）が入っています。正しい値を入力するか、空欄にしてください。",
        "The cell holds an error ({error}). Enter the value, or leave it empty.",
    )


_NO_DAY = Text(
    "「{value}」は日付ではありません。2026-11-23 の形で入力してください。",
    "'{value}' is not a date. Write 2026-11-23.",
)
_HAS_TIME = Text(
    "「{value}」には時刻が含まれています。日付だけを入力してください。",
    "'{value}' holds a time of day. Enter the date alone.",
)
_BECAME_DAY = Text(
    "Excel が日付（{value}）に変換したセルです。セルの書式を「文字列」にして、もう一度入力してください。",
    "Excel made a date of this cell ({value}). Format the cell as text and enter it again.",
)
_IS_FLAG = Text(
    "TRUE / FALSE が入っています。この項目の値を入力してください。",
    "The cell holds TRUE or FALSE. Enter a value of this field.",
)
_NOT_WHOLE = Text(
    "「{value}」は整数ではありません。小数点のない数を入力してください。",
    "'{value}' is not a whole number. Use no decimals.",
)


def value_in(field: KindField, cell: Cell, epoch: date) -> Any:
    """The field's value, None for an empty cell. Raises WrongValue."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return field.from_text(cell)
    if isinstance(cell, Formula):
        raise FormulaInCell(formula=cell.text[:40])
    if isinstance(cell, Broken):
        raise BrokenCell(error=cell.text)
    if isinstance(cell, bool):
        return _from_flag(field, cell)
    if isinstance(cell, int | float):
        return _from_number(field, cell, epoch)
    return _from_day(field, cell)


def plain(cell: Cell) -> str:
    """A key's cell as text. Raises WrongValue."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Formula):
        raise FormulaInCell(formula=cell.text[:40])
    if isinstance(cell, Broken):
        raise BrokenCell(error=cell.text)
    if isinstance(cell, bool):
        raise WrongValue(_IS_FLAG)
    if isinstance(cell, int | float):
        return _digits(cell)
    if cell is None:
        return ""
    raise WrongValue(_BECAME_DAY, value=cell.isoformat(" ") if isinstance(cell, datetime) else cell)


def _from_flag(field: KindField, cell: bool) -> Any:
    if isinstance(field, Flag):
        return cell
    raise WrongValue(_IS_FLAG)


def _from_number(field: KindField, cell: int | float, epoch: date) -> Any:
    if isinstance(field, Day | Instant):
        meant = day_or_moment(cell, epoch)
        if not isinstance(meant, date) or _day(meant) < _OLDEST:
            raise WrongValue(_NO_DAY, value=_digits(cell))
        return _from_day(field, meant)
    if isinstance(field, Number):
        if cell != cell or cell in (float("inf"), float("-inf")) or cell != int(cell):
            raise WrongValue(_NOT_WHOLE, value=_digits(cell))
        return field.bounded(int(cell))
    if isinstance(field, Quantity):
        return field.bounded(Decimal(_digits(cell)))
    return field.from_text(_digits(cell))


def _from_day(field: KindField, cell: date) -> Any:
    if isinstance(field, Instant):
        moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.JAPAN)
    if not isinstance(field, Day):
        raise WrongValue(_BECAME_DAY, value=cell.isoformat(" ") if isinstance(cell, datetime) else cell)
    if isinstance(cell, datetime):
        raise WrongValue(_HAS_TIME, value=cell.isoformat(" "))
    return cell


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _digits(number: int | float) -> str:
    """A number as Excel shows it: at most 15 digits, no needless point."""
    return str(number) if isinstance(number, int) else f"{number:.15g}"
