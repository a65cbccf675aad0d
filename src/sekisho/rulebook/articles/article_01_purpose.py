"""Article 1: the rule reaches every information system that is used in the crypto-asset business."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Person, System
from sekisho.rulebook.language import (
    active,
    answers,
    approvals,
    blank,
    check,
    clause,
    day_after,
    falls_short,
    member_answers,
    role,
    stands,
    summed_up,
)
from sekisho.rulebook.limits import Limits

clause(
    "1",
    Duty.SCOPE,
    "暗号資産関連取引に使う情報システムのリスク管理の基本を定める",
    "Basic rules for managing the risk of the information systems used in crypto-asset business",
)
APPROVERS = frozenset({"chief_system_officer", "representative_director"})


@check(
    "1",
    asks="対象外とされた利用中のシステムに、承認された理由がありますか。",
    reads=(System, Approval, Appointment, Person),
    reasons={
        "no_reason": (
            "{system} は対象外とされていますが、理由がありません。理由を記録するか、対象に戻してください。",
            "{system} is marked out of scope without a reason. Record the reason, or bring it back into scope.",
        ),
        "not_approved": (
            "{system} は対象外とされていますが、承認がありません。承認を受けるか、対象に戻してください。",
            "{system} is marked out of scope without an approval. Have it approved, or bring it back into scope.",
        ),
    },
)
def every_system_out_of_scope_has_an_approved_reason(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in use that is marked out of scope a reason, and an approval of it?

    Every system on record is taken to be used in the business; one that is not is out of scope, with its reason.
    Since when it is marked so is not kept as a day: it counts from the system's first day of use.
    """
    systems = active(facts[System], on, "in_use_since_on", "in_use_until_on")
    approved = approvals(facts, System, APPROVERS, on).select("key", "approved_on")
    told = {"since": pl.col("in_use_since_on"), "who": role("chief_system_officer"), "system": pl.col("key")}
    out = ~pl.col("in_scope")
    return answers(
        systems.join(approved, on="key", how="left"),
        System,
        falls_short(out & blank("out_of_scope_reason"), "no_reason", **told),
        falls_short(out & pl.col("approved_on").is_null(), "not_approved", **told),
    )


@check(
    "1",
    asks="対象範囲に含まれる利用中のシステムが一つ以上ありますか。",
    reads=(System,),
    reasons={
        "none_in_scope": (
            "対象となる情報システムが一つもありません。暗号資産関連取引に使うシステムを登録してください。",
            "No system is in scope. Register the systems that the crypto-asset business uses.",
        ),
    },
)
def some_system_is_in_scope(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is at least one system in use in scope?"""
    in_use = stands(on, "in_use_since_on", "in_use_until_on")
    ended = pl.col("in_use_until_on").filter(pl.col("in_scope"), pl.col("in_use_until_on") < on).max()
    member = summed_up(
        facts[System],
        some=(in_use & pl.col("in_scope")).any(),
        since=pl.coalesce(day_after(ended), pl.col("in_use_since_on").filter(in_use).min()),
    )
    return member_answers(
        member,
        falls_short(
            ~pl.col("some"), "none_in_scope", since=pl.col("since"), who=role("chief_system_officer")
        ),
    )
