"""`sekisho watch flink` and `sekisho watch valkey`: the same rules for engines over several machines."""

from __future__ import annotations

from typing import Annotated

import typer

from sekisho.cli.endings import DONE, FAILED
from sekisho.cli.language import say
from sekisho.cli.watch_rules import ListOption, RulesOption, lists_from, rules_from, tell_left_out
from sekisho.watch.engines.language import without_risk


def flink(
    rules: RulesOption,
    servers: Annotated[
        str, typer.Option(metavar="HOST:PORT,...", help=say("Kafka のサーバー", "Kafka's servers"))
    ],
    events: Annotated[
        str, typer.Option(help=say("イベントのトピック", "Topic of events"))
    ] = "sekisho.events",
    hits: Annotated[str, typer.Option(help=say("該当のトピック", "Topic of hits"))] = "sekisho.hits",
    checkpoints: Annotated[
        str, typer.Option(metavar="URI", help=say("チェックポイントの置き場所", "Folder of checkpoints"))
    ] = "",
    late: Annotated[
        int, typer.Option(min=0, help=say("前後してよい時間（ミリ秒）", "ms that events may be out of order"))
    ] = 5000,
    lists: ListOption = None,
) -> int:
    from sekisho.watch.engines import flink_sql  # noqa: PLC0415 - only where it is asked

    program = rules_from(rules)
    if program is None:
        return FAILED
    program, left_out = without_risk(program)
    tell_left_out(left_out)
    ends = flink_sql.Kafka(servers, events, hits)
    job = flink_sql.job(program, ends, lists_from(lists), checkpoints=checkpoints, late=late)
    print(job.script(), end="")
    return DONE


def valkey(rules: RulesOption) -> int:
    from sekisho.watch.engines.valkey_functions import library  # noqa: PLC0415 - the same

    program = rules_from(rules)
    if program is None:
        return FAILED
    program, left_out = without_risk(program)
    tell_left_out(left_out)
    print(library(program)[1], end="")
    return DONE


def add_to(app: typer.Typer) -> None:
    """The two commands, for the group `watch`."""
    words = say(
        "検知ルールを Apache Flink の SQL ジョブにする（Kafka から Kafka へ）",
        "Turn rules into an Apache Flink SQL job, from Kafka to Kafka",
    )
    app.command("flink", help=words)(flink)
    words = say("検知ルールを Valkey の関数にする", "Turn rules into Valkey functions")
    app.command("valkey", help=words)(valkey)
