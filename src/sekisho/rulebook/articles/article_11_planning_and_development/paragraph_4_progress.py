"""Article 11-4: every project has somebody in charge, and is kept on time."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Milestone, Person, Project
from sekisho.rulebook.articles.article_11_planning_and_development.projects import IN_CHARGE, LEAD, under_way
from sekisho.rulebook.language import answers, check, clause, day_after, falls_short, overdue
from sekisho.rulebook.limits import Limits

clause(
    "11-4",
    Duty.SHOULD,
    "プロジェクトごとに責任者を定め進捗を管理する",
    "A person in charge and progress control for each project",
)


@check(
    "11-4",
    asks="進行中の案件はすべて責任者と節目を持ち、遅れは再計画されていますか。",
    reads=(Project, Milestone, Person),
    reasons={
        "nobody": (
            "{project} に責任者がいません。責任者を決めて登録してください。",
            "Nobody is in charge of {project}. Name who is.",
        ),
        "left": (
            "{project} の責任者 {person} は、{since} 以降在籍していません。後任を登録してください。",
            "{person}, in charge of {project}, is not at the member since {since}. Name a successor.",
        ),
        "no_milestones": (
            "{project} に節目がありません。節目と期限を登録してください。",
            "{project} has no milestones. Record them with their due days.",
        ),
        "overdue": (
            "{project} の節目{milestone}が期限（{due}）を過ぎ、再計画もありません。",
            "The milestone {milestone} of {project} was due on {due}, and there is no re-plan.",
        ),
    },
)
def every_project_has_somebody_in_charge_and_is_on_time(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every active project somebody in charge and milestones, none of them overdue without a re-plan?

    A re-plan takes the place of the first day, until its own day is over.
    """
    mine = under_way(facts, on)
    people = facts[Person].select("left_on", in_charge="key")
    planned = facts[Milestone].select(key="project", planned=pl.lit(True)).unique()
    rows = mine.join(people, on="in_charge", how="left").join(planned, on="key", how="left")
    milestones = (
        facts[Milestone]
        .join(mine.select("in_charge", project="key"), on="project")
        .with_columns(due_on=pl.coalesce("replanned_on", "due_on"))
    )
    since, told = pl.col("since_on"), {"project": pl.col("key")}
    return pl.concat(
        [
            answers(
                rows, Project,
                falls_short(pl.col("in_charge").is_null(), "nobody", since=since, who=LEAD, **told),
                falls_short(
                    pl.col("left_on") < on, "left", since=day_after("left_on"), who=LEAD, person=pl.col("in_charge"), **told,
                ),
            ),
            answers(rows, Project, falls_short(pl.col("planned").is_null(), "no_milestones", since=since, who=IN_CHARGE, **told)),
            answers(
                milestones, Milestone,
                falls_short(
                    overdue(on), "overdue", since=day_after("due_on"), due=pl.col("due_on"), who=IN_CHARGE,
                    project=pl.col("project"), milestone=pl.col("key"),
                ),
            ),
        ]
    )  # fmt: skip
