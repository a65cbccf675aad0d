"""Read a file or a folder of records into tables. Bounded; nothing of it is believed yet."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sekisho.kernel.texts import Text
from sekisho.workflows.import_csv import read_csv
from sekisho.workflows.import_errors import CannotOpen, NothingInIt, TooLarge, WrongFormat, reason_of
from sekisho.workflows.import_tables import MAX_BYTES, MAX_ROWS_OF_A_FOLDER, Source, rows_of
from sekisho.workflows.import_xlsx import read_workbook


def read_path(path: Path, kind: str = "") -> Source:
    """The tables of a workbook, a CSV file, or a folder of `<kind>.csv`. Raises Unreadable."""
    if path.is_dir():
        return _read_folder(path)
    return read_bytes(path.name, _content(path), kind)


def read_bytes(name: str, content: bytes, kind: str = "") -> Source:
    """The tables of a file's content. `kind` names a CSV file's kind where its own name does not. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise TooLarge(name=name, found=Text("20 MB 超", "over 20 MB"), bound="20 MB")
    source = Source(name, hashlib.sha256(content).hexdigest())
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        source.tables = read_workbook(name, content)
    elif name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        raise WrongFormat(name=name, format=Text("Excel ブックではないデータ", "no Excel workbook"))
    else:
        source.tables = [read_csv(name, content, kind or Path(name).stem)]
    if kind and len(source.tables) == 1:
        source.tables[0].sheet = kind
    if not any(table.rows for table in source.tables):
        raise NothingInIt(name=name)
    return source


def _read_folder(folder: Path) -> Source:
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".csv" and p.is_file())
    except OSError as error:
        raise CannotOpen(name=folder.name, reason=reason_of(error)) from None
    digest = hashlib.sha256()
    source, rows = Source(folder.name, ""), 0
    for path in files:
        content = _content(path)
        digest.update(hashlib.sha256(content).digest())
        table = read_csv(path.name, content, path.stem)
        rows += len(table.rows)
        if rows > MAX_ROWS_OF_A_FOLDER:
            raise TooLarge(name=folder.name, found=rows_of(rows), bound=rows_of(MAX_ROWS_OF_A_FOLDER))
        source.tables.append(table)
    if not rows:
        raise NothingInIt(name=folder.name)
    source.sha256 = digest.hexdigest()
    return source


def _content(path: Path) -> bytes:
    """At most one byte past the bound is ever read."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CannotOpen(name=path.name, reason=reason_of(error)) from None
