"""Registers as files: exactly what a list shows, or a workbook of all of them, full or empty. Each leaves its line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_GET

from sekisho.access.personal import hidden_fields
from sekisho.access.rights import may_read, may_write
from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.ledger.one_state import one_state
from sekisho.records.contents import KINDS
from sekisho.records.facts import Facts
from sekisho.records.record import Record
from sekisho.records.register import Asked, asked_of, each, listed
from sekisho.reports.sheets import Row, Sheet, csv_lines
from sekisho.reports.workbook import write_workbook
from sekisho.web.entry import KEPT_BY_ACTS, past, readable, reader
from sekisho.web.templatetags.sekisho import language
from sekisho.workflows.export_records import note_export

XLSX, CSV = "xlsx", "csv"
_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
_MEMORY = 4 * 1024 * 1024  # a larger file is made on disk


@require_GET
def export(request: HttpRequest, kind: str) -> FileResponse:
    """One register, filtered and sorted as its list is. `format`: xlsx or csv."""
    model = readable(request, kind)
    form = _form(request)
    asked, then = asked_of(model, dict(request.GET.lists())), past(request)
    total = listed(model, asked, names=("notes",), then=then).total
    note_export(reader(request), form, {model.about.name: total})
    return _file([sheet_of(request, model, asked, then)], form, model.about.name)


@require_GET
def export_all(request: HttpRequest) -> FileResponse:
    """A workbook of every register that the reader may read; with `empty`, of those that the reader may fill in."""
    actor, then = reader(request), past(request)
    if "empty" in request.GET:
        writable = [m for m in KINDS if may_write(actor, m) and m.about.name not in KEPT_BY_ACTS]
        return _file([Sheet(m) for m in writable], XLSX, "empty")
    chosen = [m for m in KINDS if may_read(actor, m)]
    note_export(
        actor, XLSX, {m.about.name: listed(m, Asked(), names=("notes",), then=then).total for m in chosen}
    )
    return _file([sheet_of(request, m, Asked(), then) for m in chosen], XLSX, "all")


def sheet_of(request: HttpRequest, model: type[Record], asked: Asked, then: Facts | None) -> Sheet:
    """What is asked for as a sheet, without the personal values that the reader may not see."""
    return Sheet(model, _rows(model, asked, then, hidden_fields(reader(request), model)))


def _rows(model: type[Record], asked: Asked, then: Facts | None, hidden: frozenset[str]) -> Iterator[Row]:
    for row in each(model, asked, then=then):
        yield row.key, row.values | dict.fromkeys(hidden)


def _form(request: HttpRequest) -> str:
    form = request.GET.get("format", XLSX)
    if form not in _TYPES:
        raise NotFound(what=Text(f"形式「{form}」", f"The format '{form}'"))
    return form


def _file(sheets: list[Sheet], form: str, name: str) -> FileResponse:
    """The sheets as a file to be kept. Made whole before the first byte is sent."""
    made: IO[Any] = tempfile.SpooledTemporaryFile(_MEMORY)  # noqa: SIM115 - the response closes it
    with one_state():
        if form == XLSX:
            write_workbook(made, sheets, language())  # type: ignore[arg-type]
        else:
            for lines in csv_lines(sheets[0]):
                made.write(lines.encode())
    made.seek(0)
    stamp = clock.now().astimezone(clock.JAPAN).strftime("%Y%m%d-%H%M")
    return FileResponse(
        made, as_attachment=True, filename=f"sekisho-{name}-{stamp}.{form}", content_type=_TYPES[form]
    )
