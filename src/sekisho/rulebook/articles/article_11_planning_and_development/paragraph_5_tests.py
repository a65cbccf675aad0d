"""Article 11-5: projects are tested by plan, and the user department takes part."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Person, Project, TestPlan, TestResult
from sekisho.records.models.release import APPROVE_PLANS
from sekisho.rulebook.articles.article_11_planning_and_development.projects import IN_CHARGE, begun
from sekisho.rulebook.language import answers, approvals, check, clause, falls_short
from sekisho.rulebook.limits import Limits

IN_TEST = ("test", "migration", "finished")

clause(
    "11-5",
    Duty.MUST,
    "テスト計画を作り、ユーザー部門も参加して十分にテストする",
    "A test plan, tests enough, the user department taking part",
)


@check(
    "11-5",
    asks="テスト段階以降の案件はすべて、承認されたテスト計画とユーザー部門の結果を持っていますか。",
    reads=(Project, TestPlan, TestResult, Approval, Appointment, Person),
    limits=("project_window",),
    reasons={
        "no_plan": (
            "{project} はテスト段階以降にありますが、テスト計画がありません。計画を作成し、承認を受けてください。",
            "{project} is in test or past it, and has no test plan. Make one and have it approved.",
        ),
        "not_approved": (
            "{project} のテスト計画が承認されていません。承認を受けてください。",
            "No test plan of {project} is approved. Have it approved.",
        ),
        "no_user_department": (
            "{project} に、ユーザー部門によるテストの結果がありません。ユーザー部門の受入結果を登録してください。",
            "{project} has no test result of the user department. Have it take part, and record the result.",
        ),
    },
)
def projects_are_tested_by_plan_with_the_user_department(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every project in test or past it an approved plan and a result of the user department?

    Past it: in migration, or finished within the span that is looked back on.
    """
    mine = begun(facts, on, limits).filter(pl.col("stage").is_in(IN_TEST))
    approved = approvals(facts, TestPlan, APPROVE_PLANS, on).select("key", approved=pl.lit(True))
    plans = facts[TestPlan].filter(pl.col("project").is_not_null())
    has = plans.join(approved, on="key", how="left").group_by(key="project").agg(
        approved=pl.col("approved").fill_null(False).any()
    )  # fmt: skip
    users = (
        facts[TestResult]
        .filter(pl.col("kind") == "user_department", pl.col("done_on") <= on)
        .join(plans.select("project", plan="key"), on="plan")
        .select(key="project", users=pl.lit(True))
        .unique()
    )
    rows = mine.join(has, on="key", how="left").join(users, on="key", how="left")
    told = {"since": pl.col("since_on"), "who": IN_CHARGE, "project": pl.col("key")}
    return pl.concat(
        [
            answers(
                rows, Project,
                falls_short(pl.col("approved").is_null(), "no_plan", **told),
                falls_short(~pl.col("approved"), "not_approved", **told),
            ),
            answers(rows, Project, falls_short(pl.col("users").is_null(), "no_user_department", **told)),
        ]
    )  # fmt: skip
