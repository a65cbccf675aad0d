"""What the member decided to do: documents, goals, resources, duties in an emergency and drills."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, Flag, Instant, Line, Number, Reference, References, Words
from sekisho.records.models.organisation import Person
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import BOARD, EVERYBODY_IN_CHARGE, MANAGEMENT, MANAGERS, ROLES, SECRETARIAT

DOCUMENT_KINDS = {
    "basic_policy": ("基本方針", "Basic policy"),
    "mid_term_plan": ("中長期計画", "Mid- and long-term plan"),
    "organisation_structure": ("管理体制", "Structure (roles and units)"),
    "contingency_plan": ("コンティンジェンシープラン", "Contingency plan"),
    "prevention_procedure": ("未然防止の手順", "Prevention procedure"),
    "recovery_procedure": ("復旧の手順", "Recovery procedure"),
    "recurrence_procedure": ("再発防止の手順", "Recurrence-prevention procedure"),
    "safety_rules": ("システム安全管理事項", "Safe-use rules of a unit"),
    "cyber_rules": ("サイバーセキュリティ規程", "Cybersecurity rules"),
    "cyber_structure": ("サイバーセキュリティ管理体制", "Cybersecurity structure"),
    "notice_template": ("通知・広報の雛形", "Notice template"),
    "cyber_training_plan": ("サイバー人材の育成・拡充計画", "Cybersecurity training plan"),
    "response_procedure": ("攻撃時の対応手順", "Response procedure"),
    "development_plan": ("中長期開発計画", "Mid- and long-term development plan"),
    "development_standard": ("開発基準（セキュアコーディング等）", "Development standard"),
    "configuration_policy": ("構成管理方針", "Configuration policy"),
    "quality_plan": ("品質管理計画", "Quality plan"),
    "succession_plan": ("技術継承・育成計画", "Plan to pass on the technology"),
    "vendor_criteria": ("委託先選定基準", "Vendor criteria"),
    "other": ("その他の規程", "Other"),
}


def _approving(values: Values) -> frozenset[str]:
    if values.get("kind") in ("basic_policy", "mid_term_plan", "development_plan"):
        return BOARD
    if values.get("kind") == "organisation_structure":
        return frozenset({"representative_director"})
    return frozenset({"representative_director", "chief_system_officer"})


class Document(Record):
    """One version of a policy, plan, rule or procedure. A new version is a new record; the old one ends."""

    about = Kind(
        "document", "規程・計画類", "Document", "D", "policy", ("4-1", "4-2", "4-4", "4-5", "5-2", "25-1"), "title", MANAGERS,
        approvers=_approving, columns=("kind", "title", "version", "in_force_on", "until_on", "review_by_on"),
        help=Text("基本方針・計画・規程・手順の各版。改定は新しい版として登録します。", "Versions of policies, plans, rules and procedures. A revision is a new record."),
    )  # fmt: skip
    kind = Choice("種類", "Kind", DOCUMENT_KINDS, required=True)
    title = Line("名称", "Title", required=True)
    version = Line("版", "Version", required=True)
    in_force_on = Day("施行日", "In force", help_ja="承認日以後の日", help_en="Not before its approval")
    until_on = Day(
        "失効日",
        "Until",
        help_ja="効力の最終日。空欄は有効",
        help_en="The last day in force; empty while it lasts",
    )
    review_by_on = Day("見直し期限", "Review by")
    all_systems = Flag(
        "全対象システムに適用", "Applies to all systems", help_ja="品質管理計画・構成管理方針など", help_en="Such as a quality plan"
    )  # fmt: skip
    systems = References("system", "適用するシステム", "Systems that it applies to")
    occasion = Line("用いる場面", "Occasion", help_ja="通知の雛形など", help_en="Of a notice template")
    linked_plan = Reference(
        "self",
        "関連する中長期計画",
        "Linked plan",
        help_ja="基本方針は中長期計画を指定（第4条第2項）",
        help_en="A basic policy names its mid-term plan (4-2)",
    )
    outline = Words(
        "概要（公表用）",
        "Outline for the public",
        help_ja="基本方針の概要は公開ページに掲載されます（第4条第4項）",
        help_en="The basic policy's outline stands on the public page (4-4)",
    )

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("in_force_on", "until_on"), ("in_force_on", "review_by_on"))


class Acknowledgement(Record):
    """A person's word that he or she knows a version of a document."""

    about = Kind(
        "acknowledgement", "周知確認", "Acknowledgement", "AK", "policy", ("4-2",), "person", SECRETARIAT,
        columns=("person", "document", "at"), unique=(("person", "document"),),
        help=Text("役職員が文書の版を確認した記録（周知の証跡）。", "Staff's word that they know a version of a document."),
    )  # fmt: skip
    person = Reference(Person, "役職員", "Person", required=True)
    document = Reference(Document, "文書", "Document", required=True)
    at = Instant("確認日時", "At", required=True)


class Goal(Record):
    """What a fiscal year is to reach for the safety of systems."""

    about = Kind(
        "goal", "達成目標", "Goal", "G", "policy", ("4-2",), "text", MANAGERS | MANAGEMENT,
        columns=("fiscal_year", "text", "measure", "linked_plan"),
        help=Text("年度ごとのシステム安全の達成目標と指標。", "What each fiscal year is to reach for the safety of systems."),
    )  # fmt: skip
    fiscal_year = Number("年度", "Fiscal year", least=2000, most=2200, required=True)
    text = Line("目標", "Goal", required=True)
    measure = Line("指標", "Measure")
    linked_plan = Reference(Document, "関連する計画", "Linked plan")


class Budget(Record):
    """What a fiscal year spends on the safety of systems."""

    about = Kind(
        "budget", "経営資源", "Budget", "B", "policy", ("4-2",), "text", MANAGERS | MANAGEMENT,
        columns=("fiscal_year", "text", "amount", "linked_plan"),
        help=Text("年度ごとの予算・人員などの経営資源。", "What each fiscal year spends on the safety of systems."),
    )  # fmt: skip
    fiscal_year = Number("年度", "Fiscal year", least=2000, most=2200, required=True)
    text = Line("使途", "Purpose", required=True)
    amount = Number("金額（円）", "Amount (yen)", required=True)
    linked_plan = Reference(Document, "関連する計画", "Linked plan")


class ContingencyDuty(Record):
    """What a role must do under a contingency plan, and how fast."""

    about = Kind(
        "contingency_duty", "緊急時の責任と対応", "Contingency duty", "CD", "policy", ("5-2",), "duty", SECRETARIAT,
        columns=("plan", "role", "duty", "within_minutes"),
        help=Text("コンティンジェンシープランで各役割が負う責任と時限。", "What each role must do under a contingency plan, and how fast."),
    )  # fmt: skip
    plan = Reference(Document, "計画", "Plan", required=True)
    role = Choice("役割", "Role", ROLES, required=True)
    duty = Words("責任と対応", "Duty", required=True)
    within_minutes = Number("時限（分）", "Within (minutes)")


class Drill(Record):
    """An exercise of the contingency plan, with its times and its evaluation."""

    about = Kind(
        "drill", "訓練", "Drill", "DR", "policy", ("5-2",), "scenario", EVERYBODY_IN_CHARGE,
        columns=("scenario", "held_on", "commanded_by", "evaluated_on"),
        help=Text("コンティンジェンシープランの訓練。時刻と評価を残します。", "Exercises of the contingency plan, with their times and evaluation."),
    )  # fmt: skip
    scenario = Line("想定", "Scenario", required=True)
    plan = Reference(Document, "計画", "Plan")
    held_on = Day("実施日", "Held on", required=True)
    commanded_by = Reference(Person, "指揮者", "Commanded by", required=True)
    detected_at = Instant("検知", "Detected")
    declared_at = Instant("宣言", "Declared")
    contained_at = Instant("封じ込め", "Contained")
    reported_at = Instant("報告", "Reported")
    recovered_at = Instant("復旧", "Recovered")
    evaluation = Words("評価", "Evaluation")
    evaluated_on = Day("評価日", "Evaluated on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(
            values, ("held_on", "evaluated_on"), ("detected_at", "declared_at"), ("detected_at", "contained_at"),
            ("detected_at", "reported_at"), ("detected_at", "recovered_at"),
        )  # fmt: skip
