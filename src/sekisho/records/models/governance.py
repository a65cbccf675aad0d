"""The rule's year: reviews, meetings, reports, what each unit keeps, learning from others, mutual checks, actions."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Day,
    Flag,
    Instant,
    Line,
    LongWords,
    Number,
    Reference,
    References,
    Words,
)
from sekisho.records.models.organisation import Person, Unit
from sekisho.records.models.risk import DECISIONS
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import EVERYBODY_IN_CHARGE, MANAGEMENT, MANAGERS, RISK, ROLES, SECRETARIAT

REVIEW_KINDS = {"management": ("管理態勢", "Management"), "operations": ("運用", "Operations")}


class Review(Record):
    """A review of the system risk and its management over a period, and what it decided."""

    about = Kind(
        "review", "レビュー", "Review", "RV", "governance", ("4-3", "8-2", "12-1", "G4"), "title", MANAGERS | MANAGEMENT,
        columns=("title", "kind", "held_on", "period_from_on", "period_until_on", "policy_decision"),
        help=Text("システムリスクと管理態勢のレビュー、運用のレビュー、見直しの決定と理由。", "Reviews of system risk and its management, and of operation: what they decided, and why."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    kind = Choice(
        "種類",
        "Kind",
        REVIEW_KINDS,
        help_ja="空欄は管理態勢のレビュー（第4条第3項）。運用のレビューは第12条第1項",
        help_en="Empty: of the management (4-3). One of operation counts for 12-1",
    )
    period_from_on = Day("対象期間（開始）", "Period from")
    period_until_on = Day("対象期間（終了）", "Period until")
    held_on = Day("実施日", "Held on", required=True)
    findings = Words("結果", "Findings")
    policy_decision = Choice(
        "基本方針の見直し",
        "Decision on the policy",
        DECISIONS,
        help_ja="変更の有無と理由を残す（第4条第3項）",
        help_en="Change or not, with the reason (4-3)",
    )
    decision_reason = Words("決定の理由", "Reason of the decision")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("period_from_on", "period_until_on"), ("period_from_on", "held_on"))


class Meeting(Record):
    """A meeting of the board or a committee."""

    about = Kind(
        "meeting", "会議", "Meeting", "M", "governance", ("4-1", "6-1-2", "G6-1-2"), "agenda", SECRETARIAT | MANAGEMENT,
        columns=("body", "held_on", "agenda", "attached_report"),
        help=Text("取締役会・委員会の開催と、添付されたシステム管理状況の報告。", "Meetings of the board and committees, with the report on system management."),
    )  # fmt: skip
    body = Choice(
        "会議体",
        "Body",
        {"board": ("取締役会", "Board"), "committee": ("委員会", "Committee")},
        required=True,
    )
    held_on = Day("開催日", "Held on", required=True)
    agenda = Line("議題", "Agenda", required=True)
    decisions = Words("決定事項", "Decisions")
    attached_report = Line(
        "システム管理状況の報告",
        "Attached report on system management",
        help_ja="報告書の名称。報告がない回は空欄（第6条第1項第2号）",
        help_en="The report's name; empty where none was made (6-1-2)",
    )


class Resolution(Record):
    """One decision of a meeting."""

    about = Kind(
        "resolution", "決議", "Resolution", "RS", "governance", ("4-1", "6-1-4"), "text", SECRETARIAT | MANAGEMENT,
        columns=("meeting", "text", "important", "put_to_chief_on"),
        help=Text("会議の決議。システム管理上の重要事項は統括管理責任者に付議します。", "Decisions of meetings. Important ones for system management go to the chief system officer."),
    )  # fmt: skip
    meeting = Reference(Meeting, "会議", "Meeting", required=True)
    text = Line("決議事項", "Resolution", required=True)
    decided_on = Day("決議日", "Decided on", required=True)
    subject = AnyReference("対象", "Subject")
    important = Flag("システム管理上の重要事項", "Important for system management")
    put_to_chief_on = Day(
        "統括管理責任者への付議日",
        "Put to the chief system officer on",
        help_ja="第6条第1項第4号",
        help_en="Article 6-1-4",
    )


class StatusReport(Record):
    """A system manager's report on the state of a unit's systems, and its review by the chief system officer."""

    about = Kind(
        "status_report", "管理状況報告", "Status report", "SR", "governance", ("6-1-1", "7-2"), "period", MANAGERS,
        columns=("unit", "period", "system_manager", "submitted_at", "reviewed_at"),
        help=Text("システム管理責任者から統括管理責任者への管理状況の報告と確認。", "System managers' reports to the chief system officer, and their review."),
    )  # fmt: skip
    system_manager = Reference(Person, "システム管理責任者", "System manager", required=True)
    unit = Reference(Unit, "部署", "Unit", required=True)
    period = Line("対象月", "Period", required=True, help_ja="例 2026-10", help_en="Such as 2026-10")
    state = Words("管理状況", "State")
    submitted_at = Instant("提出日時", "Submitted", required=True)
    reviewed_at = Instant("確認日時", "Reviewed")
    reviewed_by = Reference(
        Person,
        "確認者",
        "Reviewed by",
        help_ja="確認日にシステム統括管理責任者である人",
        help_en="The chief system officer of that day",
    )

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("submitted_at", "reviewed_at"))
        if values.get("reviewed_at") and not values.get("reviewed_by"):
            found["reviewed_by"] = [Text("確認者を入力してください。", "Say who reviewed it.")]
        if values.get("reviewed_by") and values["reviewed_by"] == values.get("system_manager"):
            found["reviewed_by"] = [
                Text("提出者自身は確認できません。", "The one who submits may not review.")
            ]
        return found


class Equipment(Record):
    """A piece of equipment that a unit uses."""

    about = Kind(
        "equipment", "機器", "Equipment", "EQ", "governance", ("7-2",), "what", MANAGERS,
        columns=("unit", "what", "location", "owner", "confirmed_on"),
        help=Text("部署が使う機器の一覧。定期的に確認します。", "The equipment that each unit uses, confirmed from time to time."),
    )  # fmt: skip
    unit = Reference(Unit, "部署", "Unit", required=True)
    what = Line("機器", "What", required=True)
    location = Line("設置場所", "Where")
    owner = Reference(Person, "管理者", "Owner")
    confirmed_on = Day("確認日", "Confirmed on", required=True)


class InformationFlow(Record):
    """A way that information takes into, through or out of a unit."""

    about = Kind(
        "information_flow", "情報の流路", "Information flow", "IF", "governance", ("7-2",), "source", MANAGERS,
        columns=("unit", "source", "destination", "data_class", "way", "confirmed_on"),
        help=Text("部署に出入りする情報の流路（送り元・送り先・手段）。", "The ways in which information enters, crosses and leaves each unit."),
    )  # fmt: skip
    unit = Reference(Unit, "部署", "Unit", required=True)
    source = Line("送り元", "From", required=True)
    destination = Line("送り先", "To", required=True)
    data_class = Choice(
        "情報区分",
        "Data class",
        {
            "users": ("利用者情報", "Users' data"),
            "secret": ("機密", "Secret"),
            "internal": ("社内", "Internal"),
            "public": ("公開", "Public"),
        },
    )
    way = Line("手段", "Way")
    confirmed_on = Day("確認日", "Confirmed on", required=True)


class Instruction(Record):
    """Instruction or training of a unit's staff in the safe use of systems."""

    about = Kind(
        "instruction", "指導・研修", "Instruction", "IN", "governance", ("7-2",), "topic", MANAGERS,
        columns=("unit", "topic", "held_on", "given_by"),
        help=Text("部署の役職員へのシステム安全利用の指導・研修。", "Instruction and training of each unit's staff in the safe use of systems."),
    )  # fmt: skip
    unit = Reference(Unit, "部署", "Unit", required=True)
    topic = Line("内容", "Topic", required=True)
    held_on = Day("実施日", "Held on", required=True)
    given_by = Reference(Person, "実施者", "Given by")
    attendees = References("person", "受講者", "Attendees")


class ServiceChange(Record):
    """A new or changed service, reviewed by the user department and the risk department before its launch."""

    about = Kind(
        "service_change", "新サービス・変更", "Service change", "SC", "governance", ("8-3",), "service", EVERYBODY_IN_CHARGE,
        columns=("service", "kind", "planned_on", "launched_on", "user_reviewed_on", "risk_reviewed_on"),
        help=Text("新しいサービス・変更について、ユーザー部門とリスク管理部門が開始前に行う確認。", "New and changed services, reviewed by the user and the risk department before launch."),
    )  # fmt: skip
    service = Line("サービス", "Service", required=True)
    kind = Choice("種類", "Kind", {"new": ("新規", "New"), "change": ("変更", "Change")}, required=True)
    planned_on = Day("予定日", "Planned on")
    launched_on = Day("開始日", "Launched on")
    user_reviewed_on = Day("ユーザー部門の確認日", "Reviewed by the user department on")
    user_reviewed_by = Reference(Person, "ユーザー部門の確認者", "Reviewer of the user department")
    risk_reviewed_on = Day("リスク管理部門の確認日", "Reviewed by the risk department on")
    risk_reviewed_by = Reference(Person, "リスク管理部門の確認者", "Reviewer of the risk department")
    review_result = Words("確認結果", "Result of the review")


class IndustryCase(Record):
    """A case of misconduct or failure at another firm, screened for what it means here."""

    about = Kind(
        "industry_case", "他社事案", "Industry case", "IC", "governance", ("8-4",), "title", MANAGERS,
        columns=("title", "source", "occurred_on", "screened_on", "relevance", "decided_on"),
        help=Text("他社の不祥事・障害事案と、自社への影響の検討。", "Cases of other firms, screened for what they mean here."),
    )  # fmt: skip
    title = Line("事案", "Case", required=True)
    source = Line("出典", "Source", required=True)
    occurred_on = Day("発生日", "Occurred on")
    screened_on = Day("検討日", "Screened on", required=True)
    relevance = Choice(
        "関連性",
        "Relevance",
        {"relevant": ("関連あり", "Relevant"), "not_relevant": ("関連なし", "Not relevant")},
    )
    decision = Words("対応の決定", "Decision")
    decided_on = Day("決定日", "Decided on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("occurred_on", "screened_on"), ("screened_on", "decided_on"))


class Assessment(Record):
    """An objective assessment of the level of system risk management."""

    about = Kind(
        "assessment", "水準評価", "Assessment", "AS", "governance", ("8-1", "10-4"), "framework", EVERYBODY_IN_CHARGE,
        columns=("framework", "assessed_on", "scope_unit", "assessed_by", "assessed_by_firm"),
        help=Text("システムリスク管理の水準の客観的な評価。", "Objective assessments of the level of system risk management."),
    )  # fmt: skip
    framework = Line("評価基準", "Framework", required=True)
    framework_used = Reference(
        "Framework",
        "評価基準（取込済み）",
        "Framework (loaded)",
        help_ja="管理策ごとに評点を付ける場合（第10条第4項）",
        help_en="Where its controls are scored one by one (10-4)",
    )
    scope = Line("対象範囲", "Scope")
    scope_unit = Reference(Unit, "評価対象部署", "Assessed unit")
    assessed_by = Reference(Unit, "評価者（部署）", "Assessed by (unit)")
    assessed_by_firm = Line("評価者（外部）", "Assessed by (firm)")
    assessed_on = Day("評価日", "Assessed on", required=True)
    scores = Words("評点", "Scores")
    findings = Words("指摘", "Findings")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("assessed_by") or values.get("assessed_by_firm"):
            return {}
        return {
            "assessed_by": [
                Text("評価した部署か外部の会社を入力してください。", "Say which unit or firm assessed.")
            ]
        }


class MonitoringRound(Record):
    """One round of monitoring, of a unit, a system or a vendor, by a unit."""

    about = Kind(
        "monitoring_round", "モニタリング", "Monitoring round", "MR", "governance", ("8-5", "26-1"), "result", RISK | {"internal_auditor", "vendor_owner"},
        columns=("by_unit", "of", "done_on", "result"),
        help=Text("リスク管理部門などによる部署・システム・委託先のモニタリング。", "Monitoring of units, systems and vendors by the risk department and others."),
    )  # fmt: skip
    by_unit = Reference(Unit, "実施部署", "By", required=True)
    of = AnyReference("対象", "Of", required=True, help_ja="例 unit:U-SYS、vendor:V-0001", help_en="Such as unit:U-SYS or vendor:V-0001")  # fmt: skip
    done_on = Day("実施日", "Done on", required=True)
    result = Line("結果", "Result", required=True)


class Action(Record):
    """An improvement or a corrective measure: what, by whom, by when, and who confirmed that it was done."""

    about = Kind(
        "action", "改善・是正措置", "Action", "AC", "governance", ("4-3", "4-5", "5-2", "8-2", "8-4"), "what", EVERYBODY_IN_CHARGE,
        columns=("what", "arises_from", "kind", "owner", "due_on", "done_on"),
        help=Text("改善・再発防止・是正の措置。責任者と期限、完了の確認を記録します。", "Improvements and corrective measures: owner, due date, and who confirmed them."),
    )  # fmt: skip
    what = Line("内容", "What", required=True)
    arises_from = AnyReference(
        "起因",
        "Arises from",
        help_ja="「種別:キー」例 review:RV-0001",
        help_en="kind:key, such as review:RV-0001",
    )
    kind = Choice(
        "種類",
        "Kind",
        {
            "improvement": ("改善", "Improvement"),
            "recurrence_prevention": ("再発防止", "Recurrence prevention"),
            "corrective": ("是正", "Corrective"),
        },
        required=True,
    )
    owner = Reference(Person, "責任者", "Owner")
    due_on = Day("期限", "Due", required=True)
    done_on = Day("完了日", "Done")
    confirmed_by = Reference(Person, "確認者", "Confirmed by")
    confirmed_on = Day("確認日", "Confirmed on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("done_on", "confirmed_on"))
        if values.get("confirmed_by") and values["confirmed_by"] == values.get("owner"):
            found["confirmed_by"] = [
                Text("責任者自身は確認できません。", "The owner may not confirm the own work.")
            ]
        return found


class Approval(Record):
    """A change that takes approval, from its draft to its decision. Kept by the acts of approval, or taken from a file."""

    about = Kind(
        "approval", "承認", "Approval", "AP", "governance", ("4-1", "4-2", "8-5"), "subject", SECRETARIAT,
        columns=("subject", "step", "asked_by", "decided_by", "decision", "at"),
        help=Text("承認を要する変更の申請から決定までの経過。", "Changes that take approval, from draft to decision."),
    )  # fmt: skip
    subject = AnyReference("対象", "Subject", required=True)
    step = Choice(
        "段階", "Step",
        {"draft": ("下書き", "Draft"), "submitted": ("申請中", "Submitted"), "approved": ("承認済", "Approved"), "sent_back": ("差戻し", "Sent back"), "withdrawn": ("取下げ", "Withdrawn")},
        required=True,
    )  # fmt: skip
    change = LongWords(
        "変更内容", "Change", help_ja="申請された値（JSON）", help_en="The values asked for (JSON)"
    )
    subject_ver = Number(
        "対象の版番号",
        "Subject's version",
        help_ja="承認により書き込まれた版",
        help_en="The version that the approval wrote",
    )
    asked_by = Reference(Person, "申請者", "Asked by", required=True)
    asked_at = Instant("申請日時", "Asked at")
    role = Choice(
        "承認者の役割",
        "Approver's role",
        ROLES,
        help_ja="承認した役割",
        help_en="The role in which it was decided",
    )
    decided_by = Reference(Person, "承認者", "Decided by")
    decision = Choice(
        "決定", "Decision", {"approved": ("承認", "Approved"), "sent_back": ("差戻し", "Sent back")}
    )
    reason = Words("理由", "Reason")
    at = Instant("決定日時", "Decided at")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("asked_at", "at"))
        if values.get("step") in ("approved", "sent_back"):
            for name in ("decided_by", "at"):
                if not values.get(name):
                    found[name] = [Text("決定した人と日時を入力してください。", "Say who decided, and when.")]
        return found
