"""`sekisho migrate`: bring a database of an earlier version to this one."""

from __future__ import annotations

import typer

from sekisho.cli import house
from sekisho.cli.language import say

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(help=say("データベースをこの版に合わせる", "Bring the database to this version"))
def migrate() -> None:
    if not house.is_there():
        raise house.NoDatabase(where=house.database_name())
    house.migrate()
    print(
        say(f"{house.database_name()} はこの版の形式です。", f"{house.database_name()} is of this version.")
    )
