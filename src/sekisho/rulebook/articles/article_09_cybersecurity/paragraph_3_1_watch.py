"""Article 9, paragraph 3, item 1: watch for cyber attacks."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Alert, System, WatchSource
from sekisho.rulebook.language import (
    BEGINNING,
    active,
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    minute_of,
    no_evidence,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")
SEVERITIES = ("critical", "high", "medium", "low")
DECISIONS = tuple(f"alert_decision_{severity}" for severity in SEVERITIES)

clause("9-3-1", Duty.SHOULD, "サイバー攻撃の監視体制", "Watch for cyber attacks")


@check(
    "9-3-1",
    asks="利用中の対象システムはいずれも監視され、アラートはすべて期限内に判断されましたか。",
    reads=(System, WatchSource, Alert),
    limits=(*DECISIONS, "cyber_late_window"),
    reasons={
        "no_source": (
            "{system} に有効な監視対象ログがありません。ログやセンサーを監視につなぎ、登録してください。",
            "{system} feeds no watch source. Connect a log or a sensor of it to the watch, and register it.",
        ),
        "undecided": (
            "アラート {alert}（{at} 検知）が判断の期限（{due_at}）を過ぎても判断されていません。"
            "判断し、判断日時を記録してください。",
            "{alert}, raised at {at}, was to be decided on by {due_at}. Decide on it and record when.",
        ),
        "decided_late": (
            "アラート {alert} は期限（{due_at}）を過ぎて {decided_at} に判断されました。"
            "遅れた理由を確認し、監視の体制を見直してください。",
            "{alert} was due at {due_at} and decided at {decided_at}. See why it took so long, and mend the watch.",
        ),
    },
)
def every_system_is_watched_and_alerts_are_decided(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does every in-scope system in use feed a watch source, and was every alert decided within its limit?

    The limit is that of the alert's severity, from the minute of its detection. One that waits counts as late from the
    day after its limit ended; one decided late is told for a while (limit), for it shows how the watch works.
    """
    return pl.concat([_watched(facts, on), _decided(facts, on, limits)])


def _watched(facts: Facts, on: date) -> pl.LazyFrame:
    """Of each system: an active source; without one since it lost its last, or since it came into use."""
    over = facts[WatchSource].filter(pl.col("until_on") < on).group_by("system")
    rows = (
        systems_in_scope(facts, on)
        .join(
            active(facts[WatchSource], on).select(key="system", fed=pl.lit(True)).unique(),
            on="key",
            how="left",
        )
        .join(
            over.agg(ended=day_after(pl.col("until_on").max())), left_on="key", right_on="system", how="left"
        )
    )
    since = pl.max_horizontal("in_use_since_on", "ended", pl.lit(BEGINNING))
    return answers(
        rows,
        System,
        falls_short(pl.col("fed").is_null(), "no_source", since=since, who=LEAD, system=pl.col("key")),
    )


def _decided(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each alert raised by the day: the decision on it. One without a known severity has the shortest limit."""
    times = {severity: limits.value(limit) for severity, limit in zip(SEVERITIES, DECISIONS, strict=True)}
    minutes = pl.col("severity").replace_strict(times, default=times["critical"], return_dtype=pl.Int64)
    decided_on = day_of("decided_at")
    decided = pl.col("decision").is_not_null() & (decided_on <= on).fill_null(False)
    late = pl.col("decided_at") > pl.col("due_at")
    told_still = limits.last_good("cyber_late_window", decided_on) >= on
    alerts = (
        facts[Alert]
        .filter(day_of("at") <= on)
        .with_columns(due_at=pl.col("at") + pl.duration(minutes=minutes))
        .with_columns(decided=decided, late=decided & late.fill_null(False) & told_still)
    )
    due_on = day_of("due_at")
    told = {"who": LEAD, "alert": pl.col("key"), "due_at": minute_of("due_at")}
    return answers(
        alerts, Alert,
        falls_short(
            ~pl.col("decided") & (due_on < on), "undecided",
            since=day_after(due_on), due=due_on, at=minute_of("at"), **told,
        ),
        falls_short(
            pl.col("late"), "decided_late", since=due_on, decided_at=minute_of("decided_at"), **told
        ),
    )  # fmt: skip


@check(
    "9-3-1",
    asks="有効な監視対象ログはいずれも、許容する無音時間を超えて途切れていませんか。",
    reads=(WatchSource, System),
    limits=("watch_silence",),
    continual=True,
    reasons={
        "silent": (
            "監視対象ログ {watch_source} は {last} を最後に途切れています（許容する無音時間 {minutes} 分）。"
            "送信元と経路を確認してください。",
            "{watch_source} was last heard at {last} and may be silent for {minutes} minutes. "
            "See to its sender and its way.",
        ),
        "never_heard": (
            "監視対象ログ {watch_source} から一度も受信していません（{since_on} 開始）。"
            "送信元と経路を確認してください。",
            "{watch_source}, at work since {since_on}, was never heard. See to its sender and its way.",
        ),
        "not_heard_yet": (
            "監視対象ログ {watch_source} は {since_on} に開始したばかりで、まだ受信の記録がありません。",
            "{watch_source} began on {since_on} and was not heard yet.",
        ),
        "heard_later": (
            "監視対象ログ {watch_source} の最終受信は {last} で、この日に受信していたかは記録から分かりません。",
            "{watch_source} was last heard at {last}, after the day that is judged: of that day nothing is on record.",
        ),
    },
)
def every_watch_source_is_heard(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every active watch source heard within the silence that it is allowed?

    Its own limit goes before the general one. A day has no hours here: a source counts as silent from the day after
    the one in which its limit ran out, so that none is accused while it may still be heard.
    """
    minutes = pl.coalesce("silence_minutes", pl.lit(limits.value("watch_silence")))
    heard = pl.col("last_event_at")
    ran_out_on = pl.coalesce(
        day_of(heard + pl.duration(minutes=pl.col("minutes"))),
        pl.col("since_on") + pl.duration(days=pl.col("minutes") // (24 * 60)),
    )
    rows = active(facts[WatchSource], on).with_columns(minutes=minutes).with_columns(ran_out_on=ran_out_on)
    silent = pl.col("ran_out_on") < on
    told = {"who": LEAD, "watch_source": pl.col("key")}
    last, began = {"last": minute_of(heard)}, {"since_on": pl.col("since_on")}
    out = told | {"since": day_after("ran_out_on")}
    return answers(
        rows, WatchSource,
        no_evidence(day_of(heard) > on, "heard_later", **told, **last),
        falls_short(heard.is_null() & silent, "never_heard", **out, **began),
        no_evidence(heard.is_null(), "not_heard_yet", **told, **began),
        falls_short(silent, "silent", **out, **last, minutes=pl.col("minutes")),
    )  # fmt: skip
