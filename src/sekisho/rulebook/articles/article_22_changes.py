"""Article 22: changes go the same way, and their quality is confirmed afterwards."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.kernel.business_days import closed_until
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments
from sekisho.records.models import Deployment, Judgement, Release, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    keeper,
    no_evidence,
)
from sekisho.rulebook.limits import Limits

clause(
    "22",
    Duty.MUST,
    "変更時も17条から21条を守り変更後の品質を確認する",
    "The same for changes, and confirm quality afterwards",
)


@check(
    "22",
    asks="変更後の品質を期限内に確認し、不良のまま使い続けている変更はありませんか。",
    reads=(Deployment, Release, System),
    limits=("deployment_window", "after_check_time"),
    reasons={
        "not_checked": (
            "{release} の導入後の確認の結果がありません（期限 {due}）。確認し、結果を登録してください。",
            "{release} has no result of a check after its introduction (due on {due}). Check it and record the result.",
        ),
        "check_due": (
            "{release} の導入後の確認はまだです（期限 {due}）。",
            "{release} is still to be checked after its introduction (due on {due}).",
        ),
        "bad_and_running": (
            "{release} は導入後の確認（{since}）で「不良」でしたが、切戻しも差替えもされていません。",
            "{release} was found bad after its introduction ({since}), and was neither rolled back nor replaced.",
        ),
    },
)
def every_change_is_checked_afterwards(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every change checked in use, and was none that was found bad left there?

    A change that was rolled back or replaced before its check was due needs none. One that was found bad counts until
    it is rolled back or replaced.
    """
    done = deployments(facts, on, limits.window_start("deployment_window"))
    rows = done.join(_replaced(done), on="key", how="left")
    back = pl.when(day_of("rolled_back_at") <= on).then(day_of("rolled_back_at"))
    gone_on = pl.min_horizontal(back, "replaced_on")
    checked = (day_of("checked_at") <= on).fill_null(False) & pl.col("check_result").is_not_null()
    due = limits.last_good("after_check_time", "day")
    gone_in_time = (gone_on <= due).fill_null(False)
    told = {"who": keeper(), "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(
            ~checked & ~gone_in_time & (due < on), "not_checked", since=day_after(due), due=due, **told,
        ),
        falls_short(
            checked & (pl.col("check_result") == "bad") & gone_on.is_null(), "bad_and_running",
            since=day_of("checked_at"), **told,
        ),
        no_evidence(~checked & ~gone_in_time, "check_due", due=due, **told),
    )  # fmt: skip


def _replaced(done: pl.LazyFrame) -> pl.LazyFrame:
    """The deployments after which another came into use on the same system: key, replaced_on (the first one's day)."""
    following = pl.col("day").shift(-1).over("system", order_by=["at", "key"])
    return done.select("key", replaced_on=following).drop_nulls()


@check(
    "22",
    asks="判定を経ない変更はなく、緊急変更は期限内に事後レビューを受けていますか。",
    reads=(Deployment, Release, System, Judgement),
    limits=("deployment_window", "emergency_review_time"),
    reasons={
        "round_the_gate": (
            "{release} は緊急変更ではないのに、判定を経ずに {since} に導入されました。経緯を記録し、判定してください。",
            "{release} was introduced on {since} without a judgement, and is no emergency change. Record why, and judge it.",
        ),
        "not_reviewed": (
            "緊急変更 {release} の事後レビューがありません（期限 {due}）。レビューを行い、記録してください。",
            "The emergency change {release} has had no review afterwards (due on {due}). Review it and record it.",
        ),
        "review_due": (
            "緊急変更 {release} の事後レビューはまだです（期限 {due}）。",
            "The emergency change {release} is still to be reviewed (due on {due}).",
        ),
        "reviewed_late": (
            "緊急変更 {release} の事後レビュー（{reviewed}）が期限（{due}）に遅れました。",
            "The emergency change {release} was reviewed on {reviewed}, after it was due on {due}.",
        ),
    },
)
def no_change_went_round_the_gate(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did no change go round the gate but emergencies, and was each of those reviewed in time?

    The review of an emergency change is due within business days (sekisho.kernel.business_days). What was looked at
    before the introduction is no review of it.
    """
    judged = facts[Judgement].group_by("release").agg(judged_at=pl.col("at").min())
    rows = deployments(facts, on, limits.window_start("deployment_window")).join(
        judged, on="release", how="left"
    )
    emergency = pl.col("emergency").fill_null(False)
    gated = (pl.col("judged_at") <= pl.col("at")).fill_null(False)
    closed = closed_until(on.year + 1)
    due = pl.col("day").dt.add_business_days(
        limits.value("emergency_review_time"), holidays=closed, roll="forward"
    )
    reviewed = pl.when(pl.col("reviewed_on") >= pl.col("day"), pl.col("reviewed_on") <= on).then(
        "reviewed_on"
    )
    told = {"who": keeper(), "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(~emergency & ~gated, "round_the_gate", since=pl.col("day"), **told),
        falls_short(
            emergency & reviewed.is_null() & (due < on), "not_reviewed", since=day_after(due), due=due, **told,
        ),
        falls_short(
            emergency & (reviewed > due), "reviewed_late", since=day_after(due), due=due, reviewed=reviewed, **told,
        ),
        no_evidence(emergency & reviewed.is_null(), "review_due", due=due, **told),
    )  # fmt: skip
