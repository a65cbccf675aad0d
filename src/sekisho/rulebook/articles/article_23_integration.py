"""Article 23: integrating systems, with its own risks, tests, staff, outside opinions and a way back.

Every check asks of integrations: projects of that kind that have begun and are neither finished nor stopped, and those
that were finished within the span that is looked back on. A member without one has 'not applicable' approved.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Appointment,
    Approval,
    Document,
    Interface,
    Person,
    Project,
    Resolution,
    Risk,
    StageGate,
    TestPlan,
    TestResult,
    ThirdPartyEvaluation,
)
from sekisho.records.models.release import APPROVE_PLANS
from sekisho.rulebook.language import (
    answers,
    approvals,
    check,
    clause,
    day_after,
    falls_short,
    key_in,
    no_evidence,
    person,
    role,
    stands,
)
from sekisho.rulebook.limits import Limits

LEAD = role("project_lead")
IN_CHARGE = pl.coalesce(person("in_charge"), LEAD)
GATE_APPROVERS = frozenset({"chief_system_officer", "representative_director", "system_manager"})
IN_TEST = ("test", "migration", "finished")


def integrations(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """The integrations that are asked of on the day. Columns of Project; `project`, its key; and `asked_on`: the day for
    which its people and its plan are asked, of a finished one its last. One without a day of cut-over was cut over when
    it was finished."""
    finished = pl.col("finished_on")
    looked_at = finished.is_null() | (finished >= limits.window_start("integration_window"))
    return (
        facts[Project]
        .filter(
            pl.col("kind") == "integration", pl.col("since_on") <= on, pl.col("stage") != "stopped", looked_at
        )
        .with_columns(
            project=pl.col("key"),
            asked_on=pl.min_horizontal(finished, pl.lit(on)),
            cut_over_on=pl.coalesce("cut_over_on", finished),
        )
    )


def _own(facts: Facts) -> pl.LazyFrame:
    """The member's own people, at whatever time: person, joined_on, left_on."""
    own = facts[Person].filter(pl.col("employment") != "external")
    return own.select("joined_on", "left_on", person="key")


clause(
    "23-1",
    Duty.MUST,
    "システム統合リスクを認識し管理体制を整備する",
    "Know and manage the risk of integrating systems",
)


@check(
    "23-1",
    asks="システム統合の案件にはリスク評価があり、責任者がいますか。",
    reads=(Project, Risk, Person),
    limits=("integration_window",),
    reasons={
        "no_risk": (
            "統合案件 {project} のリスク評価がありません（{since} から）。"
            "案件を指定してリスクを評価し、登録してください。",
            "The integration {project} has had no risk assessment since {since}. Assess its risks and record them "
            "with the project named.",
        ),
        "nobody": (
            "統合案件 {project} に責任者がいません。責任者を決めて登録してください。",
            "Nobody is in charge of the integration {project}. Name who is.",
        ),
        "left": (
            "統合案件 {project} の責任者 {person} は、{since} 以降在籍していません。後任を登録してください。",
            "{person}, in charge of the integration {project}, is not at the member since {since}. Name a successor.",
        ),
    },
)
def every_integration_has_its_risks_assessed_and_somebody_in_charge(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every integration a risk assessment, and somebody in charge who works here?

    A risk that names the project and was assessed by the day counts. Who leaves after the end was there to the end.
    """
    assessed = facts[Risk].filter(pl.col("assessed_on") <= on).select("project", assessed=pl.lit(True))
    people = facts[Person].select(in_charge="key", left_on="left_on")
    rows = (
        integrations(facts, on, limits)
        .join(assessed.unique(), on="project", how="left")
        .join(people, on="in_charge", how="left")
    )
    told = {"project": pl.col("key")}
    gone = pl.col("left_on") + pl.duration(days=1)
    return pl.concat(
        [
            answers(
                rows,
                Project,
                falls_short(
                    pl.col("assessed").is_null(), "no_risk", since=pl.col("since_on"), who=IN_CHARGE, **told
                ),
            ),
            answers(
                rows,
                Project,
                falls_short(
                    pl.col("in_charge").is_null(), "nobody", since=pl.col("since_on"), who=LEAD, **told
                ),
                falls_short(
                    pl.col("left_on") < pl.col("asked_on"),
                    "left",
                    since=gone,
                    who=LEAD,
                    person=pl.col("in_charge"),
                    **told,
                ),
            ),
        ]
    )


clause(
    "23-2",
    Duty.MUST,
    "統合の開発内容に適合したテスト体制・計画を整備する",
    "Test structure and plan that fit the integration",
)


@check(
    "23-2",
    asks="システム統合の承認済みテスト計画は、対象のシステムと接続をすべて含んでいますか。",
    reads=(Project, TestPlan, Interface, Approval, Appointment, Person),
    limits=("integration_window",),
    reasons={
        "no_plan": (
            "統合案件 {project} はテスト段階以降にありますが、テスト計画がありません。"
            "計画を作成し、承認を受けてください。",
            "The integration {project} is in test or past it, and has no test plan. Make one and have it approved.",
        ),
        "not_approved": (
            "統合案件 {project} のテスト計画が承認されていません。承認を受けてください。",
            "No test plan of the integration {project} is approved. Have it approved.",
        ),
        "system_left_out": (
            "統合案件 {project} のテスト計画に、対象システム {system} が含まれていません"
            "（含まれないシステム {count} 件）。",
            "The test plans of the integration {project} leave out {system} ({count} systems in all).",
        ),
        "interface_left_out": (
            "統合案件 {project} のテスト計画に、接続 {interface} が含まれていません（含まれない接続 {count} 件）。",
            "The test plans of the integration {project} leave out the interface {interface} ({count} in all).",
        ),
        "no_systems": (
            "統合案件 {project} の対象システムが登録されておらず、テスト計画が対象を網羅するか判定できません。",
            "The integration {project} names no systems, so nothing says what its tests must cover.",
        ),
        "no_interfaces": (
            "統合案件 {project} の接続仕様が登録されておらず、テスト計画が対象を網羅するか判定できません。",
            "No interface of the integration {project} is on record, so nothing says what its tests must cover.",
        ),
    },
)
def every_integration_s_test_plan_covers_it(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Do the approved test plans of every integration cover all its systems and interfaces?

    A plan is asked for from the stage of test on; one that is approved earlier is asked at once whether it covers all.
    Several plans cover together. Where no systems or no interfaces are on record nothing tells what there is to cover.
    """
    projects = integrations(facts, on, limits)
    approved = approvals(facts, TestPlan, APPROVE_PLANS, on).select(
        "key", "approved_on", approved=pl.lit(True)
    )
    plans = facts[TestPlan].filter(pl.col("project").is_not_null()).join(approved, on="key", how="left")
    good = plans.filter(pl.col("approved"))
    has = plans.group_by("project").agg(pl.col("approved").any(), pl.col("approved_on").min())
    interfaces = facts[Interface].select("project", interface="key")
    named = interfaces.select("project", connected=pl.lit(True)).unique()
    rows = (
        projects.join(has, on="project", how="left")
        .join(named, on="project", how="left")
        .join(_left_out(_systems(projects), good, "systems", "system"), on="project", how="left")
        .join(_left_out(interfaces, good, "interfaces", "interface"), on="project", how="left")
    )
    tested = pl.col("stage").is_in(IN_TEST)
    told = {"who": IN_CHARGE, "project": pl.col("key")}
    planless = told | {"since": pl.col("since_on")}
    left_out = told | {"since": pl.col("approved_on")}
    return answers(
        rows,
        Project,
        falls_short(tested & pl.col("approved").is_null(), "no_plan", **planless),
        falls_short(tested & ~pl.col("approved"), "not_approved", **planless),
        falls_short(
            pl.col("approved") & pl.col("system").is_not_null(),
            "system_left_out",
            system=pl.col("system"),
            count=pl.col("system_count"),
            **left_out,
        ),
        falls_short(
            pl.col("approved") & pl.col("interface").is_not_null(),
            "interface_left_out",
            interface=pl.col("interface"),
            count=pl.col("interface_count"),
            **left_out,
        ),
        no_evidence(tested & (pl.col("systems").list.len().fill_null(0) == 0), "no_systems", **told),
        no_evidence(tested & pl.col("connected").is_null(), "no_interfaces", **told),
    )


def _systems(projects: pl.LazyFrame) -> pl.LazyFrame:
    return projects.select("project", system="systems").explode("system").drop_nulls()


def _left_out(wanted: pl.LazyFrame, plans: pl.LazyFrame, column: str, name: str) -> pl.LazyFrame:
    """Per project the first part that no plan covers, and how many: project, `name`, `name`_count."""
    covered = plans.select("project", pl.col(column).alias(name)).explode(name).drop_nulls()
    missing = wanted.join(covered, on=["project", name], how="anti")
    return missing.group_by("project").agg(pl.col(name).min(), pl.len().alias(f"{name}_count"))


clause(
    "23-3",
    Duty.MUST,
    "外部委託時も主体的に関与する",
    "Stay in charge even where it is outsourced",
)


@check(
    "23-3",
    asks="外部委託した統合には自社の要員が就き、段階の判断を自社の者がしていますか。",
    reads=(Project, Person, StageGate, Approval, Appointment),
    limits=("integration_window",),
    reasons={
        "no_own_staff": (
            "外部委託した統合案件 {project} に、在籍する自社の要員がいません。要員を配置し、登録してください。",
            "The outsourced integration {project} has none of the member's own people on it. Assign some.",
        ),
        "no_own_decision": (
            "統合案件 {project} の段階「{stage}」の通過を、自社の役職者が承認した記録がありません。",
            "That the integration {project} passed the stage '{stage}' was approved by nobody of the member's own.",
        ),
        "no_gates": (
            "統合案件 {project} の段階の通過が記録されておらず、自社の者が判断したか判定できません。",
            "No stage that the integration {project} passed is on record, so nothing says who decided.",
        ),
    },
)
def the_member_stays_in_charge_of_outsourced_integrations(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every outsourced integration own staff who work here, and were its passed stages approved by own people?

    External people are not the member's own. Stages that were passed by the day count; past the first stage some must
    be on record.
    """
    projects = integrations(facts, on, limits).filter(pl.col("vendor").is_not_null())
    staff = (
        projects.select("project", "asked_on", person="own_staff")
        .explode("person")
        .join(_own(facts), on="person")
        .filter(stands(pl.col("asked_on"), "joined_on", "left_on"))
    )
    decided = approvals(facts, StageGate, GATE_APPROVERS, on).join(
        _own(facts), left_on="decided_by", right_on="person", how="semi"
    )
    passed = facts[StageGate].filter(pl.col("passed_on") <= on)
    alone = (
        passed.join(decided, on="key", how="anti")
        .sort("passed_on", "key")
        .group_by("project")
        .agg(gate_on=pl.col("passed_on").first(), gate=pl.col("stage").first())
    )
    rows = (
        projects.join(staff.select("project", staffed=pl.lit(True)).unique(), on="project", how="left")
        .join(alone, on="project", how="left")
        .join(passed.select("project", passed=pl.lit(True)).unique(), on="project", how="left")
    )
    told = {"who": IN_CHARGE, "project": pl.col("key")}
    return pl.concat(
        [
            answers(
                rows,
                Project,
                falls_short(pl.col("staffed").is_null(), "no_own_staff", since=pl.col("since_on"), **told),
            ),
            answers(
                rows,
                Project,
                falls_short(
                    pl.col("gate").is_not_null(),
                    "no_own_decision",
                    since=pl.col("gate_on"),
                    stage=pl.col("gate"),
                    **told,
                ),
                no_evidence((pl.col("stage") != "start") & pl.col("passed").is_null(), "no_gates", **told),
            ),
        ]
    )


clause(
    "23-4",
    Duty.SHOULD,
    "重要判断に第三者評価を活用する",
    "Use third-party evaluation for important decisions",
)


@check(
    "23-4",
    asks="システム統合の重要な判断は、事前の第三者評価に基づいていますか。",
    reads=(Project, Resolution, ThirdPartyEvaluation),
    limits=("integration_window",),
    reasons={
        "no_evaluation": (
            "統合案件 {project} の重要な決議 {resolution}（{since}）は、第三者評価に基づいていません。"
            "評価を受け、次の重要な判断には事前に用いてください。",
            "The important decision {resolution} on the integration {project} ({since}) rests on no "
            "evaluation. Have one made, and use one before the next.",
        ),
        "evaluated_afterwards": (
            "統合案件 {project} の重要な決議 {resolution}（{since}）の第三者評価は、"
            "決議の後（{evaluated}）です。",
            "The third-party evaluation of the important decision {resolution} on the integration {project} ({since}) "
            "was made after it, on {evaluated}.",
        ),
        "no_decision_recorded": (
            "統合案件 {project} は切替日を過ぎていますが、重要な判断の記録がありません。決議を登録してください。",
            "The cut-over of the integration {project} is past, and no important decision is on record. "
            "Record the resolutions.",
        ),
    },
)
def important_decisions_rest_on_outside_opinions(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does every important decision of an integration rest on a third-party evaluation made before it?

    A decision: a resolution marked important whose subject is the project. Where the cut-over is past without one there
    is no evidence.
    """
    projects = integrations(facts, on, limits)
    decisions = (
        facts[Resolution]
        .filter(pl.col("important"), pl.col("decided_on") <= on)
        .select("key", "decided_on", project=key_in("subject", "project"))
        .join(projects.select("project", "in_charge"), on="project")
    )
    opinions = (
        facts[ThirdPartyEvaluation]
        .filter(pl.col("done_on") <= on)
        .group_by(key=key_in("of", "resolution"))
        .agg(evaluated=pl.col("done_on").min())
    )
    rows = decisions.join(opinions, on="key", how="left")
    told = {
        "since": pl.col("decided_on"),
        "who": IN_CHARGE,
        "project": pl.col("project"),
        "resolution": pl.col("key"),
    }
    silent = projects.join(decisions.select("project"), on="project", how="anti")
    return pl.concat(
        [
            answers(
                rows,
                Resolution,
                falls_short(pl.col("evaluated").is_null(), "no_evaluation", **told),
                falls_short(
                    pl.col("evaluated") > pl.col("decided_on"),
                    "evaluated_afterwards",
                    evaluated=pl.col("evaluated"),
                    **told,
                ),
            ),
            answers(
                silent.filter(pl.col("cut_over_on") <= on),
                Project,
                no_evidence(pl.lit(True), "no_decision_recorded", who=IN_CHARGE, project=pl.col("key")),
            ),
        ]
    )


clause(
    "23-5",
    Duty.MUST,
    "不測の事態に備えた計画を整備する",
    "Contingency plan for the unforeseen",
)


@check(
    "23-5",
    asks="システム統合に有効な不測の事態の計画があり、切替前に切戻しを訓練しましたか。",
    reads=(Project, Document, TestPlan, TestResult),
    limits=("integration_window",),
    reasons={
        "no_plan": (
            "統合案件 {project} に、有効な不測の事態の計画がありません。計画を施行し、案件に登録してください。",
            "The integration {project} has no contingency plan in force. Put one in force and name it in the project.",
        ),
        "not_rehearsed": (
            "統合案件 {project} は、切戻しの訓練（合格）がないまま {since} に切り替えられました。",
            "The integration {project} was cut over on {since} without a fall-back rehearsal that passed.",
        ),
    },
)
def every_integration_has_a_way_back(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every integration a contingency plan in force, and was its fall-back rehearsed before the cut-over?

    The plan is asked for from the first day to the end; the rehearsal, a fall-back test that met its criteria under a plan of the
    project, from the day of the cut-over, and it counts up to that day.
    """
    projects = integrations(facts, on, limits)
    plans = facts[Document].filter(pl.col("kind") == "contingency_plan")
    plans = plans.select("in_force_on", "until_on", contingency_plan="key")
    rehearsed = (
        facts[TestResult]
        .filter(pl.col("kind") == "fall_back", pl.col("criteria_met"), pl.col("done_on") <= on)
        .join(facts[TestPlan].select("project", plan="key"), on="plan")
        .group_by("project")
        .agg(rehearsed=pl.col("done_on").min())
    )
    rows = projects.join(plans, on="contingency_plan", how="left").join(rehearsed, on="project", how="left")
    planned = stands(pl.col("asked_on"), "in_force_on", "until_on").fill_null(False)
    ended = pl.when(pl.col("until_on") < pl.col("asked_on")).then(day_after("until_on"))
    since = pl.max_horizontal("since_on", ended)
    in_time = (pl.col("rehearsed") <= pl.col("cut_over_on")).fill_null(False)
    told = {"who": IN_CHARGE, "project": pl.col("key")}
    return pl.concat(
        [
            answers(
                rows,
                Project,
                falls_short(~planned, "no_plan", since=since, **told),
            ),
            answers(
                rows,
                Project,
                falls_short(
                    (pl.col("cut_over_on") <= on) & ~in_time,
                    "not_rehearsed",
                    since=pl.col("cut_over_on"),
                    **told,
                ),
            ),
        ]
    )
