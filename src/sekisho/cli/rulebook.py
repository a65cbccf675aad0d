"""`sekisho rulebook`: clauses, limits, and the official text that the member imports."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.endings import complain
from sekisho.cli.house import ensure_database, operator, require_database
from sekisho.cli.language import language, say
from sekisho.cli.table import print_table, safe
from sekisho.findings.verdicts import DUTY_WORDS
from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.kernel.texts import Text
from sekisho.rulebook.contents import checks_of, clause_named, clauses
from sekisho.rulebook.limits import all_limits
from sekisho.rulebook.official import Change, Part, compare
from sekisho.workflows.official_text import concerned, current, import_text, read_edition

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help=say("規則の条項・限度・公式本文", "The rule: clauses, limits, text"),
)


class Format(StrEnum):
    table = "table"
    json = "json"


class NoOfficialText(SekishoError):
    code = "no_official_text"
    text = Text(
        "公式の規則本文はまだ取り込まれていません。sekisho rulebook import-text ファイル で取り込んでください。",
        "The official text is not imported yet. Do it with `sekisho rulebook import-text FILE`.",
    )


_UNITS = {
    "months": Text("か月", "months"),
    "days": Text("日", "days"),
    "minutes": Text("分", "minutes"),
    "number": Text("", ""),
    "percent": Text("％", "%"),
}
_CHANGED = {
    "added": Text("追加", "added"),
    "removed": Text("削除", "removed"),
    "changed": Text("変更", "changed"),
    "moved": Text("移動", "moved"),
}
_FormatOption = Annotated[Format, typer.Option("--format", help=say("出力の形式", "Form of output"))]
_FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help=say("規則の PDF か本文のテキスト", "The rule's PDF, or its plain text")
    ),
]


@app.command("clauses", help=say("条項を一覧する", "List the clauses"))
def list_clauses(format_: _FormatOption = Format.table) -> None:
    if format_ is Format.json:
        told = [
            {
                "clause": c.citation,
                "duty": c.duty.value,
                "text": c.text.as_dict(),
                "checks": [k.name for k in checks_of(c.citation)],
            }
            for c in clauses()
        ]
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    rows = [(c.citation, DUTY_WORDS[c.duty].in_(language()), c.text.in_(language())) for c in clauses()]
    print_table((say("条項", "Clause"), say("義務", "Duty"), say("内容", "What it asks")), rows)


@app.command(
    "limits", help=say("限度（周期・期限などの数）を一覧する", "List the limits: cycles, deadlines, numbers")
)
def list_limits(format_: _FormatOption = Format.table) -> None:
    today = clock.today()
    values = {name: limit.on(today) for name, limit in all_limits().items()}
    if format_ is Format.json:
        told = [
            {
                "limit": name,
                "value": values[name].value,
                "unit": limit.unit,
                "tighter": limit.tighter,
                "since": values[name].since.isoformat(),
                "text": limit.text.as_dict(),
                "from": values[name].origin,
                "source": values[name].source.as_dict(),
            }
            for name, limit in all_limits().items()
        ]
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    rows = [
        (
            name,
            f"{values[name].value} {_UNITS[limit.unit].in_(language())}".rstrip(),
            limit.text.in_(language()),
            values[name].grounds.in_(language()),
        )
        for name, limit in all_limits().items()
    ]
    print_table(
        (say("限度", "Limit"), say("値", "Value"), say("内容", "What it bounds"), say("根拠", "Source")), rows
    )


@app.command("import-text", help=say("公式の規則本文を取り込む", "Import the official text of the rule"))
def import_official_text(
    file: _FileArgument,
    reason: Annotated[str, typer.Option(help=say("台帳に残す理由", "Reason, kept in the ledger"))] = "",
) -> None:
    ensure_database()
    done = import_text(operator(), file, reason)
    edition = done.edition
    newest = max(edition.amended_on, default=edition.enacted_on)
    print(say(f"{edition.title}（最終改正 {newest}）", f"{edition.title} (last amended {newest})"))
    articles = sum(1 for part in edition.parts if part.level == "article")
    parts = len(edition.parts) + len(edition.supplementary)
    print(
        say(
            f"{articles} 条、{parts} か所に分割しました。",
            f"Split into {articles} articles, {parts} parts in all.",
        )
    )
    if not done.is_new:
        print(say("取り込み済みの本文と同じです。", "It is the same as the text imported before."))
    elif done.before is not None:
        _tell_changes(done.changes)
    if done.lacking:
        names = ", ".join(done.lacking)
        complain(Text(f"本文のない条項があります: {names}", f"It has no words for these clauses: {names}"))


@app.command(
    "compare", help=say("取り込み済みの本文と比べる", "Compare a file with the text that is imported")
)
def compare_text(file: _FileArgument) -> None:
    require_database()
    before = current()
    if before is None:
        raise NoOfficialText
    _tell_changes(compare(before, read_edition(file)))


@app.command("text", help=say("公式の規則本文を表示する", "Show the official text"))
def show_text(
    clause: Annotated[
        str, typer.Argument(help=say("条項（例 7-1）。省略すると全文", "Such as 7-1; all without it"))
    ] = "",
) -> None:
    if clause and not clause.startswith(("C", "S", "GC", "GS")):
        _require_known(clause)
    require_database()
    edition = current()
    if edition is None:
        raise NoOfficialText
    if not clause:
        for part in (*edition.parts, *edition.supplementary):
            _tell_part(part)
        return
    part_found = edition.find(clause)
    if part_found is None:
        raise NotFound(what=Text(f"本文の {clause}", f"{clause} in the official text"))
    _tell_part(part_found)


def _require_known(citation: str) -> None:
    """Articles that have no clause of ours yet are in the text all the same."""
    if not citation.removeprefix("G").replace("-", "").replace("_", "").isdigit():
        clause_named(citation)


def _tell_part(part: Part) -> None:
    head = " ".join(word for word in (part.citation, part.label, part.heading) if word)
    print(f"[{safe(head)}]")
    for line in part.text.splitlines():
        print("  " + safe(line))


def _tell_changes(changes: tuple[Change, ...]) -> None:
    if not changes:
        print(say("違いはありません。", "There is no difference."))
        return
    print(say("次の条項の判定を見直してください:", "Look again at the checks of these clauses:"))
    for change, ours in concerned(changes):
        moved = f" ← {change.moved_from}" if change.moved_from else ""
        names = [check.name for clause in ours for check in checks_of(clause.citation)]
        print(f"{change.citation}{moved}  {_CHANGED[change.kind].in_(language())}  {', '.join(names)}")
        for segment in change.segments:
            if segment.kind != "same":
                print(f"    {'+' if segment.kind == 'added' else '-'} {safe(segment.text)}")
