"""Article 16: a quality plan for every system."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.measuring import systems_in_use
from sekisho.records.models import Appointment, Approval, Document, Person, System
from sekisho.rulebook.language import answers, check, clause, falls_short, in_force, reached, role
from sekisho.rulebook.limits import Limits

clause("16", Duty.MUST, "品質管理計画を定める", "A quality plan")


@check(
    "16",
    asks="対象システムはすべて、承認された有効な品質管理計画の適用を受けていますか。",
    reads=(System, Document, Approval, Appointment, Person),
    reasons={
        "no_plan": (
            "{system} に適用される承認済みの品質管理計画がありません。"
            "計画を定めるか、適用するシステムに加えてください。",
            "No approved quality plan in force applies to {system}. Make one, or add the system to its reach.",
        ),
    },
)
def every_system_is_under_a_quality_plan(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does an approved quality plan in force apply to every system in scope?

    A plan applies to the systems that it names, or to all. Since: the day after the last plan of the system ended, else
    the system's first day.
    """
    plans = in_force(facts, "quality_plan", on).filter(pl.col("approved_on").is_not_null())
    rows = reached(systems_in_use(facts, on), plans)
    return answers(
        rows, System,
        falls_short(
            ~pl.col("reached"), "no_plan",
            since=pl.col("in_use_since_on"), who=role("chief_system_officer"), system=pl.col("key"),
        ),
    )  # fmt: skip
