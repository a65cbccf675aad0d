"""Article 3: risks are kept at an accepted level, those that others run included, in proportion to the member."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Appointment,
    Approval,
    MemberProfile,
    Person,
    Risk,
    System,
    Tolerance,
    Treatment,
)
from sekisho.rulebook.language import (
    active,
    answers,
    approvals,
    blank,
    check,
    clause,
    day_after,
    falls_short,
    kept_up,
    member_answers,
    no_evidence,
    overdue,
    person,
    role,
    summed_up,
)
from sekisho.rulebook.limits import Limits, all_limits

clause(
    "3-1",
    Duty.MUST,
    "利用者と会員の損失を防ぐようシステムリスクを管理する",
    "Manage system risk so that neither users nor the member lose",
)


@check(
    "3-1",
    asks="許容水準を超えるリスクに、責任者と期限のある対応があり、期限を過ぎていませんか。",
    reads=(Risk, Treatment, System),
    reasons={
        "no_treatment": (
            "{risk} の残存リスク（{residual}）が許容水準（{accepted}）を超えていますが、"
            "責任者と期限のある対応がありません。対応を登録してください。",
            "{risk} is above its accepted level ({residual} over {accepted}) and has no treatment with an owner and a "
            "due date. Register one.",
        ),
        "treatment_overdue": (
            "{risk} への対応 {treatment} が期限（{due}）を過ぎています。完了日を記録するか、期限を見直してください。",
            "The treatment {treatment} of {risk} was due on {due}. Record the day it was done, or agree on a new date.",
        ),
        "no_levels": (
            "{risk} に残存リスクか許容水準の記録がなく、判定できません。両方を記録してください。",
            "{risk} lacks its residual or its accepted level, so nothing can be said. Record both.",
        ),
        "not_assessed": (
            "{risk} の評価日の記録がなく、判定できません。評価して評価日を記録してください。",
            "{risk} has no day of assessment, so nothing can be said. Assess it and record the day.",
        ),
    },
)
def every_risk_above_its_accepted_level_is_treated(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every risk above its accepted level a treatment with an owner and a due date, and is none overdue?

    Risks first assessed after the day, and those of systems no longer in use, are not asked of. A treatment that is
    done leaves the risk where its newest assessment puts it: it takes a new assessment to bring the level down.
    """
    retired = facts[System].filter(pl.col("in_use_until_on") < on).select("key")
    risks = (
        facts[Risk]
        .filter(pl.col("assessed_on").is_null() | (pl.col("assessed_on") <= on))
        .join(retired, left_on="system", right_on="key", how="anti")
        .join(_treatments(facts, on), left_on="key", right_on="risk", how="left")
    )
    above = pl.col("residual_level") > pl.col("accepted_level")
    owner = pl.coalesce(person("owner"), role("risk_manager"))
    risk = pl.col("key")
    return answers(
        risks, Risk,
        falls_short(
            above & ~pl.col("planned").fill_null(False), "no_treatment", since=pl.col("assessed_on"), who=owner,
            risk=risk, residual=pl.col("residual_level"), accepted=pl.col("accepted_level"),
        ),
        falls_short(
            above & pl.col("late").is_not_null(), "treatment_overdue",
            since=day_after("late_due"), due=pl.col("late_due"),
            who=pl.coalesce(person("late_owner"), owner), risk=risk, treatment=pl.col("late"),
        ),
        no_evidence(above.is_null(), "no_levels", who=owner, risk=risk),
        no_evidence(pl.col("assessed_on").is_null(), "not_assessed", who=owner, risk=risk),
    )  # fmt: skip


def _treatments(facts: Facts, on: date) -> pl.LazyFrame:
    """One row a risk: planned (one has owner and due date), and the overdue one that was due first (late, late_...)."""
    late = overdue(on)
    return facts[Treatment].sort("due_on", "key").group_by("risk").agg(
        planned=(pl.col("owner").is_not_null() & pl.col("due_on").is_not_null()).any(),
        late=pl.col("key").filter(late).first(),
        late_due=pl.col("due_on").filter(late).first(),
        late_owner=pl.col("owner").filter(late).first(),
    )  # fmt: skip


clause(
    "3-2",
    Duty.MUST,
    "外部事業者が管理・運用するシステムのリスクも対象に含める",
    "Include systems that outside firms manage or operate",
)


@check(
    "3-2",
    asks="外部事業者が運用する対象システムのリスク評価は、間隔内に行われていますか。",
    reads=(System, Risk),
    limits=("vendor_risk_age",),
    reasons={
        "never_assessed": (
            "外部事業者が運用する {system} のリスク評価がありません。リスクを評価して登録してください。",
            "{system}, run by a vendor, has no risk assessment. Assess its risks and record them.",
        ),
        "old_assessment": (
            "外部事業者が運用する {system} のリスク評価が {last} から行われていません。評価し直してください。",
            "The risks of {system}, run by a vendor, were last assessed on {last}. Assess them again.",
        ),
    },
)
def every_system_run_by_a_vendor_is_assessed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope that a vendor runs a risk assessment that is recent enough?

    The newest assessment of any of its risks counts. A service that a vendor runs is asked of as the system that
    carries it: on a risk alone nothing says who runs its service.
    """
    systems = active(facts[System], on, "in_use_since_on", "in_use_until_on").filter(
        pl.col("in_scope"), pl.col("operated_by") == "vendor"
    )
    return kept_up(
        systems, System, facts[Risk], by="system", at="assessed_on", limits=limits, limit="vendor_risk_age",
        never="never_assessed", old="old_assessment", since="in_use_since_on",
        who=pl.coalesce(role("system_manager", pl.col("unit")), role("chief_system_officer")),
    )  # fmt: skip


clause(
    "3-3",
    Duty.MUST,
    "規模と特性に見合う実効性のある体制とする",
    "A structure that works, in proportion to size and nature",
)
APPROVERS = frozenset({"chief_system_officer", "representative_director"})


@check(
    "3-3",
    asks="会員概況は新しく、緩めた限度にはすべて承認された理由がありますか。",
    reads=(MemberProfile, Tolerance, Approval, Appointment, Person),
    limits=("profile_age",),
    reasons={
        "no_profile": (
            "会員概況（利用者数、預り資産、提供サービス）がありません。登録してください。",
            "There is no profile of the member (users, assets in custody, services). Register one.",
        ),
        "incomplete_profile": (
            "会員概況（{last} 時点）に利用者数、預り資産、提供サービスのいずれかがありません。すべて記録してください。",
            "The member's profile as of {last} lacks users, assets in custody or services. Record all three.",
        ),
        "old_profile": (
            "会員概況が {last} から更新されていません。規模と特性を確認し、新しい概況を登録してください。",
            "The member's profile is as of {last}. Look at the member's size and nature again and register a new one.",
        ),
        "unknown_limit": (
            "許容 {tolerance} の限度「{limit}」は存在しません。限度一覧の名称に直してください。",
            "The tolerance {tolerance} names an unknown limit '{limit}'. Take a name from the list of limits.",
        ),
        "no_reason": (
            "許容 {tolerance} は「{limit}」を既定 {default} から {value} に緩めていますが、"
            "理由がありません。理由を記録するか、既定に戻してください。",
            "The tolerance {tolerance} loosens '{limit}' from {default} to {value} without a reason. "
            "Record the reason, or go back to the default.",
        ),
        "not_approved": (
            "許容 {tolerance} は「{limit}」を既定 {default} から {value} に緩めていますが、"
            "承認がありません。承認を受けるか、既定に戻してください。",
            "The tolerance {tolerance} loosens '{limit}' from {default} to {value} without an approval. "
            "Have it approved, or go back to the default.",
        ),
    },
)
def the_profile_is_recent_and_looser_limits_are_approved(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Is the member's profile recent, and has every limit that the member loosens an approved reason?

    One check for both: a member without tolerances departs from nothing, which is no lack of evidence.
    """
    return pl.concat([_profile(facts, on, limits), _tolerances(facts, on)])


def _profile(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """The member's newest profile: there, recent, and with what proportion is measured by."""
    told = pl.col("user_count").is_not_null() & pl.col("assets_in_custody").is_not_null() & ~blank("services")
    newest = summed_up(
        facts[MemberProfile].filter(pl.col("as_of_on") <= on).sort("as_of_on", "key"),
        last=pl.col("as_of_on").last(),
        complete=told.last(),
    )
    lapses = day_after(limits.last_good("profile_age", "last"))
    who = role("chief_system_officer")
    return member_answers(
        newest,
        no_evidence(pl.col("last").is_null(), "no_profile", who=who),
        falls_short(lapses <= on, "old_profile", since=lapses, who=who, last=pl.col("last")),
        no_evidence(~pl.col("complete"), "incomplete_profile", who=who, last=pl.col("last")),
    )


def _tolerances(facts: Facts, on: date) -> pl.LazyFrame:
    """Every tolerance that stands on the day: its limit is known, and where it loosens it, approved with a reason."""
    standing = active(facts[Tolerance], on, "from_on", "until_on")
    approved = approvals(facts, Tolerance, APPROVERS, on).select("key", "approved_on")
    rows = standing.join(_defaults(on), on="limit", how="left").join(approved, on="key", how="left")
    more, less = pl.col("value") > pl.col("default"), pl.col("value") < pl.col("default")
    loosens = pl.when(pl.col("tighter") == "less").then(more).otherwise(less)
    told = {"tolerance": pl.col("key"), "limit": pl.col("limit")}
    why = {"since": pl.col("from_on"), "who": role("chief_system_officer")} | told
    departs = {"default": pl.col("default"), "value": pl.col("value")}
    return answers(
        rows,
        Tolerance,
        falls_short(pl.col("default").is_null(), "unknown_limit", **why),
        falls_short(loosens & blank("reason"), "no_reason", **why, **departs),
        falls_short(loosens & pl.col("approved_on").is_null(), "not_approved", **why, **departs),
    )


def _defaults(on: date) -> pl.LazyFrame:
    """The default of every limit on the day. Columns: limit, default, tighter."""
    return pl.LazyFrame(
        [(limit.name, limit.on(on).value, limit.tighter) for limit in all_limits().values()],
        schema={"limit": pl.String, "default": pl.Int64, "tighter": pl.String},
        orient="row",
    )


clause(
    "G3",
    Duty.MAY,
    "リスクを適切にコントロールすることが信頼の前提",
    "Risk under control is the ground of trust",
    read_with="3-1",
)
