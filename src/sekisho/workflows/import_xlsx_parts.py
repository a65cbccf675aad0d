"""The parts of a workbook, each a reader of XML events: relations, sheets' names, strings, styles, cells.

ECMA-376 part 1, chapter 18. Names are compared without their prefix, so both dialects (transitional and strict) pass.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sekisho.workflows.import_errors import address
from sekisho.workflows.import_tables import (
    EPOCH_1900,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Broken,
    Cell,
    Formula,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)

MAX_TEXT = 40_000  # characters of a cell that are kept: Excel itself holds 32,767, our longest field 20,000
MAX_FORMAT = 255  # characters of a number format that are looked at: Excel's own bound
MAX_TEXTS = 100_000_000  # characters of all shared strings
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LAST_DAY = 2_958_465  # 31 December 9999, in the epoch of 1900


class WrongPart(Exception):
    """The part is not what the format says."""


class _Part:
    """Nothing is kept unless a reader says so."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        return None

    def text(self, characters: str) -> None:
        return None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class Relations(_Part):
    """`by_id`: relation -> (type, target)."""

    def __init__(self) -> None:
        self.by_id: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            self.by_id[attributes.get("Id", "")] = attributes.get("Type", ""), attributes.get("Target", "")

    def first(self, kind: str) -> str | None:
        """The target of the first relation of a kind."""
        return next((to for type_, to in self.by_id.values() if type_.endswith("/" + kind)), None)


class Workbook(_Part):
    """`sheets`: (name, relation) in order. `date_1904`: which epoch its days count from."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.date_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), relation))
        elif local == "workbookPr":
            self.date_1904 = attributes.get("date1904") in ("1", "true")


class SharedStrings(_Part):
    """Those strings of the workbook's table that its cells name. Reading aids (furigana) are not part of a text."""

    def __init__(self, wanted: set[int]) -> None:
        self.texts: dict[int, str] = {}
        self._wanted = wanted
        self._count = 0
        self._pieces: list[str] = []
        self._in_text = self._aside = False
        self._length = self._total = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "si":
            self._pieces, self._length = [], 0
        elif local == "rPh":
            self._aside = True
        elif local == "t":
            self._in_text = not self._aside

    def end(self, name: str) -> None:
        local = _local(name)
        if local == "si":
            if self._count in self._wanted:
                self.texts[self._count] = unescaped("".join(self._pieces))
                self._total += self._length
            self._count += 1
            if self._total > MAX_TEXTS:
                raise WrongPart("shared strings")
        elif local == "rPh":
            self._aside = False
        elif local == "t":
            self._in_text = False

    def text(self, characters: str) -> None:
        if self._in_text and self._length < MAX_TEXT:
            self._pieces.append(characters)
            self._length += len(characters)


class Styles(_Part):
    """`dates`: the numbers of the cell formats that show a day or a moment."""

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self._codes: dict[int, str] = {}
        self._in_cells = False
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "numFmt":
            self._codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif local == "cellXfs":
            self._in_cells = True
        elif local == "xf" and self._in_cells:
            if self._shows_date(_whole(attributes.get("numFmtId", "0"))):
                self.dates.add(self._count)
            self._count += 1

    def end(self, name: str) -> None:
        if _local(name) == "cellXfs":
            self._in_cells = False

    def _shows_date(self, number: int) -> bool:
        code = self._codes.get(number)
        if code is not None:
            return shows_date(code)
        return 14 <= number <= 22 or 27 <= number <= 36 or 45 <= number <= 47 or 50 <= number <= 58


def shows_date(code: str) -> bool:
    """Whether a number format shows a day or a time, Japanese eras and weekdays included."""
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.', "", code[:MAX_FORMAT].partition(";")[0])
    bare = re.sub(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", "", bare, flags=re.IGNORECASE)
    bare = re.sub(r"general|g/標準|e[+-]", "", bare, flags=re.IGNORECASE)
    return bool(re.search(r"[ymdhs]|g{1,3}e|aaa", bare, flags=re.IGNORECASE))


class StringAt(int):
    """The number of a shared string: its words are looked up when all sheets are known to be within bounds."""


class SheetCells(_Part):
    """The cells of one sheet after another. `rows` holds those of the sheet that was begun last.

    `strings`: the numbers of the shared strings that stand in them as StringAt.
    """

    def __init__(self, dates: set[int], epoch: date) -> None:
        self._dates, self._epoch = dates, epoch
        self.strings: set[int] = set()
        self._all_rows = self._all_cells = 0
        self._columns: dict[str, int] = {}
        self.begin("", "")

    def begin(self, file: str, sheet: str) -> None:
        self._file, self._sheet = file, sheet
        self.rows: list[tuple[int, list[Cell]]] = []
        self._row: list[Cell] = []
        self._number = 0
        self._column = -1
        self._pieces: list[str] = []
        self._length = 0
        self._take = self._aside = self._formula = False
        self._type, self._style, self._words = "n", 0, ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c" or (":" in name and _local(name) == "c"):
            self._column = self._column_of(attributes.get("r"))
            self._type, self._style = attributes.get("t", "n"), _whole(attributes.get("s", "0"))
            self._pieces, self._length, self._formula, self._words = [], 0, False, ""
            return
        local = _local(name)
        if local in ("v", "t"):
            self._take = not self._aside
        elif local == "f":
            self._formula = self._take = True
        elif local == "rPh":
            self._aside = True
        elif local == "row":
            self._begin_row(attributes.get("r"))

    def end(self, name: str) -> None:
        local = name if ":" not in name else _local(name)
        if local in ("v", "t"):
            self._take = False
        elif local == "c":
            self._end_cell()
        elif local == "f":
            self._take, self._words = False, "".join(self._pieces)
            self._pieces = []
        elif local == "rPh":
            self._aside = False
        elif local == "row" and self._row:
            self._end_row()

    def text(self, characters: str) -> None:
        if self._take and self._length < MAX_TEXT:
            self._pieces.append(characters)
            self._length += len(characters)

    def _begin_row(self, number: str | None) -> None:
        following = self._number + 1
        self._number = _whole(number) if number else following
        if self._number < following:
            raise WrongPart(f"row {number}")
        self._row, self._column = [], -1

    def _end_row(self) -> None:
        self._all_rows += 1
        self._all_cells += len(self._row)
        if self._all_rows > MAX_ROWS + 1:
            raise too_many_rows(self._file)
        if self._all_cells > MAX_CELLS:
            raise too_many_cells(self._file)
        self.rows.append((self._number, self._row))

    def _column_of(self, reference: str | None) -> int:
        if not reference:
            return self._column + 1
        name = reference.rstrip("0123456789")
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = _number_of(name)
        if column <= self._column:
            raise WrongPart(f"cell {reference}")
        return column

    def _end_cell(self) -> None:
        value = self._value()
        if value is None or value == "":
            return
        if self._column >= MAX_COLUMNS:
            raise too_many_columns(self._file, address(self._sheet, self._number, self._column))
        self._row.extend([None] * (self._column - len(self._row)))
        self._row.append(value)

    def _value(self) -> Cell:
        if self._formula:
            return Formula(self._words)
        raw = "".join(self._pieces)
        if self._type == "s":
            return self._shared(raw)
        if self._type in ("inlineStr", "str"):
            return unescaped(raw)
        if not raw:
            return None
        if self._type == "b":
            return raw.strip() == "1"
        if self._type == "e":
            return Broken(raw)
        if self._type == "d":
            return _iso(raw)
        number = _numeric(raw)
        return day_or_moment(number, self._epoch) if self._style in self._dates else number

    def _shared(self, raw: str) -> Cell:
        place = StringAt(_whole(raw or None))
        self.strings.add(place)
        return place


def with_strings(rows: list[tuple[int, list[Cell]]], texts: dict[int, str]) -> list[tuple[int, list[Cell]]]:
    """The rows with their strings in place; cells and rows that turn out empty are left out."""
    for _, cells in rows:
        for column, cell in enumerate(cells):
            if type(cell) is StringAt:
                if cell not in texts:
                    raise WrongPart(f"string {int(cell)}")
                cells[column] = texts[cell] or None
        while cells and cells[-1] is None:
            cells.pop()
    return [row for row in rows if row[1]]


def day_or_moment(number: int | float, epoch: date = EPOCH_1900) -> Cell:
    """What a day number means: a date, or with a fraction a moment to the millisecond; the number where it is none."""
    offset = (epoch - EPOCH_1900).days
    if not 61 <= number + offset <= _LAST_DAY + 1:
        return number
    milliseconds = round((number % 1) * 86_400_000)
    moment = datetime(epoch.year, epoch.month, epoch.day) + timedelta(
        days=int(number), milliseconds=milliseconds
    )
    return moment if milliseconds % 86_400_000 else moment.date()


def unescaped(text: str) -> str:
    """The text, `_x000D_` and its like (18.4.8 ST_Xstring) as the characters that they stand for."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _iso(raw: str) -> Cell:
    try:
        moment = datetime.fromisoformat(raw.strip())
    except ValueError:
        raise WrongPart(f"date {raw[:40]}") from None
    return moment.date() if len(raw.strip()) == 10 else moment


def _numeric(raw: str) -> int | float:
    text = raw.strip()
    try:
        return int(text) if len(text) < 17 and text.lstrip("-").isdigit() else float(text)
    except ValueError:
        raise WrongPart(f"number {raw[:40]}") from None


def _whole(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise WrongPart(f"number {text}")
    return int(text)


def _number_of(name: str) -> int:
    """A column's number from 0. Raises WrongPart past three letters."""
    number = 0
    for letter in name:
        if not "A" <= letter <= "Z" or len(name) > 3:
            raise WrongPart(f"column {name}")
        number = number * 26 + ord(letter) - 64
    return number - 1
