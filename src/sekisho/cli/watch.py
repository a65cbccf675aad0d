"""`sekisho watch`: check rules, and replay them over a file of events or over what the watch has kept."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli import watch_engines, watch_running
from sekisho.cli.endings import DONE, FAILED, complain
from sekisho.cli.language import language, say
from sekisho.cli.moments import instant
from sekisho.cli.table import print_table, safe
from sekisho.cli.watch_rules import ListOption, RulesOption, lists_from, rules_from, tell_left_out
from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.lists import Listed
from sekisho.watch.program import Program
from sekisho.watch.replay import Engine, Replayed, replay_file

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help=say("ログイン・出金の検知ルールと再生", "Rules on logins and withdrawals, and replays"),
)
watch_running.add_to(app)
watch_engines.add_to(app)
REFUSED = 1  # the replay is done, but some events were bad


class Format(StrEnum):
    table = "table"
    json = "json"


class NothingToReplay(SekishoError):
    code = "nothing_to_replay"
    text = Text(
        "再生する対象がありません。--events でファイルを、または --from（と --to）で保存済みの期間を指定してください。",
        "There is nothing to replay. Name a file with --events, or kept days with --from (and --to).",
    )


class BothToReplay(SekishoError):
    code = "both_to_replay"
    text = Text(
        "--events と --from・--to は同時に使えません。どちらか一方を指定してください。",
        "--events does not go with --from and --to. Name one of them.",
    )


@app.command("check", help=say("検知ルールを検証する", "Check a file of rules"))
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help=say("検知ルール", "The rules"))],
) -> int:
    program = rules_from(file)
    if program is None:
        return FAILED
    live = sum(rule.live for rule in program.rules)
    on_trial = len(program.rules) - live
    print(
        say(
            f"{file}: 誤りはありません。有効 {live} 件、試行 {on_trial} 件。",
            f"{file}: no mistakes; {live} live rules, {on_trial} on trial.",
        )
    )
    return DONE


@app.command(
    "replay",
    help=say(
        "検知ルールをイベントのファイル、または保存済みの期間に当てはめ、該当を数える。"
        "読めないイベントは件数と場所を示して飛ばし、終了コード 1 で終わる",
        "Apply rules to a file of events, or to what was kept, and count what they hit. "
        "Bad events are told and left out; the exit code is 1 then",
    ),
)
def replay(
    rules: RulesOption,
    events: Annotated[
        Path | None,
        typer.Option(
            "--events", metavar="FILE.jsonl|FILE.parquet", help=say("イベントのファイル", "File of events")
        ),
    ] = None,
    since: Annotated[
        str, typer.Option("--from", help=say("期間の始まり（日付か日時）", "From this day or instant on"))
    ] = "",
    until: Annotated[
        str, typer.Option("--to", help=say("期間の終わり（その日を含む）", "Up to this day or instant"))
    ] = "",
    engine: Annotated[Engine, typer.Option(help=say("判定に使うもの", "What judges"))] = Engine.kernel,
    lists: ListOption = None,
    format_: Annotated[
        Format, typer.Option("--format", help=say("出力の形式", "Form of output"))
    ] = Format.table,
) -> int:
    program = rules_from(rules)
    if program is None:
        return FAILED
    named = lists_from(lists)
    if events is None:
        return _replay_kept(program, since, until, named, format_)
    if since or until:
        raise BothToReplay
    done = replay_file(program, events, engine, named)
    if format_ is Format.json:
        print(json.dumps(_told(done), ensure_ascii=False, indent=1))
    else:
        rows = [(name, f"{hit.count:,}", str(hit.hash)) for name, hit in done.hits.items()]
        print_table((say("ルール", "Rule"), say("該当", "Hits"), say("照合値", "Hash")), rows)
        print(
            say(
                f"{done.events:,} 件を {done.engine} で判定（毎秒 {done.events_per_second:,.0f} 件）",
                f"{done.events:,} events judged by {done.engine}, {done.events_per_second:,.0f} a second",
            )
        )
    tell_left_out(done.left_out)
    return _tell_bad(events, done)


def _told(done: Replayed) -> dict[str, object]:
    return {
        "engine": done.engine,
        "events": done.events,
        "refused": done.refused,
        "left_out": list(done.left_out),
        "hits": {name: {"count": hit.count, "hash": hit.hash} for name, hit in done.hits.items()},
        "events_per_second": done.events_per_second,
    }


def _tell_bad(path: Path, done: Replayed) -> int:
    if not done.refused:
        return DONE
    for place, why in done.bad:
        print(f"{path}:{place}: {safe(why.text.in_(language()))}", file=sys.stderr)
    complain(
        Text(
            f"{done.refused} 件のイベントを読めなかったため、除いて判定しました。",
            f"{done.refused} events could not be read and were left out.",
        )
    )
    return REFUSED


def _replay_kept(program: Program, since: str, until: str, lists: dict[str, Listed], format_: Format) -> int:
    """New rules over the days that the watch has kept, beside what it answered then."""
    from sekisho.cli.watch_compared import tell  # noqa: PLC0415 - Polars only where it is needed
    from sekisho.watch.backtest import backtest  # noqa: PLC0415

    begin = instant("--from", since) if len(since) != 10 else instant("--from", f"{since}T00:00")
    if begin is None:
        raise NothingToReplay
    end = instant("--to", until) or clock.now()
    span = (
        int(begin.timestamp() * 1000),
        int(end.timestamp() * 1000) + 1,
    )  # the last millisecond belongs to it
    found = backtest(home(), program, *span, lists)
    tell(found, as_json=format_ is Format.json)
    return DONE


def home() -> Path:
    """The data folder, as the settings have it, without Django."""
    named = os.environ.get("SEKISHO_HOME", "")
    return Path(named).expanduser() if named else Path.home() / ".local" / "share" / "sekisho"
