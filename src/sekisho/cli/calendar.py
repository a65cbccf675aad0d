"""`sekisho calendar`: what will fall short if nobody acts, and what records say is due, ends or is planned."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer

from sekisho.cli.house import operator, require_database
from sekisho.cli.language import language, say
from sekisho.cli.moments import day
from sekisho.cli.table import print_table
from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.facts import Snapshot, snapshot
from sekisho.reports.calendar_entries import Entry, entries
from sekisho.reports.ical import ical
from sekisho.reports.year_calendar import collected, year_from

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LONGEST = 20  # years: each month of them is judged


class Format(StrEnum):
    table = "table"
    json = "json"
    ics = "ics"


class NoSpan(SekishoError):
    code = "no_span"
    text = Text(
        "--from（{first}）から --to（{last}）までの期間を表示できません。20年以内で、順序を確認してください。",
        "There is no time from --from ({first}) to --to ({last}). Mind their order, and 20 years at most.",
    )


@app.command(
    help=say(
        "このまま何もしないと不足となる日と、記録にある期限・終了・予定を示す",
        "Show when something will fall short if nobody acts, and what is due, ends or is planned",
    )
)
def calendar(
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
    first: Annotated[
        str,
        typer.Option("--from", metavar="DATE", help=say("最初の日（省略時は今日）", "First day; else today")),
    ] = "",
    last: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="DATE",
            help=say("最後の日（省略時は最初の月から12か月）", "Last day; else twelve months from the first"),
        ),
    ] = "",
) -> None:
    begins = day("--from", first) or clock.today()
    ends = day("--to", last) or year_from(begins)
    if not begins <= ends <= clock.add_months(begins, 12 * LONGEST):
        raise NoSpan(first=begins, last=ends)
    require_database()
    seen = snapshot()
    _RENDER[format_](entries(collected(operator(), seen, begins, ends), seen, single=sys.maxsize), seen)


def _table(found: list[Entry], _: Snapshot) -> None:
    head = (("日", "Day"), ("区分", "Sort"), ("条項", "Clause"), ("対象", "Of"), ("内容", "What"))
    print_table([say(*pair) for pair in head], [_row(entry) for entry in found])
    print()
    print(say(f"計 {len(found)} 件", f"{len(found)} in all"))


def _row(entry: Entry) -> tuple[str, ...]:
    by = "" if entry.exact else say(" まで", " at the latest")
    late = say("（期限超過）", " (overdue)") if entry.late else ""
    return (
        f"{entry.on}{by}",
        entry.what_words.in_(language()) + late,
        entry.clause,
        entry.reference,
        entry.text.in_(language()),
    )


def _json(found: list[Entry], _: Snapshot) -> None:
    print(json.dumps([_told(entry) for entry in found], ensure_ascii=False, indent=1))


def _told(entry: Entry) -> dict[str, Any]:
    """`exact`: false where it is so by the day `on`. `who`: person:<key>, role:<role> or role:<role>@<unit>."""
    on: date = entry.on
    return {
        "on": on.isoformat(),
        "exact": entry.exact,
        "what": entry.what,
        "late": entry.late,
        "clause": entry.clause or None,
        "kind": entry.kind or None,
        "reference": entry.reference or None,
        "field": entry.field or None,
        "unit": entry.unit,
        "who": entry.someone.code if entry.someone else None,
        "title": entry.title.as_dict(),
        "text": entry.text.as_dict(),
    }


def _ics(found: list[Entry], seen: Snapshot) -> None:
    """Bytes as they are: lines end with CRLF on every machine. Without addresses: a command knows no host."""
    sys.stdout.flush()
    sys.stdout.buffer.write(ical(found, seen, language()))
    sys.stdout.buffer.flush()


_RENDER: dict[Format, Callable[[list[Entry], Snapshot], None]] = {
    Format.table: _table,
    Format.json: _json,
    Format.ics: _ics,
}
