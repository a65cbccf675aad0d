"""`sekisho assess`: judge every clause, of any day, as known now or then. Exit code 1: an obligation falls short."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from sekisho.cli.endings import DONE, FALLS_SHORT
from sekisho.cli.house import require_database
from sekisho.cli.language import language, say
from sekisho.cli.moments import day, instant
from sekisho.cli.table import print_table
from sekisho.findings.verdicts import DUTY_WORDS, VERDICT_WORDS, Duty, Verdict
from sekisho.records.facts import snapshot
from sekisho.reports.sheets import guarded
from sekisho.rulebook.assess import Assessment, ClauseState, assess
from sekisho.rulebook.contents import clause_named
from sekisho.rulebook.told import told

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"


@app.command(
    help=say(
        "規則の全条項を判定する。終了コード 0: 義務の不足なし、1: 義務に不足あり、2: エラー",
        "Judge every clause. Exit code 0: no obligation falls short, 1: one does, 2: an error",
    )
)
def assess_clauses(
    on: Annotated[
        str,
        typer.Option(metavar="DATE", help=say("判定日（未来の日も可）", "The day judged; may be to come")),
    ] = "",
    known_at: Annotated[
        str,
        typer.Option(
            metavar="INSTANT",
            help=say("この時点までに記録されていた内容で判定", "By what was recorded until then"),
        ),
    ] = "",
    clause: Annotated[
        str, typer.Option(help=say("この条項だけ（例 7-1）", "This clause alone, such as 7-1"))
    ] = "",
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
) -> int:
    judged_on, then = day("--on", on), instant("--known-at", known_at)
    if clause:
        clause_named(clause)
    require_database()
    assessment = assess(snapshot(judged_on, then))
    if clause:
        assessment = Assessment(assessment.snapshot, {clause: assessment[clause]})
    _RENDER[format_](assessment)
    return FALLS_SHORT if any(_falls_short(state) for state in assessment.states.values()) else DONE


def _falls_short(state: ClauseState) -> bool:
    return state.clause.duty is Duty.MUST and state.verdict is Verdict.FALLS_SHORT


def _json(assessment: Assessment) -> None:
    print(json.dumps(told(assessment), ensure_ascii=False, indent=1))


def _csv(assessment: Assessment) -> None:
    """A row a finding; a clause without findings has one row."""
    names = ("kind", "subject", "outcome", "reason", "since", "due", "who", "exception")
    writer = csv.writer(sys.stdout)
    writer.writerow(("clause", "duty", "verdict", *names, "text_ja", "text_en", "data"))
    for clause in told(assessment):
        head = (clause["clause"], clause["duty"], clause["verdict"])
        for finding in clause["findings"] or [{}]:
            text = finding.get("text", {})
            data = json.dumps(finding["data"], ensure_ascii=False) if finding else ""
            cells = [
                *(finding.get(name) or "" for name in names),
                text.get("ja", ""),
                text.get("en", ""),
                data,
            ]
            writer.writerow([*head, *(guarded(cell) for cell in cells)])


def _table(assessment: Assessment) -> None:
    seen = assessment.snapshot
    print(say(f"判定日 {seen.on}", f"Judged on {seen.on}") + _known(seen.known_at))
    clauses = told(assessment)
    head = (
        ("条項", "Clause"),
        ("義務", "Duty"),
        ("判定", "Verdict"),
        ("指摘", "Findings"),
        ("最も古い指摘", "Oldest"),
    )
    rows = [_row(assessment[c["clause"]], c["findings"]) for c in clauses]
    print_table([say(*pair) for pair in head], rows)
    if len(clauses) == 1:
        _findings(clauses[0]["findings"])
    _sum_up(assessment)


def _known(at: datetime | None) -> str:
    return (
        say(f"（{at.isoformat()} までの記録による）", f" (by what was recorded until {at.isoformat()})")
        if at
        else ""
    )


def _row(state: ClauseState, findings: list[dict[str, Any]]) -> tuple[str, ...]:
    open_ = [f for f in findings if not f["excepted"]]
    return (
        state.clause.citation,
        DUTY_WORDS[state.clause.duty].in_(language()),
        _verdict(state),
        str(len(open_)) if open_ else "",
        open_[0]["text"][language()] if open_ else "",
    )


def _verdict(state: ClauseState) -> str:
    """The verdict, and with which clause it is shared."""
    word, other = VERDICT_WORDS[state.verdict].in_(language()), state.clause.read_with
    return say(f"{word}（{other} とあわせて判定）", f"{word} (together with {other})") if other else word


def _findings(findings: list[dict[str, Any]]) -> None:
    if findings:
        print()
        head = (
            say("対象", "Subject"),
            say("いつから", "Since"),
            say("期限", "Due"),
            say("担当", "Who"),
            say("内容", "What"),
        )
        rows = [
            (
                f"{f['kind']}:{f['subject']}",
                f["since"] or "",
                f["due"] or "",
                f["who"] or "",
                f["text"][language()],
            )
            for f in findings
        ]
        print_table(head, rows)


def _sum_up(assessment: Assessment) -> None:
    counted: dict[Verdict, int] = {}
    for state in assessment.states.values():
        counted[state.verdict] = counted.get(state.verdict, 0) + 1
    print()
    print("  ".join(f"{VERDICT_WORDS[v].in_(language())} {counted[v]}" for v in Verdict if v in counted))


_RENDER = {Format.table: _table, Format.json: _json, Format.csv: _csv}
