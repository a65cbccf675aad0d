"""Article 9, paragraph 2: internal rules for cybersecurity that are kept up to date."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Document, MemberProfile, Person
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    falls_short,
    first_day,
    in_force,
    member_answers,
    one_in_force,
    role,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")

clause(
    "9-2",
    Duty.MUST,
    "実効性ある組織体制と社内規程を定める",
    "A working organisation and internal rules for cybersecurity",
)


@check(
    "9-2",
    asks="承認されたサイバーセキュリティ規程が施行され、見直し期限を過ぎていませんか。",
    reads=(Document, Approval, Appointment, Person, MemberProfile),
    limits=("cyber_rules_review",),
    reasons={
        "no_rules": (
            "有効なサイバーセキュリティ規程がありません（{since} から）。規程を定め、承認を受けて施行してください。",
            "No cybersecurity rules are in force (since {since}). "
            "Set them out, have them approved and put them in force.",
        ),
        "not_approved": (
            "サイバーセキュリティ規程 {document} に承認がありません。承認を受けてください。",
            "The cybersecurity rules {document} carry no approval. Have them approved.",
        ),
        "review_overdue": (
            "サイバーセキュリティ規程 {document} の見直し期限（{due}）が過ぎています。"
            "見直し、新しい版か次の見直し期限を登録してください。",
            "The cybersecurity rules {document} were to be reviewed by {due}. "
            "Review them; register a new version, or the next date.",
        ),
    },
)
def cybersecurity_rules_are_in_force_and_reviewed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are approved cybersecurity rules in force, none of them past its review date?

    Of each document of rules in force. One that names no date of its own is to be reviewed within the limit from its
    first day in force.
    """
    one = one_in_force(facts, "cyber_rules", on).join(first_day(facts[MemberProfile], on), how="cross")
    some = member_answers(
        one,
        falls_short(
            pl.col("document").is_null(), "no_rules", since=pl.coalesce("ended", "first_on"), who=LEAD
        ),
    )
    due = pl.coalesce("review_by_on", limits.last_good("cyber_rules_review", "in_force_on"))
    told = {"who": LEAD, "document": pl.col("key")}
    each = answers(
        in_force(facts, "cyber_rules", on), Document,
        falls_short(pl.col("approved_on").is_null(), "not_approved", since=pl.col("in_force_on"), **told),
        falls_short(due < on, "review_overdue", since=day_after(due), due=due, **told),
    )  # fmt: skip
    return pl.concat([some, each])
