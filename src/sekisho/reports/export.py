"""Exports of whole registers: only what the actor may read, and each leaves its line in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from sekisho.access.rights import Actor, require_read
from sekisho.ledger.one_state import one_state
from sekisho.records.record import Record
from sekisho.reports.sheets import Sheet, csv_lines, sheet_now
from sekisho.reports.workbook import write_workbook
from sekisho.workflows.export_records import note_export


def export_workbook(
    actor: Actor, target: Path | BinaryIO, models: Iterable[type[Record]], language: str = "ja"
) -> None:
    """The registers as they stand, as one workbook. Raises Refused."""
    sheets = _sheets(actor, models, "xlsx")
    with one_state():
        write_workbook(target, sheets, language)


def export_folder(actor: Actor, folder: Path, models: Iterable[type[Record]]) -> list[Path]:
    """The registers as they stand, as a folder of `<kind>.csv`; returns the files. Raises Refused."""
    sheets = _sheets(actor, models, "csv")
    with one_state():
        return write_folder(folder, sheets)


def write_folder(folder: Path, sheets: Sequence[Sheet]) -> list[Path]:
    """Sheets as `<kind>.csv` in a folder, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for sheet in sheets:
        path = folder / f"{sheet.model.about.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(sheet))
        written.append(path)
    return written


def _sheets(actor: Actor, models: Iterable[type[Record]], form: str) -> list[Sheet]:
    chosen = list(models)
    for model in chosen:
        require_read(actor, model)
    note_export(actor, form, {model.about.name: model.objects.count() for model in chosen})
    return [sheet_now(model) for model in chosen]
