"""`sekisho administrator`: the account with which an installation begins."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sekisho.access.models import Account
from sekisho.cli.house import ensure_database, operator
from sekisho.cli.language import say
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.workflows.account import AdministratorExists, create_first_administrator

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class NotTheSame(SekishoError):
    code = "not_the_same"
    text = Text(
        "2 回のパスワードが一致しません。もう一度実行してください。",
        "The two passwords differ. Run it again.",
    )


@app.command(help=say("管理者のアカウントを作る", "Make an administrator's account"))
def administrator(
    login: Annotated[str, typer.Argument(help=say("ログイン名", "Login name"))],
    person: Annotated[str, typer.Option(help=say("役職員のキー", "Key of the person"))] = "",
    another: Annotated[bool, typer.Option("--another", help=say("もう一人追加する", "One more"))] = False,
) -> None:
    ensure_database()
    if not another and Account.objects.filter(administers=True).exists():
        raise AdministratorExists
    password = _password()
    by = operator().by.partition(":")[2]
    create_first_administrator(login, password, operator=by, person=person, another=another)
    print(say(f"管理者 {login} を作成しました。", f"The administrator {login} is made."))


def _password() -> str:
    """Asked for twice on a terminal; else the first line of standard input. Never an argument: others could see it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = typer.prompt(say("パスワード", "Password"), hide_input=True)
    if typer.prompt(say("パスワード（確認）", "Password again"), hide_input=True) != first:
        raise NotTheSame
    return str(first)
