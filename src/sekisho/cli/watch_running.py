"""`sekisho watch serve`, `feed` and `follow`: they need Django, and begin it themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.language import say


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
    personal_days: Annotated[
        int, typer.Option(min=1, help=say("個人の情報を消すまでの日数", "Days until persons are redacted"))
    ] = 400,
    all_days: Annotated[
        int,
        typer.Option(
            min=0, help=say("すべてを消すまでの日数（0: 消さない）", "Days until all is dropped; 0: never")
        ),
    ] = 0,
) -> int:
    _begin()
    from sekisho.cli import watch_serve  # noqa: PLC0415 - it needs Django

    return watch_serve.serve(host, port, socket, group, personal_days, all_days)


def feed() -> int:
    _begin()
    from sekisho.cli import watch_after  # noqa: PLC0415 - the same

    return watch_after.feed()


def follow() -> int:
    _begin()
    from sekisho.cli import watch_after  # noqa: PLC0415 - the same

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
        "検知のログに従い、連絡・遮断・保留・アラートを行う（停止するまで続ける）",
        "Act on the watch's log until stopped: tell users, block, hold, raise alerts",
    )
    app.command("follow", help=words)(follow)


def _begin() -> None:
    from sekisho.cli.main import begin  # noqa: PLC0415 - main loads the commands, not they it

    begin()
