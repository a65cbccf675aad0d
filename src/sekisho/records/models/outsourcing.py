"""Who works for the member from outside: vendors, contracts, services, chains of subcontractors, users' data, clouds."""

from __future__ import annotations

from django.db import transaction

from sekisho.kernel.texts import Text
from sekisho.records.chains import Chain, Link, link_of, vendor_words
from sekisho.records.fields import Choice, Day, Flag, Line, Number, Reference, References, Words
from sekisho.records.models.organisation import Person
from sekisho.records.models.policy import Document
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import MANAGEMENT, OUTSOURCING

COUNTRY_HELP = {"help_ja": "ISO 3166 の2文字。例 JP", "help_en": "Two letters of ISO 3166, such as JP"}


def country_problems(values: Values) -> Problems:
    """A country is written as two capital letters."""
    country = values.get("country")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        return {
            "country": [
                Text(
                    "国は ISO 3166 の2文字（例 JP）で入力してください。",
                    "Write the country as the two capital letters of ISO 3166, such as JP.",
                )
            ]
        }
    return {}


class Vendor(Record):
    """A firm that works for the member, or for one that does."""

    about = Kind(
        "vendor", "外部委託先", "Vendor", "V", "outsourcing", ("25-1", "25-2", "25-4", "26-1", "26-4"), "name", OUTSOURCING,
        columns=("name", "country", "group", "important", "since_on", "until_on"),
        help=Text("外部委託先と、その先の再委託先。重要な委託先は業務から導かれ、指定もできます。", "Vendors and their subcontractors. Which are important follows from what they do, and may be set."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    country = Line("国", "Country", max_length=2, **COUNTRY_HELP)
    group = Line("企業グループ", "Group", help_ja="集中リスクの把握に使用", help_en="To see concentration")
    important = Flag(
        "重要な委託先の指定",
        "Set as important",
        help_ja="「はい」は重要度の自動判定にかかわらず重要とする。空欄は自動判定",
        help_en="Yes makes it important whatever follows from its services; empty leaves it to them",
    )
    business = Words("事業内容", "Business")
    contact = Line("連絡先", "Contact", personal=True)
    since_on = Day("取引開始日", "Since", required=True)
    until_on = Day("取引終了日", "Until")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("since_on", "until_on")) | country_problems(values)


class VendorEvaluation(Record):
    """A vendor judged by the criteria of the day."""

    about = Kind(
        "vendor_evaluation", "委託先評価", "Vendor evaluation", "VE", "outsourcing", ("25-1",), "vendor", OUTSOURCING,
        columns=("vendor", "criteria", "done_on", "decision", "evaluated_by"),
        help=Text("選定基準に基づく委託先の評価。契約前と定期に行います。", "Vendors judged by the criteria: before a contract, and regularly."),
    )  # fmt: skip
    vendor = Reference(Vendor, "委託先", "Vendor", required=True)
    criteria = Reference(
        Document, "選定基準", "Criteria",
        help_ja="規程・計画類の「委託先選定基準」の版", help_en="A version of the document 'vendor criteria'",
    )  # fmt: skip
    done_on = Day("評価日", "Done on", required=True)
    scores = Words("評点", "Scores")
    decision = Choice(
        "判定",
        "Decision",
        {
            "adopt": ("採用・継続", "Adopt"),
            "conditional": ("条件付き", "With conditions"),
            "reject": ("不採用", "Reject"),
        },
    )
    conditions = Words("条件", "Conditions")
    evaluated_by = Reference(Person, "評価者", "Evaluated by")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("decision") == "conditional" and not values.get("conditions"):
            return {"conditions": [Text("条件を入力してください。", "Say what the conditions are.")]}
        return {}


class Contract(Record):
    """A contract with a vendor, and which clauses it holds."""

    about = Kind(
        "contract", "委託契約", "Contract", "CT", "outsourcing", ("25-1", "25-2", "25-3"), "title", OUTSOURCING,
        columns=("title", "vendor", "from_on", "until_on", "audit_right", "confirmed_on"),
        help=Text("委託契約と、定めのある事項。", "Contracts with vendors, and what they fix."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    vendor = Reference(Vendor, "委託先", "Vendor", required=True)
    from_on = Day("開始日", "From", required=True)
    until_on = Day("終了日", "Until", help_ja="最終日。空欄は期限なし", help_en="The last day; empty: no end")
    renews = Flag("自動更新", "Renews by itself")
    notice_by_on = Day("解約通知の期限", "Notice to be given by")
    roles = Flag("役割分担の定め", "Fixes roles", help_ja="第25条第2項", help_en="25-2")
    audit_right = Flag("監査権限の定め", "Fixes the right to audit", help_ja="第25条第2項", help_en="25-2")
    subcontracting_procedure = Flag(
        "再委託手続の定め", "Fixes the procedure of sub-outsourcing", help_ja="第25条第2項", help_en="25-2"
    )
    service_levels = Flag("サービス水準の定め", "Fixes service levels", help_ja="第25条第2項", help_en="25-2")
    rules = Flag("遵守ルールの明記", "Names the rules to keep", help_ja="第25条第3項", help_en="25-3")
    security_requirements = Flag(
        "セキュリティ要件の明記", "Names the security requirements", help_ja="第25条第3項", help_en="25-3"
    )
    confirmed_on = Day(
        "委託先の確認日", "Confirmed by the vendor on",
        help_ja="委託先がルールと要件を確認した日（第25条第3項）", help_en="When the vendor confirmed rules and requirements (25-3)",
    )  # fmt: skip

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("from_on", "until_on"), ("notice_by_on", "until_on"))


class OutsourcedService(Record):
    """A piece of the member's work that a vendor does."""

    about = Kind(
        "outsourced_service", "委託業務", "Outsourced service", "OS", "outsourcing", ("25-2", "25-4", "26-1", "26-2", "26-3", "27"), "name", OUTSOURCING,
        columns=("name", "vendor", "systems", "in_charge", "holds_users_data", "since_on", "until_on"),
        help=Text("委託している業務、関係するシステムと自社の担当者。", "Outsourced work, its systems, and the member's own person in charge."),
    )  # fmt: skip
    name = Line("業務名", "Name", required=True)
    vendor = Reference(Vendor, "委託先", "Vendor", required=True)
    contract = Reference(Contract, "契約", "Contract")
    systems = References("system", "関係するシステム", "Systems", help_ja="停止すると影響を受けるシステム", help_en="What stops if it stops")  # fmt: skip
    in_charge = Reference(
        Person, "自社の担当者", "Own person in charge", help_ja="委託先任せにしない（第26条第2項）", help_en="Not left to the vendor (26-2)"
    )  # fmt: skip
    holds_users_data = Flag("利用者データの取扱い", "Holds users' data")
    is_cloud = Flag(
        "クラウド利用",
        "Runs on a cloud service",
        help_ja="「はい」の場合、委託先か再委託先のクラウドサービスが台帳に必要（第27条）",
        help_en="If so, a cloud service of the vendor or of one in its chain must be on record (27)",
    )
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")
    chain_checked_on = Day(
        "委託連鎖の確認日", "Chain checked on",
        help_ja="最終受託者まで再委託の有無を確認した日（第26条第1項）", help_en="When it was last asked who works for it, down to the last (26-1)",
    )  # fmt: skip


class Subcontract(Record):
    """One link of a service's chain: who hands work on, and to whom."""

    about = Kind(
        "subcontract", "再委託", "Subcontract", "SUB", "outsourcing", ("25-4", "26-1"), "service", OUTSOURCING,
        columns=("service", "from_vendor", "to_vendor", "unknown", "step", "approved_on"),
        help=Text("再委託の一段。委託先が不明な場合は「不明」とします。循環は登録できません。", "One link of a chain. Where nobody knows to whom, set 'unknown'. Circles are refused."),
    )  # fmt: skip
    service = Reference(OutsourcedService, "委託業務", "Service", required=True)
    from_vendor = Reference(Vendor, "委託元", "From", required=True)
    to_vendor = Reference(Vendor, "再委託先", "To")
    unknown = Flag("再委託先が不明", "Unknown")
    what = Line("再委託の内容", "What")
    step = Number(
        "段数", "Step", least=2, most=99,
        help_ja="二次は2、三次は3。空欄は連鎖から数える", help_en="2 for the second tier; empty: counted along the chain",
    )  # fmt: skip
    approved_on = Day("再委託の承認日", "Approved on")
    since_on = Day("開始日", "Since")
    until_on = Day("終了日", "Until")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("since_on", "until_on"))
        if bool(values.get("to_vendor")) == bool(values.get("unknown")):
            found["to_vendor"] = [
                Text(
                    "再委託先を選ぶか、「不明」を「はい」にしてください（両方は不可）。",
                    "Name to whom, or set 'unknown'; not both.",
                )
            ]
        elif values.get("to_vendor") == values.get("from_vendor"):
            found["to_vendor"] = [
                Text("委託元と再委託先が同じです。", "A vendor cannot be its own subcontractor.")
            ]
        return found

    @classmethod
    def problems_among(cls, key: str, values: Values) -> Problems:
        services = OutsourcedService.objects.filter(pk=values.get("service"))
        if transaction.get_connection().in_atomic_block:  # two who write into one chain wait for one another
            services = services.select_for_update()
        service = services.first()
        others = [link_of(r.key, r.values()) for r in cls.objects.filter(service_id=values.get("service"))]
        names = dict(Vendor.objects.filter(pk__in=_vendors(others, values)).values_list("pk", "name"))
        found: Problems = {}
        chain = Chain(service.vendor_id if service else None, others)
        for _, field, text in chain.troubles(
            link_of(key, values), values.get("step"), lambda vendor: vendor_words(vendor, names.get(vendor))
        ):
            found.setdefault(field, []).append(text)
        return found


def _vendors(links: list[Link], values: Values) -> set[str]:
    """Every vendor of a chain, with those of the link that is written."""
    written = {values["from_vendor"], values.get("to_vendor")}
    return {v for v in written.union(*((link.giver, link.to) for link in links)) if v}


class Location(Record):
    """Where data centres stand, or data lie."""

    about = Kind(
        "location", "所在地", "Location", "L", "outsourcing", ("27-1", "G27-1"), "name", OUTSOURCING,
        approvers=lambda values: frozenset({"chief_system_officer", "representative_director"}) if values.get("allowed") else frozenset(),
        columns=("name", "country", "allowed", "risk_noted_on"),
        help=Text("データセンターやデータの所在地、国の法制度・災害リスク。承認された所在地だけを利用できます。", "Where data centres stand and data lie, with the place's law and disasters. Only approved ones may be used."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True, help_ja="例 東京リージョン", help_en="Such as Tokyo region")
    country = Line("国", "Country", required=True, max_length=2, **COUNTRY_HELP)
    region = Line("事業者の地域コード", "Provider's region", help_ja="例 ap-northeast-1", help_en="Such as ap-northeast-1")  # fmt: skip
    allowed = Flag("利用可", "Allowed", help_ja="「はい」にするには承認が必要", help_en="Yes takes approval")
    risk_note = Words("国・地域のリスク", "Country risk", help_ja="法制度、政府による開示要求、自然災害など", help_en="Law, access by authorities, disasters")  # fmt: skip
    risk_noted_on = Day("リスク確認日", "Risk noted on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return country_problems(values)


class CloudService(Record):
    """A cloud service in use: where it runs, and who holds the keys."""

    about = Kind(
        "cloud_service", "クラウドサービス", "Cloud service", "CS", "outsourcing", ("25-2", "25-4", "26-1", "26-2", "26-3", "27", "27-1", "27-5", "12-5"), "name", OUTSOURCING,
        columns=("name", "vendor", "model", "systems", "locations", "key_custody"),
        help=Text("利用しているクラウドサービス、所在地、秘密鍵の保管。", "Cloud services in use, where they run, and who holds the keys."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    vendor = Reference(Vendor, "事業者", "Vendor", required=True)
    contract = Reference(Contract, "契約", "Contract")
    model = Choice(
        "形態", "Model", {"iaas": ("IaaS", "IaaS"), "paas": ("PaaS", "PaaS"), "saas": ("SaaS", "SaaS")}
    )
    systems = References("system", "利用するシステム", "Systems")
    locations = References("location", "所在地", "Locations")
    location_confirmed_on = Day("所在地の確認日", "Locations confirmed on")
    key_custody = Choice(
        "秘密鍵の保管", "Key custody",
        {"none": ("鍵を置かない", "No keys kept"), "member": ("自社のみが使用可", "The member alone"), "shared": ("自社と事業者の分割管理", "Split between both"), "provider": ("事業者のみが使用可", "The provider alone")},
    )  # fmt: skip
    holds_users_data = Flag("利用者データの保有", "Holds users' data")
    in_charge = Reference(Person, "自社の担当者", "Own person in charge")
    since_on = Day("利用開始日", "Since", required=True)
    until_on = Day("利用終了日", "Until")


POINTS = {
    "1": ("1 設置場所", "1 Where the data centres are"),
    "2": ("2 契約上の義務・保証", "2 Duties and guarantees"),
    "3": ("3 データのセキュリティ", "3 Security of data"),
    "4": ("4 実施状況の確認", "4 Confirming that it is done"),
    "5": ("5 秘密鍵情報の管理", "5 Private keys"),
    "6": ("6 その他重要情報の管理", "6 Other important information"),
    "7": ("7 稼働の安定性", "7 Stability"),
    "8": ("8 処理能力", "8 Processing capacity"),
    "9": ("9 緊急事態への対応能力", "9 Emergencies"),
}


class CloudPoint(Record):
    """One of the nine points of article 27, assessed for a cloud service."""

    about = Kind(
        "cloud_point", "クラウドの留意事項", "Cloud point", "CP", "outsourcing", ("27-2", "27-3", "27-4", "27-5", "27-6", "27-9", "G27-3"), "point", OUTSOURCING,
        columns=("cloud_service", "point", "assessed_on", "result"),
        help=Text("第27条の九つの留意事項の評価。", "The nine points of article 27, assessed for each cloud service."),
    )  # fmt: skip
    cloud_service = Reference(CloudService, "クラウドサービス", "Cloud service", required=True)
    point = Choice("留意事項", "Point", POINTS, required=True)
    assessed_on = Day("評価日", "Assessed on", required=True)
    assessed_by = Reference(Person, "評価者", "Assessed by")
    result = Choice(
        "結果", "Result",
        {"good": ("適切", "Good"), "improve": ("要改善", "To improve"), "bad": ("不適切", "Bad")}, required=True,
    )  # fmt: skip
    reason = Words("理由", "Reason")
    access = Words("アクセスできる者と履歴", "Who has access, and its records", help_ja="データのセキュリティ（ガイドライン第27条第3号関係）", help_en="Point 3 (guideline to 27-3)")  # fmt: skip
    leaks = Words(
        "流出の可能性", "How data could leak", help_ja="同上", help_en="Point 3 (guideline to 27-3)"
    )
    migration = Words(
        "移行と廃棄", "Migration and disposal", help_ja="同上", help_en="Point 3 (guideline to 27-3)"
    )


class DataHolding(Record):
    """Users' data in a vendor's or a cloud's hands: what, where, who, since when, and how it is traced."""

    about = Kind(
        "data_holding", "利用者データの所在", "Data holding", "DH", "outsourcing", ("26-3", "27", "27-3", "G27-1"), "what", OUTSOURCING,
        columns=("what", "vendor", "cloud_service", "location", "traced_by", "checked_on"),
        help=Text("委託先・クラウドにある利用者データ。何を・どこに・だれが・いつから。", "Users' data with vendors and clouds: what, where, who, since when."),
    )  # fmt: skip
    what = Line("データの内容", "What", required=True)
    vendor = Reference(Vendor, "委託先", "Vendor")
    cloud_service = Reference(CloudService, "クラウドサービス", "Cloud service")
    location = Reference(Location, "所在地", "Location")
    access = Words("アクセスできる者", "Who has access")
    since_on = Day("開始日", "Since")
    until_on = Day("終了日", "Until", help_ja="返却・廃棄の日", help_en="When returned or destroyed")
    traced_by = Choice(
        "追跡の方法", "Traced by",
        {"log_feed": ("ログの受領", "Log feed"), "equivalent": ("準じた措置", "Equivalent measure"), "none": ("なし", "Not traced")},
    )  # fmt: skip
    equivalent = Words("準じた措置の内容と理由", "Equivalent measure and why", help_ja="ログを受け取れない場合（ガイドライン第26条第3項関係）", help_en="Where logs cannot be had (guideline to 26-3)")  # fmt: skip
    checked_on = Day("確認日", "Checked on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("since_on", "until_on"))
        if bool(values.get("vendor")) == bool(values.get("cloud_service")):
            found["vendor"] = [
                Text("委託先かクラウドサービスのいずれか一つを指定してください。", "Name a vendor or a cloud service, one of them.")
            ]  # fmt: skip
        if values.get("traced_by") == "equivalent" and not values.get("equivalent"):
            found["equivalent"] = [
                Text("措置の内容と理由を入力してください。", "Say which measure, and why.")
            ]
        return found


class AssuranceReport(Record):
    """A certificate or an assurance report of a vendor."""

    about = Kind(
        "assurance_report", "認証・保証報告書", "Assurance report", "AR", "outsourcing", ("26-4",), "scope", OUTSOURCING | MANAGEMENT,
        columns=("vendor", "kind", "scope", "from_on", "until_on"),
        help=Text("委託先の認証・内部統制報告書と、その範囲・有効期間。", "Vendors' certificates and control reports, with scope and validity."),
    )  # fmt: skip
    vendor = Reference(Vendor, "委託先", "Vendor", required=True)
    kind = Choice(
        "種類", "Kind",
        {"iso27001": ("ISO/IEC 27001", "ISO/IEC 27001"), "iso27017": ("ISO/IEC 27017", "ISO/IEC 27017"), "soc2": ("SOC 2", "SOC 2"), "soc3": ("SOC 3", "SOC 3"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    scope = Line("範囲", "Scope", required=True)
    services = References("outsourced_service", "対象の委託業務", "Services in scope")
    from_on = Day("有効期間（開始）", "From", required=True)
    until_on = Day("有効期間（終了）", "Until", required=True)
    remarks = Words("指摘・除外事項", "Qualifications")
