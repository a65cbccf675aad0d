"""Article 2: what system risk is. Both of its kinds are assessed for every system, whoever runs it."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Risk, System
from sekisho.rulebook.language import active, answers, check, clause, falls_short, role
from sekisho.rulebook.limits import Limits

clause(
    "2",
    Duty.SCOPE,
    "システムリスクの定義（会員以外が管理・運用するシステムを含む）",
    "What system risk is, systems run by others included",
    definition=True,
)
clause(
    "2-1-1",
    Duty.SCOPE,
    "停止・誤作動などの不備による損失のリスク",
    "Risk of loss from downtime, malfunction or other defects",
)


@check(
    "2-1-1",
    asks="対象のシステムすべてについて、不備等のリスクが評価されていますか。",
    reads=(System, Risk),
    reasons={
        "no_risk": (
            "{system} に、停止・誤作動などの不備によるリスクが登録されていません。リスクを登録し、評価してください。",
            "{system} has no risk of failure on record. Record one and assess it.",
        ),
        "not_assessed": (
            "{system} の不備によるリスク {risk} が評価されていません。評価して評価日を記録してください。",
            "{system}'s risk of failure {risk} is not assessed. Assess it and record the day.",
        ),
    },
)
def every_system_has_its_risk_of_failure_assessed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope an assessed risk of category 'failure'?"""
    return _every_system_has_an_assessed_risk(facts, on, "failure")


clause("2-1-2", Duty.SCOPE, "不正使用による損失のリスク", "Risk of loss from unauthorised use")


@check(
    "2-1-2",
    asks="対象のシステムすべてについて、不正使用のリスクが評価されていますか。",
    reads=(System, Risk),
    reasons={
        "no_risk": (
            "{system} に、不正使用によるリスクが登録されていません。リスクを登録し、評価してください。",
            "{system} has no risk of misuse on record. Record one and assess it.",
        ),
        "not_assessed": (
            "{system} の不正使用によるリスク {risk} が評価されていません。評価して評価日を記録してください。",
            "{system}'s risk of misuse {risk} is not assessed. Assess it and record the day.",
        ),
    },
)
def every_system_has_its_risk_of_misuse_assessed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope an assessed risk of category 'misuse'?"""
    return _every_system_has_an_assessed_risk(facts, on, "misuse")


def _every_system_has_an_assessed_risk(facts: Facts, on: date, category: str) -> pl.LazyFrame:
    """One outcome for each system that is in use and in scope.

    How old an assessment may be, article 2 does not say: 3-2 asks that of systems that others run.
    """
    systems = active(facts[System], on, "in_use_since_on", "in_use_until_on").filter(pl.col("in_scope"))
    risks = facts[Risk].filter(pl.col("category") == category).sort("key").group_by("system").agg(
        risk=pl.col("key").first(), assessed=(pl.col("assessed_on") <= on).any(),
    )  # fmt: skip
    told = {
        "since": pl.col("in_use_since_on"),
        "who": pl.coalesce(role("system_manager", pl.col("unit")), role("chief_system_officer")),
        "system": pl.col("key"),
    }
    return answers(
        systems.join(risks, left_on="key", right_on="system", how="left"),
        System,
        falls_short(pl.col("risk").is_null(), "no_risk", **told),
        falls_short(~pl.col("assessed"), "not_assessed", risk=pl.col("risk"), **told),
    )
