"""`sekisho load`: take records from a workbook, a CSV file or a folder of `<kind>.csv`."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sekisho.cli.endings import DONE, FAILED, complain
from sekisho.cli.house import ensure_database, operator
from sekisho.cli.language import language, say
from sekisho.cli.table import print_table, safe
from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.workflows.import_file import Taken, plan_import, take
from sekisho.workflows.import_plan import ImportPlan, PlannedRow
from sekisho.workflows.import_read import read_path

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_SHOWN = 2_000  # rows of a preview on a terminal; --format json tells all


class Format(StrEnum):
    table = "table"
    json = "json"


@app.command(
    help=say(
        "Excel ブック（1 シート 1 種類）、CSV、または <種類>.csv のフォルダーから記録を取り込む。"
        "誤りが 1 件でもあれば何も取り込まない",
        "Take records from an Excel workbook (a sheet a kind), a CSV file, or a folder of <kind>.csv. "
        "Nothing is taken where anything is wrong",
    )
)
def load(
    source: Annotated[
        Path,
        typer.Argument(metavar="FILE.xlsx|FILE.csv|DIR", help=say("ファイルかフォルダー", "What to take")),
    ],
    kind: Annotated[
        str, typer.Option(help=say("CSV の記録の種類", "Kind of the records of a CSV file"))
    ] = "",
    preview: Annotated[
        bool,
        typer.Option("--preview", help=say("取り込まずに内容を表示", "Show what it would do, take nothing")),
    ] = False,
    only_good: Annotated[
        bool, typer.Option("--only-good", help=say("誤りのない行だけを取り込む", "Take the good rows alone"))
    ] = False,
    reason: Annotated[str, typer.Option(help=say("台帳に残す理由", "Reason, kept in the ledger"))] = "",
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
) -> int:
    if kind:
        kind_named(kind)
    tables = read_path(source, kind)
    ensure_database()
    actor = operator()
    plan = plan_import(actor, tables)
    taken = None
    if not preview and (plan.is_good or only_good):
        taken = take(plan, actor, only_good=only_good, reason=reason)
    if format_ is Format.json:
        print(json.dumps(_told(plan, taken), ensure_ascii=False, indent=1))
    else:
        _tell(plan, taken, preview)
    return DONE if taken or plan.is_good else FAILED


def _tell(plan: ImportPlan, taken: Taken | None, preview: bool) -> None:
    for problem in plan.all_problems:
        print(f"{problem.cell}: {safe(problem.text.in_(language()))}", file=sys.stderr)
    if preview:
        _preview(plan)
    _counts(plan)
    if not plan.rows and plan.is_good:
        print(say("取り込む記録がありません。", "There are no records to take."))
    elif taken is not None:
        left = say(f"、除外 {taken.left_out} 件", f", {taken.left_out} left out") if taken.left_out else ""
        print(
            say(
                f"取り込みました: 追加 {taken.created} 件、変更 "
                f"{taken.changed} 件、変更なし {taken.unchanged} 件{left}",
                f"Taken: {taken.created} new, {taken.changed} changed, {taken.unchanged} as they were{left}",
            )
        )
    elif not plan.is_good:
        number = sum(1 for _ in plan.all_problems)
        complain(
            Text(
                f"{number} 件の誤りがあるため、何も取り込みませんでした。"
                f"直してやり直すか、--only-good で正しい行だけを取り込めます。",
                f"Nothing was taken: there are {number} mistakes. "
                f"Mend them, or take the good rows alone with --only-good.",
            )
        )


def _preview(plan: ImportPlan) -> None:
    words = {"create": say("追加", "new"), "change": say("変更", "change")}
    shown = [row for row in plan.rows if row.action in words]
    for row in shown[:_SHOWN]:
        print(f"{words[row.action]}  {row.kind}:{row.key}  ({row.cell('')})")
        if row.action == "change":
            for name, (old, new) in row.changes.items():
                print(f"      {name}: {_text(row, name, old)} → {_text(row, name, new)}")
    if len(shown) > _SHOWN:
        more = len(shown) - _SHOWN
        print(
            say(f"ほか {more} 行（--format json で全行）", f"and {more} more rows (--format json tells all)")
        )


def _counts(plan: ImportPlan) -> None:
    head = (
        say("種類", "Kind"),
        say("追加", "New"),
        say("変更", "Changed"),
        say("変更なし", "As it was"),
        say("誤り", "Bad"),
    )
    rows = [(kind, *(str(n) for n in counts.values())) for kind, counts in plan.counts_by_kind.items()]
    if rows:
        print_table(head, rows)


def _text(row: PlannedRow, name: str, value: Any) -> str:
    return safe(row.model.kind_fields()[name].to_text(value)) or say("（空欄）", "(empty)")


def _told(plan: ImportPlan, taken: Taken | None) -> dict[str, Any]:
    return {
        "file": plan.name,
        "sha256": plan.sha256,
        "taken": taken is not None,
        "counts": plan.counts,
        "problems": [problem.as_dict() for problem in plan.all_problems],
        "rows": [
            {"kind": row.kind, "key": row.key or None, "cell": row.cell(""), "action": row.action}
            | _changes(row)
            for row in plan.rows
        ],
    }


def _changes(row: PlannedRow) -> dict[str, Any]:
    if row.action != "change":
        return {}
    fields = row.model.kind_fields()
    return {
        "changes": {
            n: [fields[n].to_body(old), fields[n].to_body(new)] for n, (old, new) in row.changes.items()
        }
    }
