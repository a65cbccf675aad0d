"""A file of records as tables of plain cells, whatever its format: the words, and the bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sekisho.kernel.texts import Text
from sekisho.workflows.import_errors import TooLarge

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000  # of one file
MAX_COLUMNS = 200
MAX_CELLS = 4_000_000  # of one file: what 200,000 rows of 20 columns hold
MAX_ROWS_OF_A_FOLDER = 500_000


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that would be worked out by the spreadsheet."""

    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that holds an error, such as #N/A."""

    text: str


Cell = str | int | float | bool | date | datetime | Formula | Broken | None
EPOCH_1900 = date(1899, 12, 30)  # what Excel's day numbers count from (right from 1 March 1900)
EPOCH_1904 = date(1904, 1, 1)  # in workbooks that an old Excel for Macintosh began


@dataclass(slots=True)
class Table:
    """One sheet or CSV file: its name, and its rows with their numbers (from 1) as lists of cells from column A.

    Rows without any content are left out; a row ends with its last cell of content.
    """

    sheet: str
    rows: list[tuple[int, list[Cell]]]
    epoch: date = EPOCH_1900


@dataclass(slots=True)
class Source:
    """All tables of one file or folder, with what identifies it in the ledger."""

    name: str
    sha256: str
    tables: list[Table] = field(default_factory=list)


def rows_of(number: int) -> Text:
    return Text(f"{number:,} 行", f"{number:,} rows")


def too_many_rows(name: str) -> TooLarge:
    return TooLarge(
        name=name,
        found=Text(f"{MAX_ROWS:,} 行超", f"more than {MAX_ROWS:,} rows"),
        bound=rows_of(MAX_ROWS),
    )


def too_many_columns(name: str, where: str) -> TooLarge:
    bound = Text(f"{MAX_COLUMNS} 列", f"{MAX_COLUMNS} columns")
    return TooLarge(name=name, found=Text(f"{where} に値があります", f"a value in {where}"), bound=bound)


def too_many_cells(name: str) -> TooLarge:
    bound = Text(f"{MAX_CELLS:,} セル", f"{MAX_CELLS:,} cells")
    return TooLarge(name=name, found=Text(f"{MAX_CELLS:,} セル超", "more cells"), bound=bound)
