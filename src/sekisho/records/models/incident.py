"""Incidents and what was told to whom about them."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import AnyReference, Choice, Day, Instant, Line, Reference, References, Words
from sekisho.records.models.organisation import Person, Unit
from sekisho.records.models.risk import DECISIONS
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import RESPONSE

STATES = {
    "draft": ("検知（未確定）", "Draft"),
    "open": ("対応中", "Open"),
    "closed": ("終結", "Closed"),
    "dismissed": ("対象外", "Dismissed"),
}


class Incident(Record):
    """A failure, attack, leak or other trouble, from its detection to its closing."""

    about = Kind(
        "incident", "インシデント", "Incident", "INC", "incident", ("4-5", "6-1-3", "7-3", "8-2"), "title", RESPONSE,
        columns=("title", "kind", "severity", "state", "detected_at", "commander"),
        help=Text("障害・攻撃・漏えいなど。検知から終結までの時刻と原因を記録します。", "Failures, attacks and leaks: times from detection to closing, and the cause."),
    )  # fmt: skip
    title = Line("件名", "Title", required=True)
    kind = Choice(
        "種類", "Kind",
        {"failure": ("システム障害", "Failure"), "attack": ("サイバー攻撃", "Attack"), "leak": ("情報漏えい", "Leak"), "misuse": ("不正使用", "Misuse"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    severity = Choice(
        "重大度", "Severity", {"serious": ("重大", "Serious"), "minor": ("軽微", "Minor")}, required=True
    )
    state = Choice("状態", "State", STATES, required=True)
    systems = References("system", "システム", "Systems")
    unit = Reference(Unit, "部署", "Unit")
    detected_at = Instant("検知日時", "Detected at", required=True)
    reported_at = Instant(
        "統括管理責任者への報告日時",
        "Reported to the chief system officer at",
        help_ja="直ちに（第7条第3項）",
        help_en="At once (7-3)",
    )
    declared_at = Instant("宣言日時", "Declared at")
    contained_at = Instant("封じ込め日時", "Contained at")
    recovered_at = Instant("復旧日時", "Recovered at")
    commander = Reference(Person, "対応指揮者", "Commander")
    root_cause = Words("根本原因", "Root cause")
    closed_at = Instant("終結日時", "Closed at")
    decision = Choice(
        "見直しの決定",
        "Decision",
        DECISIONS,
        help_ja="分析を受けて体制を変えるか（第8条第2項）",
        help_en="Does the structure change in the light of it (8-2)?",
    )
    decision_reason = Words("決定の理由", "Reason of the decision")
    decided_on = Day("決定日", "Decided on")
    source = Line("検知元", "Source", help_ja="取り込み元のツール", help_en="The tool that it was taken from")
    source_key = Line("検知元の識別子", "Source's identifier")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(
            values, ("detected_at", "reported_at"), ("detected_at", "declared_at"), ("detected_at", "contained_at"),
            ("detected_at", "recovered_at"), ("detected_at", "closed_at"),
        )  # fmt: skip
        if values.get("state") == "closed" and not values.get("closed_at"):
            found["closed_at"] = [Text("終結した日時を入力してください。", "Say when it was closed.")]
        return found


class Notice(Record):
    """A notice to an authority, the association, users or the public."""

    about = Kind(
        "notice", "通知・報告", "Notice", "N", "incident", ("6-1-3",), "text", RESPONSE,
        columns=("about_record", "to", "due_at", "sent_at"),
        help=Text("当局・協会・利用者への通知と公表の記録。", "Notices to authorities, the association, users and the public."),
    )  # fmt: skip
    about_record = AnyReference(
        "対象", "About", required=True, help_ja="例 incident:INC-0001", help_en="Such as incident:INC-0001"
    )
    to = Choice(
        "宛先",
        "To",
        {
            "authority": ("当局", "Authority"),
            "association": ("協会", "Association"),
            "users": ("利用者", "Users"),
            "public": ("公表", "Public"),
        },
        required=True,
    )
    due_at = Instant("期限", "Due at")
    sent_at = Instant("送付日時", "Sent at")
    approved_by = Reference(Person, "承認者", "Approved by")
    text = Words("送付した文面", "Text as sent")
