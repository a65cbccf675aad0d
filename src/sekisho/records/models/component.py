"""What systems are made of: components and their relations, licences, and reconciliation with what is found."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, Flag, Instant, Line, Number, Reference
from sekisho.records.models.organisation import System
from sekisho.records.models.outsourcing import CloudService, OutsourcedService
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import DEVELOPMENT, OPERATION

COMPONENT_KINDS = {
    "hardware": ("機器", "Hardware"),
    "network": ("ネットワーク", "Network"),
    "hosting": ("設置場所・ホスティング", "Hosting"),
    "software": ("ソフトウェア", "Software"),
    "licence": ("ライセンス", "Licence"),
    "connection": ("接続", "Connection"),
    "document": ("文書", "Document"),
    "cloud": ("クラウド", "Cloud"),
    "outsourced": ("委託業務", "Outsourced service"),
}
PHYSICAL = ("hardware", "network", "hosting", "cloud")
DISCOVERED = (
    "hardware",
    "network",
    "software",
    "connection",
    "cloud",
)  # kinds that tools find, unless said otherwise


class Component(Record):
    """A part of a system, physical or logical: registered by people, discovered by tools, or both."""

    about = Kind(
        "component", "構成要素", "Component", "C", "operation", ("12-2", "12-4", "12-5"), "name", OPERATION | DEVELOPMENT,
        columns=("name", "kind", "system", "identifier", "registered_on", "last_seen_at", "confirmed_on"),
        help=Text("システムの物理・論理の構成要素。登録と検出を突き合わせます。", "Physical and logical parts of systems: what is registered against what is discovered."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    kind = Choice("種類", "Kind", COMPONENT_KINDS, required=True)
    system = Reference(System, "システム", "System")
    identifier = Line(
        "識別子", "Identifier", help_ja="purl、シリアル番号、ARN など", help_en="A purl, serial number, ARN"
    )
    version = Line("版", "Version")
    cloud_service = Reference(CloudService, "クラウドサービス", "Cloud service")
    service = Reference(OutsourcedService, "委託業務", "Outsourced service")
    registered_on = Day(
        "登録日",
        "Registered on",
        help_ja="空欄は検出のみで未登録",
        help_en="Empty: discovered, not registered",
    )
    first_seen_at = Instant("初回検出日時", "First seen at")
    last_seen_at = Instant("最終検出日時", "Last seen at")
    seen_by = Line("検出元", "Seen by", help_ja="検出したツール", help_en="The tool that found it")
    discoverable = Flag("自動検出の対象", "Can be discovered", help_ja="「いいえ」は検出と突き合わせない。空欄は種類による（設置場所・ライセンス・文書・委託業務は対象外）", help_en="No: it is not compared with discovery. Empty: by its kind (not hosting, licences, documents, outsourced services)")  # fmt: skip
    confirmed_on = Day("確認日", "Confirmed on")
    until_on = Day("廃止日", "Until")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("registered_on", "until_on"), ("first_seen_at", "last_seen_at"))


class Relation(Record):
    """How a component stands to another."""

    about = Kind(
        "relation", "関係", "Relation", "RE", "operation", ("12-4",), "kind", OPERATION | DEVELOPMENT,
        columns=("from_component", "kind", "to_component"), unique=(("from_component", "kind", "to_component"),),
        help=Text("構成要素どうしの関係（稼働先・接続・ライセンス・文書）。", "How components stand to each other: runs on, connects to, licensed by, documented in."),
    )  # fmt: skip
    from_component = Reference(Component, "構成要素", "From", required=True)
    kind = Choice(
        "関係", "Kind",
        {"runs_on": ("の上で動く", "Runs on"), "connects_to": ("に接続する", "Connects to"), "licensed_by": ("の許諾による", "Licensed by"), "documented_in": ("に記載がある", "Documented in")},
        required=True,
    )  # fmt: skip
    to_component = Reference(Component, "相手", "To", required=True)

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("from_component") and values["from_component"] == values.get("to_component"):
            return {"to_component": [Text("同じ構成要素です。", "It is the same component.")]}
        return {}


class Licence(Record):
    """The right to use a component, and until when."""

    about = Kind(
        "licence", "ライセンス", "Licence", "LI", "operation", ("12-4-2",), "title", OPERATION | DEVELOPMENT,
        columns=("title", "component", "count", "ends_on"),
        help=Text("ライセンスの数と終了日。", "Licences, their number and their end."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    component = Reference(Component, "構成要素", "Component", required=True)
    count = Number("数", "Count")
    ends_on = Day(
        "終了日", "Ends on", help_ja="最終日。空欄は期限なし", help_en="The last day; empty: no end"
    )
    renewed_by = Reference("self", "更新後のライセンス", "Renewed by")


class Reconciliation(Record):
    """The register compared with what tools discovered."""

    about = Kind(
        "reconciliation", "構成照合", "Reconciliation", "RC", "operation", ("12-6",), "source", OPERATION | DEVELOPMENT,
        columns=("done_on", "source", "matched", "missing", "extra"),
        help=Text("登録と検出の照合と一致の件数。", "The register against discovery, counted."),
    )  # fmt: skip
    done_on = Day("実施日", "Done on", required=True)
    source = Line("検出元", "Source", required=True)
    system = Reference(System, "システム", "System", help_ja="空欄は全体", help_en="Empty: all")
    matched = Number("一致", "Matched", required=True)
    missing = Number("登録漏れ", "Discovered, not registered", required=True)
    extra = Number("未検出", "Registered, not seen", required=True)
