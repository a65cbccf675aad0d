"""What several commands of `sekisho watch` take: a file of rules, and lists from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.endings import complain
from sekisho.cli.language import language, say
from sekisho.cli.table import safe
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.language import BadRules, compile_rules
from sekisho.watch.lists import Listed
from sekisho.watch.program import Program

RulesOption = Annotated[
    Path, typer.Option("--rules", metavar="FILE.yaml", help=say("検知ルール", "The rules"))
]
ListOption = Annotated[
    list[str] | None,
    typer.Option(
        "--list", metavar="NAME=FILE", help=say("リスト（1行に1件、複数可）", "A list, an entry a line")
    ),
]


class BadList(SekishoError):
    code = "bad_list"
    text = Text(
        "リストの指定「{said}」を読めません（{why}）。名前=ファイル の形で、1行に1件を書いてください。",
        "The list {said!r} cannot be read: {why}. Write NAME=FILE, an entry a line.",
    )


def rules_from(path: Path) -> Program | None:
    """The rules; None where they are bad, everything that is wrong having been told. Raises OSError."""
    try:
        return compile_rules(path.read_text(encoding="utf-8"), path.stem)
    except UnicodeDecodeError as error:
        complain(
            Text(
                f"{path} は UTF-8 で書かれていません（{error.start} バイト目）。",
                f"{path} is not UTF-8 (byte {error.start}).",
            )
        )
    except BadRules as bad:
        for problem in bad.problems:
            at = problem.place
            print(f"{path}:{at.line}:{at.column}: {safe(problem.text.in_(language()))}", file=sys.stderr)
        number = len(bad.problems)
        complain(
            Text(
                f"{path} に {number} 件の誤りがあります。",
                f"{path} has {number} mistake{'s' * (number > 1)}.",
            )
        )
    return None


def tell_left_out(names: tuple[str, ...]) -> None:
    """Rules that an engine cannot say, on standard error."""
    if names:
        told = ", ".join(names)
        complain(
            Text(
                f"リスクスコアを使うルールはここでは表せないため、除きました: {told}",
                f"Rules that stand on a risk score cannot be said here and were left out: {told}",
            )
        )


def lists_from(said: list[str] | None) -> dict[str, Listed]:
    """Lists by name. Raises BadList, OSError."""
    found: dict[str, Listed] = {}
    for words in said or ():
        name, equals, file = words.partition("=")
        if not (name and equals and file):
            raise BadList(said=words, why="=")
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
            found[name] = Listed(line.strip() for line in lines if line.strip() and not line.startswith("#"))
        except ValueError as error:
            raise BadList(said=words, why=str(error)[:120]) from error
    return found
