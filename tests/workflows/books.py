"""Workbooks for tests, made by openpyxl: a writer that is not ours, so that our writing does not test our reading."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import openpyxl

Rows = Iterable[Iterable[Any]]

UNITS = [
    ["key", "name", "function", "since_on"],
    ["U-A", "業務部", "user", "2020-04-01"],
    ["U-B", "監査室", "audit", "2020-04-01"],
]
PEOPLE = [
    ["key", "name", "unit", "employment", "joined_on"],
    ["P-1", "山田 太郎", "U-A", "employee", "2020-04-01"],
    ["P-2", "佐藤 花子", "U-A", "officer", "2020-04-01"],
    ["P-3", "鈴木 一郎", "U-B", "employee", "2020-04-01"],
]


def book(sheets: Mapping[str, Rows]) -> bytes:
    """A workbook with these sheets, cells as openpyxl writes their Python values (`=...` becomes a formula)."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_parts(content: bytes, **parts: bytes | None) -> bytes:
    """The workbook with parts replaced, added, or (None) left out. `xl__workbook.xml` names xl/workbook.xml."""
    wanted = {name.replace("__", "/"): part for name, part in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in wanted:
                new.writestr(name, old.read(name))
        for name, part in wanted.items():
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
