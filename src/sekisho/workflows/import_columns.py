"""Which column of a sheet is which field: by name, or by label in either language."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass, field

from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.records.record import Record
from sekisho.workflows.import_errors import Problem
from sekisho.workflows.import_tables import Cell, Table

_LONGEST_NAME = 100
KEY = "key"
KEY_LABEL = Text("キー", "Key")
COMMENT = "#"  # no key holds it: a row whose key begins with it is the template's help, or a note
ASIDE = "_"  # a sheet whose name begins with it holds no records


@dataclass
class Columns:
    """`fields`: field -> column (from 0)."""

    fields: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def model_of(sheet: str) -> type[Record] | None:
    """The kind that a sheet is named for: its name, or its label in either language."""
    wanted = folded(sheet)
    for model in KINDS:
        about = model.about
        if wanted in (about.name, folded(about.ja), folded(about.en)):
            return model
    return None


def sheet_fields(model: type[Record]) -> list[str]:
    """The fields that a sheet of the kind holds after its key, in order. Evidence files do not fit into cells."""
    return [name for name, f in model.kind_fields().items() if f.type_name != "evidence"]


def columns_of(model: type[Record], table: Table) -> Columns:
    """The columns that the table's first row names, and what is wrong with that row."""
    number, header = table.rows[0]
    names = _names(model)
    found = Columns()
    for column, cell in enumerate(header):
        if cell is None:
            continue
        said = str(cell).strip()[:_LONGEST_NAME]
        name = names.get(folded(said))
        if name is None:
            found.problems.append(_unknown(said, names, table.sheet, number, column))
        elif name in found.fields:
            found.problems.append(
                Problem("double_column", _DOUBLE.format(name=said), table.sheet, number, column)
            )
        else:
            found.fields[name] = column
    if KEY not in found.fields:
        found.problems.append(Problem("missing_column", _NO_KEY, table.sheet, number))
    return found


def missing_columns(model: type[Record], columns: Columns) -> list[str]:
    """The needed fields that the sheet has no column for: it can then hold no new records."""
    fields = model.kind_fields()
    return [name for name in sheet_fields(model) if fields[name].required and name not in columns.fields]


def is_comment(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.lstrip().startswith(COMMENT)


def folded(text: str) -> str:
    """A form in which two ways of writing the same words are equal: width, case, spaces, kinds of dash and tilde."""
    normal = unicodedata.normalize("NFKC", text.translate(_SAME)).casefold()
    return "".join(normal.split()).rstrip("*")


_SAME = str.maketrans("〜−‖‐‑‒–—―", "~-∥------")
_DOUBLE = Text(
    "「{name}」の列が 2 つあります。どちらかを削除してください。",
    "There are two columns '{name}'. Delete one of them.",
)
_NO_KEY = Text(
    "「key」の列がありません。1 行目に key の列を加えてください（新しい記録は空欄のままで番号が付きます）。",
    "There is no column 'key'. Add it to row 1 (leave its cells empty for new records: they get the next keys).",
)


def _names(model: type[Record]) -> dict[str, str]:
    """Every way to name a field -> the field; a label that two fields share names neither."""
    fields = model.kind_fields()
    own = {KEY: KEY} | {name: name for name in sheet_fields(model)}
    labels: dict[str, str] = {folded(KEY_LABEL.ja): KEY}
    doubled = set()
    for name in sheet_fields(model):
        for label in {folded(fields[name].label.ja), folded(fields[name].label.en)}:
            if label in labels:
                doubled.add(label)
            labels[label] = name
    return {label: name for label, name in labels.items() if label not in doubled} | own


def _unknown(said: str, names: dict[str, str], sheet: str, number: int, column: int) -> Problem:
    near = difflib.get_close_matches(folded(said), names, 1, 0.7)
    hint = Text("", "")
    if near:
        hint = Text(f"「{names[near[0]]}」ではありませんか。", f" Did you mean '{names[near[0]]}'?")
    text = Text(
        "「{said}」という項目はありません。{hint}項目名を直すか、"
        "列を削除してください（項目名は sekisho kinds で確認できます）。",
        "There is no field '{said}'.{hint} Mend the name or delete the column (`sekisho kinds` lists the fields).",
    )
    return Problem("unknown_column", text.format(said=said, hint=hint), sheet, number, column)
