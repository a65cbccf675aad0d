"""Article 12-1: systems are monitored as they run and are operated, and the structure is revised."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Monitor, Review, System
from sekisho.rulebook.language import (
    MEMBER,
    active,
    answers,
    check,
    clause,
    day_after,
    falls_short,
    keeper,
    kept_up,
    role,
    summed_up,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

clause(
    "12-1",
    Duty.MUST,
    "稼働と運用管理をモニタリングし体制を見直す",
    "Monitor that systems run and are operated properly, and revise",
)


@check(
    "12-1",
    asks="対象範囲のシステムすべてに、有効な監視項目がありますか。",
    reads=(System, Monitor),
    reasons={
        "no_monitor": (
            "{system} に有効な監視項目がありません。稼働状況を測る監視項目を登録してください。",
            "{system} has no monitor in use. Register one that measures how it runs.",
        ),
    },
)
def every_system_is_monitored(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope a monitor in use?

    Without one it counts from the day after its last monitor ended, else from the system's first day. Whether the
    monitor is fed with values is asked by 21-1.
    """
    monitors = facts[Monitor].drop_nulls("system")
    watched = active(monitors, on).select("system", watched=True).unique()
    ended = monitors.filter(pl.col("until_on") < on).group_by("system").agg(ended=pl.col("until_on").max())
    rows = systems_in_scope(facts, on)
    for more in (watched, ended):
        rows = rows.join(more, left_on="key", right_on="system", how="left")
    since = pl.max_horizontal(day_after("ended"), "in_use_since_on")
    return answers(
        rows, System,
        falls_short(pl.col("watched").is_null(), "no_monitor", since=since, who=keeper(), system=pl.col("key")),
    )  # fmt: skip


@check(
    "12-1",
    asks="直近の運用のレビューは間隔内に行われましたか。",
    reads=(Review, System),
    limits=("operations_review_age",),
    reasons={
        "never_reviewed": (
            "運用のレビューが一度も行われていません。稼働と運用管理の状況を確認し、体制の見直しとともに記録してください。",
            "Operation was never reviewed. Look at how systems run and are operated, revise, and record it.",
        ),
        "no_review_yet": (
            "運用のレビューの記録がまだありません。稼働と運用管理の状況を確認し、記録してください。",
            "No review of operation is on record yet. Look at how systems run and are operated, and record it.",
        ),
        "old_review": (
            "運用のレビューが {last} から行われていません。稼働と運用管理の状況を確認し、記録してください。",
            "Operation was last reviewed on {last}. Look at how systems run and are operated, and record it.",
        ),
    },
)
def operation_was_reviewed_within_the_interval(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was the last review of operation held recently enough?

    Reviews of the kind 'operations' count. The first is due when the interval has run from the first day on which a
    system in scope was in use.
    """
    systems = facts[System].filter(pl.col("in_scope"), pl.col("in_use_since_on") <= on)
    return kept_up(
        summed_up(systems, first=pl.col("in_use_since_on").min()), MEMBER,
        facts[Review].filter(pl.col("kind") == "operations"), at="held_on",
        limits=limits, limit="operations_review_age", since="first",
        never="never_reviewed", not_yet="no_review_yet", old="old_review", who=role("chief_system_officer"),
    )  # fmt: skip
