"""How systems run: monitors and what they measured."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, Flag, Instant, Line, Number, Quantity, Reference, Words
from sekisho.records.models.organisation import Person, System
from sekisho.records.models.outsourcing import CloudService
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import OPERATION

STATES = {"good": ("正常", "Good"), "bad": ("異常", "Bad"), "unknown": ("不明", "Unknown")}
ANOMALY_DECISIONS = {
    "act": ("対応する", "Act on it"),
    "accept": ("受け入れる", "Accept it"),
    "false_alarm": ("誤検知", "False alarm"),
}


class Monitor(Record):
    """Something that is measured of a system or a cloud service, the level agreed for it, and how often."""

    about = Kind(
        "monitor", "監視項目", "Monitor", "MO", "operation", ("12-1", "15-1", "21-1", "27-7", "27-8"), "title", OPERATION,
        columns=("title", "system", "cloud_service", "what", "bound", "gap_minutes"),
        help=Text("システムとクラウドの監視項目、合意した水準、測定の間隔。", "What is measured of systems and clouds, the level agreed, and how often."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    system = Reference(System, "システム", "System")
    cloud_service = Reference(CloudService, "クラウドサービス", "Cloud service")
    what = Choice(
        "項目", "What",
        {"availability": ("稼働率（%）", "Availability (%)"), "peak_load": ("最大負荷（処理能力比 %）", "Peak load (% of capacity)"), "response": ("応答時間（ミリ秒）", "Response time (ms)"), "error_rate": ("エラー率（%）", "Error rate (%)"), "heartbeat": ("死活", "Heartbeat"), "defects": ("不具合件数", "Defects"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    aspect = Choice(
        "品質の観点", "Aspect of quality",
        {"performance": ("性能", "Performance"), "defects": ("不具合", "Defects"), "security": ("セキュリティ", "Security"), "stability": ("安定性", "Stability"), "asset_safety": ("利用者財産の安全", "Safety of users' assets")},
        help_ja="品質管理の指標とする場合（第15条）", help_en="Where it is an indicator of quality (15)",
    )  # fmt: skip
    bound = Quantity(
        "水準",
        "Agreed level",
        help_ja="項目の単位で。例 99.95",
        help_en="In the unit of the item, such as 99.95",
    )
    direction = Choice(
        "水準の向き", "Direction", {"at_least": ("以上", "At least"), "at_most": ("以下", "At most")},
    )  # fmt: skip
    gap_minutes = Number("測定の間隔の上限（分）", "Longest gap (minutes)", least=1, help_ja="空欄は限度値による", help_en="Empty: by the limit")  # fmt: skip
    source = Line("測定元", "Source", help_ja="監視ツール等", help_en="The tool that measures")
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("since_on", "until_on"))
        if bool(values.get("system")) == bool(values.get("cloud_service")):
            found["system"] = [
                Text("システムかクラウドサービスのいずれか一つを指定してください。", "Name a system or a cloud service, one of them.")
            ]  # fmt: skip
        if (values.get("bound") is None) != (values.get("direction") is None):
            found["direction"] = [
                Text("水準とその向きは一緒に入力してください。", "Give level and direction together.")
            ]
        return found


class Measurement(Record):
    """One measured value, or the state seen, and what was decided where it was out of bounds."""

    about = Kind(
        "measurement", "測定値", "Measurement", "ME", "operation", ("15-1", "21-1", "27-7", "27-8"), "monitor", OPERATION,
        columns=("monitor", "at", "value", "state", "decision"),
        help=Text("監視項目の測定値。水準を外れた場合の判断も記録します。", "Measured values; and the decision where one was out of bounds."),
    )  # fmt: skip
    monitor = Reference(Monitor, "監視項目", "Monitor", required=True)
    at = Instant("測定日時", "At", required=True)
    value = Quantity("値", "Value")
    state = Choice("状態", "State", STATES)
    planned = Flag("計画停止中", "In a planned stop")
    decision = Choice("判断", "Decision", ANOMALY_DECISIONS)
    decision_reason = Words("判断の理由", "Reason of the decision")
    decided_by = Reference(Person, "判断した人", "Decided by")
    decided_on = Day("判断日", "Decided on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("decision") and not (values.get("decision_reason") and values.get("decided_on")):
            return {
                "decision_reason": [
                    Text("判断の理由と日を入力してください。", "Give the reason and the day of the decision.")
                ]
            }
        return {}


class OperationAnalysis(Record):
    """How a system ran over a period, looked at and judged."""

    about = Kind(
        "operation_analysis", "稼働分析", "Operation analysis", "OA", "operation", ("21-2",), "conclusion", OPERATION,
        columns=("system", "period_from_on", "period_until_on", "done_on", "anomalies", "conclusion"),
        help=Text("期間ごとの稼働状況の分析と、異常への判断。", "How systems ran over a period, and what was decided on anomalies."),
    )  # fmt: skip
    system = Reference(System, "システム", "System", required=True)
    period_from_on = Day("対象期間（開始）", "Period from", required=True)
    period_until_on = Day("対象期間（終了）", "Period until", required=True)
    done_on = Day("分析日", "Done on", required=True)
    anomalies = Number("異常の件数", "Anomalies", required=True)
    conclusion = Line("結論", "Conclusion", required=True)
    decision = Choice("異常への判断", "Decision on anomalies", ANOMALY_DECISIONS)
    decision_reason = Words("判断の理由", "Reason of the decision")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("period_from_on", "period_until_on"), ("period_until_on", "done_on"))


class Maintenance(Record):
    """A maintenance of a system: planned, announced, done."""

    about = Kind(
        "maintenance", "メンテナンス", "Maintenance", "MT", "operation", ("13-1", "13-2"), "what", OPERATION,
        columns=("system", "what", "planned_from_at", "planned_until_at", "stops_service", "announced_at", "done_until_at"),
        help=Text("メンテナンスの予定・公表・実施。停止予定は公開ページに掲載されます。", "Maintenance: planned, announced, done. Planned stops stand on the public page."),
    )  # fmt: skip
    system = Reference(System, "システム", "System", required=True)
    what = Line("内容", "What", required=True)
    planned_from_at = Instant("予定（開始）", "Planned from", required=True)
    planned_until_at = Instant("予定（終了）", "Planned until", required=True)
    stops_service = Flag("サービスの停止", "Stops the service", required=True)
    urgent = Flag(
        "緊急",
        "Urgent",
        help_ja="予告期間を置けない臨時の停止。開始までの公表が必要（第13条第2項）",
        help_en="No time for notice in advance: announced by its beginning at the latest (13-2)",
    )
    announced_at = Instant(
        "公表日時", "Announced at", help_ja="公表日時以後、公開ページに掲載されます", help_en="From then on it stands on the public page"
    )  # fmt: skip
    announcement = Words("公表文", "Announcement", help_ja="利用者が読む文。公開ページに掲載", help_en="What users read on the public page")  # fmt: skip
    change_announced_at = Instant(
        "変更の公表日時",
        "Change announced at",
        help_ja="予定と違う開始・終了を公表した日時",
        help_en="When it was announced that the stop begins or ends otherwise than planned",
    )
    change_announcement = Words("変更の公表文", "Announcement of the change")
    done_from_at = Instant("実施（開始）", "Done from")
    done_until_at = Instant("実施（終了）", "Done until")
    result = Words("結果", "Result")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("planned_from_at", "planned_until_at"), ("done_from_at", "done_until_at"))
