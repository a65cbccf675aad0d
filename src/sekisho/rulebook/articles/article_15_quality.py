"""Article 15: the quality of systems is measured; stability of service and safety of users' assets come first."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.measuring import comparable, measured, monitors, out_of_bounds
from sekisho.records.models import Action, Measurement, Monitor, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    keeper,
    key_in,
    no_evidence,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

KEEPER = keeper()
ASPECTS = {
    "performance": ("性能", "performance"),
    "defects": ("不具合", "defects"),
    "security": ("セキュリティ", "security"),
}
FIRST = ("stability", "asset_safety")

clause("15-1", Duty.MUST, "システムの品質を管理する", "Manage the quality of the systems")


@check(
    "15-1",
    asks="対象システムごとに性能・不具合・セキュリティの指標があり、指標には水準がありますか。",
    reads=(System, Monitor),
    limits=("heartbeat_gap", "measurement_cycle"),
    reasons={
        f"no_{aspect}": (
            f"{{system}} に{ja}の指標がありません。監視項目を、品質の観点を付けて登録してください。",
            f"{{system}} has no indicator of {en}. Record a monitor with that aspect of quality.",
        )
        for aspect, (ja, en) in ASPECTS.items()
    }
    | {
        "no_threshold": (
            "{system} の指標 {monitor} に水準がありません。水準とその向きを登録してください。",
            "The indicator {monitor} of {system} has no threshold. Record the level and its direction.",
        ),
    },
)
def every_system_has_indicators_with_thresholds(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope indicators of performance, defects and security, and every indicator a threshold?

    An indicator is a monitor with an aspect of quality. A heartbeat needs no number: it is there or it is not.
    """
    indicators = _indicators(facts, on, limits)
    over = facts[Monitor].filter(pl.col("until_on") < on)
    missing = [_has(systems_in_scope(facts, on), indicators, over, aspect) for aspect in ASPECTS]
    unbounded = pl.col("bound").is_null() | pl.col("direction").is_null()
    bounds = answers(
        indicators, Monitor,
        falls_short(
            unbounded & (pl.col("what") != "heartbeat"), "no_threshold",
            since=pl.col("since_on"), who=KEEPER, system=pl.col("system"), monitor=pl.col("key"),
        ),
    )  # fmt: skip
    return pl.concat([*missing, bounds])


def _indicators(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """The monitors of systems in scope that have an aspect of quality. Columns of Monitor, begun_at, and `unit`."""
    working = monitors(facts, on, limits.value("heartbeat_gap"), limits.value("measurement_cycle"))
    systems = systems_in_scope(facts, on).select("unit", system="key")
    return working.filter(pl.col("aspect").is_not_null()).join(systems, on="system")


def _has(systems: pl.LazyFrame, indicators: pl.LazyFrame, over: pl.LazyFrame, aspect: str) -> pl.LazyFrame:
    """Of each system: whether it has an indicator of the aspect. Since: the day after the last one in `over` ended."""
    of_aspect = pl.col("aspect") == aspect
    having = indicators.filter(of_aspect).select(key="system", has=pl.lit(True)).unique()
    ended = over.filter(of_aspect).group_by(key="system").agg(ended_on=pl.col("until_on").max())
    since = pl.max_horizontal("in_use_since_on", day_after("ended_on"))
    return answers(
        systems.join(having, on="key", how="left").join(ended, on="key", how="left"), System,
        falls_short(pl.col("has").is_null(), f"no_{aspect}", since=since, who=KEEPER, system=pl.col("key")),
    )  # fmt: skip


@check(
    "15-1",
    asks="品質の指標は周期どおりに測定されていますか。",
    reads=(System, Monitor, Measurement),
    limits=("heartbeat_gap", "measurement_cycle"),
    continual=True,
    reasons={
        "never_measured": (
            "{system} の指標 {monitor} は {begun} の開始から一度も測定されていません。",
            "The indicator {monitor} of {system} has not been measured since its start on {begun}.",
        ),
        "not_measured": (
            "{system} の指標 {monitor} が {last} から測定されていません。",
            "The indicator {monitor} of {system} was last measured on {last}.",
        ),
    },
)
def every_indicator_is_measured_in_its_cycle(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every indicator of quality measured in its cycle?

    Its cycle is its own longest gap, else the limit. A new one has as long for its first value, from the end of its
    first day.
    """
    last = measured(facts, on).group_by("monitor").agg(last_at=pl.col("at").max())
    rows = _indicators(facts, on, limits).join(last, left_on="key", right_on="monitor", how="left")
    never = pl.col("last_at").is_null()
    waited_from = pl.coalesce("last_at", "begun_at")
    lapses = day_after(day_of(waited_from + pl.duration(minutes=pl.col("gap_minutes"))))
    told = {"since": lapses, "who": KEEPER, "system": pl.col("system"), "monitor": pl.col("key")}
    return answers(
        rows, Monitor,
        falls_short(never & (lapses <= on), "never_measured", begun=pl.col("since_on"), **told),
        falls_short(lapses <= on, "not_measured", last=day_of("last_at"), **told),
    )  # fmt: skip


clause(
    "15-2",
    Duty.MUST,
    "機能の安定性と利用者財産の安全性を最重要課題とする",
    "Stability of service and safety of users' assets come first",
)


@check(
    "15-2",
    asks="安定性・利用者財産の安全の指標が水準を外れたとき、改善が進んでいますか。",
    reads=(System, Monitor, Measurement, Action),
    limits=("heartbeat_gap", "measurement_cycle"),
    reasons={
        "no_improvement": (
            "{system} の指標 {monitor} が水準を外れたまま（{since} から）、改善措置がありません。"
            "監視項目を起因とする改善措置を登録してください。",
            "The indicator {monitor} of {system} has been out of its bound since {since}, and no improvement is under "
            "way. Record an action that arises from the monitor.",
        ),
        "improvement_overdue": (
            "{system} の指標 {monitor} が水準を外れており、改善措置の期限（{action_due}）を過ぎています。",
            "The indicator {monitor} of {system} is out of its bound, and its improvement was due on {action_due}.",
        ),
        "no_indicator": (
            "{system} に、安定性または利用者財産の安全の指標がありません。監視項目を登録してください。",
            "{system} has no indicator of stability or of the safety of users' assets. Record a monitor.",
        ),
        "no_value": (
            "{system} の指標 {monitor} に、水準と比べられる測定値がありません。測定し、水準がなければ登録してください。",
            "The indicator {monitor} of {system} has no value to hold against a threshold. Measure it, and record "
            "a threshold if it has none.",
        ),
    },
)
def what_is_unstable_or_unsafe_is_being_improved(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is an improvement under way wherever an indicator of stability or of asset safety is out of its bound?

    The newest value counts that says so either way; none of a planned stop does. Out of bounds since the first of the
    unbroken run of such values. An improvement: an action that arises from the monitor or from one of its measurements,
    still open and not overdue, or done on the day of the newest value or later.
    """
    mine = _indicators(facts, on, limits).filter(pl.col("aspect").is_in(FIRST))
    bounds = mine.select("bound", "direction", monitor="key")
    taken = measured(facts, on).join(bounds, on="monitor")
    values = taken.filter(comparable(), ~pl.col("planned").fill_null(False))
    rows = mine.join(
        _unhelped(values, _improving(facts, taken, on)), left_on="key", right_on="monitor", how="left"
    )
    told = {"who": KEEPER, "system": pl.col("system"), "monitor": pl.col("key")}
    under_way = (pl.col("open_until") >= on).fill_null(False)
    bad = pl.col("unhelped_on").is_not_null() & ~under_way
    judged = answers(
        rows, Monitor,
        no_evidence(pl.col("last_at").is_null(), "no_value", **told),
        falls_short(
            bad & pl.col("open_until").is_not_null(), "improvement_overdue",
            since=pl.max_horizontal("unhelped_on", day_after("open_until")), action_due=pl.col("open_until"), **told,
        ),
        falls_short(bad, "no_improvement", since=pl.col("unhelped_on"), **told),
    )  # fmt: skip
    bare = systems_in_scope(facts, on).join(mine.select(key="system"), on="key", how="anti")
    silent = answers(
        bare, System, no_evidence(pl.lit(True), "no_indicator", who=KEEPER, system=pl.col("key"))
    )
    return pl.concat([judged, silent])


def _unhelped(values: pl.LazyFrame, improving: pl.LazyFrame) -> pl.LazyFrame:
    """Per monitor: last_at, its newest value; unhelped_on, the first day of its last run out of bounds that was after
    the last improvement was done (null: it is within its bound, or was improved since); and what `improving` tells."""
    newest = values.group_by("monitor").agg(
        last_at=pl.col("at").max(), good_at=pl.col("at").filter(~out_of_bounds()).max()
    )
    told = newest.join(improving, on="monitor", how="left")
    run = (
        values.filter(out_of_bounds())
        .select("monitor", "at")
        .join(told, on="monitor")
        .filter(pl.col("good_at").is_null() | (pl.col("at") > pl.col("good_at")))
        .with_columns(day=day_of("at"))
        .filter(pl.col("last_done").is_null() | (pl.col("day") > pl.col("last_done")))
    )
    return told.join(run.group_by("monitor").agg(unhelped_on=pl.col("day").min()), on="monitor", how="left")


def _improving(facts: Facts, values: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """Per monitor: open_until, the latest due day of its open actions; last_done, when its last one was done."""
    done = pl.col("done_on").is_not_null() & (pl.col("done_on") <= on)
    actions = facts[Action].select(
        "due_on", "done_on", monitor=key_in("arises_from", "monitor"), key=key_in("arises_from", "measurement")
    )  # fmt: skip
    by_value = actions.drop("monitor").drop_nulls("key").join(values.select("key", "monitor"), on="key")
    direct = actions.drop_nulls("monitor")
    every = pl.concat([rows.select("monitor", "due_on", "done_on") for rows in (direct, by_value)])
    return every.group_by("monitor").agg(
        open_until=pl.col("due_on").filter(~done).max(), last_done=pl.col("done_on").filter(done).max()
    )


clause(
    "G15",
    Duty.MAY,
    "管理項目と指標を定めてモニタリングする",
    "Items, indicators, monitoring",
    read_with="15-1",
)
