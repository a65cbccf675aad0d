"""Article 9, paragraph 3, item 5: what matters is passed on to those whom it concerns."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import IntelligenceItem
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    minute_of,
    no_evidence,
    role,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")

clause("9-3-5", Duty.SHOULD, "情報共有体制", "Share information")


@check(
    "9-3-5",
    asks="自社に関係すると判断した脅威情報は、いずれも期限内に関係部署へ共有されましたか。",
    reads=(IntelligenceItem,),
    limits=("intelligence_passing_time", "cyber_late_window"),
    reasons={
        "not_judged": (
            "脅威情報 {intelligence_item}（{received_at} 受信）が自社に関係するか判断されていません。"
            "判断を記録してください。",
            "Whether {intelligence_item}, received at {received_at}, matters here was not judged. "
            "Record the judgement.",
        ),
        "not_passed": (
            "関係ありと判断した脅威情報 {intelligence_item} が期限（{due_at}）までに共有されていません。"
            "関係部署へ共有してください。",
            "{intelligence_item} matters here and was to be passed on by {due_at}. Pass it to the units concerned.",
        ),
        "no_units": (
            "脅威情報 {intelligence_item} を {passed_at} に共有した先の部署が記録されていません。"
            "関係部署を登録してください。",
            "{intelligence_item} was passed on at {passed_at}, to which units is not on record. Register them.",
        ),
        "passed_late": (
            "脅威情報 {intelligence_item} は期限（{due_at}）を過ぎて {passed_at} に共有されました。"
            "遅れた理由を確認し、共有の手順を見直してください。",
            "{intelligence_item} was due at {due_at} and passed on at {passed_at}. "
            "See why it took so long, and mend the way of sharing.",
        ),
    },
)
def what_matters_is_passed_on(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every piece of intelligence that matters here passed to the units concerned within its limit?

    The limit runs from the judgement, where its instant is on record, else from the receipt. What waits counts as late
    from the day after its limit ended; what was passed late is told for a while (limit). What nobody judged within the
    same limit is no evidence: it may matter.
    """
    rows = _shared(facts, on, limits)
    over, relevant = pl.col("due_on") < on, pl.col("relevant")
    told = {"who": LEAD, "intelligence_item": pl.col("key")}
    due, passed_at = {"due_at": minute_of("due_at")}, {"passed_at": minute_of("passed_at")}
    return answers(
        rows.filter(pl.col("judged") | over), IntelligenceItem,
        no_evidence(~pl.col("judged"), "not_judged", **told, received_at=minute_of("received_at")),
        falls_short(
            relevant & ~pl.col("passed") & over, "not_passed", since=day_after("due_on"), due=pl.col("due_on"), **told, **due
        ),
        falls_short(relevant & pl.col("passed") & pl.col("nobody"), "no_units", since=day_of("passed_at"), **told, **passed_at),
        falls_short(relevant & pl.col("late"), "passed_late", since=pl.col("due_on"), **told, **due, **passed_at),
    )  # fmt: skip


def _shared(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """The items received by the day. judged, relevant, passed (by the day), late (and told still), nobody; due_on."""
    judged = pl.col("relevance").is_not_null() & (day_of("judged_at") <= on).fill_null(True)
    from_at = pl.when("judged").then(pl.coalesce("judged_at", "received_at")).otherwise("received_at")
    passed_on = day_of("passed_at")
    passed = (passed_on <= on).fill_null(False)
    late = (pl.col("passed_at") > pl.col("due_at")) & (limits.last_good("cyber_late_window", passed_on) >= on)
    return (
        facts[IntelligenceItem]
        .filter(day_of("received_at") <= on)
        .with_columns(judged=judged)
        .with_columns(
            relevant=pl.col("judged") & (pl.col("relevance") == "relevant"),
            due_at=limits.latest("intelligence_passing_time", from_at),
        )
        .with_columns(
            due_on=day_of("due_at"),
            passed=passed,
            late=passed & late.fill_null(False),
            nobody=pl.col("units").list.len().fill_null(0) == 0,
        )
    )
