"""Article 11: risks are found and invested against by plan; projects pass their stages with approval, tested and recorded."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.measuring import systems_in_use
from sekisho.records.facts.releases import deployments
from sekisho.records.models import (
    Appointment,
    Approval,
    Deployment,
    Document,
    Investment,
    KeptDocument,
    Maintenance,
    MemberProfile,
    Milestone,
    Person,
    Project,
    Release,
    Risk,
    StageGate,
    System,
    TestPlan,
    TestResult,
)
from sekisho.records.models.development import STAGES
from sekisho.records.models.release import APPROVE_PLANS
from sekisho.rulebook.language import (
    answers,
    approvals,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    fiscal_year,
    kept_up,
    key_in,
    member_answers,
    one_in_force,
    overdue,
    person,
    role,
)
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")
IN_CHARGE = pl.coalesce(person("in_charge"), role("project_lead"))
MANAGER = pl.coalesce(role("system_manager", pl.col("unit")), CHIEF)
PAST = {
    "start": ("design", "build", "test", "migration", "finished"),
    "design": ("build", "test", "migration", "finished"),
    "migration": ("migration", "finished"),
}
REQUIRED = {
    "requirements": ("要件定義書", "requirements"),
    "design": ("設計書", "design"),
    "test": ("テスト記録", "test records"),
}


def projects(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """The projects that have begun and were not stopped; a finished one within the span that is looked back on."""
    finished = pl.col("finished_on")
    looked_at = finished.is_null() | (finished >= limits.window_start("project_window"))
    return facts[Project].filter(pl.col("since_on") <= on, pl.col("stage") != "stopped", looked_at)


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
        systems_in_use(facts, on), System, facts[Risk], by="system", at="assessed_on",
        limits=limits, limit="risk_identification_age",
        never="never_identified", old="old_identification", since="in_use_since_on", who=MANAGER,
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


clause(
    "11-3",
    Duty.MUST,
    "企画・開発・移行の内部牽制と承認ルールを設ける",
    "Internal checks and clear approval rules for planning, development and migration",
)


@check(
    "11-3",
    asks="案件はすべて、段階（開始・設計・移行）ごとに、権限のある者の承認を得て進んでいますか。",
    reads=(Project, StageGate, Approval, Appointment, Person),
    limits=("project_window",),
    reasons={
        f"no_gate_{stage}": (
            f"{{project}} は段階「{STAGES[stage][0]}」の通過の記録がないまま先へ進んでいます。段階承認を申請してください。",
            f"{{project}} went on without a record of passing the stage '{STAGES[stage][1]}'. Ask for its approval.",
        )
        for stage in PAST
    }
    | {
        "not_approved": (
            "{project} の段階の通過（{passed}）に承認がありません。",
            "That {project} passed a stage on {passed} was approved by nobody.",
        ),
        "not_entitled": (
            "{project} の段階の通過（{passed}）を承認した {person} は、この段階を承認できません。",
            "That {project} passed a stage on {passed} was approved by {person}, who may not approve that stage.",
        ),
        "approved_late": (
            "{project} の段階の承認（{approved}）が、通過（{passed}）より後です。",
            "{project} passed a stage on {passed}, before its approval on {approved}.",
        ),
    },
)
def every_stage_was_passed_with_approval(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did every project pass its stages with the approval that each asks, by somebody who may give it?

    Who may: by stage, as the kind of record says. Nobody approves what he or she asked for. The approval is not later
    than the day of passing. A project that is past a stage has its passing on record.
    """
    mine = projects(facts, on, limits)
    gates = facts[StageGate].filter(pl.col("passed_on") <= on)
    missing = [
        answers(
            mine.filter(pl.col("stage").is_in(stages)).join(
                gates.filter(pl.col("stage") == stage).select(key="project"), on="key", how="anti"
            ),
            Project,
            falls_short(pl.lit(True), f"no_gate_{stage}", since=pl.col("since_on"), who=IN_CHARGE, project=pl.col("key")),
        )
        for stage, stages in PAST.items()
    ]  # fmt: skip
    entitled = pl.concat(
        [
            gates.filter(pl.col("stage") == stage).select("key").join(
                approvals(facts, StageGate, StageGate.about.approvers({"stage": stage}), on), on="key"
            )
            for stage in PAST
        ]
    )  # fmt: skip
    anybody = (
        facts[Approval]
        .filter(pl.col("step") == "approved", day_of("at") <= on)
        .select(key=key_in("subject", "stage_gate"), decider="decided_by")
        .drop_nulls("key")
        .unique("key", keep="any")
    )
    rows = (
        gates.join(mine.select("in_charge", project="key"), on="project")
        .join(entitled, on="key", how="left")
        .join(anybody, on="key", how="left")
    )
    passed = pl.col("passed_on")
    none = pl.col("approved_on").is_null()
    told = {"since": passed, "who": IN_CHARGE, "project": pl.col("project"), "passed": passed}
    judged = answers(
        rows, StageGate,
        falls_short(none & pl.col("decider").is_null(), "not_approved", **told),
        falls_short(none, "not_entitled", person=pl.col("decider"), **told),
        falls_short(pl.col("approved_on") > passed, "approved_late", approved=pl.col("approved_on"), **told),
    )  # fmt: skip
    return pl.concat([*missing, judged])


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
            "{project} の節目「{milestone}」が期限（{due}）を過ぎ、再計画もありません。",
            "The milestone {milestone} of {project} was due on {due}, and there is no re-plan.",
        ),
    },
)
def every_project_has_somebody_in_charge_and_is_on_time(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every active project somebody in charge and milestones, none of them overdue without a re-plan?

    A re-plan counts until its own day.
    """
    active_ones = facts[Project].filter(
        pl.col("since_on") <= on, ~pl.col("stage").is_in(["finished", "stopped"]),
        pl.col("finished_on").is_null() | (pl.col("finished_on") >= on),
    )  # fmt: skip
    people = facts[Person].select("left_on", in_charge="key")
    has = facts[Milestone].select(key="project", has=pl.lit(True)).unique()
    rows = active_ones.join(people, on="in_charge", how="left").join(has, on="key", how="left")
    lead = role("project_lead")
    told = {"project": pl.col("key")}
    gone = falls_short(
        pl.col("left_on") < on,
        "left",
        since=day_after("left_on"),
        who=lead,
        person=pl.col("in_charge"),
        **told,
    )
    since = pl.col("since_on")
    milestones = facts[Milestone].join(active_ones.select("in_charge", project="key"), on="project")
    due = pl.max_horizontal("due_on", "replanned_on")
    return pl.concat(
        [
            answers(rows, Project, falls_short(pl.col("in_charge").is_null(), "nobody", since=since, who=lead, **told), gone),
            answers(rows, Project, falls_short(pl.col("has").is_null(), "no_milestones", since=since, who=IN_CHARGE, **told)),
            answers(
                milestones.with_columns(due_on=due), Milestone,
                falls_short(
                    overdue(on), "overdue", since=day_after("due_on"), due=pl.col("due_on"), who=IN_CHARGE,
                    project=pl.col("project"), milestone=pl.col("key"),
                ),
            ),
        ]
    )  # fmt: skip


clause(
    "11-5",
    Duty.MUST,
    "テスト計画を作り、ユーザー部門も参加して十分にテストする",
    "A test plan, tests enough, the user department taking part",
)


@check(
    "11-5",
    asks="テスト段階の案件はすべて、承認されたテスト計画とユーザー部門の結果を持っていますか。",
    reads=(Project, TestPlan, TestResult, Approval, Appointment, Person),
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
    """Has every project in test, or in migration after it, an approved plan and a result of the user department?"""
    mine = facts[Project].filter(
        pl.col("since_on") <= on, pl.col("stage").is_in(["test", "migration"]),
        pl.col("finished_on").is_null() | (pl.col("finished_on") >= on),
    )  # fmt: skip
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


clause(
    "11-6",
    Duty.MUST,
    "企画・開発・運用の実施状況を記録し保管する",
    "Record and keep what was done in planning, development and operation",
)


@check(
    "11-6",
    asks="完了した案件・変更・運用の記録文書はそろい、保管文書の完全性は保たれていますか。",
    reads=(Project, Release, Deployment, System, Maintenance, KeptDocument),
    limits=("project_window",),
    reasons={
        f"no_{kind}": (
            f"{{project}} に{ja}が保管されていません。保管文書として登録してください。",
            f"No {en} of {{project}} are kept. Keep them as a kept document.",
        )
        for kind, (ja, en) in REQUIRED.items()
    }
    | {
        "no_change_record": (
            "{since} に導入した {release} の記録文書が保管されていません。",
            "No document of {release}, deployed on {since}, is kept.",
        ),
        "no_operation_record": (
            "{since} に実施した {maintenance} の運用記録が保管されていません。",
            "No operation record of {maintenance}, done on {since}, is kept.",
        ),
        "broken": (
            "保管文書 {kept_document} が完全性の確認に失敗しています（{since}）。原本を確かめ、経緯を記録してください。",
            "The kept document {kept_document} failed its integrity check on {since}. Find the original, and record why.",
        ),
    },
)
def what_was_done_is_recorded_and_kept(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are the documents of every finished project, change and maintenance kept, and are all kept ones whole?

    A finished project: requirements, design and test records. A deployed release: any document of it, or of its
    deployment or project. A maintenance: an operation record. Those of the span that is looked back on.
    """
    start = limits.window_start("project_window")
    kept = facts[KeptDocument].filter(pl.col("kept_on").is_null() | (pl.col("kept_on") <= on))
    finished = facts[Project].filter(
        pl.col("stage") == "finished", pl.col("finished_on") <= on, pl.col("finished_on") >= start
    )
    parts = [_kept_of_project(finished, kept, kind) for kind in REQUIRED]
    changes = deployments(facts, on, start)
    for kind, key in (("release", "release"), ("deployment", "key"), ("project", "project")):
        of = kept.select(key_in("of", kind).alias(key)).drop_nulls()
        changes = changes.join(of, on=key, how="anti")
    done = facts[Maintenance].with_columns(day=day_of("done_until_at")).filter(
        pl.col("day") <= on, pl.col("day") >= start
    )  # fmt: skip
    operations = (
        kept.filter(pl.col("kind") == "operation").select(key=key_in("of", "maintenance")).drop_nulls()
    )
    units = facts[System].select("unit", system="key")
    recorded = done.join(operations.unique().with_columns(kept=pl.lit(True)), on="key", how="left").join(
        units, on="system", how="left"
    )
    all_changes = deployments(facts, on, start).join(
        changes.select("key", bare=pl.lit(True)), on="key", how="left"
    )
    return pl.concat(
        [
            *parts,
            answers(
                all_changes, Deployment,
                falls_short(pl.col("bare"), "no_change_record", since=pl.col("day"), who=MANAGER, release=pl.col("release")),
            ),
            answers(
                recorded, Maintenance,
                falls_short(pl.col("kept").is_null(), "no_operation_record", since=pl.col("day"), who=MANAGER, maintenance=pl.col("key")),
            ),
            answers(
                kept, KeptDocument,
                falls_short(~pl.col("intact"), "broken", since=pl.col("checked_on"), who=CHIEF, kept_document=pl.col("key")),
            ),
        ]
    )  # fmt: skip


def _kept_of_project(finished: pl.LazyFrame, kept: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    """Of each finished project: whether a document of the kind is kept."""
    there = kept.filter(pl.col("kind") == kind).select(key=key_in("of", "project")).drop_nulls().unique()
    rows = finished.join(there.with_columns(kept=pl.lit(True)), on="key", how="left")
    return answers(
        rows, Project,
        falls_short(pl.col("kept").is_null(), f"no_{kind}", since=pl.col("finished_on"), who=IN_CHARGE, project=pl.col("key")),
    )  # fmt: skip
