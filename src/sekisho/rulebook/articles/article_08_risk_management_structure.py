"""Article 8: the structure is assessed, revised, learns from others, and its parts keep each other in check."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Action,
    Appointment,
    Approval,
    Assessment,
    Incident,
    IndustryCase,
    MonitoringRound,
    Person,
    Risk,
    ServiceChange,
    Unit,
)
from sekisho.rulebook.language import (
    active,
    answers,
    blank,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    holders,
    kept_up,
    key_in,
    member_answers,
    no_evidence,
    person,
    reference,
    role,
    summed_up,
)
from sekisho.rulebook.limits import Limits

RISK_MANAGER = role("risk_manager")
CHIEF = role("chief_system_officer")

clause(
    "8-1",
    Duty.SHOULD,
    "情報の安全管理規則に沿って水準を客観的に評価し改善する",
    "Assess the level objectively by the information-security rule and improve",
)


@check(
    "8-1",
    asks="一年以内に、対象部署以外の者により水準が評価されましたか。",
    reads=(Assessment,),
    limits=("assessment_age",),
    reasons={
        "self_assessed": (
            "水準評価 {assessment}（{assessed_on}）は評価対象の部署 {unit} 自身によるもので、"
            "客観的な評価とはいえません。他の部署か外部の会社による評価を行ってください。",
            "The assessment {assessment} of {assessed_on} was made by the assessed unit {unit} itself and is not "
            "objective. Have another unit or an outside firm assess.",
        ),
        "unknown_assessor": (
            "水準評価 {assessment}（{assessed_on}）の評価者が記録されておらず、客観的か判定できません。"
            "評価者を記録してください。",
            "Who made the assessment {assessment} of {assessed_on} is not on record, so nothing can be said. "
            "Record who did.",
        ),
        "old_assessment": (
            "客観的な水準評価は {last} が最後です。評価を行ってください。",
            "The level was last assessed objectively on {last}. Assess it again.",
        ),
    },
)
def the_level_is_assessed_objectively(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was the level assessed in the last year, by somebody other than the assessed unit?

    The framework may be any. An assessment by a firm is objective; one by a unit is, unless its scope is that unit.
    While an objective one is recent enough, a newer one by the unit itself does no harm.
    """
    firm = ~blank("assessed_by_firm")
    own = ~firm & (pl.col("assessed_by") == pl.col("scope_unit")).fill_null(False)
    unknown = ~firm & pl.col("assessed_by").is_null()
    made = facts[Assessment].filter(pl.col("assessed_on") <= on).with_columns(own=own, unknown=unknown)
    objective = ~pl.col("own") & ~pl.col("unknown")
    newest = summed_up(
        made.sort("assessed_on", "key"),
        last=pl.col("assessed_on").filter(objective).last(),
        assessment=pl.col("key").last(),
        assessed_on=pl.col("assessed_on").last(),
        first=pl.col("assessed_on").first(),
        unit=pl.col("scope_unit").last(),
        own=pl.col("own").last(),
        unknown=pl.col("unknown").last(),
    ).filter(pl.col("assessed_on").is_not_null())
    lapses = day_after(limits.last_good("assessment_age", "last"))
    stale = (lapses <= on) | pl.col("last").is_null()
    told = {"assessment": pl.col("assessment"), "assessed_on": pl.col("assessed_on")}
    since = pl.coalesce(lapses, "first")
    return member_answers(
        newest,
        falls_short(
            stale & pl.col("own"), "self_assessed", since=since, who=RISK_MANAGER, unit=pl.col("unit"), **told
        ),
        no_evidence(stale & pl.col("unknown"), "unknown_assessor", who=RISK_MANAGER, **told),
        falls_short(stale, "old_assessment", since=since, who=RISK_MANAGER, last=pl.col("last")),
    )


clause(
    "8-2",
    Duty.SHOULD,
    "障害の分析や技術進展に応じ不断に見直す",
    "Keep revising in the light of failures, risk results and technology",
)


@check(
    "8-2",
    asks="終結したインシデントとリスク評価のすべてが、期限内に理由のある決定につながりましたか。",
    reads=(Incident, Risk),
    limits=("decision_time",),
    reasons={
        "no_decision_on_incident": (
            "{ready_on} に終結した {incident} を受けた見直しの決定が {due} までに行われていません。"
            "変更の有無を理由とともに決定してください。",
            "{incident} was closed on {ready_on} and no decision followed by {due}. "
            "Decide on a change or no change, with the reason.",
        ),
        "no_decision_on_risk": (
            "{ready_on} に評価した {risk} を受けた見直しの決定が {due} までに行われていません。"
            "変更の有無を理由とともに決定してください。",
            "{risk} was assessed on {ready_on} and no decision followed by {due}. "
            "Decide on a change or no change, with the reason.",
        ),
        "no_reason_on_incident": (
            "{incident} を受けた見直しの決定に理由がありません。理由を記録してください。",
            "The decision in the light of {incident} has no reason. Record it.",
        ),
        "no_reason_on_risk": (
            "{risk} を受けた見直しの決定に理由がありません。理由を記録してください。",
            "The decision in the light of {risk} has no reason. Record it.",
        ),
    },
)
def every_incident_and_risk_result_leads_to_a_decision(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Did every closed incident and every risk assessment lead to a decision with a reason in time?

    One check for both: a member without incidents still revises in the light of its risks, and the other way round.
    An incident counts from its closing, which is when its analysis is complete. A decision older than the newest
    assessment of its risk is none; one without a day counts; one that came late mends the finding.
    """
    closed = facts[Incident].filter(pl.col("state") == "closed").with_columns(
        ready_on=day_of("closed_at"), who=CHIEF, dated=pl.lit(True)
    )  # fmt: skip
    assessed = facts[Risk].with_columns(
        ready_on=pl.col("assessed_on"),
        who=pl.coalesce(person("owner"), RISK_MANAGER),
        dated=(pl.col("decided_on") >= pl.col("assessed_on")).fill_null(True),
    )
    return pl.concat(
        [_decided(closed, Incident, on, limits), _decided(assessed, Risk, on, limits)],
    )


def _decided(rows: pl.LazyFrame, kind: type[Incident | Risk], on: date, limits: Limits) -> pl.LazyFrame:
    """Of each result (ready_on, who, dated: its decision is not older than it): a decision with a reason, in time."""
    name = kind.about.name
    due = limits.last_good("decision_time", "ready_on")
    decided = (
        pl.col("decision").is_not_null() & pl.col("dated") & (pl.col("decided_on") <= on).fill_null(True)
    )
    told = {"since": day_after(due), "due": due, "who": pl.col("who"), name: pl.col("key")}
    return answers(
        rows.filter(pl.col("ready_on") <= on), kind,
        falls_short(~decided & (due < on), f"no_decision_on_{name}", **told, ready_on=pl.col("ready_on")),
        falls_short(decided & blank("decision_reason") & (due < on), f"no_reason_on_{name}", **told),
    )  # fmt: skip


clause(
    "8-3",
    Duty.MUST,
    "新サービス導入・変更時にユーザー部門とリスク管理部門が連携する",
    "The user department and the risk department work together on new and changed services",
)
DEPARTMENTS = {
    "user": ("ユーザー部門", "the user department"),
    "risk": ("リスク管理部門", "the risk department"),
}


def _reasons_of(name: str) -> dict[str, tuple[str, str]]:
    """The reasons that name one of the two departments."""
    ja, en = DEPARTMENTS[name]
    return {
        f"no_review_by_{name}": (
            f"{{service_change}} は{ja}の確認がないまま {{launched_on}} に開始されました。"
            "確認を行い、次からは開始前に行ってください。",
            f"{{service_change}} was launched on {{launched_on}} without a review by {en}. "
            "Review it now, and before the launch the next time.",
        ),
        f"late_review_by_{name}": (
            f"{{service_change}} の{ja}の確認（{{reviewed_on}}）が開始日（{{launched_on}}）より後です。"
            "次からは開始前に確認してください。",
            f"{{service_change}} was reviewed by {en} on {{reviewed_on}}, after its launch on {{launched_on}}. "
            "Review before the launch the next time.",
        ),
        f"no_reviewer_of_{name}": (
            f"{{service_change}} の{ja}の確認者が記録されていません。確認者を記録してください。",
            f"Who reviewed {{service_change}} for {en} is not on record. Record that person.",
        ),
        f"wrong_reviewer_of_{name}": (
            f"{{service_change}} を{ja}として確認した {{person}} は {{unit}} の所属です。{ja}の人が確認してください。",
            f"{{person}}, who reviewed {{service_change}} for {en}, belongs to {{unit}}. "
            f"Have somebody of {en} review it.",
        ),
    }


@check(
    "8-3",
    asks="開始したサービスすべてを、ユーザー部門とリスク管理部門の双方が開始日までに確認しましたか。",
    reads=(ServiceChange, Person, Unit),
    reasons=_reasons_of("user")
    | _reasons_of("risk")
    | {
        "one_reviewer": (
            "{service_change} は両部門とも {person} が一人で確認しています。それぞれの部門の人が確認してください。",
            "{person} alone reviewed {service_change} for both departments. Have one person of each review it.",
        ),
    },
)
def both_departments_review_a_service_before_its_launch(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Did the user department and the risk department both review every launched service by its first day?

    Each department's reviewer is named and the two are different people. Where a reviewer's unit is on record, it must
    be of that department; the unit is the one that is known, for people's moves are not kept by day.
    """
    launched = facts[ServiceChange].filter(pl.col("launched_on") <= on)
    people = facts[Person].join(facts[Unit], left_on="unit", right_on="key", suffix="_of_unit")
    functions = people.select(reviewer="key", of_unit="unit", function="function")
    told = {"since": pl.col("launched_on"), "who": RISK_MANAGER, "service_change": pl.col("key")}
    same = pl.col("user_reviewed_by") == pl.col("risk_reviewed_by")
    parts = [
        answers(
            launched,
            ServiceChange,
            falls_short(same, "one_reviewer", person=pl.col("user_reviewed_by"), **told),
        )
    ]
    for name in DEPARTMENTS:
        reviewed, reviewer = pl.col(f"{name}_reviewed_on"), pl.col(f"{name}_reviewed_by")
        at = {"launched_on": pl.col("launched_on")}
        parts.append(
            answers(
                launched.join(functions, left_on=f"{name}_reviewed_by", right_on="reviewer", how="left"),
                ServiceChange,
                falls_short(reviewed.is_null() | (reviewed > on), f"no_review_by_{name}", **told, **at),
                falls_short(
                    reviewed > pl.col("launched_on"), f"late_review_by_{name}", **told, **at, reviewed_on=reviewed
                ),
                falls_short(reviewer.is_null(), f"no_reviewer_of_{name}", **told),
                falls_short(
                    pl.col("function") != name, f"wrong_reviewer_of_{name}",
                    **told, person=reviewer, unit=pl.col("of_unit"),
                ),
            )
        )  # fmt: skip
    return pl.concat(parts)


clause(
    "8-4",
    Duty.MUST,
    "他社の不正・不祥事件を参考に改善する",
    "Learn from the misconduct and scandals of other firms",
)


@check(
    "8-4",
    asks="直近の四半期に他社事案を検討し、関連する事案はすべて対応か決定につながりましたか。",
    reads=(IndustryCase, Action),
    limits=("case_screening_age", "case_decision_time"),
    reasons={
        "old_screening": (
            "他社事案の検討は {last} が最後です。新しい事案を検討してください。",
            "The last case of another firm was screened on {last}. Screen new ones.",
        ),
        "no_decision": (
            "関連する他社事案 {industry_case}（{screened_on} 検討）への対応が {due} までに決まっていません。"
            "決定を記録するか、措置を登録してください。",
            "The relevant case {industry_case}, screened on {screened_on}, has no decision and no action by {due}. "
            "Record a decision, or register an action.",
        ),
        "late_decision": (
            "関連する他社事案 {industry_case} への対応の決定が期限（{due}）に遅れました（{decided_on}）。"
            "遅れの理由と再発防止を記録してください。",
            "The decision on the relevant case {industry_case} came late: on {decided_on}, due {due}. "
            "Record why, and what prevents it from now on.",
        ),
        "undated_decision": (
            "他社事案 {industry_case} への対応の決定日がなく、期限内か判定できません。決定日を記録してください。",
            "The decision on the case {industry_case} has no day, so nothing can be said. Record the day.",
        ),
        "unknown_relevance": (
            "他社事案 {industry_case} の関連性が記録されておらず、対応の要否を判定できません。"
            "関連性を記録してください。",
            "Whether the case {industry_case} is relevant is not on record, so nothing can be said. Record it.",
        ),
    },
)
def cases_of_other_firms_are_screened_and_acted_on(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was a case of another firm screened in the last quarter, and did each relevant one lead to a decision or action?

    An action that arises from the case stands for a decision, whenever it was registered: no day of that is kept. A
    late decision stays late: an approved exception covers it.
    """
    screened = facts[IndustryCase].filter(pl.col("screened_on") <= on)
    newest = summed_up(screened, last=pl.col("screened_on").max()).filter(pl.col("last").is_not_null())
    lapses = day_after(limits.last_good("case_screening_age", "last"))
    recent = member_answers(
        newest,
        falls_short(lapses <= on, "old_screening", since=lapses, who=RISK_MANAGER, last=pl.col("last")),
    )
    return pl.concat([recent, _cases_decided(facts, screened, on, limits)])


def _cases_decided(facts: Facts, screened: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each case: if it is relevant, a decision or an action within the limit."""
    due = limits.last_good("case_decision_time", "screened_on")
    acting = facts[Action].select("arises_from").unique().with_columns(acted=pl.lit(True))
    cases = screened.with_columns(arises_from=reference("industry_case")).join(
        acting, on="arises_from", how="left"
    )
    open_ = (pl.col("relevance") == "relevant") & pl.col("acted").is_null()
    written = ~blank("decision")
    decided_on = pl.when(written & (pl.col("decided_on") <= on)).then(pl.col("decided_on"))
    undated = written & pl.col("decided_on").is_null()
    case = {"industry_case": pl.col("key")}
    told = {"since": day_after(due), "due": due, "who": RISK_MANAGER} | case
    return answers(
        cases, IndustryCase,
        falls_short(open_ & (decided_on > due), "late_decision", **told, decided_on=decided_on),
        no_evidence(open_ & undated & (due < on), "undated_decision", who=RISK_MANAGER, **case),
        falls_short(
            open_ & decided_on.is_null() & (due < on), "no_decision", **told, screened_on=pl.col("screened_on")
        ),
        no_evidence(
            pl.col("relevance").is_null() & pl.col("acted").is_null() & (due < on), "unknown_relevance",
            who=RISK_MANAGER, **case,
        ),
    )  # fmt: skip


clause(
    "8-5",
    Duty.MUST,
    "開発と運用の分離やモニタリングなど相互牽制を働かせる",
    "Mutual checks: the risk department monitors the system department; developers and operators are separate",
)


@check(
    "8-5",
    asks="同じシステムの開発と運用を兼ねる人はなく、自分の申請を自分で承認した例はありませんか。",
    reads=(Appointment, Person, Approval),
    reasons={
        "both_roles": (
            "{person} が {system} の開発担当と運用担当を兼ねています（{since} から）。いずれかの任命を終えてください。",
            "{person} is developer and operator of {system} at once (since {since}). End one of the two appointments.",
        ),
        "own_approval": (
            "承認 {approval}（{at}）は申請者 {person} 自身によるものです。他の権限者の承認を受けてください。",
            "The approval {approval} of {at} was given by {person}, who asked for it. "
            "Have another entitled person decide.",
        ),
        "no_staff": (
            "開発担当・運用担当の任命が記録されておらず、分離を判定できません。任命を登録してください。",
            "No developer or operator is appointed on record, so nothing can be said of their separation. "
            "Register the appointments.",
        ),
    },
)
def nobody_checks_the_own_work(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is nobody developer and operator of one system at once, and was no approval given by its own author?

    Separation is asked as of today: what is mended is mended. Where neither developers nor operators are on record,
    their separation is not shown. Approvals alone prove no separation, and their lack is none of this clause.
    """
    own = facts[Approval].filter(pl.col("step") == "approved").with_columns(on=day_of("at"))
    approved = answers(
        own.filter(pl.col("on") <= on),
        Approval,
        falls_short(
            pl.col("decided_by") == pl.col("asked_by"), "own_approval", since=pl.col("on"), who=CHIEF,
            approval=pl.col("key"), at=pl.col("on"), person=pl.col("decided_by"),
        ),
    )  # fmt: skip
    return pl.concat([*_separate(facts, on), approved])


def _separate(facts: Facts, on: date) -> list[pl.LazyFrame]:
    """Of each developer or operator of today: not both on one system. Of the member: there are such people at all."""
    staff = active(holders(facts, "developer", "operator"), on)
    by_role = {
        name: staff.filter(pl.col("role") == name).select("person", "system", **{f"{name}_on": "since_on"})
        for name in ("developer", "operator")
    }
    both = by_role["developer"].join(by_role["operator"], on=["person", "system"])
    twofold = both.group_by("person", "system").agg(
        begun_on=pl.max_horizontal("developer_on", "operator_on").min()
    )
    people = answers(
        staff.select("person").unique().join(twofold, on="person", how="left"),
        Person,
        falls_short(
            pl.col("system").is_not_null(), "both_roles", since=pl.col("begun_on"), who=CHIEF,
            person=pl.col("person"), system=pl.col("system"),
        ),
        subject=pl.col("person"),
    )  # fmt: skip
    nobody = summed_up(staff, people=pl.len()).filter(pl.col("people") == 0)
    return [people, member_answers(nobody, no_evidence(pl.col("people") == 0, "no_staff", who=CHIEF))]


@check(
    "8-5",
    asks="リスク管理部門は、すべてのシステム部門を間隔内にモニタリングしましたか。",
    reads=(Unit, MonitoringRound),
    limits=("monitoring_age",),
    reasons={
        "never_monitored": (
            "リスク管理部門による {unit} のモニタリングが一度も記録されていません。実施して登録してください。",
            "The risk department has never monitored {unit} on record. Monitor it and register the round.",
        ),
        "not_yet_monitored": (
            "{unit} のモニタリングの記録がまだありません（期限 {first_due}）。実施して登録してください。",
            "{unit} has not been monitored yet; the first round is due by {first_due}.",
        ),
        "old_monitoring": (
            "リスク管理部門による {unit} のモニタリングは {last} が最後です。実施して登録してください。",
            "The risk department last monitored {unit} on {last}. Monitor it again.",
        ),
    },
)
def the_risk_department_monitors_every_system_department(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Did the risk department monitor every system department within the limit?

    A new department has the length of the limit for its first round; until then there is no evidence.
    """
    units = active(facts[Unit], on).filter(pl.col("function") == "system")
    watchers = facts[Unit].filter(pl.col("function") == "risk").select(by_unit="key")
    rounds = facts[MonitoringRound].join(watchers, on="by_unit", how="semi")
    return kept_up(
        units, Unit, rows=rounds, by=key_in("of", "unit"), at="done_on", limits=limits, limit="monitoring_age",
        since="since_on", never="never_monitored", not_yet="not_yet_monitored", old="old_monitoring", who=RISK_MANAGER,
    )  # fmt: skip
