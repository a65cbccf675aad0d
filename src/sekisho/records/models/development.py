"""From an investment to a finished project: stages and their approvals, milestones, tests, integration, kept documents."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Day,
    Flag,
    Line,
    Number,
    Reference,
    References,
    Words,
)
from sekisho.records.models.organisation import Person, System
from sekisho.records.models.outsourcing import Vendor
from sekisho.records.models.policy import Document
from sekisho.records.models.risk import Risk
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import DEVELOPMENT, EVERYBODY_IN_CHARGE, MANAGEMENT, MANAGERS, OPERATION

STAGES = {
    "start": ("企画・開始", "Start"),
    "design": ("設計", "Design"),
    "build": ("製造", "Build"),
    "test": ("テスト", "Test"),
    "migration": ("移行", "Migration"),
    "finished": ("完了", "Finished"),
    "stopped": ("中止", "Stopped"),
}
GATED = ("start", "design", "migration")


class Investment(Record):
    """What is to be spent on a system, for which risk, in a fiscal year."""

    about = Kind(
        "investment", "投資計画", "Investment", "IV", "development", ("11-1",), "title", MANAGERS | MANAGEMENT,
        columns=("fiscal_year", "title", "system", "risk", "amount", "state"),
        help=Text("年度ごとのシステム投資と、対処するリスク。", "Investments of a fiscal year, and the risks that they address."),
    )  # fmt: skip
    fiscal_year = Number("年度", "Fiscal year", least=2000, most=2200, required=True)
    title = Line("名称", "Title", required=True)
    system = Reference(System, "システム", "System")
    risk = Reference(Risk, "対処するリスク", "Risk addressed")
    amount = Number("金額（円）", "Amount (yen)")
    state = Choice(
        "状態", "State",
        {"planned": ("計画", "Planned"), "approved": ("承認", "Approved"), "running": ("実施中", "Running"), "done": ("完了", "Done"), "dropped": ("取りやめ", "Dropped")},
        required=True,
    )  # fmt: skip


class Project(Record):
    """A development, a change or an integration of systems, with somebody in charge."""

    about = Kind(
        "project", "開発案件", "Project", "PJ", "development", ("11-3", "11-4", "11-5", "23-1", "23-3"), "title", DEVELOPMENT | MANAGEMENT,
        columns=("title", "kind", "in_charge", "systems", "stage", "since_on", "finished_on"),
        help=Text("開発・変更・統合の案件。責任者と段階を管理します。", "Developments, changes and integrations: who is in charge, and which stage."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    kind = Choice(
        "種類", "Kind",
        {"new": ("新規", "New"), "change": ("変更", "Change"), "integration": ("統合", "Integration")}, required=True,
    )  # fmt: skip
    in_charge = Reference(Person, "責任者", "In charge")
    systems = References("system", "システム", "Systems")
    stage = Choice("段階", "Stage", STAGES, required=True)
    since_on = Day("開始日", "Since", required=True)
    finished_on = Day("完了日", "Finished on")
    vendor = Reference(
        Vendor, "委託先", "Vendor", help_ja="外部委託する場合", help_en="Where it is outsourced"
    )
    own_staff = References("person", "自社の要員", "Own staff", help_ja="外部委託する場合も主体的に関与（第23条第3項）", help_en="The member stays in charge (23-3)")  # fmt: skip
    cut_over_on = Day("切替日", "Cut-over on")
    contingency_plan = Reference(Document, "不測の事態の計画", "Contingency plan")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("since_on", "finished_on"), ("since_on", "cut_over_on"))
        if values.get("stage") == "finished" and not values.get("finished_on"):
            found["finished_on"] = [Text("完了日を入力してください。", "Say when it was finished.")]
        return found


def _passing(values: Values) -> frozenset[str]:
    if values.get("stage") == "start":
        return frozenset({"chief_system_officer", "representative_director"})
    return frozenset({"chief_system_officer", "system_manager"})


class StageGate(Record):
    """A project's passage through a stage. It takes the approval that the stage asks."""

    about = Kind(
        "stage_gate", "段階承認", "Stage gate", "SGT", "development", ("11-3",), "stage", DEVELOPMENT,
        approvers=_passing, columns=("project", "stage", "passed_on"), unique=(("project", "stage"),),
        help=Text("案件の段階（開始・設計・移行）の通過。承認が必要です。", "A project's passing of a stage (start, design, migration). It takes approval."),
    )  # fmt: skip
    project = Reference(Project, "案件", "Project", required=True)
    stage = Choice("段階", "Stage", {s: STAGES[s] for s in GATED}, required=True)
    passed_on = Day("通過日", "Passed on", required=True)
    conditions = Words("条件", "Conditions")


class Milestone(Record):
    """A day by which a part of a project is to be done."""

    about = Kind(
        "milestone", "節目", "Milestone", "MS", "development", ("11-4",), "title", DEVELOPMENT,
        columns=("title", "project", "due_on", "done_on", "replanned_on"),
        help=Text("案件の節目。遅れる場合は再計画の日と理由を記録します。", "A project's milestones. Where one is late, the new day and why."),
    )  # fmt: skip
    title = Line("内容", "Title", required=True)
    project = Reference(Project, "案件", "Project", required=True)
    due_on = Day("期限", "Due", required=True)
    done_on = Day("完了日", "Done")
    replanned_on = Day("再計画の期限", "Re-planned for")
    replan_reason = Words("再計画の理由", "Reason of the re-plan")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("replanned_on") and not values.get("replan_reason"):
            return {
                "replan_reason": [Text("再計画の理由を入力してください。", "Give the reason of the re-plan.")]
            }
        return {}


class Interface(Record):
    """A connection between systems that a project makes or changes."""

    about = Kind(
        "interface", "接続仕様", "Interface", "IFC", "development", ("23-2",), "title", DEVELOPMENT,
        columns=("title", "project", "from_system", "to_system"),
        help=Text("統合などの案件が対象とするシステム間の接続。", "Connections between systems that a project makes or changes."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    project = Reference(Project, "案件", "Project", required=True)
    from_system = Reference(System, "接続元", "From", required=True)
    to_system = Reference(System, "接続先", "To", required=True)


class ThirdPartyEvaluation(Record):
    """An outside opinion on an important decision."""

    about = Kind(
        "third_party_evaluation", "第三者評価", "Third-party evaluation", "TE", "development", ("23-4",), "opinion", DEVELOPMENT | MANAGEMENT,
        columns=("of", "project", "evaluated_by", "done_on", "opinion"),
        help=Text("統合などの重要な判断に用いた第三者の評価。", "Outside opinions used for important decisions."),
    )  # fmt: skip
    of = AnyReference("対象の判断", "Decision", required=True, help_ja="例 resolution:RS-0001", help_en="Such as resolution:RS-0001")  # fmt: skip
    project = Reference(Project, "案件", "Project")
    evaluated_by = Line("評価者", "By", required=True)
    done_on = Day("評価日", "Done on", required=True)
    opinion = Line("意見", "Opinion", required=True)


KEPT_KINDS = {
    "requirements": ("要件定義書", "Requirements"),
    "design": ("設計書", "Design"),
    "test": ("テスト記録", "Test records"),
    "migration": ("移行記録", "Migration records"),
    "operation": ("運用記録", "Operation records"),
    "inspection": ("導入時検査記録", "Inspection at introduction"),
    "other": ("その他", "Other"),
}


class KeptDocument(Record):
    """A document of a project, a change or an operation that must be kept, and whether it is still the same."""

    about = Kind(
        "kept_document", "保管文書", "Kept document", "KD", "development", ("11-6", "20-3"), "title", EVERYBODY_IN_CHARGE | DEVELOPMENT | OPERATION,
        columns=("title", "of", "kind", "sha256", "kept_on", "keep_until_on", "checked_on", "intact"),
        help=Text("企画・開発・運用の記録文書。ハッシュで完全性を確かめます。", "Records of planning, development and operation; a hash shows that they are whole."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    of = AnyReference("対象", "Of", required=True, help_ja="例 project:PJ-0001、release:RL-0001", help_en="Such as project:PJ-0001, release:RL-0001")  # fmt: skip
    kind = Choice("種類", "Kind", KEPT_KINDS, required=True)
    sha256 = Line("ハッシュ値（SHA-256）", "Hash (SHA-256)", max_length=64)
    kept_on = Day("保管日", "Kept on")
    keep_until_on = Day("保管期限", "Keep until")
    checked_on = Day("完全性の確認日", "Integrity checked on")
    intact = Flag("完全", "Intact", help_ja="確認時のハッシュ値が一致", help_en="The hash was the same")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("kept_on", "keep_until_on"))
        text = values.get("sha256")
        if text and (len(text) != 64 or any(c not in "0123456789abcdef" for c in text)):
            found["sha256"] = [
                Text("SHA-256 は小文字の16進数64文字です。", "A SHA-256 is 64 lower-case hexadecimal digits.")
            ]
        return found
