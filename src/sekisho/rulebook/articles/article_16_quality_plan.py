"""Article 16: a quality plan for every system."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Document, Person, System
from sekisho.rulebook.language import (
    answers,
    approvals,
    check,
    clause,
    day_after,
    falls_short,
    in_force,
    reached,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

KIND = "quality_plan"

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
    plans = in_force(facts, KIND, on).filter(pl.col("approved_on").is_not_null())
    rows = _last_day_under_a_plan(facts, reached(systems_in_scope(facts, on), plans), on)
    since = pl.max_horizontal("in_use_since_on", day_after("named_until"), day_after("all_until"))
    return answers(
        rows, System,
        falls_short(
            ~pl.col("reached"), "no_plan",
            since=since, who=role("chief_system_officer"), system=pl.col("key"),
        ),
    )  # fmt: skip


def _last_day_under_a_plan(facts: Facts, systems: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """The systems with the last day of the approved plans that ended: named_until, all_until (null: none did)."""
    approved = approvals(facts, Document, Document.about.approvers({"kind": KIND}), on)
    ended = facts[Document].filter(pl.col("kind") == KIND, pl.col("until_on") < on)
    over = ended.join(approved, on="key", how="semi")
    named = over.select("until_on", key="systems").explode("key").group_by("key")
    return systems.join(named.agg(named_until=pl.col("until_on").max()), on="key", how="left").join(
        over.filter(pl.col("all_systems")).select(all_until=pl.col("until_on").max()), how="cross"
    )
