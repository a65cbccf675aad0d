"""`sekisho list`: the records of a kind, now or as they were known at a past moment."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from sekisho.cli.house import require_database
from sekisho.cli.language import language, say
from sekisho.cli.moments import day, instant
from sekisho.cli.table import print_table
from sekisho.kernel.errors import Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.records.facts import Snapshot, facts_of, snapshot
from sekisho.records.record import Record
from sekisho.records.register import Asked, asked_of, each
from sekisho.reports.sheets import KEY, Row, Sheet, body_of_row, csv_lines, sheet_fields, sheet_then

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_KIND = typer.Argument(help=say("記録の種類（sekisho kinds で確認）", "Kind of record (see `sekisho kinds`)"))
_ON = typer.Option(metavar="DATE", help=say("この日に有効な記録だけ", "Only records that stand on this day"))
_KNOWN_AT = typer.Option(
    metavar="INSTANT", help=say("この時点に記録されていた内容", "As was recorded at that instant")
)
_FILTER = typer.Option(
    "--filter",
    metavar="FIELD=VALUE",
    help=say(
        "絞り込み（FIELD__from と FIELD__until で範囲、値なしで未記録、q=語 で検索）",
        "Narrow it (FIELD__from, FIELD__until: a range; no value: nothing recorded; q=WORD: a search)",
    ),
)
_PERIODS = (
    ("since_on", "until_on"),
    ("from_on", "until_on"),
    ("joined_on", "left_on"),
    ("in_use_since_on", "in_use_until_on"),
    ("in_force_on", "until_on"),
)


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"


@app.command(help=say("記録を一覧する", "List the records of a kind"))
def list_records(
    kind: Annotated[str, _KIND],
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
    on: Annotated[str, _ON] = "",
    known_at: Annotated[str, _KNOWN_AT] = "",
    filter_: Annotated[list[str] | None, _FILTER] = None,
) -> None:
    model = kind_named(kind)
    standing_on, then = day("--on", on), instant("--known-at", known_at)
    asked = _asked(model, filter_ or [])
    require_database()
    rows = _rows_then(model, asked, snapshot(None, then)) if then else _rows_now(model, asked)
    if standing_on:
        rows = (row for row in rows if _stands(row, standing_on))
    _RENDER[format_](Sheet(model, rows))


def _asked(model: type[Record], filters: list[str]) -> Asked:
    """What --filter asks, by key. Raises NotFound for a field that is not there, Invalid for a value that is none."""
    given: dict[str, list[str]] = {}
    known = {KEY, "q", *model.kind_fields()}
    for word in filters:
        name, equals, value = word.partition("=")
        if not equals or name.removesuffix("__from").removesuffix("__until") not in known:
            raise NotFound(what=Text(f"--filter の項目「{name}」", f"The field '{name}' of --filter"))
        given.setdefault(name, []).append(value or "-")
    asked = asked_of(model, given)
    if asked.problems:
        raise Invalid({name: [text] for name, text in asked.problems.items()})
    return replace(asked, sort=KEY, descending=False)


def _rows_now(model: type[Record], asked: Asked) -> Iterable[Row]:
    names = tuple(model.kind_fields())
    return ((row.key, row.values) for row in each(model, asked, names=names))


def _rows_then(model: type[Record], asked: Asked, seen: Snapshot) -> Iterable[Row]:
    facts = facts_of(seen)
    rows = sheet_then(model, facts.size).rows
    if not (asked.conditions or asked.search):
        return rows
    chosen = {row.key for row in each(model, asked, names=(), then=facts)}
    return (row for row in rows if row[0] in chosen)


def _stands(row: Row, on: date) -> bool:
    """Whether the record's days contain the day; kinds without a period always stand."""
    values = row[1]
    for since, until in _PERIODS:
        if since in values and until in values:
            first, last = values[since], values[until]
            return first is not None and first <= on and (last is None or on <= last)
    return True


def _json(sheet: Sheet) -> None:
    sys.stdout.write("[")
    for number, row in enumerate(sheet.rows):
        sys.stdout.write(("," if number else "") + "\n ")
        sys.stdout.write(json.dumps(body_of_row(sheet.model, row), ensure_ascii=False))
    sys.stdout.write("\n]\n")


def _csv(sheet: Sheet) -> None:
    for piece in csv_lines(sheet, bom=False):
        sys.stdout.write(piece.replace("\r\n", "\n"))


def _table(sheet: Sheet) -> None:
    fields = sheet.model.kind_fields()
    names = [n for n in (sheet.model.about.columns or tuple(sheet_fields(sheet.model)[:6])) if n in fields]
    head = ["key", *(fields[n].label.in_(language()) for n in names)]
    rows = [[key, *(fields[n].to_text(values.get(n)) for n in names)] for key, values in sheet.rows]
    print_table(head, rows)


_RENDER = {Format.table: _table, Format.json: _json, Format.csv: _csv}
