"""`sekisho connectors`: take in what a tool wrote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.house import ensure_database, operator
from sekisho.cli.language import language, say
from sekisho.cli.table import print_table, safe
from sekisho.connectors.contents import TOOLS, tool
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.workflows import take_alerts

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help=say("ツールのファイルを取り込む", "Take in files that tools wrote"),
)


class TooLarge(SekishoError):
    code = "too_large"
    text = Text(
        "「{name}」が大きすぎます（上限 {limit} MB）。分けて取り込んでください。",
        "'{name}' is too large (at most {limit} MB). Divide it.",
    )


@app.command("list", help=say("対応しているツールを一覧する", "List the tools"))
def list_tools() -> None:
    rows = [(t.id, t.name.in_(language()), " ".join(t.clauses)) for t in TOOLS]
    print_table((say("ツール", "Tool"), say("名称", "Name"), say("条項", "Clauses")), rows)


@app.command("take", help=say("ツールのファイルを取り込む", "Take in a file of a tool"))
def take(
    tool_id: Annotated[
        str, typer.Argument(metavar="TOOL", help=say("ツール（connectors list で確認）", "The tool"))
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("ファイル", "The file"))],
) -> None:
    limit = tool(tool_id).max_bytes
    with file.open("rb") as opened:
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(name=file.name, limit=limit // 1024 // 1024)
    ensure_database()
    done = take_alerts.take(operator(), tool_id, data)
    for problem in done.problems:
        print(f"{problem.where}: {safe(problem.text.in_(language()))}", file=sys.stderr)
    for loss in done.losses:
        print(safe(loss.in_(language())), file=sys.stderr)
    print(
        say(
            f"新しい下書き {len(done.created)} 件、既知 {len(done.known)} "
            f"件、解消の注記 {len(done.resolved_notes)} 件",
            f"{len(done.created)} new drafts, {len(done.known)} "
            f"known, {len(done.resolved_notes)} notes of resolution",
        )
    )
    for key in done.created:
        print(f"  incident:{key}")
