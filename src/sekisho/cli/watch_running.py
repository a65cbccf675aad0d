"""`sekisho watch serve`, `feed` and `follow`: they need Django, and begin it themselves."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import Annotated

import typer

from sekisho.api.watch.beside import end_with_starter
from sekisho.cli.language import say

_WithStarter = Annotated[bool, typer.Option("--with-starter", hidden=True)]  # end when standard input does


def serve(
    host: Annotated[str, typer.Option(help=say("待ち受けるアドレス", "Address to listen on"))] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help=say("ポート番号（0: TCP では待ち受けない）", "Port; 0: none")),
    ] = 8100,
    socket: Annotated[
        str, typer.Option(metavar="PATH", help=say("Unix ソケットの場所", "Where the Unix socket is"))
    ] = "",
    group: Annotated[
        bool,
        typer.Option("--group", help=say("ソケットを同じグループにも開く", "Open the socket to the group")),
    ] = False,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone",
            help=say(
                "判定だけを行う（watch follow は別に動かす）", "Judge alone; `watch follow` runs elsewhere"
            ),
        ),
    ] = False,
    with_starter: _WithStarter = False,
) -> int:
    _begin()
    from sekisho.cli import watch_serve  # noqa: PLC0415 - it needs Django

    if with_starter:
        end_with_starter(partial(os.kill, os.getpid(), signal.SIGTERM))
    return watch_serve.serve(host, port, socket, group, alone=alone)


def feed() -> int:
    _begin()
    from sekisho.cli import watch_after  # noqa: PLC0415 - the same

    return watch_after.feed()


def follow(with_starter: _WithStarter = False) -> int:
    _begin()
    from sekisho.cli import watch_after  # noqa: PLC0415 - the same

    if with_starter:
        end_with_starter(partial(os.kill, os.getpid(), signal.SIGTERM))
    return watch_after.follow()


def add_to(app: typer.Typer) -> None:
    """The three commands, for the group `watch`."""
    words = say(
        "ログイン・出金などをその場で判定する（停止するまで続ける）",
        "Judge logins, withdrawals and the like as they come, until stopped",
    )
    app.command("serve", help=words)(serve)
    words = say(
        "検知の状況を規則の記録に反映する（第9条・第10条の判定に使われる。定期的に実行）",
        "Write what the watch knows into the records that articles 9 and 10 read; run it from time to time",
    )
    app.command("feed", help=words)(feed)
    words = say(
        "検知のログに従い、連絡・遮断・保留・アラートを行う（停止するまで続ける。watch serve --alone と組にする）",
        "Act on the watch's log until stopped: tell users, block, hold, raise alerts (with `watch serve --alone`)",
    )
    app.command("follow", help=words)(follow)


def _begin() -> None:
    from sekisho.cli.main import begin  # noqa: PLC0415 - main loads the commands, not they it

    begin()
