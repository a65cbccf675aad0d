"""System audits: their plan and scope, who audits, and what is followed until the auditor confirms it."""

from __future__ import annotations

import re
import unicodedata

from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, Line, Number, Reference, References, Several, Words
from sekisho.records.models.governance import Meeting
from sekisho.records.models.organisation import Person, System, Unit
from sekisho.records.models.outsourcing import Vendor
from sekisho.records.record import Kind, Problems, Record, Values, backwards
from sekisho.records.roles import AUDITORS, EVERYBODY_IN_CHARGE

_CITATION = re.compile(r"G?[0-9]+(_[0-9]+)?(-[0-9]+)*")


class Audit(Record):
    """One system audit: planned for a year, carried out, reported to the board."""

    about = Kind(
        "audit", "システム監査", "System audit", "AU", "audit", ("24-1", "24-2", "24-3", "26-4"), "title", AUDITORS,
        columns=("title", "plan_year", "conducted_by", "from_on", "until_on", "reported_on"),
        help=Text("システム監査の計画・範囲・監査人・取締役会への報告。", "System audits: plan, scope, auditors, report to the board."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    plan_year = Number("計画年度", "Plan year", least=2000, most=2200, required=True)
    conducted_by = Choice(
        "実施主体", "By", {"internal": ("内部監査部門", "Internal audit"), "external": ("外部監査", "Outside firm")}, required=True
    )  # fmt: skip
    firm = Line("監査法人等", "Firm", help_ja="外部監査の場合", help_en="Of an outside audit")
    auditors = References("person", "監査人", "Auditors")
    competence = Words(
        "監査人の専門性", "Competence",
        help_ja="任命の根拠に記録がない監査人の知識・資格・経験（第24条第1項）", help_en="Of auditors whose appointment records no grounds (24-1)",
    )  # fmt: skip
    clauses = Several("対象条項", "Clauses", help_ja="例 9; 10-3; 25（条の番号はその条の全項）", help_en="Such as 9; 10-3; 25: an article's number is all of it")  # fmt: skip
    units = References("unit", "対象部署", "Units")
    systems = References("system", "対象システム", "Systems")
    vendors = References("vendor", "対象委託先", "Vendors")
    from_on = Day("開始日", "From", help_ja="計画中は空欄", help_en="Empty while it is planned")
    until_on = Day("終了日", "Until", help_ja="監査を終えた日", help_en="When it was finished")
    opinion = Words("結論", "Opinion", help_ja="監査の結論と総評", help_en="What the audit concluded")
    reported_on = Day("取締役会への報告日", "Reported to the board on")
    reported_at_meeting = Reference(Meeting, "報告した会議", "Reported at")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("from_on", "until_on"), ("until_on", "reported_on"))
        if values.get("conducted_by") == "external" and not values.get("firm"):
            found["firm"] = [Text("監査法人等の名称を入力してください。", "Name the outside firm.")]
        if values.get("until_on") and not values.get("from_on"):
            found["from_on"] = [Text("開始日を入力してください。", "Say when it began.")]
        if values.get("reported_on") and not values.get("until_on"):
            found["until_on"] = [
                Text(
                    "報告した監査の終了日を入力してください。", "Say when the audit reported on was finished."
                )
            ]
        wrong = [name for name in values.get("clauses") or [] if not _CITATION.fullmatch(_plain(name))]
        if wrong:
            found["clauses"] = [
                Text(
                    f"「{'」「'.join(wrong)}」は条項の番号ではありません。10、9-3、10-2-4、G5-1 のように入力してください。",
                    f"{', '.join(wrong)}: no number of a clause. Write it like 10, 9-3, 10-2-4, G5-1.",
                )
            ]
        return found


def _plain(name: str) -> str:
    """A clause's name as it is compared: half-width."""
    return unicodedata.normalize("NFKC", name).strip()


class AuditFinding(Record):
    """What an audit found, followed until the auditor confirms that it is done."""

    about = Kind(
        "audit_finding", "指摘事項", "Audit finding", "AF", "audit", ("G24-1",), "title", EVERYBODY_IN_CHARGE,
        columns=("title", "audit", "severity", "owner", "due_on", "done_on", "confirmed_on"),
        help=Text("監査の指摘事項。監査人が完了を確認するまで追跡します。", "Audit findings, followed until the auditor confirms that they are done."),
    )  # fmt: skip
    title = Line("指摘", "Title", required=True)
    audit = Reference(Audit, "監査", "Audit", required=True)
    severity = Choice(
        "重要度", "Severity",
        {"high": ("高", "High"), "medium": ("中", "Medium"), "low": ("低", "Low")}, required=True,
    )  # fmt: skip
    clause = Line("条項", "Clause", help_ja="例 10-3", help_en="Such as 10-3")
    unit = Reference(Unit, "部署", "Unit")
    system = Reference(System, "システム", "System")
    vendor = Reference(Vendor, "委託先", "Vendor")
    found_on = Day("指摘日", "Found on")
    response = Words("対応", "Response")
    owner = Reference(Person, "対応責任者", "Owner")
    due_on = Day("対応期限", "Due", required=True)
    done_on = Day("対応完了日", "Done")
    closed_on = Day("終結日", "Closed on")
    confirmed_by = Reference(Person, "確認した監査人", "Confirmed by (auditor)")
    confirmed_on = Day("監査人の確認日", "Confirmed on")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(
            values, ("found_on", "done_on"), ("done_on", "confirmed_on"), ("done_on", "closed_on")
        )
        if (values.get("confirmed_on") or values.get("closed_on")) and not values.get("done_on"):
            found["done_on"] = [
                Text(
                    "確認・終結するには対応完了日を入力してください。",
                    "Say when it was done before it is confirmed or closed.",
                )
            ]
        if values.get("confirmed_on") and not values.get("confirmed_by"):
            found["confirmed_by"] = [
                Text("確認した監査人を入力してください。", "Say which auditor confirmed it.")
            ]
        if values.get("confirmed_by") and values["confirmed_by"] == values.get("owner"):
            found["confirmed_by"] = [
                Text("対応責任者自身は確認できません。", "The owner may not confirm the own work.")
            ]
        return found
