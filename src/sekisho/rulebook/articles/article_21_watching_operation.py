"""Article 21: systems are watched at all times, and what is seen is analysed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.kernel.clock import end_of
from sekisho.records.facts import Facts
from sekisho.records.facts.measuring import measured, monitors, out_of_bounds, planned_stops
from sekisho.records.models import Maintenance, Measurement, Monitor, OperationAnalysis, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    cover,
    day_after,
    day_of,
    falls_short,
    keeper,
    kept_up,
    minute_of,
    no_evidence,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

KEEPER = keeper()

clause("21-1", Duty.MUST, "稼働状況を常に監視する", "Watch the running systems at all times")


@check(
    "21-1",
    asks="対象システムに監視項目があり、その測定に上限を超える空白がありませんか。",
    reads=(System, Monitor, Measurement, Maintenance),
    limits=("heartbeat_gap", "measurement_cycle", "watch_window"),
    continual=True,
    reasons={
        "never": (
            "{monitor} は {begun} の開始から一度も測定されていません。監視を始め、その間の稼働を確認してください。",
            "{monitor} has measured nothing since its start on {begun}. Start it, and find out how the system ran.",
        ),
        "silent": (
            "{monitor} の測定が {last} から途絶えています。監視を復旧し、空白の間の稼働を確認してください。",
            "{monitor} has been silent since {last}. Restore it, and find out how the system ran meanwhile.",
        ),
        "gap": (
            "{monitor} の測定に {from} から {until} まで空白がありました（直近の空白、全 {count} 回）。"
            "原因と再発防止を記録してください。",
            "{monitor} measured nothing from {from} until {until} (the newest of {count} gaps). "
            "Record the cause and what prevents the next.",
        ),
        "no_monitor": (
            "{system} に監視項目がありません。監視項目を登録してください。",
            "{system} has no monitor. Record what is watched of it.",
        ),
    },
)
def no_monitor_has_a_gap(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope monitors, and none of them a gap longer than its limit?

    A gap is the time between two values without what was a planned stop of the service. Those count that ended in the
    span that is looked back on, and the silence up to the beginning of the day. The first value is waited for from the
    end of the monitor's first day.
    """
    systems = systems_in_scope(facts, on).select("unit", system="key")
    usual = limits.value("heartbeat_gap"), limits.value("measurement_cycle")
    gaps = facts.worked_out(
        _gaps, (Monitor, Measurement, Maintenance), on, limits.window_start("watch_window"), *usual
    )
    rows = monitors(facts, on, *usual).join(systems, on="system")
    told = {"who": KEEPER, "monitor": pl.col("key")}
    silent = {"since": pl.col("silent_on"), **told}
    watched = answers(
        rows.join(gaps, on="key", how="left"), Monitor,
        falls_short(pl.col("never"), "never", begun=pl.col("since_on"), **silent),
        falls_short(pl.col("silent_on").is_not_null(), "silent", last=minute_of("silent_from"), **silent),
        falls_short(
            pl.col("count") > 0, "gap", since=pl.col("gap_on"), count=pl.col("count"),
            **{"from": minute_of("gap_from"), "until": minute_of("gap_until")}, **told,
        ),
    )  # fmt: skip
    bare = systems.join(rows.select("system"), on="system", how="anti")
    unwatched = answers(
        bare, System, no_evidence(pl.lit(True), "no_monitor", who=KEEPER, system=pl.col("system")),
        subject=pl.col("system"),
    )  # fmt: skip
    return pl.concat([watched, unwatched])


def _gaps(facts: Facts, on: date, start: date, heartbeat: int, cycle: int) -> pl.LazyFrame:
    """Per monitor (`key`) with gaps. Those that ended since `start`: count, and gap_from, gap_until, gap_on (the first
    day on which it was found) of the newest. The one that lasts until the day begins: silent_from, silent_on; never
    (nothing was ever measured). Null where there is none."""
    rows = monitors(facts, on, heartbeat, cycle).with_row_index("n")
    begins = end_of(on - timedelta(days=1))
    stops = planned_stops(facts)
    found = _spans(rows, measured(facts, on), start, begins).filter(
        pl.col("until") - pl.col("from") > _allowed()
    )
    stopped = pl.min_horizontal("until", "stop_until") - pl.max_horizontal("from", "stop_from")
    still = (
        found.join(stops, on="system")
        .group_by("n", "from")
        .agg(stopped=pl.when(stopped > timedelta()).then(stopped).sum())
    )
    lapsed = pl.col("from") + _allowed() + pl.col("stopped")
    lasts = pl.col("lasts")
    return (
        found.join(still, on=["n", "from"], how="left")
        .with_columns(pl.col("stopped").fill_null(timedelta()))
        .filter(pl.col("until") > lapsed)
        .with_columns(on=pl.min_horizontal(day_after(day_of(lapsed)), day_of("until")))
        .sort("n", "until")
        .group_by("n")
        .agg(
            count=(~lasts).sum().cast(pl.Int64),
            gap_from=pl.col("from").filter(~lasts).last(),
            gap_until=pl.col("until").filter(~lasts).last(),
            gap_on=pl.col("on").filter(~lasts).last(),
            silent_from=pl.col("from").filter(lasts).last(),
            silent_on=day_after(day_of(lapsed)).filter(lasts).last(),
            never=(lasts & pl.col("first")).any(),
        )
        .join(rows.select("n", "key"), on="n")
        .drop("n")
    )


def _allowed() -> pl.Expr:
    return pl.duration(minutes=pl.col("gap_minutes"))


def _spans(rows: pl.LazyFrame, values: pl.LazyFrame, start: date, begins: datetime) -> pl.LazyFrame:
    """The spans between a monitor's values: n, system, gap_minutes, from, until, first (no value before), lasts.

    Those that ended since the day `start`, and as `lasts` the one from the last value until the day `begins`.
    """
    window = end_of(start - timedelta(days=1))
    kept = rows.select("n", monitor="key")
    told = rows.select("n", "system", "gap_minutes", "begun_at")
    mine = values.select("monitor", "at").join(kept, on="monitor").select("n", "at")
    before = mine.filter(pl.col("at") <= window).group_by("n").agg(pl.col("at").max())
    same = pl.col("n") == pl.col("n").shift(1)
    between = (
        pl.concat([before, mine.filter(pl.col("at") > window)])
        .group_by("n")
        .agg(pl.col("at").sort())  # within each monitor: a quarter of the time of a sort by both columns
        .explode("at")
        .select("n", earlier=pl.when(same).then(pl.col("at").shift(1)), until=pl.col("at"), lasts=False)
        .filter(pl.col("until") > window)
    )
    newest = kept.select("n").join(mine.group_by("n").agg(earlier=pl.col("at").max()), on="n", how="left")
    lasting = newest.select("n", "earlier", until=pl.lit(begins), lasts=True)
    return (
        pl.concat([between, lasting])
        .join(told, on="n")
        .with_columns(first=pl.col("earlier").is_null(), **{"from": pl.coalesce("earlier", "begun_at")})
        .drop("earlier", "begun_at")
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
    limits=("analysis_age", "watch_window", "anomaly_decision_time"),
    reasons={
        "never_analysed": (
            "{system} の稼働分析がありません。期間を定めて分析し、結果を登録してください。",
            "The running of {system} was never analysed. Analyse a period and record the result.",
        ),
        "not_analysed_yet": (
            "{system} の稼働はまだ分析されていません。最初の分析は {first_due} までに必要です。",
            "The running of {system} was not analysed yet. The first analysis must reach {first_due}.",
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
            "{monitor} の異常値 {count} 件（最も古いもの {oldest}）に判断がありません。判断と理由を記録してください。",
            "{count} values of {monitor} out of bounds (the oldest of {oldest}) have no decision. Record it and why.",
        ),
    },
)
def the_running_is_analysed_and_anomalies_are_decided(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is the running of every system analysed without a break, and is there a decision on every anomaly?

    An analysis counts from the day on which it was done; days that none covers are looked for as far back as the span
    says. A value out of its bound has some days for its decision, however long ago it was and whether or not its monitor
    is still at work; of those in a planned stop none is asked.
    """
    systems = systems_in_scope(facts, on)
    done = facts[OperationAnalysis].filter(pl.col("done_on") <= on)
    newest = kept_up(
        systems, System, done, by="system", at="period_until_on", limits=limits, limit="analysis_age",
        never="never_analysed", not_yet="not_analysed_yet", old="old_analysis", since="in_use_since_on", who=KEEPER,
    )  # fmt: skip
    undecided = done.filter(pl.col("anomalies") > 0).join(systems.select("unit", system="key"), on="system")
    analyses = answers(
        undecided, OperationAnalysis,
        falls_short(
            pl.col("decision").is_null(), "anomaly_undecided", since=pl.col("done_on"),
            analysis_system=pl.col("system"), count=pl.col("anomalies"), who=KEEPER,
        ),
    )  # fmt: skip
    return pl.concat(
        [newest, _whole(systems, done, on, limits), analyses, _decided(facts, systems, on, limits)]
    )


def _whole(systems: pl.LazyFrame, done: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each analysed system: that up to its last analysis no day of the window is left out."""
    periods = done.select("system", since_on="period_from_on", until_on="period_until_on")
    window = pl.lit(limits.window_start("watch_window"))
    analysed = systems.join(periods.select(key="system"), on="key", how="semi")
    start = analysed.select("unit", system="key", start_on=pl.max_horizontal("in_use_since_on", window))
    covered = cover(periods, "system", start.select("system", "start_on"), on)
    return answers(
        covered.join(start.select("system", "unit"), on="system"), System,
        falls_short(
            pl.col("gap_from").is_not_null(), "period_missing", since=pl.col("gap_from"), who=KEEPER,
            system=pl.col("system"), **{"from": pl.col("gap_from"), "until": pl.col("gap_until")},
        ),
        subject=pl.col("system"),
    )  # fmt: skip


def _decided(facts: Facts, systems: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each measured monitor: that all its values out of bounds were decided on in time."""
    mine = facts[Monitor].join(systems.select("unit", system="key"), on="system")
    values = facts.worked_out(_waiting, (Monitor, Measurement), on)
    late = values.filter(limits.last_good("anomaly_decision_time", "day") < on).group_by("monitor")
    counted = late.agg(count=pl.col("count").sum(), oldest=pl.col("day").min())
    told = mine.join(values.select(key="monitor"), on="key", how="semi")
    return answers(
        told.join(counted, left_on="key", right_on="monitor", how="left"), Monitor,
        falls_short(
            pl.col("count") > 0, "value_undecided",
            since=day_after(limits.last_good("anomaly_decision_time", "oldest")), who=KEEPER,
            monitor=pl.col("key"), count=pl.col("count"), oldest=pl.col("oldest"),
        ),
    )  # fmt: skip


def _waiting(facts: Facts, on: date) -> pl.LazyFrame:
    """Per monitor and day, how many values out of bounds wait for a decision: monitor, day, count. A monitor's days of
    which none waits are one row without a day."""
    bounds = facts[Monitor].select("bound", "direction", monitor="key")
    undecided = pl.col("decision").is_null() | (pl.col("decided_on") > on)
    waits = out_of_bounds() & undecided & ~pl.col("planned").fill_null(False)
    values = measured(facts, on).join(bounds, on="monitor")
    days = values.select("monitor", day=pl.when(waits).then(day_of("at")))
    return days.group_by("monitor", "day").agg(count=pl.len().cast(pl.Int64))
