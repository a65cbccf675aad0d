"""Article 4: system risk as a grave matter of management: structure, policy, resources, reviews, publicity, readiness.

What falls to the member's management is put to the representative director, who is named by the article itself.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Acknowledgement,
    Action,
    Appointment,
    Approval,
    Assessment,
    Budget,
    Document,
    Goal,
    Incident,
    Instruction,
    MemberProfile,
    Person,
    Review,
    System,
    Treatment,
)
from sekisho.records.roles import BOARD
from sekisho.rulebook.language import (
    MEMBER,
    NOT_ASKED,
    active,
    answers,
    blank,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    fiscal_year,
    holders,
    kept_up,
    member_answers,
    one_in_force,
    overdue,
    person,
    reference,
    role,
    stands,
    summed_up,
)
from sekisho.rulebook.limits import Limits

DIRECTOR = role("representative_director")
CHIEF = role("chief_system_officer")


def _ended(on: date) -> pl.Expr:
    """The first day after the last of the rows that have ended; null where none has."""
    return day_after(pl.col("until_on").filter(pl.col("until_on") < on).max())


clause(
    "4-1",
    Duty.MUST,
    "代表取締役が経営上の重大な課題として体制を整備する",
    "The representative director treats it as a grave management matter and sets up the structure",
)


@check(
    "4-1",
    asks="代表取締役が現に在任していますか。",
    reads=(Person, Appointment),
    reasons={
        "no_director": (
            "在任中の代表取締役が登録されていません。任命を登録してください。",
            "No representative director is in office on record. Register the appointment.",
        ),
    },
)
def a_representative_director_is_in_office(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has the member a representative director today?"""
    directors = holders(facts, "representative_director")
    return member_answers(
        summed_up(directors, held=stands(on).any(), ended=_ended(on)),
        falls_short(~pl.col("held"), "no_director", since=pl.col("ended"), who=role("board_member")),
    )


@check(
    "4-1",
    asks="その日の代表取締役が承認した管理体制が施行されていますか。",
    reads=(Person, Document, Approval, Appointment),
    reasons={
        "no_structure": (
            "有効な管理体制（役割と部署）の文書がありません。体制を定め、代表取締役の承認を受けてください。",
            "No document of the structure (roles and units) is in force. Set one out for the representative "
            "director's approval.",
        ),
        "structure_not_approved": (
            "管理体制 {document} に代表取締役の承認がありません。承認を受けてください。",
            "The structure {document} carries no approval by a representative director. Have it approved.",
        ),
    },
)
def the_structure_is_approved(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is a structure in force that the representative director of its day approved?

    A successor need not approve it again: who held the office on the day of the approval counts.
    """
    return member_answers(
        one_in_force(facts, "organisation_structure", on, frozenset({"representative_director"})),
        falls_short(pl.col("document").is_null(), "no_structure", since=pl.col("ended"), who=DIRECTOR),
        falls_short(
            pl.col("approved_on").is_null(), "structure_not_approved",
            since=pl.col("in_force_on"), who=DIRECTOR, document=pl.col("document"),
        ),
    )  # fmt: skip


clause(
    "4-2",
    Duty.MUST,
    "中長期計画と整合した基本方針・達成目標・投下資源を定め、役職員に認識させる",
    "A company-wide basic policy in line with the mid- and long-term plan, with goals and resources, "
    "made known to all staff",
)


@check(
    "4-2",
    asks="取締役会が承認し、中長期計画と結び付いた基本方針が施行されていますか。",
    reads=(Person, Document, Approval, Appointment),
    reasons={
        "no_policy": (
            "有効な基本方針がありません。取締役会の承認を受けて施行してください。",
            "No basic policy is in force. Have the board approve one and bring it into force.",
        ),
        "policy_not_approved": (
            "基本方針 {policy} に取締役の承認がありません。取締役会の承認を受けてください。",
            "The basic policy {policy} carries no approval by the board. Have it approved.",
        ),
        "no_plan": (
            "基本方針 {policy} に関連する中長期計画が指定されていません。計画を指定し、整合を確認してください。",
            "The basic policy {policy} names no mid- and long-term plan. Name it and confirm that both agree.",
        ),
    },
)
def a_policy_of_the_board_is_in_force(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is a basic policy in force that the board approved and that names its mid- and long-term plan?"""
    plans = facts[Document].filter(pl.col("kind") == "mid_term_plan").select(linked_plan="key", plan="key")
    policy = pl.col("document")
    return member_answers(
        one_in_force(facts, "basic_policy", on, BOARD).join(plans, on="linked_plan", how="left"),
        falls_short(policy.is_null(), "no_policy", since=pl.col("ended"), who=DIRECTOR),
        falls_short(
            pl.col("approved_on").is_null(), "policy_not_approved",
            since=pl.col("in_force_on"), who=DIRECTOR, policy=policy,
        ),
        falls_short(pl.col("plan").is_null(), "no_plan", since=pl.col("in_force_on"), who=DIRECTOR, policy=policy),
    )  # fmt: skip


@check(
    "4-2",
    asks="その年度の達成目標と経営資源が定められていますか。",
    reads=(Document, Goal, Budget, MemberProfile),
    reasons={
        "no_goals": (
            "{year} 年度の達成目標がありません。目標を定めて登録してください。",
            "Fiscal year {year} has no goals. Set them and register them.",
        ),
        "no_budget": (
            "{year} 年度の経営資源（予算）がありません。投下する資源を決めて登録してください。",
            "Fiscal year {year} has no budget. Decide on the resources and register them.",
        ),
    },
)
def the_fiscal_year_has_goals_and_a_budget(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has the fiscal year of the day goals and a budget?"""
    this_year = fiscal_year(facts[MemberProfile], on)
    parts = []
    for reason, rows in (("no_goals", facts[Goal]), ("no_budget", facts[Budget])):
        decided = rows.group_by("fiscal_year").agg(many=pl.len())
        parts.append(
            member_answers(
                this_year.join(decided, left_on="year", right_on="fiscal_year", how="left"),
                falls_short(
                    pl.col("many").is_null(), reason,
                    since=pl.col("year_from_on"), who=DIRECTOR, year=pl.col("year"),
                ),
            )
        )  # fmt: skip
    return pl.concat(parts)


@check(
    "4-2",
    asks="役職員の全員が、施行中の基本方針を期限内に確認しましたか。",
    reads=(Person, Document, Acknowledgement, Approval, Appointment),
    limits=("acknowledgement_time",),
    reasons={
        "not_acknowledged": (
            "{person} が基本方針 {policy} を確認していません（期限 {due}）。内容を読み、確認を記録してください。",
            "{person} has not acknowledged the basic policy {policy} (due {due}). Read it and acknowledge it.",
        ),
    },
)
def officers_and_employees_acknowledged_the_policy(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every officer and employee acknowledged the policy in force, within the limit?

    The days run from the later of coming into force and joining. People of vendors are not asked. A late word is a
    word: it is met once given.
    """
    staff = facts[Person].filter(pl.col("employment").is_in(["officer", "employee"]))
    policy = one_in_force(facts, "basic_policy", on, BOARD).filter(pl.col("document").is_not_null())
    given = facts[Acknowledgement].filter(day_of("at") <= on).select("document", key="person").unique()
    asked = (
        active(staff, on, "joined_on", "left_on")
        .join(policy.select("document", "in_force_on"), how="cross")
        .join(given.with_columns(given=pl.lit(True)), on=["document", "key"], how="left")
        .with_columns(
            due=limits.last_good("acknowledgement_time", pl.max_horizontal("in_force_on", "joined_on"))
        )
    )
    return answers(
        asked, Person,
        falls_short(
            pl.col("given").is_null() & (pl.col("due") < on), "not_acknowledged",
            since=day_after("due"), due=pl.col("due"), who=person("key"),
            person=pl.col("key"), policy=pl.col("document"),
        ),
    )  # fmt: skip


clause(
    "4-3",
    Duty.MUST,
    "定期的にレビューし、体制を改善し、基本方針を見直す",
    "Review regularly, improve the structure, revisit the policy",
)


@check(
    "4-3",
    asks="直近のレビューは間隔内に行われましたか。",
    reads=(Review, Document),
    limits=("review_age",),
    reasons={
        "never_reviewed": (
            "システムリスクとその管理状況のレビューが一度も行われていません。実施して記録してください。",
            "System risk and its management were never reviewed. Hold a review and record it.",
        ),
        "no_review_yet": (
            "レビューの記録がまだありません。実施して記録してください。",
            "No review is on record yet. Hold one and record it.",
        ),
        "old_review": (
            "レビューが {last} から行われていません。実施して記録してください。",
            "The last review was on {last}. Hold the next one and record it.",
        ),
    },
)
def a_review_was_held_within_the_interval(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was the last review held recently enough?

    The first one is due when the interval has run from the day on which a basic policy first came into force; until
    then a member without any shows no evidence.
    """
    policies = facts[Document].filter(pl.col("kind") == "basic_policy")
    return kept_up(
        summed_up(policies, first=pl.col("in_force_on").min()), MEMBER, _of_management(facts), at="held_on",
        limits=limits, limit="review_age", since="first",
        never="never_reviewed", not_yet="no_review_yet", old="old_review", who=DIRECTOR,
    )  # fmt: skip


@check(
    "4-3",
    asks="レビューは基本方針の見直しを決定し、命じた改善は期限内に終わっていますか。",
    reads=(Review, Action),
    reasons={
        "no_policy_decision": (
            "レビュー {review} で基本方針を見直すかどうかが決められていません。変更の有無を記録してください。",
            "The review {review} decided nothing about the policy. Record whether it changes or not.",
        ),
        "improvement_overdue": (
            "レビューで決めた改善 {action} が期限（{due}）を過ぎています。完了日を記録するか、期限を見直してください。",
            "The improvement {action} that a review ordered was due on {due}. Record the day it was done, or agree on "
            "a new date.",
        ),
    },
)
def reviews_decide_and_their_improvements_are_done(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did every review decide on the policy, and is every improvement it ordered done in time?

    One check for both: a review that orders no improvement is no lack of evidence.
    """
    ordered = facts[Action].filter(pl.col("arises_from").str.starts_with("review:"))
    decided = answers(
        _of_management(facts).filter(pl.col("held_on") <= on), Review,
        falls_short(
            pl.col("policy_decision").is_null(), "no_policy_decision",
            since=pl.col("held_on"), who=DIRECTOR, review=pl.col("key"),
        ),
    )  # fmt: skip
    improved = answers(
        ordered, Action,
        falls_short(
            overdue(on), "improvement_overdue", since=day_after("due_on"), due=pl.col("due_on"),
            who=pl.coalesce(person("owner"), CHIEF), action=pl.col("key"),
        ),
    )  # fmt: skip
    return pl.concat([decided, improved])


def _of_management(facts: Facts) -> pl.LazyFrame:
    """The reviews of system risk and its management, and those without a kind; reviews of operation are for 12-1."""
    return facts[Review].filter(pl.col("kind").fill_null("management") == "management")


clause(
    "4-4",
    Duty.MUST,
    "基本方針の概要を公衆の縦覧に供する",
    "Keep an outline of the policy open to the public",
)


@check(
    "4-4",
    asks="施行中の基本方針の概要が公衆の縦覧に供されていますか。",
    reads=(Person, Document, Approval, Appointment),
    reasons={
        "nothing_in_force": (
            "有効な基本方針がないため、公開ページに概要がありません。基本方針を施行してください。",
            "No basic policy is in force, so the public page shows no outline. Bring one into force.",
        ),
        "no_outline": (
            "有効な基本方針 {policy} に公表用の概要がありません。概要を記入してください。",
            "The basic policy in force {policy} has no outline for the public. Write it.",
        ),
    },
)
def the_policy_in_force_has_an_outline_for_the_public(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has the basic policy in force an outline that the public can read?

    The public page shows the outline of the version in force and no other, so an outline on that version is one
    that the public reads; a version that has ended shows nothing.
    """
    return member_answers(
        one_in_force(facts, "basic_policy", on, BOARD),
        falls_short(pl.col("document").is_null(), "nothing_in_force", since=pl.col("ended"), who=DIRECTOR),
        falls_short(
            blank("outline"), "no_outline", since=pl.col("in_force_on"), who=CHIEF, policy=pl.col("document")
        ),
    )


clause(
    "4-5",
    Duty.MUST,
    "障害・サイバー事案の未然防止、迅速な復旧、再発防止の体制を整える",
    "Arrangements to prevent, quickly recover from and not repeat failures and cyber incidents",
)
PROCEDURES = ("prevention_procedure", "recovery_procedure", "recurrence_procedure")


@check(
    "4-5",
    asks="未然防止・復旧・再発防止の手順が施行され、終結したインシデントに根本原因と再発防止策がありますか。",
    reads=(System, Document, Incident, Action),
    reasons={
        "no_prevention_procedure": (
            "有効な未然防止の手順がありません。手順を定めて施行してください。",
            "No prevention procedure is in force. Set one out and bring it into force.",
        ),
        "no_recovery_procedure": (
            "有効な復旧の手順がありません。手順を定めて施行してください。",
            "No recovery procedure is in force. Set one out and bring it into force.",
        ),
        "no_recurrence_procedure": (
            "有効な再発防止の手順がありません。手順を定めて施行してください。",
            "No recurrence-prevention procedure is in force. Set one out and bring it into force.",
        ),
        "no_root_cause": (
            "終結した {incident} に根本原因の記録がありません。分析して記録してください。",
            "{incident} was closed without a root cause. Analyse it and record the cause.",
        ),
        "no_recurrence_prevention": (
            "終結した {incident} に再発防止の措置がありません。措置（種類：再発防止）を登録してください。",
            "{incident} was closed without a recurrence-prevention action. Register one that arises from it.",
        ),
    },
)
def procedures_stand_and_incidents_are_learnt_from(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are the three procedures in force, and has every closed incident a root cause and a measure against the next?

    One check for both: a member without closed incidents has none to learn from, which is no lack of evidence.
    """
    lacking = [
        falls_short(
            (pl.col("kind") == kind) & pl.col("document").is_null(),
            f"no_{kind}",
            since=pl.col("ended"),
            who=CHIEF,
        )
        for kind in PROCEDURES
    ]
    procedures = member_answers(one_in_force(facts, PROCEDURES, on, NOT_ASKED), *lacking)
    return pl.concat([procedures, _closed_incidents(facts, on)])


def _closed_incidents(facts: Facts, on: date) -> pl.LazyFrame:
    closed_on = day_of("closed_at")
    prevention = facts[Action].filter(pl.col("kind") == "recurrence_prevention")
    prevention = prevention.group_by(reference="arises_from").agg(many=pl.len())
    incidents = (
        facts[Incident]
        .filter(pl.col("state") == "closed", (closed_on <= on).fill_null(True))
        .with_columns(reference=reference("incident"))
        .join(prevention, on="reference", how="left")
    )
    who = pl.coalesce(person("commander"), role("csirt_lead"))
    told = {"since": closed_on, "who": who, "incident": pl.col("key")}
    return answers(
        incidents,
        Incident,
        falls_short(blank("root_cause"), "no_root_cause", **told),
        falls_short(pl.col("many").is_null(), "no_recurrence_prevention", **told),
    )


clause(
    "G4",
    Duty.MAY,
    "基本方針・体制とPDCAによる継続的改善、経営陣の関与",
    "Policy, structure and continual improvement by PDCA, with management taking part",
)
PHASES = ["plan", "do", "check", "act"]


@check(
    "G4",
    asks="前年度に計画・実行・評価・改善がそろい、今年度に計画がありますか。",
    reads=(MemberProfile, Document, Goal, Budget, Treatment, Action, Instruction, Review, Assessment),
    reasons={
        "no_plan": (
            "{year} 年度に計画（達成目標又は経営資源）がありません。目標か予算を登録してください。",
            "Fiscal year {year} has no plan (goals or budget). Register one.",
        ),
        "no_do": (
            "{year} 年度に実行（完了したリスク対応・措置、又は指導・研修）の記録がありません。",
            "Fiscal year {year} has nothing done on record (a treatment or an action finished, an instruction held).",
        ),
        "no_check": (
            "{year} 年度に評価（レビュー又は水準評価）の記録がありません。",
            "Fiscal year {year} has nothing checked on record (a review or an assessment).",
        ),
        "no_act": (
            "{year} 年度に改善（基本方針の見直しの決定、又はレビュー・水準評価から生じた措置）の記録がありません。",
            "Fiscal year {year} has nothing acted on (a decision on the policy, or an action that arises from a "
            "review or an assessment).",
        ),
    },
)
def every_cycle_has_its_plan_do_check_and_act(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Had the last fiscal year its plan, do, check and act, and has this one its plan?

    A cycle is a fiscal year. The last one is asked where it was whole: where the business, or the first basic
    policy, had begun by its first day, or it is not on record when they began.
    """
    this_year = fiscal_year(facts[MemberProfile], on)
    rows = _asked(facts, this_year).join(_recorded(facts, this_year), on=["year", "phase"], how="left")
    missing = pl.col("recorded").is_null()
    who = pl.when(pl.col("phase").is_in(["plan", "act"])).then(DIRECTOR).otherwise(CHIEF)
    told = {"since": pl.col("since"), "who": who, "year": pl.col("year")}
    return member_answers(
        rows, *(falls_short(missing & (pl.col("phase") == phase), f"no_{phase}", **told) for phase in PHASES)
    )


def _asked(facts: Facts, this_year: pl.LazyFrame) -> pl.LazyFrame:
    """Which phases are asked of which year, and since when one would be missing. Columns: year, since, phase."""
    policies = facts[Document].filter(pl.col("kind") == "basic_policy")
    began = [facts[MemberProfile].select(day="business_since_on"), policies.select(day="in_force_on")]
    last_year = this_year.join(summed_up(pl.concat(began), began=pl.col("day").min()), how="cross").filter(
        pl.col("began").is_null() | (pl.col("began") <= pl.col("last_from_on"))
    )
    whole = last_year.select(pl.col("year") - 1, since="year_from_on")
    return pl.concat(
        [
            this_year.select("year", since="year_from_on", phase=pl.lit("plan")),
            whole.join(pl.LazyFrame({"phase": PHASES}), how="cross"),
        ]
    )


def _recorded(facts: Facts, this_year: pl.LazyFrame) -> pl.LazyFrame:
    """The phases on record: plans of any year, the rest of the year before this one. Columns: year, phase, recorded.

    An action keeps no day on which it was ordered: it counts for the year of the review or assessment it arises from.
    """
    reviews = facts[Review].select("policy_decision", at="held_on", source=reference("review"))
    assessments = facts[Assessment].select(at="assessed_on", source=reference("assessment"))
    looked = pl.concat([reviews.select("at", "source"), assessments])
    dated = [
        ("do", facts[Treatment].select(at="done_on")),
        ("do", facts[Action].select(at="done_on")),
        ("do", facts[Instruction].select(at="held_on")),
        ("check", looked),
        ("act", reviews.filter(pl.col("policy_decision").is_not_null())),
        ("act", looked.join(facts[Action], left_on="source", right_on="arises_from", how="semi")),
    ]
    days = pl.concat([rows.select("at", phase=pl.lit(phase)) for phase, rows in dated])
    last_year = days.join(this_year, how="cross").filter(
        pl.col("at") >= pl.col("last_from_on"), pl.col("at") < pl.col("year_from_on")
    )
    plans = pl.concat(
        [facts[kind].select(year="fiscal_year", phase=pl.lit("plan")) for kind in (Goal, Budget)]
    )
    recorded = pl.concat([plans, last_year.select(pl.col("year") - 1, "phase")])
    return recorded.unique().with_columns(recorded=pl.lit(True))
