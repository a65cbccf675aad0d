"""`sekisho demo`: fill an empty home with the sample member, and say who may sign in."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from sekisho.cli.house import ensure_database
from sekisho.cli.language import language, say
from sekisho.cli.table import print_table
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.sample.accounts import file, kept_password
from sekisho.sample.fill import NotEmpty, fill
from sekisho.sample.watched.sender import watch_token

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_SHOWN = 12  # the offices; the file names everybody


@app.command(help=say("空のデータフォルダーに見本の会員を作る", "Fill an empty home with the sample member"))
def demo(
    scale: Annotated[
        int,
        typer.Option(
            min=1, max=1000, help=say("規模（性能試験用）", "How many times its size, for benchmarks")
        ),
    ] = 1,
) -> None:
    ensure_database()
    if Version.objects.exists():
        raise NotEmpty
    _fill(scale)
    tell_sign_ins()


def ensure_sample() -> None:
    """The sample member, unless something is there already."""
    if not Version.objects.exists():
        _fill(1)


def tell_sign_ins() -> None:
    """Who may sign in, and their password; nothing where this installation has no sample member."""
    password = kept_password()
    if password is None:
        return
    lines = [line.split("\t") for line in file().read_text(encoding="utf-8").splitlines()[1:]]
    head = (say("ログイン名", "Login"), say("氏名", "Name"), say("役割", "Office"))
    print_table(head, [(login, name, office) for login, _, name, office in lines[:_SHOWN]])
    print(say(f"パスワード（全員共通）: {password}", f"Password (of all of them): {password}"))
    print(say(f"全員の一覧: {file()}", f"Everybody: {file()}"))


def tell_sender(port: int) -> None:
    """The token with which the watch may be tried; nothing where this installation has no sample member."""
    if kept_password() is None:
        return
    token = watch_token()
    print(
        say(f"検知サービス: http://localhost:{port}/watch/v1/", f"Watch: http://localhost:{port}/watch/v1/")
    )
    print(say(f"検知サービスのトークン: {token}", f"Token for the watch: {token}"))


def _fill(scale: int) -> None:
    print(say("見本の会員を作成しています…", "Writing the sample member ..."), file=sys.stderr)
    began = time.monotonic()
    filled = fill(scale, tell=lambda words: print(words, file=sys.stderr))
    seconds = time.monotonic() - began
    done = Text(
        f"{filled.versions:,} 件の版を記録しました（{seconds:.0f} 秒）。",
        f"{filled.versions:,} versions written ({seconds:.0f} s).",
    )
    print(done.in_(language()))
