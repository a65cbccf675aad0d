"""`sekisho framework`: take a framework of controls from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.house import ensure_database, operator
from sekisho.cli.language import language, say
from sekisho.cli.table import print_table, safe
from sekisho.connectors import files
from sekisho.connectors.contents import FRAMEWORK_FORMATS, framework_format
from sekisho.workflows.load_framework import FrameworkPlan, load_framework, plan_framework

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help=say("評価基準をファイルから取り込む", "Take a framework of controls from a file"),
)
_SHOWN = 20


@app.command("formats", help=say("読み取れる形式を一覧する", "List the formats that are read"))
def formats() -> None:
    rows = [(f.id, f.name.in_(language()), " ".join(f.endings)) for f in FRAMEWORK_FORMATS]
    print_table((say("形式", "Format"), say("名称", "Name"), say("拡張子", "Endings")), rows)


@app.command(
    "load",
    help=say(
        "OSCAL カタログ（JSON）か CSV（number,title,parent,text）から評価基準と管理策を取り込む。"
        "誤りがあれば何も取り込まない",
        "Take a framework and its controls from an OSCAL catalog (JSON) or CSV (number,title,parent,text). "
        "Nothing is taken where anything is wrong",
    ),
)
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("ファイル", "The file"))],
    name: Annotated[
        str, typer.Option(help=say("評価基準の名称（CSV では必須）", "Its name (needed for CSV)"))
    ] = "",
    version: Annotated[str, typer.Option(help=say("版", "Its version"))] = "",
    preview: Annotated[
        bool,
        typer.Option("--preview", help=say("取り込まずに内容を表示", "Show what it would do, take nothing")),
    ] = False,
    reason: Annotated[str, typer.Option(help=say("台帳に残す理由", "Reason, kept in the ledger"))] = "",
) -> None:
    data = files.from_file(file, max_bytes=framework_format(file.name).max_bytes)
    ensure_database()
    actor = operator()
    if preview:
        _tell(plan_framework(actor, file.name, data, name=name, version=version))
        return
    key, done = load_framework(actor, file.name, data, name=name, version=version, reason=reason)
    _tell(done)
    print(f"framework:{key}")


def _tell(plan: FrameworkPlan) -> None:
    for loss in plan.losses:
        print(safe(loss.in_(language())), file=sys.stderr)
    print(safe(f"{plan.name} {plan.version}".strip()))
    for control in plan.new[:_SHOWN]:
        print("  " + safe(f"{control.number} {control.title}"))
    if len(plan.new) > _SHOWN:
        more = len(plan.new) - _SHOWN
        print(say(f"  ほか {more} 件", f"  and {more} more"))
    told = plan.counts
    print(
        say(
            f"管理策: 追加 {told['new']} 件、変更 {told['changed']} 件、変更なし {told['unchanged']} 件、"
            f"ファイルにない登録済み {told['missing']} 件",
            f"Controls: {told['new']} new, {told['changed']} changed, {told['unchanged']} as they were, "
            f"{told['missing']} on record that the file does not have",
        )
    )
