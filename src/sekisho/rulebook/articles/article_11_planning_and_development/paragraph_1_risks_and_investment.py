"""Article 11-1: the risks of today's systems are looked for all the time, and invested against by plan."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Investment, MemberProfile, Risk, System
from sekisho.rulebook.language import (
    check,
    clause,
    falls_short,
    fiscal_year,
    keeper,
    kept_up,
    member_answers,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")

clause(
    "11-1",
    Duty.MUST,
    "現行システムのリスクを継続的に洗い出し、投資を計画的に行う",
    "Keep finding the risks in today's systems and invest by plan",
)


@check(
    "11-1",
    asks="対象システムのリスクの洗い出しは、すべて間隔内に行われていますか。",
    reads=(System, Risk),
    limits=("risk_identification_age",),
    reasons={
        "never_identified": (
            "{system} のリスクの洗い出しがありません。リスクを評価し、登録してください。",
            "The risks of {system} were never identified. Assess and record them.",
        ),
        "old_identification": (
            "{system} のリスクの洗い出しが {last} から行われていません。",
            "The risks of {system} were last identified on {last}.",
        ),
    },
)
def the_risks_of_every_system_are_looked_for(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Were the risks of every system in scope looked for recently enough?"""
    return kept_up(
        systems_in_scope(facts, on), System, facts[Risk], by="system", at="assessed_on",
        limits=limits, limit="risk_identification_age",
        never="never_identified", old="old_identification", since="in_use_since_on", who=keeper(),
    )  # fmt: skip


@check(
    "11-1",
    asks="当年度の投資計画がありますか。",
    reads=(Investment, MemberProfile),
    reasons={
        "no_investment_plan": (
            "{year}年度の投資計画がありません。当年度の投資を計画し、登録してください。",
            "No investment plan covers the fiscal year {year}. Plan the year's investments and record them.",
        ),
    },
)
def an_investment_plan_covers_the_year(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does an investment plan cover the fiscal year of the day?

    At least one investment of the year that was not dropped.
    """
    planned = (
        facts[Investment]
        .filter(pl.col("state") != "dropped")
        .select(year="fiscal_year", planned=pl.lit(True))
    )
    rows = fiscal_year(facts[MemberProfile], on).join(planned.unique(), on="year", how="left")
    return member_answers(
        rows,
        falls_short(
            pl.col("planned").is_null(), "no_investment_plan",
            since=pl.col("year_from_on"), who=CHIEF, year=pl.col("year"),
        ),
    )  # fmt: skip
