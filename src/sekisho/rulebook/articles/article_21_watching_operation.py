"""Article 21: systems are watched at all times, and what is seen is analysed."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.measuring import measured, monitors, out_of_bounds, systems_in_use
from sekisho.records.models import Maintenance, Measurement, Monitor, OperationAnalysis, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    cover,
    day_after,
    day_of,
    falls_short,
    kept_up,
    minute_of,
    role,
)
from sekisho.rulebook.limits import Limits

MANAGER = role("system_manager", pl.col("unit"))

clause("21-1", Duty.MUST, "稼働状況を常に監視する", "Watch the running systems at all times")


@check(
    "21-1",
    asks="監視項目の測定に、上限を超える空白がありませんか。",
    reads=(Monitor, Measurement, System, Maintenance),
    limits=("heartbeat_gap", "measurement_cycle", "watch_window"),
    reasons={
        "silent": (
            "{monitor} の測定が {last} から途絶えています。監視を復旧し、空白の間の稼働を確認してください。",
            "{monitor} has been silent since {last}. Restore it, and find out how the system ran meanwhile.",
        ),
        "never": (
            "{monitor} は {since} の開始から一度も測定されていません。",
            "{monitor} has measured nothing since its start on {since}.",
        ),
        "gap": (
            "{monitor} の測定に {from} から {until} まで空白がありました（直近の空白、全 {count} 回）。"
            "原因と再発防止を記録してください。",
            "{monitor} measured nothing from {from} until {until} (the newest of {count} gaps). "
            "Record the cause and what prevents the next.",
        ),
    },
)
def no_monitor_has_a_gap(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every monitor of a system in scope been without a gap longer than its limit?

    Gaps that ended in the span that is looked back on count, and silence up to the beginning of the day. A gap within
    a maintenance that was planned to stop the service does not.
    """
    systems = systems_in_use(facts, on).select("unit", system="key")
    rows = monitors(facts, on, limits.value("heartbeat_gap"), limits.value("measurement_cycle")).join(
        systems, on="system"
    )
    values = measured(facts, on).join(rows.select("gap_minutes", "system", monitor="key"), on="monitor")
    last = values.group_by("monitor").agg(last_at=pl.col("at").max())
    start = limits.window_start("watch_window")
    told_rows = rows.join(last, left_on="key", right_on="monitor", how="left").join(
        _gaps(values, _stops(facts), start), left_on="key", right_on="monitor", how="left"
    )
    gap = pl.duration(minutes=pl.col("gap_minutes"))
    first_due = (pl.col("since_on").cast(pl.Datetime("us")) + gap).dt.date()
    silent = day_after(day_of(pl.col("last_at") + gap))
    told = {"who": MANAGER, "monitor": pl.col("key")}
    return answers(
        told_rows, Monitor,
        falls_short(pl.col("last_at").is_null() & (first_due < on), "never", since=pl.col("since_on"), **told),
        falls_short(silent <= on, "silent", since=silent, last=minute_of("last_at"), **told),
        falls_short(
            pl.col("gaps") > 0, "gap", since=day_of("gap_from"), count=pl.col("gaps"),
            **{"from": minute_of("gap_from"), "until": minute_of("gap_until")}, **told,
        ),
    )  # fmt: skip


def _stops(facts: Facts) -> pl.LazyFrame:
    """Planned stops of systems: system, stop_from, stop_until; as done where that is known, else as planned."""
    return facts[Maintenance].filter(pl.col("stops_service")).select(
        "system",
        stop_from=pl.coalesce("done_from_at", "planned_from_at"),
        stop_until=pl.coalesce("done_until_at", "planned_until_at"),
    )  # fmt: skip


def _gaps(values: pl.LazyFrame, stops: pl.LazyFrame, start: date) -> pl.LazyFrame:
    """Per monitor with gaps that ended since `start`: gaps (how many), and gap_from, gap_until of the newest."""
    before = pl.col("at").shift(1).over("monitor")
    found = (
        values.select("monitor", "system", "at", "on", "gap_minutes")
        .sort("monitor", "at")
        .with_columns(before=before)
        .filter(
            pl.col("at") - pl.col("before") > pl.duration(minutes=pl.col("gap_minutes")),
            pl.col("on") >= start,
        )
    )
    excused = found.join(stops, on="system").filter(
        pl.col("stop_from") <= pl.col("before") + pl.duration(minutes=pl.col("gap_minutes")),
        pl.col("stop_until") >= pl.col("at") - pl.duration(minutes=pl.col("gap_minutes")),
    )
    counted = found.join(excused.select("monitor", "at"), on=["monitor", "at"], how="anti").sort("at")
    return counted.group_by("monitor").agg(
        gaps=pl.len().cast(pl.Int64), gap_from=pl.col("before").last(), gap_until=pl.col("at").last()
    )


clause(
    "21-2",
    Duty.MUST,
    "稼働状況を分析し異常がないことを確認する",
    "Analyse how systems run and confirm that nothing is wrong",
)


@check(
    "21-2",
    asks="対象システムの稼働状況を切れ目なく分析し、異常のすべてに判断をしていますか。",
    reads=(System, OperationAnalysis, Monitor, Measurement),
    limits=("analysis_age", "watch_window", "anomaly_decision_time", "heartbeat_gap", "measurement_cycle"),
    reasons={
        "never_analysed": (
            "{system} の稼働分析がありません。期間を定めて分析し、結果を登録してください。",
            "The running of {system} was never analysed. Analyse a period and record the result.",
        ),
        "old_analysis": (
            "{system} の稼働分析が {last} までの期間で止まっています。",
            "The running of {system} was last analysed for a period until {last}.",
        ),
        "period_missing": (
            "{system} の稼働分析に {from} から {until} までの抜けがあります。",
            "The analyses of {system} leave out {from} to {until}.",
        ),
        "anomaly_undecided": (
            "{analysis_system} の稼働分析で見つかった異常 {count} 件に判断がありません。",
            "The analysis of {analysis_system} found {count} anomalies, and nothing was decided on them.",
        ),
        "value_undecided": (
            "{monitor} の異常値 {count} 件（最も古いもの {since}）に判断がありません。判断と理由を記録してください。",
            "{count} values of {monitor} out of bounds (the oldest of {since}) have no decision. Record it and why.",
        ),
    },
)
def the_running_is_analysed_and_anomalies_are_decided(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is the running of every system analysed without a break, and is there a decision on every anomaly?

    An analysis counts from the day on which it was done. A value out of its bound has some days for its decision; of
    those in a planned stop none is asked.
    """
    systems = systems_in_use(facts, on)
    done = facts[OperationAnalysis].filter(pl.col("done_on") <= on)
    newest = kept_up(
        systems, System, done, by="system", at="period_until_on", limits=limits, limit="analysis_age",
        never="never_analysed", old="old_analysis", since="in_use_since_on", who=MANAGER,
    )  # fmt: skip
    undecided = done.filter(pl.col("anomalies") > 0).join(systems.select("unit", system="key"), on="system")
    analyses = answers(
        undecided, OperationAnalysis,
        falls_short(
            pl.col("decision").is_null(), "anomaly_undecided", since=pl.col("done_on"),
            analysis_system=pl.col("system"), count=pl.col("anomalies"), who=MANAGER,
        ),
    )  # fmt: skip
    return pl.concat(
        [newest, _whole(systems, done, on, limits), analyses, _decided(facts, systems, on, limits)]
    )


def _whole(systems: pl.LazyFrame, done: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each system: that between its first and its last analysis no day of the window is left out."""
    periods = done.select("system", since_on="period_from_on", until_on="period_until_on")
    window = pl.lit(limits.window_start("watch_window"))
    first = periods.group_by("system").agg(first=pl.col("since_on").min())
    start = systems.select("unit", system="key").join(first, on="system")
    covered = cover(periods, "system", start.select("system", start_on="first"), on)
    return answers(
        covered.join(start, on="system"), System,
        falls_short(
            pl.col("gap_until") >= window, "period_missing", since=pl.col("gap_from"), who=MANAGER,
            system=pl.col("system"), **{"from": pl.col("gap_from"), "until": pl.col("gap_until")},
        ),
        subject=pl.col("system"),
    )  # fmt: skip


def _decided(facts: Facts, systems: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each monitor that was measured in the window: that all its values out of bounds were decided on in time."""
    working = monitors(facts, on, limits.value("heartbeat_gap"), limits.value("measurement_cycle"))
    mine = working.join(systems.select("unit", system="key"), on="system").select(
        "unit", "bound", "direction", monitor="key"
    )
    open_still = pl.col("decision").is_null() | (pl.col("decided_on") > on)
    waiting = out_of_bounds() & open_still & ~pl.col("planned").fill_null(False)
    late = waiting & (limits.last_good("anomaly_decision_time", "on") < on)
    values = measured(facts, on).filter(pl.col("on") >= limits.window_start("watch_window"))
    rows = values.join(mine, on="monitor").group_by("monitor").agg(
        pl.col("unit").first(),
        count=late.sum().cast(pl.Int64),
        first_on=pl.col("on").filter(late).min(),
    )  # fmt: skip
    return answers(
        rows, Monitor,
        falls_short(
            pl.col("count") > 0, "value_undecided", since=pl.col("first_on"), who=MANAGER,
            monitor=pl.col("monitor"), count=pl.col("count"),
        ),
        subject=pl.col("monitor"),
    )  # fmt: skip
