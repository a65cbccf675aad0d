"""From a table of cells to rows with keys and values; what is wrong with each row by itself."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.records.fields import KindField, WrongValue
from sekisho.records.record import Record, merged
from sekisho.workflows.act import next_keys
from sekisho.workflows.import_columns import KEY, Columns, is_comment, missing_columns
from sekisho.workflows.import_plan import PlannedRow
from sekisho.workflows.import_register import Registers
from sekisho.workflows.import_tables import Cell, Table
from sekisho.workflows.import_values import plain, value_in
from sekisho.workflows.record import checked_key
from sekisho.workflows.ruled import problems_by_rule

_NEEDED = Text("入力してください（必須項目です）。", "Enter it: it is needed.")
_NEEDS_COLUMN = Text(
    "新しい記録に必要な列（{names}）がありません。列を加えて入力してください。",
    "A new record needs the missing columns ({names}). Add them and fill them in.",
)
_BEYOND = Text(
    "項目名のない列に値があります。1 行目に項目名を入れるか、値を削除してください。",
    "There is a value in a column without a name. Name the column in row 1, or delete the value.",
)
_TWICE = Text(
    "キー {key} がこのファイルに 2 回以上あります（{cells}）。1 行にまとめるか、キーを直してください。",
    "The key {key} stands more than once in this file ({cells}). Make one row of them, or mend the key.",
)


def rows_of_table(model: type[Record], table: Table, columns: Columns) -> list[PlannedRow]:
    """A row for each of the table's that holds a record. Values are typed; references are still as written."""
    fields = {
        name: (column, model.kind_fields()[name]) for name, column in columns.fields.items() if name != KEY
    }
    reader = _Reader(fields, columns, table.epoch)
    return [
        reader.row(model, table.sheet, number, cells)
        for number, cells in table.rows[1:]
        if not is_comment(_at(cells, columns.fields[KEY]))
    ]


class _Reader:
    def __init__(self, fields: dict[str, tuple[int, KindField]], columns: Columns, epoch: date) -> None:
        self.fields, self.columns, self.epoch = fields, columns.fields, epoch
        self.named = set(columns.fields.values())
        self.told = {p.column for p in columns.problems}
        self.read: dict[tuple[str, type, Cell], Any] = {}

    def row(self, model: type[Record], sheet: str, number: int, cells: list[Cell]) -> PlannedRow:
        row = PlannedRow(model, sheet, number, self.columns)
        try:
            said = plain(_at(cells, self.columns[KEY]))
            row.key = checked_key(said) if said.strip() else ""
        except WrongValue as wrong:
            row.add(wrong.code, wrong.text, KEY)
        except Invalid as invalid:
            row.add("wrong_key", invalid.problems["key"][0], KEY)
        for name, (column, field) in self.fields.items():
            try:
                row.values[name] = self._value(name, field, _at(cells, column))
            except WrongValue as wrong:
                row.add(wrong.code, wrong.text, name)
        for column, cell in enumerate(cells):
            if cell is not None and column not in self.named and column not in self.told:
                row.columns = self.columns | {"": column}
                row.add("unnamed_column", _BEYOND)
                break
        return row

    def _value(self, name: str, field: KindField, cell: Cell) -> Any:
        """The same cell of the same column is read once."""
        if cell is None:
            return None
        at = (name, type(cell), cell)
        if at not in self.read:
            self.read[at] = value_in(field, cell, self.epoch)
        value = self.read[at]
        return list(value) if isinstance(value, list) else value


def _at(cells: list[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None


def give_keys(rows: list[PlannedRow]) -> None:
    """A free key for each row without one; a problem for each row whose key another row of the file has too."""
    by_kind: dict[type[Record], list[PlannedRow]] = defaultdict(list)
    for row in rows:
        by_kind[row.model].append(row)
    for model, mine in by_kind.items():
        _refuse_doubles(mine)
        blank = [row for row in mine if not row.key and not any(p.field == KEY for p in row.problems)]
        if blank:
            for row, key in zip(blank, _free(model, mine, len(blank)), strict=True):
                row.key = key


def _refuse_doubles(rows: list[PlannedRow]) -> None:
    by_key: dict[str, list[PlannedRow]] = defaultdict(list)
    for row in rows:
        if row.key:
            by_key[row.key].append(row)
    for key, same in by_key.items():
        if len(same) > 1:
            cells = ", ".join(row.cell(KEY) for row in same[:5])
            for row in same:
                row.add("duplicate_key", _TWICE.format(key=key, cells=cells), KEY)


def _free(model: type[Record], rows: list[PlannedRow], count: int) -> list[str]:
    """The next keys that neither the ledger nor the file has."""
    start = f"{model.about.prefix}-"
    first = int(next_keys(model)[0][len(start) :])
    tails = [row.key[len(start) :] for row in rows if row.key.startswith(start)]
    first = max([first, *(int(t) + 1 for t in tails if t.isascii() and t.isdigit() and len(t) < 10)])
    return [f"{start}{n:04d}" for n in range(first, first + count)]


def lay_over_standing(rows: list[PlannedRow], registers: Registers) -> None:
    """Complete the rows' values: from the record where one stands, empty where none does."""
    by_kind: dict[type[Record], list[PlannedRow]] = defaultdict(list)
    for row in rows:
        by_kind[row.model].append(row)
    for model, mine in by_kind.items():
        standing = registers.standing(model, [row.key for row in mine if row.key])
        nothing = dict.fromkeys(model.kind_fields())
        for row in mine:
            row.before = standing.get(row.key)
            row.values = (row.before or nothing) | row.values


def judge_alone(row: PlannedRow, missing: list[str]) -> None:
    """What is wrong with the row by itself: needed fields, the kind's own rules, the rulebook's. Unchanged: nothing."""
    if row.problems or not (row.before is None or row.changes):
        return
    if row.before is None and missing:
        row.add("missing_column", _NEEDS_COLUMN.format(names=", ".join(missing)))
        return
    for name, field in row.model.kind_fields().items():
        if field.required and row.values.get(name) is None:
            row.add("required", _NEEDED, name)
    if not row.problems:
        found = merged(row.model.problems(row.values), problems_by_rule(row.model, row.values))
        for name, texts in found.items():
            for text in texts:
                row.add("rule", text, name)


__all__ = ["give_keys", "judge_alone", "lay_over_standing", "missing_columns", "rows_of_table"]
