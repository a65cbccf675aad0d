"""A kind's records as a sheet: the one order of columns that workbooks, CSV files and lists share, and CSV itself.

CSV is safe to open in a spreadsheet, and loses nothing: a text that a spreadsheet would take for a formula (it begins
with = + - @, their full-width forms, a tab or a return) gets an apostrophe in front, as does one that begins with
apostrophes and then such a sign. Reading (workflows/import_csv.py) takes exactly that one apostrophe off again.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from sekisho.kernel.texts import Text
from sekisho.ledger import as_of
from sekisho.ledger.personal import values_of
from sekisho.records.contents import kind_named
from sekisho.records.fields import KindField, Several
from sekisho.records.record import Record, Values
from sekisho.workflows.import_columns import COMMENT, KEY, KEY_LABEL, sheet_fields

Row = tuple[str, Values]
BOM = "\ufeff"  # without it Excel in Japan reads UTF-8 as CP932
_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_CHUNK = 2_000
_NEW_KEY = Text("空欄は自動採番", "empty: the next free one")
_REQUIRED = Text("必須", "needed")


@dataclass(frozen=True)
class Sheet:
    """Records of one kind to be written out, in the order in which they come."""

    model: type[Record]
    rows: Iterable[Row] = ()


def sheet_now(model: type[Record], records: QuerySet[Any] | None = None) -> Sheet:
    """The records of a kind as they stand, or those of a narrower question, by key."""
    chosen = (model.objects.all() if records is None else records).order_by("pk")
    return Sheet(model, ((r.key, r.values()) for r in chosen.iterator(chunk_size=_CHUNK)))


def sheet_then(model: type[Record], size: int) -> Sheet:
    """The records of a kind as they stood when the ledger had `size` lines. Erased personal values are None."""
    return Sheet(model, _rows_then(model, size))


def column_names(model: type[Record]) -> list[str]:
    """The sheet's first row."""
    return [KEY, *sheet_fields(model)]


def help_row(model: type[Record], language: str) -> list[str]:
    """The second row of a workbook's sheet: each column's label and help. Reading skips it by its first sign."""
    fields = model.kind_fields()
    first = f"{COMMENT} {KEY_LABEL.in_(language)}（{_NEW_KEY.in_(language)}）"
    return [first, *(help_of(fields[name], language) for name in sheet_fields(model))]


def help_of(field: KindField, language: str) -> str:
    """A field's label and what to write into it."""
    needed = f"（{_REQUIRED.in_(language)}）" if field.required else ""
    lines = [field.label.in_(language) + needed, field.help.in_(language), hint(field).in_(language)]
    return "\n".join(line for line in lines if line)


def hint(field: KindField) -> Text:
    """How a reference, and several of something, are written; empty for other fields."""
    target = getattr(field, "target", None)
    several = isinstance(field, Several)
    if target is None:
        return Text("複数は ; で区切る", "Several are parted by ;") if several else Text("", "")
    about = kind_named(target).about
    parted = Text("（複数は ; で区切る）", "; several are parted by ;") if several else Text("", "")
    text = Text(
        "{kind}のキー（例 {prefix}-0001）か名称{several}",
        "Key of the {kind} (such as {prefix}-0001) or its name{several}",
    )
    return text.format(kind=about.label, prefix=about.prefix, several=parted)


# --- CSV ------------------------------------------------------------------------------------------------------------


def csv_lines(sheet: Sheet, *, bom: bool = True) -> Iterator[str]:
    """The sheet as CSV, a piece at a time: RFC 4180, UTF-8, for Excel with a byte order mark."""
    names, fields = column_names(sheet.model), sheet.model.kind_fields()
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(BOM if bom else "")
    writer.writerow(names)
    for key, values in sheet.rows:
        writer.writerow([key, *(guarded(fields[name].to_text(values.get(name))) for name in names[1:])])
        if out.tell() > 60_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def guarded(text: str) -> str:
    """The text as it may stand in CSV: never the beginning of a formula."""
    return "'" + text if _RISKY.match(text) else text


def body_of_row(model: type[Record], row: Row) -> dict[str, Any]:
    """A record as plain JSON values: key, then every field in its body form, None where it holds nothing."""
    key, values = row
    told: dict[str, Any] = {KEY: key}
    for name, field in model.kind_fields().items():
        value = field.to_body(values.get(name))
        told[name] = None if value in ("", []) else value
    return told


# --- one state ------------------------------------------------------------------------------------------------------


def _rows_then(model: type[Record], size: int) -> Iterator[Row]:
    known = sorted(
        (rec, json.loads(bytes(body))) for rec, _, _, body, _ in as_of.state(model.about.name, size)
    )
    fields = model.kind_fields()
    personal = [name for name, field in fields.items() if field.personal]
    for start in range(0, len(known), _CHUNK):
        part = known[start : start + _CHUNK]
        opened = values_of(b[n]["$c"] for _, b in part for n in personal if isinstance(b.get(n), dict))
        for key, body in part:
            for name in personal:
                if isinstance(body.get(name), dict):
                    body[name] = opened.get(body[name]["$c"])
            yield key, {name: field.from_body(body.get(name)) for name, field in fields.items()}
