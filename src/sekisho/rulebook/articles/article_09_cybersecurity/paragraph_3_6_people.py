"""Article 9, paragraph 3, item 6: a plan for cybersecurity people that rests on a skill map and is carried out."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Appointment,
    Approval,
    Document,
    MemberProfile,
    Person,
    Skill,
    SkillLevel,
    Training,
)
from sekisho.records.roles import MANAGEMENT
from sekisho.rulebook.language import (
    NOT_ASKED,
    active,
    answers,
    check,
    clause,
    day_after,
    falls_short,
    first_day,
    in_force,
    kept_up,
    member_answers,
    no_evidence,
    one_in_force,
    overdue,
    role,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")
PLAN = "cyber_training_plan"

clause(
    "9-3-6",
    Duty.SHOULD,
    "サイバー人材の育成・拡充計画の策定と実施",
    "Plan to train and add cybersecurity people, and carry it out",
)


@check(
    "9-3-6",
    asks="サイバー人材の育成・拡充計画が施行され、その研修はいずれも期限内に行われましたか。",
    reads=(Document, Training, Appointment, MemberProfile),
    reasons={
        "no_plan": (
            "有効なサイバー人材の育成・拡充計画がありません（{since} から）。計画を定め、承認を受けてください。",
            "No plan to train and add cybersecurity people is in force (since {since}). "
            "Set one out and have it approved.",
        ),
        "no_training": (
            "計画 {document} に基づく研修が登録されておらず、実施の状況を判定できません。"
            "計画の各項目を研修として登録してください。",
            "No training of {document} is on record, so nothing can be said of its being carried out. "
            "Register its rows.",
        ),
        "training_overdue": (
            "計画 {document} の研修 {training} が期限（{due}）を過ぎています。"
            "実施して記録するか、期限を見直してください。",
            "{training}, a row of {document}, was due on {due}. Hold it and record it, or agree on a new date.",
        ),
    },
)
def the_training_plan_is_in_force_and_carried_out(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is a plan for cybersecurity people in force, and was all its training held that was due?

    That management approved it the guideline asks. Of the plans in force every row counts, whatever its kind; rows of
    an older version are those of the version that replaced it.
    """
    plans = in_force(facts, PLAN, on, NOT_ASKED)
    rows = facts[Training].join(plans.select(plan="key"), on="plan", how="semi")
    some = member_answers(
        one_in_force(facts, PLAN, on, NOT_ASKED).join(first_day(facts[MemberProfile], on), how="cross"),
        falls_short(
            pl.col("document").is_null(), "no_plan", since=pl.coalesce("ended", "first_on"), who=LEAD
        ),
    )
    numbers = rows.group_by(key="plan").agg(rows=pl.len())
    filled = answers(
        plans.join(numbers, on="key", how="left"),
        Document,
        no_evidence(pl.col("rows").is_null(), "no_training", who=LEAD, document=pl.col("key")),
    )
    held = answers(
        rows, Training,
        falls_short(
            overdue(on), "training_overdue", since=day_after("due_on"), due=pl.col("due_on"), who=LEAD,
            training=pl.col("key"), document=pl.col("plan"),
        ),
    )  # fmt: skip
    return pl.concat([some, filled, held])


@check(
    "9-3-6",
    asks="計画の基礎となるサイバーセキュリティのスキルマップがあり、習熟度が最近評価されていますか。",
    reads=(Skill, SkillLevel, Person, Document, MemberProfile),
    limits=("skill_map_age",),
    reasons={
        "no_skill_map": (
            "サイバーセキュリティのスキルマップがありません。必要なスキルと、役職員の習熟度を登録してください。",
            "There is no skill map of cybersecurity. Register the skills needed, and people's levels.",
        ),
        "no_level": (
            "スキル {skill} について、在籍者の習熟度が一人も評価されていません。評価して登録してください。",
            "Nobody who works here has an assessed level of {skill}. Assess it and record it.",
        ),
        "old_level": (
            "スキル {skill} の習熟度は {last} から評価されていません。評価し直してください。",
            "Levels of {skill} were last assessed on {last}. Assess them again.",
        ),
    },
)
def the_plan_rests_on_a_skill_map(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is there a skill map of cybersecurity whose levels were assessed recently?

    The map is the skills of that field. A level counts where its person works here. What lacks does so since the plan
    in force began to rest on it.
    """
    since = one_in_force(facts, PLAN, on, NOT_ASKED).join(first_day(facts[MemberProfile], on), how="cross")
    since = since.select(needed_on=pl.coalesce("in_force_on", "first_on"))
    skills = facts[Skill].filter(pl.col("field") == "cybersecurity")
    drawn = member_answers(
        pl.concat([skills.select(skills=pl.len()), since], how="horizontal"),
        falls_short(pl.col("skills") == 0, "no_skill_map", since=pl.col("needed_on"), who=LEAD),
    )
    here = active(facts[Person], on, "joined_on", "left_on").select(person="key")
    assessed = kept_up(
        skills.join(since, how="cross"), Skill, facts[SkillLevel].join(here, on="person", how="semi"), by="skill",
        at="assessed_on", limits=limits, limit="skill_map_age", never="no_level", old="old_level", since="needed_on",
        who=LEAD,
    )  # fmt: skip
    return pl.concat([drawn, assessed])


clause(
    "G9-3-6",
    Duty.MAY,
    "スキルマップに基づき、経営層が人材育成計画に関与する",
    "Skill maps; management takes part in the plan",
)


@check(
    "G9-3-6",
    asks="施行中のサイバー人材の育成・拡充計画は、いずれも経営層の承認を受けていますか。",
    reads=(Document, Approval, Appointment, Person),
    reasons={
        "no_plan": (
            "有効な計画がなく、経営層の関与を判定できません。計画を定め、経営層の承認を受けてください。",
            "No plan is in force, so nothing can be said of management's part. "
            "Set one out and have management approve it.",
        ),
        "not_approved": (
            "計画 {document} に経営層（取締役・システム統括管理責任者）の承認がありません。承認を受けてください。",
            "{document} carries no approval by management (a director or the chief system officer). Have it approved.",
        ),
    },
)
def management_takes_part_in_the_plan(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did a member of management approve every training plan for cybersecurity that is in force?"""
    chief = role("chief_system_officer")
    some = member_answers(
        one_in_force(facts, PLAN, on, MANAGEMENT),
        no_evidence(pl.col("document").is_null(), "no_plan", who=LEAD),
    )
    each = answers(
        in_force(facts, PLAN, on, MANAGEMENT),
        Document,
        falls_short(
            pl.col("approved_on").is_null(), "not_approved",
            since=pl.col("in_force_on"), who=chief, document=pl.col("key"),
        ),
    )  # fmt: skip
    return pl.concat([some, each])
