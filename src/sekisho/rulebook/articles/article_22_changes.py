"""Article 22: changes go the same way, and their quality is confirmed afterwards."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
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
    no_evidence,
    role,
)
from sekisho.rulebook.limits import Limits

MANAGER = pl.coalesce(role("system_manager", pl.col("unit")), role("chief_system_officer"))

clause(
    "22",
    Duty.MUST,
    "変更時も17条から21条を守り変更後の品質を確認する",
    "The same for changes, and confirm quality afterwards",
)


@check(
    "22",
    asks="変更後の品質を期限内に確認し、判定を経ない変更がなく、緊急変更は事後にレビューしていますか。",
    reads=(Deployment, Release, System, Judgement),
    limits=("deployment_window", "after_check_time", "emergency_review_time"),
    reasons={
        "not_checked": (
            "{release} の導入後の確認がありません（期限 {due}）。確認の結果を登録してください。",
            "{release} was not checked after its deployment (due on {due}). Record the result of the check.",
        ),
        "check_due": (
            "{release} の導入後の確認はまだです（期限 {due}）。",
            "{release} is still to be checked after its deployment (due on {due}).",
        ),
        "bad_and_running": (
            "{release} は導入後の確認で「不良」でしたが、切り戻されていません。",
            "{release} was found bad after its deployment, and was not rolled back.",
        ),
        "round_the_gate": (
            "{release} は緊急変更ではないのに、判定を経ずに {since} に導入されました。",
            "{release} was deployed on {since} without a judgement, and is no emergency change.",
        ),
        "not_reviewed": (
            "緊急変更 {release} の事後レビューがありません（期限 {due}）。レビューを行い、記録してください。",
            "The emergency change {release} has had no review afterwards (due on {due}). Review it and record it.",
        ),
        "reviewed_late": (
            "緊急変更 {release} の事後レビュー（{reviewed}）が期限（{due}）に遅れました。",
            "The emergency change {release} was reviewed on {reviewed}, after it was due on {due}.",
        ),
    },
)
def every_change_is_checked_and_no_gate_was_gone_round(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Was every change checked afterwards, and did none go round the gate but emergencies that were reviewed in time?

    The review of an emergency change is due within business days, Monday to Friday (holidays are not left out, so it is
    never due later than with them). A change that was found bad counts until it is rolled back or replaced.
    """
    done = deployments(facts, on, limits.window_start("deployment_window"))
    judged = facts[Judgement].group_by("release").agg(judged_at=pl.col("at").min())
    later = done.select("system", replaced_at="at")
    replaced = (
        done.select("key", "system", "at")
        .join(later, on="system")
        .filter(pl.col("replaced_at") > pl.col("at"))
        .select("key", replaced=pl.lit(True))
        .unique()
    )
    rows = done.join(judged, on="release", how="left").join(replaced, on="key", how="left")
    emergency = pl.col("emergency").fill_null(False)
    gated = (pl.col("judged_at") <= pl.col("at")).fill_null(False)
    checked = (day_of("checked_at") <= on).fill_null(False)
    back = (day_of("rolled_back_at") <= on).fill_null(False) | pl.col("replaced").fill_null(False)
    due = limits.last_good("after_check_time", "day")
    review_due = pl.col("day").dt.add_business_days(limits.value("emergency_review_time"), roll="forward")
    reviewed = pl.when(pl.col("reviewed_on") <= on).then(pl.col("reviewed_on"))
    told = {"who": MANAGER, "release": pl.col("release")}
    after = answers(
        rows, Deployment,
        falls_short(~checked & (due < on) & ~back, "not_checked", since=day_after(due), due=due, **told),
        falls_short(
            checked & (pl.col("check_result") == "bad") & ~back, "bad_and_running",
            since=day_of("checked_at"), **told,
        ),
        no_evidence(~checked & ~back, "check_due", due=due, **told),
    )  # fmt: skip
    gate = answers(
        rows, Deployment,
        falls_short(~emergency & ~gated, "round_the_gate", since=pl.col("day"), **told),
        falls_short(
            emergency & reviewed.is_null() & (review_due < on), "not_reviewed",
            since=day_after(review_due), due=review_due, **told,
        ),
        falls_short(
            emergency & (reviewed > review_due), "reviewed_late",
            since=day_after(review_due), due=review_due, reviewed=reviewed, **told,
        ),
    )  # fmt: skip
    return pl.concat([after, gate])
