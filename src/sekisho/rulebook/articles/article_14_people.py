"""Article 14: people who know the systems, and a plan that passes on what they know."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.skills import skilled
from sekisho.records.models import (
    Appointment,
    Approval,
    Document,
    Person,
    SkillLevel,
    SkillNeed,
    System,
    Training,
)
from sekisho.rulebook.language import (
    NOT_ASKED,
    answers,
    check,
    clause,
    day_after,
    falls_short,
    in_force,
    keeper,
    member_answers,
    no_evidence,
    one_in_force,
    overdue,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

clause(
    "14-1",
    Duty.SHOULD,
    "現行システムに精通した専門人材を確保する",
    "Secure people who know the systems",
)


@check(
    "14-1",
    asks="重要なシステムごとに、求める習熟度に達した人が必要な人数いますか。",
    reads=(System, SkillNeed, SkillLevel, Person),
    limits=("skilled_people",),
    reasons={
        "too_few": (
            "{system} に必要な {skill}（習熟度{level}以上）の人が {found} 人しかいません（必要 {needed} 人）。",
            "{system} asks {needed} people with {skill} at level {level}; there are {found}.",
        ),
        "no_need": (
            "{system} に必要なスキルと習熟度が記録されていません。必要スキルを登録してください。",
            "Which skills {system} asks for is not recorded. Record its skill needs.",
        ),
    },
)
def every_critical_system_has_people_who_know_it(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every critical system as many people as it asks for, at the level of skill that it asks?

    Everybody who works here on the day counts, people of vendors too, by the newest level assessed. A need may ask for
    more people than the limit, not for fewer.
    """
    people = skilled(facts, on).group_by("need").agg(found=pl.len().cast(pl.Int64))
    systems = _critical(facts, on)
    needs = facts[SkillNeed].join(systems.select("unit", system="key"), on="system")
    rows = needs.join(people, left_on="key", right_on="need", how="left").with_columns(
        needed=pl.max_horizontal("people", pl.lit(limits.value("skilled_people"))),
        found=pl.col("found").fill_null(0),
    )
    counted = answers(
        rows, SkillNeed,
        falls_short(
            pl.col("found") < pl.col("needed"), "too_few", who=keeper(), system=pl.col("system"),
            skill=pl.col("skill"), level=pl.col("level"), found=pl.col("found"), needed=pl.col("needed"),
        ),
    )  # fmt: skip
    bare = systems.join(needs.select(key="system"), on="key", how="anti")
    silent = answers(bare, System, no_evidence(pl.lit(True), "no_need", who=keeper(), system=pl.col("key")))
    return pl.concat([counted, silent])


def _critical(facts: Facts, on: date) -> pl.LazyFrame:
    return systems_in_scope(facts, on).filter(pl.col("criticality") == "high")


clause(
    "14-2",
    Duty.SHOULD,
    "技術の継承と人材育成の計画を策定し実施する",
    "Plan to pass on the technology and train people, and carry it out",
)


@check(
    "14-2",
    asks="承認された技術継承・人材育成の計画が有効ですか。",
    reads=(Document, Approval, Appointment, Person),
    reasons={
        "no_plan": (
            "技術の継承と人材育成の計画が有効ではありません。計画を定め、施行してください。",
            "No plan to pass on the technology and train people is in force. Make one and put it in force.",
        ),
        "not_approved": (
            "有効な計画 {document} が承認されていません。承認を受けてください。",
            "The plan in force, {document}, is not approved. Have it approved.",
        ),
    },
)
def a_plan_passes_on_the_technology(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is an approved plan to pass on the technology and to train people in force?"""
    chief = role("chief_system_officer")
    return member_answers(
        one_in_force(facts, "succession_plan", on),
        falls_short(pl.col("document").is_null(), "no_plan", since=pl.col("ended"), who=chief),
        falls_short(
            pl.col("approved_on").is_null(), "not_approved",
            since=pl.col("in_force_on"), who=chief, document=pl.col("document"),
        ),
    )  # fmt: skip


@check(
    "14-2",
    asks="計画した研修と技術の継承は、期限までに行われていますか。",
    reads=(Training, Document),
    reasons={
        "nothing_planned": (
            "計画 {document} に基づく研修・継承が登録されておらず、実施の状況を判定できません。計画の各項目を登録してください。",
            "No training or hand-over of {document} is on record, so nothing can be said of its being carried out. "
            "Register its rows.",
        ),
        "overdue": (
            "研修・継承{training}が期限（{due}）を過ぎています。実施するか、計画を改めてください。",
            "The training or hand-over {training} was due on {due}. Do it, or change the plan.",
        ),
    },
)
def what_was_planned_is_done(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Were the planned trainings and hand-overs done by the day on which they were due?

    Those of a cybersecurity training plan are asked by 9-3-6. A plan in force whose rows are not on record is no evidence.
    """
    chief = role("chief_system_officer")
    cyber = facts[Document].filter(pl.col("kind") == "cyber_training_plan").select(plan="key")
    rows = facts[Training].join(cyber, on="plan", how="anti")
    done = answers(
        rows, Training,
        falls_short(
            overdue(on), "overdue", since=day_after("due_on"), due=pl.col("due_on"), who=chief, training=pl.col("key"),
        ),
    )  # fmt: skip
    bare = in_force(facts, "succession_plan", on, NOT_ASKED).join(
        rows.select(key="plan"), on="key", how="anti"
    )
    silent = no_evidence(pl.lit(True), "nothing_planned", who=chief, document=pl.col("key"))
    return pl.concat([done, answers(bare, Document, silent)])


clause(
    "G14-1",
    Duty.MAY,
    "委託先の人材でもよいが任せきりにしない",
    "People of a vendor may do, but not alone",
)


@check(
    "G14-1",
    asks="重要なシステムに精通した人が、委託先の人だけになっていませんか。",
    reads=(System, SkillNeed, SkillLevel, Person),
    reasons={
        "vendors_alone": (
            "{system} に精通した {count} 人は、すべて委託先の人です。自社の人材を育ててください。",
            "All {count} people who know {system} belong to vendors. Train people of the member's own.",
        ),
    },
)
def no_system_is_left_to_vendors_alone(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is there, of every critical system, at least one of the member's own people among those who know it?

    Those who know it: whoever has one of the skills that it asks, at the level. A system that nobody knows is asked by 14-1.
    """
    knowing = skilled(facts, on).select("system", "person", "external").unique()
    people = knowing.group_by("system").agg(count=pl.len().cast(pl.Int64), vendors=pl.col("external").all())
    rows = _critical(facts, on).join(people, left_on="key", right_on="system")
    return answers(
        rows, System,
        falls_short(pl.col("vendors"), "vendors_alone", who=keeper(), system=pl.col("key"), count=pl.col("count")),
    )  # fmt: skip
