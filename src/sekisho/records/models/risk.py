"""Risks, what is done about them, and where the member departs from the rule's defaults."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import AnyReference, Choice, Day, Line, Number, Reference, Words
from sekisho.records.models.organisation import Person, System
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import MANAGERS, RISK

LEVELS = "1 極小、2 小、3 中、4 大、5 甚大", "1 very low, 2 low, 3 medium, 4 high, 5 very high"
DECISIONS = {"change": ("変更する", "Change"), "no_change": ("変更しない", "No change")}


class Risk(Record):
    """A system risk: what could happen to a system or service, or through a vendor, how grave, and what level is accepted."""

    about = Kind(
        "risk", "リスク", "Risk", "R", "risk", ("2-1-1", "2-1-2", "3-1", "3-2", "8-2", "25-4"), "title", MANAGERS,
        columns=("title", "system", "category", "inherent_level", "residual_level", "accepted_level", "assessed_on", "owner"),
        help=Text("システムリスクの特定と評価。固有・残存リスクと許容水準を記録します。", "System risks identified and assessed: inherent and residual level, and the level accepted."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    system = Reference(System, "システム", "System")
    service = Line(
        "サービス",
        "Service",
        help_ja="特定のシステムに属さない場合",
        help_en="Where it belongs to no one system",
    )
    vendor = Reference("Vendor", "外部委託先", "Vendor", help_ja="委託に伴うリスクの場合（第25条第4項）", help_en="Of work that a vendor does (25-4)")  # fmt: skip
    project = Reference("Project", "開発案件", "Project", help_ja="システム統合のリスク（第23条）", help_en="Risk of an integration (23)")  # fmt: skip
    category = Choice(
        "区分",
        "Category",
        {
            "failure": ("不備等（第2条第1号）", "Failure (2-1-1)"),
            "misuse": ("不正使用（第2条第2号）", "Misuse (2-1-2)"),
        },
        required=True,
    )
    cause = Words("原因", "Cause")
    inherent_level = Number(
        "固有リスク", "Inherent level", least=1, most=5, help_ja=LEVELS[0], help_en=LEVELS[1]
    )
    residual_level = Number(
        "残存リスク", "Residual level", least=1, most=5, help_ja=LEVELS[0], help_en=LEVELS[1]
    )
    accepted_level = Number(
        "許容水準", "Accepted level", least=1, most=5, help_ja=LEVELS[0], help_en=LEVELS[1]
    )
    assessed_on = Day("評価日", "Assessed on")
    owner = Reference(Person, "責任者", "Owner")
    decision = Choice(
        "見直しの決定",
        "Decision",
        DECISIONS,
        help_ja="評価の結果を受けて体制を変えるか（第8条第2項）",
        help_en="Does the structure change in the light of it (8-2)?",
    )
    decision_reason = Words("決定の理由", "Reason of the decision")
    decided_on = Day("決定日", "Decided on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("assessed_on", "decided_on"))
        if not any(values.get(name) for name in ("system", "service", "vendor", "project")):
            found["system"] = [
                Text(
                    "システム、サービス、外部委託先、開発案件のいずれかを指定してください。",
                    "Name a system, a service, a vendor or a project.",
                )
            ]
        if values.get("decision") and not values.get("decision_reason"):
            found["decision_reason"] = [
                Text("決定の理由を入力してください。", "Give the reason of the decision.")
            ]
        return found


class Treatment(Record):
    """What is done about a risk, by whom and by when."""

    about = Kind(
        "treatment", "リスク対応", "Treatment", "T", "risk", ("3-1",), "title", MANAGERS,
        columns=("title", "risk", "kind", "owner", "due_on", "done_on"),
        help=Text("リスクごとの対応策と責任者、期限。", "What is done about each risk, by whom and by when."),
    )  # fmt: skip
    title = Line("内容", "Title", required=True)
    risk = Reference(Risk, "リスク", "Risk", required=True)
    kind = Choice(
        "方針",
        "Kind",
        {
            "reduce": ("低減", "Reduce"),
            "avoid": ("回避", "Avoid"),
            "share": ("移転・共有", "Share"),
            "accept": ("受容", "Accept"),
        },
        required=True,
    )
    owner = Reference(Person, "責任者", "Owner")
    due_on = Day("期限", "Due")
    done_on = Day("完了日", "Done")


class GrantedException(Record):
    """An approved departure: a clause or one subject of it need not be met for a time, or does not apply.

    `otherwise`: the clause only gives an example, and the member does something else that serves as well.
    """

    about = Kind(
        "exception", "例外", "Exception", "EX", "risk", ("3-3",), "clause", RISK,
        approvers=lambda _: frozenset({"chief_system_officer", "representative_director"}),
        columns=("clause", "kind", "subject", "reason", "from_on", "until_on"),
        help=Text("承認された例外、例示に代わる措置、「適用なし」。理由を付け、例外には期限を定めます。", "Approved departures from a clause, with a reason and an end; what is done in place of an example; 'not applicable'."),
    )  # fmt: skip
    clause = Line("条項", "Clause", required=True, help_ja="例 7-1", help_en="Such as 7-1")
    kind = Choice(
        "種類",
        "Kind",
        {
            "exception": ("例外", "Exception"),
            "not_applicable": ("適用なし", "Not applicable"),
            "otherwise": ("代替措置", "Done otherwise"),
        },
        required=True,
        help_ja="「代替措置」は例示・指針の条項に限り、理由と代替措置の内容が必要",
        help_en="'Done otherwise' is for guidance clauses alone, with the reason and the equivalent measure",
    )
    subject = AnyReference(
        "対象",
        "Subject",
        help_ja="特定の記録に限る場合「種別:キー」。空欄は条項全体",
        help_en="kind:key where it is for one record; empty for the whole clause",
    )
    reason = Words("理由", "Reason", required=True)
    equivalent = Words("代替措置", "Equivalent measure")
    from_on = Day("開始日", "From", required=True)
    until_on = Day(
        "終了日", "Until", help_ja="最終日。例外には必須", help_en="The last day; an exception needs one"
    )

    class Meta:
        db_table = "records_exception"

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("from_on", "until_on"))
        if values.get("kind") == "exception" and not values.get("until_on"):
            found["until_on"] = [Text("例外には終了日が必要です。", "An exception needs an end.")]
        if values.get("kind") == "otherwise" and not (values.get("equivalent") or "").strip():
            found["equivalent"] = [
                Text(
                    "代わりに講じている措置を入力してください。",
                    "Say what is done in place of what the clause names.",
                )
            ]
        return found


class Tolerance(Record):
    """The member's own number in place of a limit. Tighter freely; looser only by approval."""

    about = Kind(
        "tolerance", "許容", "Tolerance", "TO", "risk", ("3-3",), "limit", RISK,
        approvers=lambda _: frozenset({"chief_system_officer", "representative_director"}),
        columns=("limit", "value", "reason", "from_on", "until_on"),
        help=Text("限度値に代わる会員独自の値。緩める場合は承認と理由が必要です。", "The member's own number in place of a limit. Looser takes approval and a reason."),
    )  # fmt: skip
    limit = Line(
        "限度",
        "Limit",
        required=True,
        help_ja="限度の名称（限度一覧を参照）",
        help_en="The limit's name (see the list of limits)",
    )
    value = Number("値", "Value", required=True)
    reason = Words("理由", "Reason")
    from_on = Day("開始日", "From", required=True)
    until_on = Day("終了日", "Until")
