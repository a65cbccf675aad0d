"""`sekisho gate RELEASE`: may this release go into use now? Exit code 0: open, 1: refused."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from sekisho.cli.endings import DONE, FALLS_SHORT
from sekisho.cli.house import require_database
from sekisho.cli.language import language, say
from sekisho.cli.table import print_table, safe
from sekisho.kernel.calendar import instant_in_words
from sekisho.workflows.gate import Gate, gate_of, told_gate

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Format(StrEnum):
    table = "table"
    json = "json"


@app.command(
    help=say(
        "リリースを今導入してよいかを判定する。終了コード 0: 可、1: 不可（理由を表示）、2: エラー",
        "Ask whether a release may go into use now. Exit code 0: open, 1: refused (with reasons), 2: an error",
    )
)
def gate(
    release: Annotated[
        str, typer.Argument(metavar="RELEASE", help=say("リリースのキー", "Key of the release"))
    ],
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
) -> int:
    require_database()
    found = gate_of(release)
    if format_ is Format.json:
        print(json.dumps(told_gate(found), ensure_ascii=False, indent=1))
    else:
        _table(found)
    return DONE if found.is_open else FALLS_SHORT


def _table(found: Gate) -> None:
    state = say("導入可", "open") if found.is_open else say("導入不可", "refused")
    when = instant_in_words(found.at).in_(language())
    hurried = say("（緊急変更）", " (emergency change)") if found.emergency else ""
    print(safe(f"{found.release}{hurried}: {state}  {when}"))
    if found.reasons:
        head = (say("条項", "Clause"), say("理由", "Reason"))
        print_table(head, [(f.clause, f.text.in_(language())) for f in found.reasons])
