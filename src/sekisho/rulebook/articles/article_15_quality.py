"""Article 15: the quality of systems is measured; stability of service and safety of users' assets come first."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.measuring import measured, monitors, out_of_bounds, systems_in_use
from sekisho.records.models import Action, Measurement, Monitor, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    key_in,
    no_evidence,
    role,
)
from sekisho.rulebook.limits import Limits

MANAGER = role("system_manager", pl.col("unit"))
ASPECTS = {
    "performance": ("性能", "performance"),
    "defects": ("不具合", "defects"),
    "security": ("セキュリティ", "security"),
}
FIRST = ("stability", "asset_safety")

clause("15-1", Duty.MUST, "システムの品質を管理する", "Manage the quality of the systems")


@check(
    "15-1",
    asks="対象システムごとに性能・不具合・セキュリティの指標と水準があり、周期どおりに測定していますか。",
    reads=(System, Monitor, Measurement),
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
        "never_measured": (
            "{system} の指標 {monitor} は {since} から一度も測定されていません。",
            "The indicator {monitor} of {system} has not been measured since its start on {since}.",
        ),
        "not_measured": (
            "{system} の指標 {monitor} が {last} から測定されていません。",
            "The indicator {monitor} of {system} was last measured on {last}.",
        ),
    },
)
def every_system_has_indicators_that_are_measured(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope indicators of performance, defects and security, with thresholds, measured in time?

    An indicator is a monitor with an aspect of quality. It is in time while its newest value and its own longest gap
    (else the limit) reach the day; a new one has as long for its first value.
    """
    systems = systems_in_use(facts, on)
    working = monitors(facts, on, limits.value("heartbeat_gap"), limits.value("measurement_cycle"))
    indicators = working.filter(pl.col("aspect").is_not_null())
    missing = [_has(systems, indicators, aspect) for aspect in ASPECTS]
    last = measured(facts, on).group_by("monitor").agg(last_at=pl.col("at").max())
    rows = indicators.join(systems.select(system="key", unit="unit"), on="system").join(
        last, left_on="key", right_on="monitor", how="left"
    )
    gap = pl.duration(minutes=pl.col("gap_minutes"))
    first_due = (pl.col("since_on").cast(pl.Datetime("us")) + gap).dt.date()
    lapses = day_after(day_of(pl.col("last_at") + gap))
    told = {"who": MANAGER, "system": pl.col("system"), "monitor": pl.col("key")}
    kept = answers(
        rows, Monitor,
        falls_short(pl.col("bound").is_null(), "no_threshold", since=pl.col("since_on"), **told),
        falls_short(pl.col("last_at").is_null() & (first_due < on), "never_measured", since=pl.col("since_on"), **told),
        falls_short(lapses <= on, "not_measured", since=lapses, last=day_of("last_at"), **told),
    )  # fmt: skip
    return pl.concat([*missing, kept])


def _has(systems: pl.LazyFrame, indicators: pl.LazyFrame, aspect: str) -> pl.LazyFrame:
    """Of each system: whether it has an indicator of the aspect."""
    having = indicators.filter(pl.col("aspect") == aspect).select(key="system", has=pl.lit(True)).unique()
    return answers(
        systems.join(having, on="key", how="left"), System,
        falls_short(
            pl.col("has").is_null(), f"no_{aspect}",
            since=pl.col("in_use_since_on"), who=MANAGER, system=pl.col("key"),
        ),
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
            "{system} の指標 {monitor} に測定値がなく、水準を満たすか判定できません。",
            "The indicator {monitor} of {system} has no value, so nothing says whether it is within its bound.",
        ),
    },
)
def what_is_unstable_or_unsafe_is_being_improved(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is an improvement under way wherever an indicator of stability or of asset safety is out of its bound?

    The newest value counts; out of bounds since the first of the unbroken run of such values. An improvement: an action
    that arises from the monitor or from one of its measurements, still open and not overdue, or done on the day of the
    newest value or later.
    """
    systems = systems_in_use(facts, on)
    working = monitors(facts, on, limits.value("heartbeat_gap"), limits.value("measurement_cycle"))
    mine = working.filter(pl.col("aspect").is_in(FIRST)).join(
        systems.select(system="key", unit="unit"), on="system"
    )
    values = measured(facts, on).join(
        mine.select(monitor="key", bound="bound", direction="direction"), on="monitor"
    )
    rows = mine.join(_run(values), left_on="key", right_on="monitor", how="left").join(
        _improving(facts, values, on), left_on="key", right_on="monitor", how="left"
    )
    told = {"who": MANAGER, "system": pl.col("system"), "monitor": pl.col("key")}
    helped = (pl.col("open_until") >= on).fill_null(False) | (
        pl.col("last_done") >= pl.col("last_on")
    ).fill_null(False)
    bad = pl.col("out_since").is_not_null() & ~helped
    judged = answers(
        rows, Monitor,
        no_evidence(pl.col("last_on").is_null(), "no_value", **told),
        falls_short(
            bad & pl.col("open_until").is_not_null(), "improvement_overdue",
            since=day_after("open_until"), action_due=pl.col("open_until"), **told,
        ),
        falls_short(bad, "no_improvement", since=pl.col("out_since"), **told),
    )  # fmt: skip
    bare = systems.join(mine.select(key="system").unique(), on="key", how="anti")
    silent = answers(
        bare, System, no_evidence(pl.lit(True), "no_indicator", who=MANAGER, system=pl.col("key"))
    )
    return pl.concat([judged, silent])


def _run(values: pl.LazyFrame) -> pl.LazyFrame:
    """Per monitor: last_on (Date) of its newest value, out_since: the first day of its last run out of bounds."""
    ordered = values.with_columns(out=out_of_bounds()).sort("at", "key")
    newest_good = pl.col("at").filter(~pl.col("out")).max()
    return ordered.group_by("monitor").agg(
        last_on=pl.col("on").last(),
        out_since=pl.col("on").filter(newest_good.is_null() | (pl.col("at") > newest_good)).first(),
    )


def _improving(facts: Facts, values: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """Per monitor: open_until, the latest due day of its open actions; last_done, when its last one was done."""
    done = pl.col("done_on").is_not_null() & (pl.col("done_on") <= on)
    actions = facts[Action].select(
        "due_on", "done_on", monitor=key_in("arises_from", "monitor"), key=key_in("arises_from", "measurement")
    )  # fmt: skip
    by_value = actions.drop("monitor").join(values.select("key", "monitor"), on="key")
    every = pl.concat(
        [
            actions.filter(pl.col("monitor").is_not_null()).select("monitor", "due_on", "done_on"),
            by_value.select("monitor", "due_on", "done_on"),
        ]
    )
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
