"""`sekisho export`: all registers, or some, as a workbook or a folder of CSV; or the empty template to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.house import operator, require_database
from sekisho.cli.language import language, say
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS, kind_named
from sekisho.records.record import Record
from sekisho.reports.export import export_folder, export_workbook, write_folder
from sekisho.reports.sheets import Sheet
from sekisho.reports.workbook import write_workbook

app = typer.Typer(add_completion=False, rich_markup_mode=None)


_EMPTY = typer.Option("--empty", help=say("記録のない、入力用のひな型", "The empty template to fill in"))
_OVERWRITE = typer.Option("--overwrite", help=say("既にあれば上書き", "Replace what is there"))


class AlreadyThere(SekishoError):
    code = "already_there"
    text = Text(
        "{path} は既にあります。別の名前にするか、--overwrite を付けてください。",
        "{path} is there already. Choose another name, or add --overwrite.",
    )


class WrongName(SekishoError):
    code = "wrong_name"
    text = Text(
        "{path} の形式が分かりません。.xlsx で終わるファイル名か、フォルダー名を指定してください。",
        "What to write to {path} is not clear. Name a file that ends with .xlsx, or a folder.",
    )


@app.command(
    help=say(
        "記録を Excel ブックか CSV のフォルダーに書き出す", "Write records to a workbook or a folder of CSV"
    )
)
def export(
    target: Annotated[
        Path, typer.Argument(metavar="FILE.xlsx|DIR", help=say("書き出し先", "Where to write"))
    ],
    empty: Annotated[bool, _EMPTY] = False,
    kind: Annotated[
        list[str] | None, typer.Option(help=say("この種類だけ（複数可）", "These kinds alone"))
    ] = None,
    overwrite: Annotated[bool, _OVERWRITE] = False,
) -> None:
    models = [kind_named(name) for name in kind or ()] or list(KINDS)
    as_workbook = target.suffix.lower() == ".xlsx"
    if not as_workbook and target.suffix and not target.is_dir():
        raise WrongName(path=target)
    if not overwrite:
        _refuse_overwriting(target, models, as_workbook)
    if empty:
        _write_empty(target, models, as_workbook)
    else:
        require_database()
        if as_workbook:
            export_workbook(operator(), target, models, language())
        else:
            export_folder(operator(), target, models)
    print(target)


def _write_empty(target: Path, models: list[type[Record]], as_workbook: bool) -> None:
    sheets = [Sheet(model) for model in models]
    if as_workbook:
        write_workbook(target, sheets, language())
    else:
        write_folder(target, sheets)


def _refuse_overwriting(target: Path, models: list[type[Record]], as_workbook: bool) -> None:
    paths = [target] if as_workbook else [target / f"{m.about.name}.csv" for m in models]
    if there := next((path for path in paths if path.exists()), None):
        raise AlreadyThere(path=there)
