"""`sekisho`: the list of commands. A command's module, and Django with it, is loaded when the command is run."""

from __future__ import annotations

import difflib
import os
import sys
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from sekisho import __version__
from sekisho.cli.endings import ended
from sekisho.cli.language import choose, language, say
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text


@dataclass(frozen=True)
class Command:
    """A command or a group of them: the module that holds it as `app`, and what it is for."""

    module: str
    help: Text
    alone: bool = False  # it needs no Django, or begins it itself


COMMANDS: dict[str, Command] = {
    "serve": Command("serve", Text("画面と API を起動する", "Serve the pages and the API")),
    "demo": Command(
        "demo", Text("空のデータフォルダーに見本の会員を作る", "Fill an empty home with the sample member")
    ),
    "setup-home": Command("setup_home", Text("データフォルダーを作る", "Make the data folder")),
    "migrate": Command(
        "migrate", Text("データベースをこの版に合わせる", "Bring the database to this version")
    ),
    "administrator": Command(
        "administrator", Text("管理者のアカウントを作る", "Make an administrator's account")
    ),
    "assess": Command("assess", Text("規則の全条項を判定する", "Judge every clause of the rule")),
    "gate": Command(
        "gate", Text("リリースを導入してよいか判定する", "Ask whether a release may go into use")
    ),
    "kinds": Command(
        "kinds", Text("記録の種類と項目を一覧する", "List the kinds of record and their fields")
    ),
    "load": Command("load", Text("Excel・CSV から記録を取り込む", "Take records from Excel or CSV")),
    "list": Command("list_records", Text("記録を一覧する", "List the records of a kind")),
    "export": Command("export", Text("記録を Excel・CSV に書き出す", "Write records to Excel or CSV")),
    "calendar": Command(
        "calendar",
        Text("不足の見込みと期限・予定を示す", "Show what will fall short, is due, ends or is planned"),
    ),
    "rulebook": Command(
        "rulebook", Text("規則の条項・限度・公式本文", "The rule: clauses, limits, official text")
    ),
    "connectors": Command("connectors", Text("ツールのファイルを取り込む", "Take in files that tools wrote")),
    "framework": Command(
        "framework", Text("評価基準をファイルから取り込む", "Take a framework of controls from a file")
    ),
    "ledger": Command("ledger", Text("台帳の検証と書き出し", "Verify and export the ledger")),
    "watch": Command(
        "watch",
        Text("ログイン・出金の検知ルールと再生", "Rules on logins and withdrawals, and replays"),
        alone=True,
    ),
}


class WrongSettings(SekishoError):
    code = "wrong_settings"
    text = Text(
        "設定を読み込めません: {why}。SEKISHO_ で始まる環境変数を確認してください。",
        "The settings cannot be read: {why}. Check the environment variables that begin with SEKISHO_.",
    )


class Commands(TyperGroup):
    """Names and help of the commands are known without loading them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            near = difflib.get_close_matches(cmd_name, COMMANDS, 1)
            ctx.fail(f"No such command '{cmd_name}'" + (f" ('{near[0]}'?)" if near else ""))
        os.umask(0o077)  # what commands write is for its owner alone
        if not COMMANDS[cmd_name].alone:
            begin()
        module = import_module(f"sekisho.cli.{COMMANDS[cmd_name].module}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section(say("コマンド", "Commands")):
            formatter.write_dl([(name, say(c.help.ja, c.help.en)) for name, c in COMMANDS.items()])


def main() -> None:
    """The entry point."""
    warnings.showwarning = _plainly
    sys.exit(ended(lambda: run(sys.argv[1:])))


def _plainly(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning of ours as one line in the user's language; any other with where it came from."""
    text = getattr(message, "text", None)
    told = text.in_(language()) if isinstance(text, Text) else f"{filename}:{lineno}: {message}"
    print(f"sekisho: {told}", file=sys.stderr)


def run(arguments: list[str]) -> Any:
    """Run one command; its exit code where it gives one. Raises what goes wrong."""
    words = choose(arguments)
    root = _root()
    with root.make_context("sekisho", words) as context:  # not main(): it has endings of its own
        return root.invoke(context)


def _root() -> Any:
    app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None, no_args_is_help=False)

    @app.callback(
        invoke_without_command=True,
        help=say(
            "暗号資産交換業者のシステムリスク管理", "System-risk duties of a crypto-asset exchange operator."
        ),
    )
    def sekisho(
        context: typer.Context,
        version: Annotated[
            bool, typer.Option("--version", help=say("版を表示する", "Show the version"))
        ] = False,
        language: Annotated[
            str,
            typer.Option(
                metavar="ja|en", help=say("言語（どこにでも書ける）", "Language; may stand anywhere")
            ),
        ] = "",
    ) -> None:
        if version:
            print(f"sekisho {__version__}")
        elif context.invoked_subcommand is None:
            print(context.get_help())

    return typer.main.get_command(app)


def begin() -> None:
    """Django ready, the database not touched. Raises WrongSettings."""
    import django  # noqa: PLC0415 - only commands need it, not the list of them

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.settings")
    try:
        django.setup()
    except ValueError as error:
        raise WrongSettings(why=error) from error
