"""`sekisho setup-home`: the data folder with its keys and an empty database."""

from __future__ import annotations

import typer

from sekisho.cli.house import home, set_up
from sekisho.cli.language import say

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help=say("データフォルダーを作る（既にあるものは残す）", "Make the data folder; what is there stays")
)
def setup_home() -> None:
    set_up()
    print(say(f"データフォルダー: {home()}", f"Data folder: {home()}"))
