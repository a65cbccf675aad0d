"""Who and what the member is: profile, units, people, appointments, systems."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, Flag, Line, Number, Reference, Words
from sekisho.records.record import STAFF, Kind, Problems, Record, Values, backwards, merged
from sekisho.records.roles import BOARD, MANAGEMENT, MANAGERS, RISK, ROLES, SECRETARIAT

SIZES = {"small": ("小規模", "Small"), "medium": ("中規模", "Medium"), "large": ("大規模", "Large")}
FUNCTIONS = {
    "system": ("システム部門", "System department"),
    "user": ("ユーザー部門", "User department"),
    "risk": ("リスク管理部門", "Risk management"),
    "audit": ("内部監査部門", "Internal audit"),
    "csirt": ("CSIRT", "CSIRT"),
    "management": ("経営", "Management"),
    "other": ("その他", "Other"),
}


class MemberProfile(Record):
    """The member's size and business, as of a day: what 'in proportion' is measured against."""

    about = Kind(
        "member_profile", "会員概況", "Member profile", "MP", "organisation", ("3-3",), "name", SECRETARIAT,
        columns=("as_of_on", "name", "user_count", "assets_in_custody", "size_class"),
        help=Text("会員の規模と業務の概況。「規模・特性に応じた」の物差しになります。", "The member's size and business: what 'in proportion to its size' is measured against."),
    )  # fmt: skip
    name = Line("会員名", "Member's name", required=True)
    registration_number = Line(
        "登録番号",
        "Registration number",
        help_ja="暗号資産交換業者の登録番号",
        help_en="Of the registration as exchange operator",
    )
    services = Words("提供サービス", "Services")
    user_count = Number(
        "利用者数", "Users", help_ja="口座数ではなく利用者の人数", help_en="People, not accounts"
    )
    assets_in_custody = Number("預り資産（円）", "Assets in custody (yen)")
    size_class = Choice("規模区分", "Size class", SIZES)
    business_since_on = Day("事業開始日", "In business since")
    fiscal_year_starts = Number(
        "事業年度の開始月",
        "Fiscal year starts in month",
        least=1,
        most=12,
        help_ja="空欄は4月",
        help_en="Empty means April",
    )
    as_of_on = Day("基準日", "As of", required=True)


class Unit(Record):
    """A department or a unit of business."""

    about = Kind(
        "unit", "部署・業務単位", "Unit", "U", "organisation", ("7-1",), "name", SECRETARIAT,
        columns=("name", "function", "parent", "since_on", "until_on"),
        help=Text("部署と業務単位。システム管理責任者は部署ごとに置きます。", "Departments and business units. Each has its own system manager."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    parent = Reference("self", "上位部署", "Parent unit")
    function = Choice("機能", "Function", FUNCTIONS, required=True)
    since_on = Day("設置日", "Since", required=True)
    until_on = Day(
        "廃止日", "Until", help_ja="最終日。空欄は存続中", help_en="The last day; empty while it exists"
    )


class Person(Record):
    """An officer, an employee or somebody of a vendor who works for the member."""

    about = Kind(
        "person", "役職員", "Person", "P", "organisation", ("4-2", "5-1"), "name", SECRETARIAT,
        columns=("name", "unit", "employment", "joined_on", "left_on"),
        help=Text("役員・従業員・外部要員。在籍中の人だけが役割と権限を持ちます。", "Officers, employees and external staff. Only who works here holds roles and rights."),
    )  # fmt: skip
    name = Line("氏名", "Name", required=True, personal=True)
    email = Line("メールアドレス", "E-mail address", personal=True)
    unit = Reference(Unit, "所属", "Unit")
    employment = Choice(
        "区分", "Officer or employee",
        {"officer": ("役員", "Officer"), "employee": ("従業員", "Employee"), "external": ("外部要員", "External")},
        required=True, help_ja="会社法上の役員は「役員」", help_en="'Officer' means a statutory officer",
    )  # fmt: skip
    vendor = Line(
        "所属会社", "Vendor", help_ja="外部要員の所属会社", help_en="The firm of an external person"
    )
    joined_on = Day("入社日", "Joined", required=True)
    left_on = Day("退職日", "Left", help_ja="最終在籍日", help_en="The last day at the member")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("joined_on", "left_on"))
        if values.get("employment") == "external" and not values.get("vendor"):
            found["vendor"] = [
                Text("外部要員には所属会社を入力してください。", "Name the vendor of an external person.")
            ]
        return found


class System(Record):
    """An information system used in the business, whoever runs it."""

    about = Kind(
        "system", "情報システム", "System", "S", "organisation", ("1", "2", "3-2"), "name", MANAGERS,
        approvers=lambda values: frozenset({"chief_system_officer", "representative_director"}) if values.get("in_scope") is False else frozenset(),
        columns=("name", "unit", "in_scope", "criticality", "operated_by", "in_use_since_on"),
        help=Text("業務に使う情報システム。自社運用も外部運用も含みます。", "Information systems used in the business, run by the member or by others."),
    )  # fmt: skip
    name = Line("名称", "Name", required=True)
    unit = Reference(Unit, "所管部署", "Unit")
    in_scope = Flag(
        "対象範囲",
        "In scope",
        required=True,
        help_ja="暗号資産関連取引に使うシステムは対象。対象外は承認と理由が必要",
        help_en="Used in crypto-asset business. Out of scope takes an approval and a reason",
    )
    out_of_scope_reason = Words("対象外の理由", "Reason for out of scope")
    criticality = Choice(
        "重要度", "Criticality", {"high": ("高", "High"), "medium": ("中", "Medium"), "low": ("低", "Low")}
    )
    internet_facing = Flag("インターネット公開", "Internet-facing")
    operated_by = Choice(
        "運用主体", "Operated by", {"own": ("自社", "Own"), "vendor": ("外部事業者", "Vendor")}, required=True
    )
    vendor = Reference(
        "Vendor",
        "運用事業者",
        "Vendor",
        help_ja="外部事業者が運用する場合（外部委託先の台帳から）",
        help_en="Who operates it, where it is not the member",
    )
    in_use_since_on = Day("利用開始日", "In use since", required=True)
    in_use_until_on = Day("利用終了日", "In use until")
    holds_users_data = Flag("利用者データの保有", "Holds users' data")
    maintenance_months = Number(
        "メンテナンスの周期（月）",
        "Maintenance cycle (months)",
        least=1,
        most=120,
        help_ja="空欄は限度値による",
        help_en="Empty: by the limit",
    )

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("in_use_since_on", "in_use_until_on"))
        if values.get("in_scope") is False and not values.get("out_of_scope_reason"):
            found["out_of_scope_reason"] = [
                Text(
                    "対象外とする理由を入力してください（第1条）。",
                    "Give the reason for leaving it out of scope (article 1).",
                )
            ]
        if values.get("operated_by") == "vendor" and not values.get("vendor"):
            found["vendor"] = [
                Text("運用事業者の名称を入力してください。", "Name the vendor that operates it.")
            ]
        return found


def _appointing(values: Values) -> frozenset[str]:
    if values.get("role") in BOARD:
        return BOARD
    if values.get("role") == "chief_system_officer":
        return frozenset({"representative_director"})
    return frozenset({"representative_director", "chief_system_officer"})


class Appointment(Record):
    """A person in a role, for a unit or a system, from a day to a day. Rights and duties follow from it."""

    about = Kind(
        "appointment", "任命", "Appointment", "A", "organisation", ("5-1", "6-1", "7-1", "8-5"), "role", SECRETARIAT | MANAGEMENT,
        approvers=_appointing, columns=("person", "role", "unit", "system", "since_on", "until_on"),
        help=Text("だれが・いつからいつまで・どの役割に就くか。権限と職務はここから導かれます。", "Who holds which role from when to when. Rights and duties follow from it."),
    )  # fmt: skip
    person = Reference(Person, "役職員", "Person", required=True)
    role = Choice("役割", "Role", ROLES, required=True)
    unit = Reference(
        Unit, "部署", "Unit", help_ja="システム管理責任者は必須", help_en="Needed for a system manager"
    )
    system = Reference(
        System,
        "システム",
        "System",
        help_ja="開発担当・運用担当は必須",
        help_en="Needed for developers and operators",
    )
    since_on = Day("就任日", "Since", required=True)
    until_on = Day(
        "退任日", "Until", help_ja="最終日。空欄は在任中", help_en="The last day; empty while it lasts"
    )
    grounds = Words(
        "任命の根拠（知識・経験）",
        "Grounds (knowledge, experience)",
        help_ja="第5条第1項：十分な知識・経験",
        help_en="Article 5-1: enough knowledge and experience",
    )
    works_with = Reference(
        Person,
        "連携する担当取締役",
        "Director in charge who works with the holder",
        help_ja="統括管理責任者が役員でない場合（ガイドライン第5条第1項関係）",
        help_en="Where the chief system officer is no officer (guideline to 5-1)",
    )

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("since_on", "until_on"))
        if values.get("role") == "system_manager" and not values.get("unit"):
            found["unit"] = [
                Text(
                    "システム管理責任者には部署を指定してください（第7条第1項）。",
                    "Name the unit of a system manager (article 7-1).",
                )
            ]
        if values.get("role") in ("developer", "operator") and not values.get("system"):
            found["system"] = [
                Text(
                    "開発担当・運用担当にはシステムを指定してください（第8条第5項）。",
                    "Name the system of a developer or operator (article 8-5).",
                )
            ]
        return found

    @classmethod
    def problems_among(cls, key: str, values: Values) -> Problems:
        same = cls.objects.filter(
            person_id=values.get("person"), role=values.get("role"), unit_id=values.get("unit"), system_id=values.get("system"),
        ).exclude(pk=key)  # fmt: skip
        twin = same.filter(overlapping(values.get("since_on"), values.get("until_on"))).first()
        if twin:
            return {
                "since_on": [
                    Text(
                        f"同じ人・役割・部署の任命 {twin.key}（{twin.since_on} から {twin.until_on or '在任中'}）と期間が重なります。",
                        f"It overlaps the same person's appointment {twin.key} ({twin.since_on} to {twin.until_on or 'now'}).",
                    )
                ]
            }
        person = Person.objects.filter(pk=values.get("person")).first()
        if person is None:
            return {}
        return merged(
            _within(values, person.joined_on, person.left_on),
        )

    class Meta:
        indexes = (models.Index(fields=("role", "since_on"), name="appointment_role"),)


def overlapping(since_on: date | None, until_on: date | None) -> Q:
    """Records whose days meet [since_on, until_on], both ends included; None is open."""
    starts = Q() if until_on is None else Q(since_on__lte=until_on)
    ends = Q() if since_on is None else Q(until_on__isnull=True) | Q(until_on__gte=since_on)
    return starts & ends


def _within(values: Values, joined_on: date, left_on: date | None) -> Problems:
    since_on = values.get("since_on")
    if since_on and (since_on < joined_on or (left_on and since_on > left_on)):
        return {
            "since_on": [
                Text(
                    f"在籍期間（{joined_on} から {left_on or '在籍中'}）の外です。",
                    f"It is outside the person's time at the member ({joined_on} to {left_on or 'now'}).",
                )
            ]
        }
    return {}


__all__ = ["RISK", "STAFF", "Appointment", "MemberProfile", "Person", "System", "Unit"]
