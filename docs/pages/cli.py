"""docs/cli.md: the help of every command in both languages, asked of the commands themselves.

Their words are settled when they are loaded, so each language is asked in a process of its own:
`python -m docs.pages.cli ja` prints the pairs (command, help) as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

WIDTH = 100
INTRO = """# コマンド / Commands

`make setup` の後、コマンドは `.venv/bin/sekisho` にあります。どのコマンドも `--help` で説明を、`--language ja` または
`--language en` で言語を選べます。終了コードは、0: 正常、1: 義務に不足あり（`assess`）・台帳に誤りあり（`ledger verify`）、2: エラー、130: 中断です。

After `make setup` the command is `.venv/bin/sekisho`. Each takes `--help`, and `--language ja` or `--language en` to
choose the language. Exit codes: 0 done, 1 an obligation falls short (`assess`) or the ledger has a fault
(`ledger verify`), 2 an error, 130 interrupted.
"""


def page() -> str:
    japanese, english = asked("ja"), asked("en")
    parts = [INTRO.strip()]
    for name, told in japanese.items():
        parts.append(f"## {name}\n\n```text\n{told}\n```\n\n```text\n{english[name]}\n```")
    return "\n\n".join(parts)


def asked(language: str) -> dict[str, str]:
    """The help of every command by its name, in one language."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("SEKISHO_")}
    command = (sys.executable, "-m", "docs.pages.cli", language)
    done = subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(f"the commands' help cannot be read:\n{done.stderr}")
    pairs: dict[str, str] = json.loads(done.stdout)
    return pairs


def _helps(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A command's help and that of the commands below it."""
    from typer.models import Context  # noqa: PLC0415 - only the process that is asked

    context: Any = Context
    with context(command, info_name=" ".join(path), terminal_width=WIDTH, max_content_width=WIDTH) as made:
        yield " ".join(path), command.get_help(made).rstrip()
        if hasattr(command, "list_commands"):
            for name in command.list_commands(made):
                yield from _helps(command.get_command(made, name), (*path, name))


def main(language: str) -> None:
    from sekisho.cli import main as cli  # noqa: PLC0415
    from sekisho.cli.language import choose  # noqa: PLC0415

    choose(["--language", language])
    json.dump(dict(_helps(cli._root(), ("sekisho",))), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
