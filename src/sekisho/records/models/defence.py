"""Defence against attacks and fraud: safeguards, measures, vulnerabilities, tests, authentication, channels."""

from __future__ import annotations

from decimal import Decimal

from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    Choice,
    Day,
    Flag,
    Instant,
    Line,
    Quantity,
    Reference,
    References,
    Several,
    Words,
)
from sekisho.records.models.component import Component
from sekisho.records.models.cybersecurity import SEVERITIES
from sekisho.records.models.governance import Assessment
from sekisho.records.models.incident import Incident
from sekisho.records.models.organisation import Person, System
from sekisho.records.models.policy import Document
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import CYBERSECURITY, DEVELOPMENT, MANAGERS, OPERATION, RESPONSE, ROLES

LAYERS = {"entry": ("入口", "Entry"), "inside": ("内部", "Inside"), "exit": ("出口", "Exit")}
KILL_CHAIN = {
    "reconnaissance": ("偵察", "Reconnaissance"),
    "weaponization": ("武器化", "Weaponization"),
    "delivery": ("配送", "Delivery"),
    "exploitation": ("攻撃", "Exploitation"),
    "installation": ("インストール", "Installation"),
    "command_and_control": ("遠隔操作", "Command and control"),
    "actions": ("目的の実行", "Actions on objectives"),
}


class Safeguard(Record):
    """A technical or organisational protection: its layer, the step of an attack that it breaks, whether it works."""

    about = Kind(
        "safeguard", "防御策", "Safeguard", "SG", "cybersecurity", ("10-1", "G10-1"), "title", CYBERSECURITY,
        columns=("title", "layer", "step", "systems", "verified_on", "result"),
        help=Text("入口・内部・出口の防御策と、攻撃のどの段階を防ぐか、検証の結果。", "Safeguards by layer and by the step of an attack, with their verification."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    layer = Choice("層", "Layer", LAYERS, required=True)
    step = Choice("攻撃の段階", "Kill-chain step", KILL_CHAIN)
    techniques = Several("攻撃手法", "Techniques", help_ja="MITRE ATT&CK の番号。例 T1566", help_en="Numbers of MITRE ATT&CK, such as T1566")  # fmt: skip
    systems = References("system", "対象システム", "Systems")
    verified_on = Day("検証日", "Verified on")
    result = Choice(
        "検証結果", "Result",
        {"effective": ("有効", "Effective"), "partial": ("一部有効", "Partly"), "ineffective": ("無効", "Ineffective")},
    )  # fmt: skip
    since_on = Day("開始日", "Since")
    until_on = Day("終了日", "Until")


class ResponseMeasure(Record):
    """What is done under attack: to block, to spread the load, to stop, to preserve traces; who may order it, when tested."""

    about = Kind(
        "response_measure", "攻撃時の措置", "Response measure", "RM", "cybersecurity", ("10-2-1", "10-2-2", "10-2-3", "10-2-4"), "title", CYBERSECURITY,
        columns=("title", "kind", "systems", "ordered_by", "tested_on", "test_passed"),
        help=Text("攻撃を受けた場合の遮断・分散・停止・保全の措置と、命令できる者、試験。", "Measures under attack: block, spread, stop, preserve; who may order them, and their tests."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    kind = Choice(
        "種類", "Kind",
        {"block": ("攻撃元の遮断", "Block"), "spread": ("負荷の分散", "Spread"), "stop": ("一時停止", "Stop"), "forensics": ("証拠の保全", "Forensics")},
        required=True,
    )  # fmt: skip
    systems = References("system", "対象システム", "Systems")
    procedure = Reference(Document, "手順書", "Procedure")
    ordered_by = Choice("命令できる役割", "Who may order it", ROLES)
    tested_on = Day("試験日", "Tested on")
    test_passed = Flag("試験の合格", "Test passed")
    since_on = Day("開始日", "Since")
    until_on = Day("終了日", "Until")


class Custody(Record):
    """One hand-over of a piece of evidence of an incident."""

    about = Kind(
        "custody", "証拠の引継ぎ", "Custody", "CU", "cybersecurity", ("10-2-4",), "item", RESPONSE,
        columns=("item", "incident", "from_person", "to_person", "at", "sha256"),
        help=Text("インシデントの証拠をだれからだれへ引き継いだか。ハッシュで同一性を確かめます。", "Who handed an incident's evidence to whom; hashes show that it is the same."),
    )  # fmt: skip
    incident = Reference(Incident, "インシデント", "Incident", required=True)
    item = Line(
        "証拠物",
        "Item",
        required=True,
        help_ja="同じ証拠物には同じ名称を使用",
        help_en="The same name at every hand-over",
    )
    from_person = Reference(
        Person, "渡した人", "From", help_ja="取得時は空欄", help_en="Empty where it was taken"
    )
    to_person = Reference(Person, "受けた人", "To", required=True)
    at = Instant("日時", "At", required=True)
    sha256 = Line("ハッシュ値（SHA-256）", "Hash (SHA-256)", required=True, max_length=64)

    @classmethod
    def problems(cls, values: Values) -> Problems:
        text = values.get("sha256") or ""
        if len(text) != 64 or any(c not in "0123456789abcdef" for c in text):
            return {
                "sha256": [
                    Text(
                        "SHA-256 は小文字の16進数64文字です。",
                        "A SHA-256 is 64 lower-case hexadecimal digits.",
                    )
                ]
            }
        return {}


class Vulnerability(Record):
    """A weakness of a component: how grave, whether it is exploited, how exposed, and when it was mended."""

    about = Kind(
        "vulnerability", "脆弱性", "Vulnerability", "VU", "cybersecurity", ("10-3", "G10-3"), "title", CYBERSECURITY | DEVELOPMENT | OPERATION,
        columns=("title", "component", "severity", "exploited", "exposure", "found_on", "due_on", "fixed_on"),
        help=Text("構成要素の脆弱性。期限は深刻度・悪用・露出から導かれます。", "Weaknesses of components. Their due days follow from severity, exploitation and exposure."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    ids = Several("識別番号", "Identifiers", help_ja="CVE-2026-1234 など", help_en="Such as CVE-2026-1234")
    component = Reference(Component, "構成要素", "Component")
    system = Reference(System, "システム", "System", required=True)
    severity = Choice("深刻度", "Severity", SEVERITIES, required=True)
    exploited = Flag(
        "悪用の確認",
        "Known to be exploited",
        help_ja="CISA KEV 等に掲載",
        help_en="Listed in CISA KEV or the like",
    )
    likelihood = Quantity("悪用の確率", "Likelihood", least=Decimal(0), most=Decimal(1), help_ja="EPSS（0から1）", help_en="EPSS, 0 to 1")  # fmt: skip
    exposure = Choice(
        "露出", "Exposure",
        {"internet": ("インターネットから到達可", "Reachable from the internet"), "internal": ("内部網", "Internal"), "isolated": ("隔離環境", "Isolated")},
    )  # fmt: skip
    found_on = Day("発見日", "Found on", required=True)
    due_on = Day("個別の期限", "Own due day", help_ja="限度値による期限より早める場合", help_en="Where it is to be earlier than the limits ask")  # fmt: skip
    planned_on = Day("計画上の対応日", "Planned for", help_ja="隔離環境で計画的に適用する日", help_en="In an isolated environment, by plan")  # fmt: skip
    fixed_on = Day("修正日", "Fixed on")
    vex = Choice(
        "該当性（VEX）", "VEX state",
        {"affected": ("影響あり", "Affected"), "not_affected": ("影響なし", "Not affected"), "fixed": ("修正済", "Fixed"), "under_investigation": ("調査中", "Under investigation")},
    )  # fmt: skip
    vex_reason = Words("該当しない理由", "Why it is not affected")
    source = Line("検出元", "Source", help_ja="スキャナー等", help_en="The scanner")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("found_on", "fixed_on"), ("found_on", "due_on"))
        if values.get("vex") == "not_affected" and not values.get("vex_reason"):
            found["vex_reason"] = [Text("該当しない理由を入力してください。", "Say why it is not affected.")]
        return found


class VulnerabilityScan(Record):
    """One scan of a system's components for known vulnerabilities."""

    about = Kind(
        "vulnerability_scan", "脆弱性スキャン", "Vulnerability scan", "VS", "cybersecurity", ("10-3",), "source", CYBERSECURITY | DEVELOPMENT | OPERATION,
        columns=("system", "source", "done_on", "components", "found"),
        help=Text("システムの構成要素に対する脆弱性スキャンの実施記録。", "Scans of systems' components for known vulnerabilities."),
    )  # fmt: skip
    system = Reference(System, "システム", "System", required=True)
    source = Line("ツール", "Tool", required=True)
    done_on = Day("実施日", "Done on", required=True)
    components = Quantity("対象件数", "Components scanned", least=Decimal(0))
    found = Quantity("検出件数", "Found", least=Decimal(0))


class SecurityTest(Record):
    """A penetration test or a vulnerability assessment of a system. What it found is followed as actions."""

    about = Kind(
        "security_test", "侵入検査・診断", "Security test", "ST", "cybersecurity", ("10-4",), "title", CYBERSECURITY,
        columns=("title", "kind", "systems", "conducted_by", "done_on"),
        help=Text("侵入検査・脆弱性診断。指摘は「改善・是正措置」で追跡します。", "Penetration tests and assessments. Their findings are followed as actions."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    kind = Choice(
        "種類", "Kind",
        {"penetration": ("侵入検査", "Penetration test"), "assessment": ("脆弱性診断", "Vulnerability assessment"), "tlpt": ("脅威ベースの侵入検査", "Threat-led test"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    systems = References("system", "対象システム", "Systems", required=True)
    conducted_by = Choice(
        "実施主体", "By", {"outside": ("外部", "Outside"), "own": ("自社", "Own")}, required=True
    )
    firm = Line("実施会社", "Firm")
    done_on = Day("実施日", "Done on", required=True)
    findings = Words("結果", "Findings")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("conducted_by") == "outside" and not values.get("firm"):
            return {"firm": [Text("実施会社を入力してください。", "Name the outside firm.")]}
        return {}


class Framework(Record):
    """A framework of controls, loaded from a file: NIST CSF 2.0, SP 800-53, CIS Controls ..."""

    about = Kind(
        "framework", "評価基準", "Framework", "FW", "cybersecurity", ("10-4", "G10-4"), "name", CYBERSECURITY | {"internal_auditor"},
        columns=("name", "version", "source"),
        help=Text("自己評価に使う基準。管理策はファイル（OSCAL・CSV）から取り込みます。", "Frameworks for self-assessment. Their controls come from a file (OSCAL, CSV)."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    version = Line("版", "Version")
    source = Line("出典", "Source")


class FrameworkControl(Record):
    """One control of a framework, by its number."""

    about = Kind(
        "framework_control", "管理策", "Framework control", "FC", "cybersecurity", ("G10-4",), "number", CYBERSECURITY | {"internal_auditor"},
        columns=("number", "framework", "title", "parent"), unique=(("framework", "number"),),
        help=Text("基準の管理策（番号）。", "The controls of a framework, by number."),
    )  # fmt: skip
    framework = Reference(Framework, "評価基準", "Framework", required=True)
    number = Line("番号", "Number", required=True, help_ja="例 PR.AA-01", help_en="Such as PR.AA-01")
    title = Line("名称", "Title")
    parent = Line("上位の番号", "Parent's number")
    text = Words("本文", "Text")


class ControlScore(Record):
    """How far a control is fulfilled, by an assessment."""

    about = Kind(
        "control_score", "管理策の評点", "Control score", "SCO", "cybersecurity", ("10-4",), "control", CYBERSECURITY | {"internal_auditor"},
        columns=("assessment", "control", "score", "target"), unique=(("assessment", "control"),),
        help=Text("自己評価における管理策ごとの評点と目標。", "Scores and targets of the controls in a self-assessment."),
    )  # fmt: skip
    assessment = Reference(Assessment, "水準評価", "Assessment", required=True)
    control = Reference(FrameworkControl, "管理策", "Control", required=True)
    score = Quantity("評点", "Score", least=Decimal(0), most=Decimal(5), required=True)
    target = Quantity("目標", "Target", least=Decimal(0), most=Decimal(5))
    remarks = Words("所見", "Remarks")


class AuthenticationMethod(Record):
    """A way to authenticate, by what makes it strong."""

    about = Kind(
        "authentication_method", "認証方式", "Authentication method", "AM", "cybersecurity", ("10-5", "G10-5"), "name", CYBERSECURITY | DEVELOPMENT,
        columns=("name", "knowledge", "possession", "inherence", "one_time", "separate_path", "transaction_bound"),
        help=Text("認証方式と、その強さを決める性質。", "Ways to authenticate, and what makes each strong."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    knowledge = Flag("知識要素", "Knowledge", help_ja="パスワード等", help_en="Password and the like")
    possession = Flag("所持要素", "Possession", help_ja="端末・鍵等", help_en="Device, key and the like")
    inherence = Flag("生体要素", "Inherence", help_ja="指紋・顔等", help_en="Fingerprint, face and the like")
    one_time = Flag("可変式", "One-time", help_ja="使い捨てのコード等", help_en="One-time codes and the like")
    separate_path = Flag("別経路", "Separate path", help_ja="取引と別の機器・回線", help_en="Another device or line than the transaction's")  # fmt: skip
    transaction_bound = Flag("取引認証", "Bound to the transaction", help_ja="送付先・金額に署名", help_en="Signs address and amount")  # fmt: skip
    phishing_resistant = Flag(
        "フィッシング耐性", "Resists phishing", help_ja="パスキー等", help_en="Passkeys and the like"
    )
    risk_based = Flag("リスクベース", "Risk-based")


class Channel(Record):
    """A way in which users deal with the member without meeting."""

    about = Kind(
        "channel", "チャネル", "Channel", "CH", "cybersecurity", ("10-6",), "name", MANAGERS,
        columns=("name", "kind", "system", "since_on", "until_on"),
        help=Text("非対面取引の窓口（ウェブ・アプリ・API等）。", "Ways in which users deal online: web, app, API."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    kind = Choice(
        "種類", "Kind",
        {"web": ("ウェブ", "Web"), "app": ("アプリ", "App"), "api": ("API", "API"), "phone": ("電話", "Phone"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    system = Reference(System, "システム", "System")
    watched_as = Line(
        "検知サービスでの名称",
        "Name in the watch",
        help_ja="検知に送られるイベントの channel の値。空欄はキーか名称",
        help_en="What events say in their field channel; empty: the key or the name",
    )
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")


RISK_RATINGS = {
    "low": ("低", "Low"),
    "medium": ("中", "Medium"),
    "high": ("高", "High"),
    "very_high": ("極めて高", "Very high"),
}


class TransactionType(Record):
    """A kind of online transaction, its risk, and the authentication that it has."""

    about = Kind(
        "transaction_type", "取引種別", "Transaction type", "TT", "cybersecurity", ("10-5",), "name", MANAGERS | CYBERSECURITY,
        columns=("name", "channel", "risk", "rated_on", "methods"),
        help=Text("非対面の取引種別とリスク、導入している認証方式。", "Online transactions, their risk, and the authentication that each has."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    channel = Reference(Channel, "チャネル", "Channel")
    risk = Choice("リスク", "Risk", RISK_RATINGS)
    rated_on = Day("評価日", "Rated on")
    methods = References("authentication_method", "認証方式", "Authentication methods", help_ja="すべてを併用する方式", help_en="All of them are asked for together")  # fmt: skip
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")


FRAUD_MEASURES = {
    "block_addresses": ("不正なIPアドレスの遮断", "Block illicit addresses"),
    "detection": ("不正ログイン・異常取引の検知", "Detect illicit logins and transactions"),
    "last_login": ("前回ログインの表示", "Show the last login"),
    "anomaly": ("アクセスの異常値の検知", "Access anomalies"),
    "limits": ("取引限度額・出金先の事前登録", "Limits and registered addresses"),
    "dormant_ids": ("休眠IDの停止", "Dormant IDs stopped"),
    "other": ("その他", "Other"),
}


class FraudMeasure(Record):
    """A measure against fraud on a channel; or why the member does without it, and what it does instead."""

    about = Kind(
        "fraud_measure", "不正防止策", "Fraud measure", "FM", "cybersecurity", ("10-6", "10-6-1", "10-6-3", "G10-6"), "title", CYBERSECURITY | MANAGERS,
        columns=("title", "channel", "measure", "used", "since_on", "checked_on"),
        help=Text("チャネルごとの不正防止策。用いない場合は理由を記録します。", "Measures against fraud on each channel; where one is not used, the reason."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    channel = Reference(Channel, "チャネル", "Channel", required=True)
    measure = Choice("種類", "Measure", FRAUD_MEASURES, required=True)
    used = Flag("実施", "In use", required=True)
    since_on = Day("開始日", "Since")
    until_on = Day("終了日", "Until")
    checked_on = Day("動作の確認日", "Checked on")
    list_updated_at = Instant("遮断リストの更新日時", "Block list updated at")
    enforced = Flag("遮断の適用", "Block list enforced")
    by_watch = Flag("検知サービスによる", "Done by the watch", help_ja="状態は自動で更新", help_en="Its state is then kept by itself")  # fmt: skip
    heard_at = Instant("チャネルの最終イベント", "Channel last heard at", help_ja="検知サービスが最後にイベントを受けた日時", help_en="When the watch last had an event of it")  # fmt: skip
    reason = Words("用いない理由", "Why it is not used")
    equivalent = Words("代替措置", "Equivalent measure")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("since_on", "until_on"))
        if values.get("used") is False and not values.get("reason"):
            found["reason"] = [Text("用いない理由を入力してください。", "Say why it is not used.")]
        return found


class UserNotice(Record):
    """A notice to users, such as the call to keep security software up to date."""

    about = Kind(
        "user_notice", "利用者への案内", "User notice", "UN", "cybersecurity", ("10-6-2",), "title", MANAGERS | CYBERSECURITY,
        columns=("title", "topic", "audience", "sent_on"),
        help=Text("利用者への注意喚起・案内。", "Notices and warnings to users."),
    )  # fmt: skip
    title = Line("件名", "Title", required=True)
    topic = Choice(
        "話題", "Topic",
        {"security_software": ("対策ソフトの導入・最新化", "Security software"), "phishing": ("フィッシング", "Phishing"), "password": ("パスワード・認証", "Password"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    audience = Line("対象", "Audience")
    sent_on = Day("送付日", "Sent on", required=True)
    text = Words("文面", "Text")
