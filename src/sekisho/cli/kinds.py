"""`sekisho kinds`: every kind of record with its fields, for people and for programs."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from sekisho.cli.language import language, say
from sekisho.cli.table import print_table
from sekisho.records.contents import KINDS, kind_named
from sekisho.records.described import described, is_governed
from sekisho.records.record import Record
from sekisho.workflows.record import KEY_LENGTH

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Format(StrEnum):
    table = "table"
    json = "json"


@app.command(help=say("記録の種類と項目を一覧する", "List the kinds of record and their fields"))
def kinds(
    kind: Annotated[str, typer.Argument(help=say("この種類の項目を表示", "Show this kind's fields"))] = "",
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
) -> None:
    chosen = [m for m in KINDS if kind in ("", m.about.name)] or [kind_named(kind)]
    if format_ is Format.json:
        print(json.dumps([told(m) for m in chosen], ensure_ascii=False, indent=1))
    elif kind:
        _fields(chosen[0])
    else:
        _kinds()


def told(model: type[Record]) -> dict[str, Any]:
    """A kind as other programs read it."""
    about = model.about
    key = {"name": "key", "type": "text", "max_length": KEY_LENGTH, "example": f"{about.prefix}-0001"}
    return {"name": about.name} | described(model) | {"key": key}


def _kinds() -> None:
    yes = say("要", "yes")
    rows = []
    for model in KINDS:
        about = model.about
        approval = yes if is_governed(model) else ""
        rows.append(
            (about.name, about.label.in_(language()), about.prefix, " ".join(about.clauses), approval)
        )
    print_table(
        (
            say("種類", "Kind"),
            say("名称", "Name"),
            say("接頭辞", "Prefix"),
            say("条項", "Clauses"),
            say("承認", "Approval"),
        ),
        rows,
    )


def _fields(model: type[Record]) -> None:
    rows = [
        (
            name,
            field.label.in_(language()),
            field.type_name + (f" → {field.target}" if getattr(field, "target", "") else ""),
            say("必須", "needed") if field.required else "",
            ", ".join(getattr(field, "options", ())) or field.help.in_(language()),
        )
        for name, field in model.kind_fields().items()
    ]
    head = (
        say("項目", "Field"),
        say("名称", "Name"),
        say("型", "Type"),
        "",
        say("選択肢・説明", "Choices, help"),
    )
    print_table(head, rows)
