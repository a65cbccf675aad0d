"""Article 11-2: a mid- and long-term development plan that the board approved."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Document, Person
from sekisho.rulebook.language import check, clause, falls_short, member_answers, one_in_force, role
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")

clause(
    "11-2",
    Duty.SHOULD,
    "取締役会承認の中長期開発計画を策定する",
    "A mid- and long-term development plan, approved by the board",
)


@check(
    "11-2",
    asks="取締役会の承認を受けた中長期開発計画が有効ですか。",
    reads=(Document, Approval, Appointment, Person),
    reasons={
        "no_plan": (
            "中長期開発計画が有効ではありません。計画を定め、取締役会の承認を受けて施行してください。",
            "No mid- and long-term development plan is in force. Make one, and have the board approve it.",
        ),
        "no_board_approval": (
            "有効な中長期開発計画 {document} に取締役会の承認がありません。",
            "The development plan in force, {document}, has no approval by the board.",
        ),
    },
)
def the_board_approved_a_development_plan(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is a mid- and long-term development plan in force that the board approved?"""
    return member_answers(
        one_in_force(facts, "development_plan", on),
        falls_short(pl.col("document").is_null(), "no_plan", since=pl.col("ended"), who=CHIEF),
        falls_short(
            pl.col("approved_on").is_null(), "no_board_approval",
            since=pl.col("in_force_on"), who=CHIEF, document=pl.col("document"),
        ),
    )  # fmt: skip
