"""What can be wrong with a file of records: as a whole (it cannot be read), or in one of its cells."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text


class Unreadable(SekishoError):
    """The base: the file cannot be read as records. Data always holds `name`, the file's name."""

    code = "import.unreadable"
    status = 422
    text = Text(
        "ファイル「{name}」を読み込めません。Excel ブック（.xlsx）"
        "か CSV（UTF-8 または Shift_JIS）で保存し直してください。",
        "The file '{name}' cannot be read. Save it as an Excel workbook (.xlsx) or as CSV (UTF-8 or Shift_JIS).",
    )


class CannotOpen(Unreadable):
    """Data: reason."""

    code = "import.cannot_open"
    text = Text(
        "「{name}」を開けません（{reason}）。場所と読み取り権限を確認してください。",
        "'{name}' cannot be opened ({reason}). Check where it is and that it may be read.",
    )


class TooLarge(Unreadable):
    """Data: found and bound (texts with their units)."""

    code = "import.too_large"
    status = 413
    text = Text(
        "ファイル「{name}」が大きすぎます（{found}、上限 {bound}）。種類や期間ごとに分けてください。",
        "The file '{name}' is too large ({found}; the bound is {bound}). Divide it by kind or by period.",
    )


class PasswordProtected(Unreadable):
    code = "import.password"
    text = Text(
        "ファイル「{name}」はパスワードで保護されています。保護を外して保存し直してください。",
        "The file '{name}' is protected by a password. Save it without the protection.",
    )


class HasMacros(Unreadable):
    code = "import.macros"
    text = Text(
        "ファイル「{name}」にはマクロが含まれています。マクロなしの .xlsx で保存し直してください。",
        "The file '{name}' holds macros. Save it as .xlsx, without macros.",
    )


class Hostile(Unreadable):
    """Data: what was found."""

    code = "import.hostile"
    text = Text(
        "ファイル「{name}」には安全でない構造（{found}）があるため読み込みません。出所を確認してください。",
        "The file '{name}' is not read: it holds something unsafe ({found}). Find out where it came from.",
    )


class WrongFormat(Unreadable):
    """Data: format."""

    code = "import.wrong_format"
    text = Text(
        "ファイル「{name}」は{format}です。Excel ブック（.xlsx）か CSV で保存し直してください。",
        "The file '{name}' is {format}. Save it as an Excel workbook (.xlsx) or as CSV.",
    )


class Damaged(Unreadable):
    """Data: where."""

    code = "import.damaged"
    text = Text(
        "ファイル「{name}」は壊れています（{where}）。元のファイルを開いて保存し直してください。",
        "The file '{name}' is damaged ({where}). Open the original and save it again.",
    )


class UnknownEncoding(Unreadable):
    """Data: line."""

    code = "import.unknown_encoding"
    text = Text(
        "ファイル「{name}」の {line} 行目の文字を読めません。"
        "文字コードを UTF-8 か Shift_JIS（CP932）にして保存し直してください。",
        "Line {line} of the file '{name}' is in no known encoding. Save it as UTF-8 or Shift_JIS (CP932).",
    )


class NothingInIt(Unreadable):
    code = "import.nothing"
    text = Text(
        "「{name}」には記録がありません。シート名（または CSV "
        "のファイル名）を記録の種類にし、1 行目に項目名を入れてください。",
        "There are no records in '{name}'. Name the sheet (or the CSV file) "
        "for its kind, and put the fields' names into row 1.",
    )


_LONGEST = 500  # characters of a problem's text
_REASONS = {
    errno.ENOENT: Text("見つかりません", "there is no such file"),
    errno.EACCES: Text("権限がありません", "not permitted"),
    errno.EPERM: Text("権限がありません", "not permitted"),
    errno.EISDIR: Text("フォルダーです", "it is a folder"),
    errno.ENOTDIR: Text("フォルダーではありません", "it is no folder"),
    errno.EEXIST: Text("同じ名前のファイルがあります", "a file of that name is there"),
    errno.ENAMETOOLONG: Text("名前が長すぎます", "the name is too long"),
}


def reason_of(error: OSError) -> Text:
    """Why the system could not do it, in words."""
    said = error.strerror or type(error).__name__
    return _REASONS.get(error.errno or 0, Text(said, said))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one place of the file, why, and what to do about it.

    `row` counts from 1 as a spreadsheet does, `column` from 0; without a column it is about the whole row, without a
    row about the whole sheet. `code` is stable.
    """

    code: str
    text: Text
    sheet: str
    row: int | None = None
    column: int | None = None
    field: str = ""

    @property
    def cell(self) -> str:
        """Where it is, as a spreadsheet writes it: `person!C7`, a row `person!7`, a sheet `person`."""
        return address(self.sheet, self.row, self.column)

    def as_dict(self) -> dict[str, object]:
        return {
            "cell": self.cell,
            "sheet": self.sheet,
            "row": self.row,
            "field": self.field or None,
            "code": self.code,
            "text": self.text.as_dict(),
        }


def shortened(text: Text) -> Text:
    """The text, cut where it repeats a cell's thousands of characters: a file can have 200,000 such cells."""
    if len(text.ja) <= _LONGEST and len(text.en) <= _LONGEST:
        return text
    return Text(
        *(said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…" for said in (text.ja, text.en))
    )


def address(sheet: str, row: int | None = None, column: int | None = None) -> str:
    """The place as a spreadsheet writes it."""
    if row is None:
        return sheet if column is None else f"{sheet}!{letters(column)}"
    return f"{sheet}!{'' if column is None else letters(column)}{row}"


def letters(column: int) -> str:
    """The letters of a column that counts from 0: A, B, ... Z, AA."""
    name = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
