"""The structure of cybersecurity: what is watched, who is told, who is on duty, what is learned and trained."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    Choice,
    Day,
    Flag,
    Instant,
    Line,
    Number,
    Reference,
    References,
    Several,
    Words,
)
from sekisho.records.models.incident import Incident
from sekisho.records.models.organisation import Person, System
from sekisho.records.models.policy import Document
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import CYBERSECURITY, EVERYBODY_IN_CHARGE, OPERATION, RESPONSE

WATCHED = {
    "log": ("システムログ", "System log"),
    "authentication": ("認証ログ", "Authentication log"),
    "network": ("通信・IDS", "Network and IDS"),
    "waf": ("WAF", "WAF"),
    "endpoint": ("端末・EDR", "Endpoint"),
    "wallet": ("ウォレット・署名", "Wallet and signing"),
    "transaction": ("取引・出金", "Transactions and withdrawals"),
    "other": ("その他", "Other"),
}
SEVERITIES = {
    "critical": ("緊急", "Critical"),
    "high": ("高", "High"),
    "medium": ("中", "Medium"),
    "low": ("低", "Low"),
}
LEVEL_HELP = {
    "help_ja": "0 なし、1 初級、2 中級、3 上級、4 指導できる",
    "help_en": "0 none, 1 beginner, 2 able, 3 expert, 4 can teach",
}


class WatchSource(Record):
    """A log or a sensor that is watched for attacks."""

    about = Kind(
        "watch_source", "監視対象ログ", "Watch source", "WS", "cybersecurity", ("9-3-1",), "title", CYBERSECURITY | OPERATION,
        columns=("title", "system", "kind", "last_event_at", "silence_minutes"),
        help=Text("サイバー攻撃の監視に使うログやセンサーと、最終受信時刻。", "Logs and sensors watched for attacks, and when each was last heard."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    system = Reference(System, "システム", "System", required=True)
    kind = Choice("種類", "Kind", WATCHED, required=True)
    last_event_at = Instant("最終受信日時", "Last event at")
    silence_minutes = Number(
        "許容する無音時間（分）",
        "Longest silence (minutes)",
        least=1,
        help_ja="空欄は限度値による",
        help_en="Empty: by the limit",
    )
    fed_by = Line(
        "検知サービスの送信元",
        "Sender to the watch",
        help_ja="検知（リアルタイム監視）にイベントを送るトークンのサービス名。最終受信日時は自動で更新",
        help_en="The service whose token sends events to the watch; the last event is then kept by itself",
    )
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")


class Alert(Record):
    """Something that a watch source raised, what was decided on it, and when the user was told."""

    about = Kind(
        "alert", "アラート", "Alert", "AL", "cybersecurity", ("9-3-1", "10-6-3"), "title", RESPONSE,
        columns=("title", "source", "at", "severity", "decision", "decided_at"),
        help=Text("監視で検知したアラートと、その判断・利用者への連絡。", "Alerts of the watch, what was decided, and when the user was told."),
    )  # fmt: skip
    title = Line("内容", "Title", required=True)
    source = Reference(WatchSource, "検知元", "Source", required=True)
    at = Instant("検知日時", "At", required=True)
    severity = Choice("重大度", "Severity", SEVERITIES, required=True)
    decision = Choice(
        "判断",
        "Decision",
        {
            "incident": ("インシデントとする", "Incident"),
            "watch": ("経過観察", "Keep watching"),
            "false_alarm": ("誤検知", "False alarm"),
        },
    )
    decided_at = Instant("判断日時", "Decided at")
    decided_by = Reference(Person, "判断した人", "Decided by")
    reason = Words("判断の理由", "Reason")
    incident = Reference(Incident, "インシデント", "Incident")
    rule = Line("検知ルール", "Rule", help_ja="検知サービスのルール名", help_en="The rule of the watch")
    events = Number("イベント件数", "Events", help_ja="このアラートにまとめた件数", help_en="How many this one stands for")  # fmt: skip
    last_at = Instant("最後のイベント", "Last event at")
    concerns_user = Flag(
        "利用者への連絡が必要",
        "A user must be told",
        help_ja="不正ログイン・異常取引など（第10条第6項第3号）",
        help_en="Illicit login, abnormal transaction (10-6-3)",
    )
    user_since_at = Instant(
        "利用者ごとの検知日時",
        "Detected for that user at",
        help_ja="利用者が複数のとき、連絡まで最も長くかかった利用者の検知日時。空欄は検知日時",
        help_en="Of several users, the one who waited the longest to be told; empty: the alert's own instant",
    )
    user_told_at = Instant("利用者への連絡日時", "User told at")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(
            values, ("at", "decided_at"), ("at", "user_told_at"), ("user_since_at", "user_told_at")
        )
        if values.get("decision") and not values.get("decided_at"):
            found["decided_at"] = [Text("判断した日時を入力してください。", "Say when it was decided.")]
        return found


class Contact(Record):
    """Whom to call under attack, by which way, and when that was last confirmed."""

    about = Kind(
        "contact", "連絡先", "Contact", "CO", "cybersecurity", ("9-3-2",), "body", CYBERSECURITY,
        columns=("body", "kind", "way", "confirmed_on", "until_on"),
        help=Text("攻撃を受けた際の報告・広報の連絡先。", "Whom to report to and inform under attack."),
    )  # fmt: skip
    body = Line("連絡先", "Body", required=True)
    kind = Choice(
        "区分", "Kind",
        {"authority": ("当局", "Authority"), "association": ("協会", "Association"), "police": ("警察", "Police"), "sharing_body": ("情報共有機関", "Sharing body"), "vendor": ("委託先", "Vendor"), "press": ("報道・広報", "Press"), "internal": ("社内", "Internal"), "other": ("その他", "Other")},
        required=True,
    )  # fmt: skip
    way = Line(
        "連絡手段", "Way", required=True, help_ja="例 電話（夜間窓口）", help_en="Such as phone, night desk"
    )
    details = Line("番号・宛先", "Number or address", personal=True)
    confirmed_on = Day("確認日", "Confirmed on")
    until_on = Day("廃止日", "Until")


class RosterShift(Record):
    """One shift of the CSIRT's duty: who, from when to when, and who stands in."""

    about = Kind(
        "roster_shift", "当番", "Roster shift", "SH", "cybersecurity", ("9-3-3",), "person", CYBERSECURITY,
        columns=("person", "deputy", "from_at", "until_at"),
        help=Text("CSIRTの当番表。だれがいつ対応できるか。", "The CSIRT's duty roster: who is on call, and when."),
    )  # fmt: skip
    person = Reference(Person, "当番", "On call", required=True)
    deputy = Reference(Person, "代理", "Deputy")
    from_at = Instant("開始日時", "From", required=True)
    until_at = Instant("終了日時", "Until", required=True)

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("from_at", "until_at"))
        if values.get("deputy") and values["deputy"] == values.get("person"):
            found["deputy"] = [Text("当番と代理が同じ人です。", "The deputy is the same person.")]
        return found


class IntelligenceSource(Record):
    """A body or a feed from which threat intelligence comes."""

    about = Kind(
        "intelligence_source", "情報源", "Intelligence source", "IS", "cybersecurity", ("9-3-4",), "body", CYBERSECURITY,
        columns=("body", "way", "last_received_at", "since_on", "until_on"),
        help=Text("情報共有機関などの情報源と最終受信日時。", "Sharing bodies and feeds, and when each last brought something."),
    )  # fmt: skip
    body = Line("名称", "Body", required=True)
    way = Line("受信方法", "Way")
    last_received_at = Instant("最終受信日時", "Last received at")
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")


class IntelligenceItem(Record):
    """One piece of threat intelligence, whether it matters here, and to whom it was passed."""

    about = Kind(
        "intelligence_item", "脅威情報", "Intelligence item", "II", "cybersecurity", ("9-3-4", "9-3-5"), "title", CYBERSECURITY,
        columns=("title", "source", "received_at", "relevance", "units", "passed_at"),
        help=Text("受け取った脅威情報と、関係の有無・関係部署への共有。", "Threat intelligence received: does it matter here, and who was told."),
    )  # fmt: skip
    title = Line("件名", "Title", required=True)
    source = Reference(IntelligenceSource, "情報源", "Source", required=True)
    received_at = Instant("受信日時", "Received at", required=True)
    relevance = Choice(
        "関係",
        "Relevance",
        {"relevant": ("関係あり", "Relevant"), "not_relevant": ("関係なし", "Not relevant")},
    )
    judged_at = Instant("判断日時", "Judged at")
    units = References("unit", "関係部署", "Units concerned")
    passed_at = Instant("共有日時", "Passed on at")
    indicators = Several(
        "指標",
        "Indicators",
        help_ja="IPアドレス、ドメイン、ハッシュ、CVE など",
        help_en="Addresses, domains, hashes, CVEs",
    )
    body = Words("本文", "Text")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("received_at", "judged_at"), ("received_at", "passed_at"))


class Skill(Record):
    """Something that people must be able to do."""

    about = Kind(
        "skill", "スキル", "Skill", "SK", "cybersecurity", ("9-3-6", "14-1"), "name", EVERYBODY_IN_CHARGE,
        columns=("name", "field", "description"),
        help=Text("スキルマップの項目。", "The items of the skill map."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    field = Choice(
        "分野", "Field",
        {"cybersecurity": ("サイバーセキュリティ", "Cybersecurity"), "system": ("システム", "System"), "operation": ("運用", "Operation"), "development": ("開発", "Development")},
        required=True,
    )  # fmt: skip
    description = Words("説明", "Description")


class SkillNeed(Record):
    """The level of a skill that a system asks for, and of how many people."""

    about = Kind(
        "skill_need", "必要スキル", "Skill need", "SN", "cybersecurity", ("14-1",), "skill", EVERYBODY_IN_CHARGE,
        columns=("system", "skill", "level", "people"), unique=(("system", "skill"),),
        help=Text("システムごとに必要なスキルと水準、人数。", "The skills and levels that each system asks for, and of how many people."),
    )  # fmt: skip
    system = Reference(System, "システム", "System", required=True)
    skill = Reference(Skill, "スキル", "Skill", required=True)
    level = Number("必要な習熟度", "Level needed", least=1, most=4, required=True, **LEVEL_HELP)
    people = Number("必要人数", "People", least=1, most=99, help_ja="空欄は2人", help_en="Empty means two")


class SkillLevel(Record):
    """How well a person masters a skill, as assessed on a day."""

    about = Kind(
        "skill_level", "習熟度", "Skill level", "SL", "cybersecurity", ("9-3-6", "14-1"), "person", EVERYBODY_IN_CHARGE,
        columns=("person", "skill", "level", "assessed_on"),
        help=Text("役職員ごとのスキルの習熟度。", "How well people master their skills."),
    )  # fmt: skip
    person = Reference(Person, "役職員", "Person", required=True)
    skill = Reference(Skill, "スキル", "Skill", required=True)
    level = Number("習熟度", "Level", least=0, most=4, required=True, **LEVEL_HELP)
    assessed_on = Day("評価日", "Assessed on", required=True)
    assessed_by = Reference(Person, "評価者", "Assessed by")


class Training(Record):
    """A training or a hand-over that a plan asks for, and its result."""

    about = Kind(
        "training", "研修・継承", "Training", "TR", "cybersecurity", ("9-3-6", "14-2"), "topic", EVERYBODY_IN_CHARGE,
        columns=("topic", "kind", "plan", "people", "due_on", "done_on"),
        help=Text("育成計画・継承計画の各項目と結果。", "The rows of training and hand-over plans, with their results."),
    )  # fmt: skip
    topic = Line("内容", "Topic", required=True)
    kind = Choice(
        "種類",
        "Kind",
        {"training": ("研修", "Training"), "hand_over": ("技術の継承", "Hand-over")},
        required=True,
    )
    plan = Reference(Document, "計画", "Plan")
    skill = Reference(Skill, "スキル", "Skill")
    people = References("person", "対象者", "People")
    from_person = Reference(Person, "継承元", "Handed over by")
    due_on = Day("期限", "Due", required=True)
    done_on = Day("実施日", "Done")
    result = Words("結果", "Result")
