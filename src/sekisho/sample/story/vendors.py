"""Vendors: chosen, bound, watched down to the last, their hold on users' data traced, their reports kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Record, Values
from sekisho.sample import member
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import YEARS, Event, Words, ago, at

CRITERIA = "D-PRO-5"
FIXED = (
    "roles",
    "audit_right",
    "subcontracting_procedure",
    "service_levels",
    "rules",
    "security_requirements",
)


@dataclass(frozen=True)
class Service:
    """`by`: the unit whose manager is in charge. `checked`: how many days ago its chain was, each year; 0: never.

    `months`: how many months ago it began; 0: long before.
    """

    name: str
    vendor: str
    systems: list[str]
    by: str
    holds: bool
    cloud: bool
    checked: int
    months: int = 0


SERVICES = {
    "OS-0001": Service("オンライン本人確認", "V-0001", ["S-KYC"], "U-COMP", True, True, 120),
    "OS-0002": Service("取引モニタリングの運用", "V-0002", ["S-AML"], "U-RISK", True, False, 60),
    "OS-0003": Service("SIEM・WAFの監視", "V-0004", ["S-SIEM", "S-WAF"], "U-CSIRT", False, True, 200),
    "OS-0004": Service("スマートフォンアプリの開発", "V-0009", ["S-APP"], "U-DEV", False, False, 350),
    "OS-0005": Service("夜間・休日の運用監視", "V-0012", ["S-MON", "S-LOG"], "U-OPE", False, False, 0, 8),
    "OS-0006": Service("人事給与システムの運用", "V-0005", ["S-HR"], "U-ADM", False, False, 90),
    "OS-0007": Service("顧客対応・文書基盤の運用", "V-0003", ["S-CRM", "S-FILE", "S-MAIL"], "U-ADM", True, True, 150),
}  # fmt: skip
# (service, from, to, what); the link of the analysis firm is told below, as nobody knows where it leads.
LINKS = {
    "SUB-0001": ("OS-0001", "V-0001", "V-0006", "書類画像の目視確認"),
    "SUB-0002": ("OS-0001", "V-0006", "V-0007", "書類画像の文字認識"),
    "SUB-0003": ("OS-0001", "V-0007", "V-0008", "処理基盤の運用"),
    "SUB-0004": ("OS-0002", "V-0002", "V-0011", "ブロックチェーン分析データ"),
    "SUB-0005": ("OS-0004", "V-0009", "V-0010", "受入前の試験"),
    "SUB-0006": ("OS-0007", "V-0003", "V-0008", "データセンターの運用"),
}
# Who works for the member itself, and how many days ago each was evaluated, each year.
EVALUATED = {
    "V-0001": 45, "V-0002": 100, "V-0003": 340, "V-0004": 75, "V-0005": 60, "V-0008": 90, "V-0009": 105, "V-0012": 55,
    "V-0013": 80, "V-0014": 70,
}  # fmt: skip
CHOSEN_LATER = ("V-0003", "V-0012", "V-0014")  # than the day on which the spreadsheets were taken over
CAME_LATER = {"V-0012": 8, "V-0014": 20}  # how many months ago they began to work for the member
# How many days ago each vendor was monitored, each half-year; and its risk assessed, each year.
MONITORED = {vendor: 25 + 11 * n for n, vendor in enumerate(member.VENDORS)} | {"V-0009": 171}
NOT_ASSESSED = "V-0007"
# Users' data: what, where, who has access, how many days ago its tracing was checked, each four months.
HOLDINGS = {
    "DH-0001": ("V-0001", "本人確認書類の画像と判定結果", "L-0002", "審査担当20名、保守要員5名", 40),
    "DH-0002": ("V-0006", "本人確認書類の画像（30日で消去）", "L-0001", "目視確認の担当15名", 55),
    "DH-0003": ("V-0007", "本人確認書類の文字情報（処理後に消去）", "L-0003", "処理の保守要員3名", 80),
    "DH-0004": (
        "V-0008",
        "本人確認書類と問合せ書類の暗号化された複製",
        "L-0002",
        "媒体の管理者2名（鍵は持たない）",
        30,
    ),
    "DH-0005": ("V-0002", "取引履歴と検知の結果", "L-0001", "分析担当8名", 70),
    "DH-0006": ("V-0011", "アドレスと取引の識別子", "L-0003", "分析官（事業者の名簿による）", 175),
}
# Certificates and reports: kind, scope, days from today to their first and last day.
REPORTS = {
    "AR-0001": ("V-0001", "iso27001", "本人確認サービスの運用", -500, 590),
    "AR-0002": ("V-0002", "soc2", "取引モニタリングの運用（前回）", -715, -346),
    "AR-0003": ("V-0002", "soc2", "取引モニタリングの運用", -345, 20),
    "AR-0004": ("V-0003", "iso27017", "クラウドサービスの提供", -900, 190),
    "AR-0005": ("V-0004", "iso27001", "監視センターの運用", -1120, -31),
    "AR-0006": ("V-0006", "iso27001", "確認センターの運用", -420, 670),
    "AR-0007": ("V-0008", "iso27001", "データセンターの運用", -800, 295),
    "AR-0008": ("V-0011", "soc3", "分析データの提供", -200, 165),
    "AR-0009": ("V-0013", "soc2", "計算基盤の提供", -300, 120),
    "AR-0010": ("V-0005", "other", "プライバシーマーク", -600, 130),
}


class Vendors(Words):
    """Vendors: chosen, bound, watched down to the last, their hold on users' data traced, their reports kept."""

    @property
    def vendor_owner(self) -> Somebody:
        return self.cast.office["vendor_owner"]

    def vendors(self) -> Iterator[Event]:
        when = at(self.start, 9, 30)
        tables: tuple[tuple[type[Record], list[tuple[str, Values]]], ...] = (
            (m.VendorEvaluation, [self._evaluation(v, YEARS + 1) for v in EVALUATED if v not in CHOSEN_LATER]),
            (m.Contract, [self._contract(v) for v in EVALUATED if v not in CHOSEN_LATER]),
            (m.OutsourcedService, [self._outsourced_service(k) for k, s in SERVICES.items() if not s.months]),
            (m.Subcontract, [self._chain_link(k) for k in LINKS if k != "SUB-0004"]),
            (m.MonitoringRound, [self._round(v, 2 * YEARS) for v in member.VENDORS if v not in CAME_LATER]),
        )  # fmt: skip
        for minute, (model, rows) in enumerate(tables):
            yield self.taken(when + timedelta(minutes=minute), "load", model, rows)
        yield from self._chosen_later()
        yield from self._evaluations()
        yield from self._outsourced()
        yield from self._chain_of_the_analysis()
        yield from self._watched()
        yield from self._vendor_data()
        yield from self._assurances()

    # --- chosen and bound -------------------------------------------------------------------------------------------

    def _evaluated_on(self, vendor: str, time: int) -> date:
        """The day of its evaluation: 1 is the newest, each further one a year before."""
        return add_months(ago(self.today, EVALUATED[vendor]), -12 * (time - 1))

    def _evaluation(self, vendor: str, time: int, **values: object) -> tuple[str, Values]:
        told: Values = {
            "vendor": vendor, "criteria": CRITERIA, "done_on": self._evaluated_on(vendor, time), "decision": "adopt",
            "scores": f"安全管理 {3 + time % 2}、財務 4、実績 4（5点満点）", "evaluated_by": self.vendor_owner.key,
        }  # fmt: skip
        return f"VE-{vendor[2:]}-{YEARS + 2 - time}", told | values

    def _contract(self, vendor: str, number: int = 1, **values: object) -> tuple[str, Values]:
        """A contract that began with the story, and lacks nothing but what is told of it."""
        begun = ago(self.start, 10)
        told: Values = dict.fromkeys(FIXED, True) | {
            "title": f"{member.VENDORS[vendor][3]}に関する委託契約", "vendor": vendor, "from_on": begun, "renews": True, "confirmed_on": begun,
        }  # fmt: skip
        if vendor == "V-0005":
            told["audit_right"] = False
        return f"CT-{vendor[2:]}-{number}", told | values

    def _chosen_later(self) -> Iterator[Event]:
        """Contracts that came with time: put in writing late, evaluated late and made anew, and for new work."""
        writing = self._evaluated_on("V-0003", YEARS) + timedelta(days=10)
        yield self._kept(writing, m.Contract, self._contract("V-0003", from_on=writing, confirmed_on=writing))
        hasty, renewed = add_months(self.today, -21), add_months(self.today, -7)
        yield self._kept(hasty, m.Contract, self._contract("V-0014", from_on=hasty, confirmed_on=None))
        late = hasty + timedelta(days=40)
        first = self._evaluation("V-0014", YEARS, done_on=late, decision="conditional", conditions="暗号鍵を自社で管理する計画を示すこと")  # fmt: skip
        yield self._kept(late, m.VendorEvaluation, first)
        yield self._kept(late, m.Contract, ("CT-0014-1", {"confirmed_on": late}))
        again = self._evaluation("V-0014", YEARS - 1, done_on=ago(renewed, 15))
        yield self._kept(ago(renewed, 15), m.VendorEvaluation, again)
        yield self._kept(ago(renewed, 5), m.Contract, ("CT-0014-1", {"until_on": ago(renewed, 1)}))
        made = ago(renewed, 5)
        yield self._kept(made, m.Contract, self._contract("V-0014", 2, from_on=renewed, confirmed_on=made))
        night = add_months(self.today, -8)
        before = self._evaluation("V-0012", YEARS, done_on=ago(night, 20))
        yield self._kept(ago(night, 20), m.VendorEvaluation, before)
        yield self._kept(ago(night, 5), m.Contract, self._contract("V-0012", from_on=night, confirmed_on=ago(night, 5)))  # fmt: skip

    def _evaluations(self) -> Iterator[Event]:
        """Each year; of those who were chosen later, only since."""
        for vendor in EVALUATED:
            for time in range(1, YEARS + 1):
                day = self._evaluated_on(vendor, time)
                if day > self.start and (vendor not in ("V-0012", "V-0014") or time == 1):
                    yield self._kept(day, m.VendorEvaluation, self._evaluation(vendor, time))

    def _kept(self, day: date, model: type[Record], row: tuple[str, Values]) -> Event:
        return self.save(at(day, 11), self.vendor_owner, model, row[0], **row[1])

    # --- services and chains ------------------------------------------------------------------------------------------

    def _outsourced_service(self, key: str) -> tuple[str, Values]:
        s = SERVICES[key]
        since = add_months(self.today, -s.months) if s.months else ago(self.start, 10)
        before = add_months(ago(self.today, s.checked), -12 * YEARS) if s.checked else None
        contracts = {"V-0003": None, "V-0012": "CT-0012-1"}
        return key, {
            "name": s.name, "vendor": s.vendor, "contract": contracts.get(s.vendor, f"CT-{s.vendor[2:]}-1"), "systems": s.systems,
            "in_charge": self._in_charge(key), "holds_users_data": s.holds, "is_cloud": s.cloud, "since_on": since, "chain_checked_on": before,
        }  # fmt: skip

    def _in_charge(self, key: str) -> str:
        """The unit's manager; of the watch on SIEM and WAF somebody who has left since."""
        return (
            self.cast.at("U-OPE", 9).key if key == "OS-0003" else self.cast.manager_of(SERVICES[key].by).key
        )

    def _chain_link(self, key: str) -> tuple[str, Values]:
        service, giver, to, what = LINKS[key]
        since = ago(self.start, 10)
        return key, {"service": service, "from_vendor": giver, "to_vendor": to, "what": what, "since_on": since, "approved_on": since}  # fmt: skip

    def _outsourced(self) -> Iterator[Event]:
        """New ones, chains confirmed each year, and who takes over from one who left."""
        for key, s in SERVICES.items():
            if s.months:
                yield self._kept(ago(add_months(self.today, -s.months), 3), m.OutsourcedService, self._outsourced_service(key))  # fmt: skip
            for _, day in self.yearly(s.checked) if s.checked else ():
                yield self._kept(day, m.OutsourcedService, (key, {"chain_checked_on": day}))
        left = self.cast.at("U-OPE", 9).left_on or self.today
        successor = {"in_charge": self.cast.manager_of("U-CSIRT").key}
        yield self._kept(left + timedelta(days=40), m.OutsourcedService, ("OS-0003", successor))
        named = self._evaluated_on("V-0003", YEARS) + timedelta(days=11)
        yield self._kept(named, m.OutsourcedService, ("OS-0007", {"contract": "CT-0003-1"}))

    def _chain_of_the_analysis(self) -> Iterator[Event]:
        """The analysis firm began to hand work on; to whom, nobody has found out yet."""
        begun = add_months(self.start, 6)
        yield self._kept(begun, m.Subcontract, ("SUB-0004", self._chain_link("SUB-0004")[1] | {"since_on": begun, "approved_on": begun}))  # fmt: skip
        heard = ago(self.today, 38)
        yield self._kept(
            heard, m.Subcontract,
            ("SUB-0007", {"service": "OS-0002", "from_vendor": "V-0011", "unknown": True, "what": "アドレスの分類", "since_on": ago(heard, 60)}),
        )  # fmt: skip

    # --- watched ------------------------------------------------------------------------------------------------------

    def _watched(self) -> Iterator[Event]:
        """Monitored each half-year, assessed each year; the risk of one firm abroad waits, by an exception."""
        for vendor, (name, *_) in member.VENDORS.items():
            months = CAME_LATER.get(vendor, 12 * YEARS)
            for half in reversed(range(2 * YEARS)):
                key, values = self._round(vendor, half)
                day = values["done_on"]
                if self.start < day and add_months(self.today, -months) < day:
                    yield self.save(at(day, 14), self.risk, m.MonitoringRound, key, **values)
            for years_ago in reversed(range(YEARS + 1)):
                day = max(add_months(ago(self.today, MONITORED[vendor] + 3), -12 * years_ago), self.start)
                if (vendor, years_ago) != (NOT_ASSESSED, 0) and add_months(self.today, -months - 1) < day:
                    yield self.save(at(day, 15), self.risk, m.Risk, f"R-V{vendor[2:]}", **self._vendor_risk(vendor, name, day))  # fmt: skip
        yield from self.approved(
            at(ago(self.today, 25)), self.risk, self.chief, m.GrantedException, "EX-2501", "現地調査まで", clause="25-4", kind="exception",
            subject=f"vendor:{NOT_ASSESSED}", reason="シンガポールの再委託先の評価に現地の資料を要し、来月の訪問調査で行うため。",
            equivalent="それまでの間、渡す画像を必要な部分に限り、送受信の記録を毎週確認する。", from_on=ago(self.today, 25), until_on=self.today + timedelta(days=55),
        )  # fmt: skip

    def _round(self, vendor: str, half: int) -> tuple[str, Values]:
        """Its monitoring so many half-years before the newest."""
        return f"MR-{vendor[2:]}-{2 * YEARS - half}", {
            "by_unit": "U-RISK", "of": f"vendor:{vendor}", "done_on": add_months(ago(self.today, MONITORED[vendor]), -6 * half),
            "result": "サービス水準と再委託の状況を確認、重要な指摘なし",
        }  # fmt: skip

    def _vendor_risk(self, vendor: str, name: str, day: date) -> Values:
        return {
            "title": f"{name}への委託に伴うリスク", "vendor": vendor, "category": "failure", "cause": "委託先・再委託先の障害、情報の流出、事業の継続",
            "inherent_level": 4, "residual_level": 3, "accepted_level": 3, "assessed_on": day, "owner": self.risk.key,
            "decision": "no_change", "decision_reason": "契約とモニタリングで許容水準に収まる", "decided_on": day,
        }  # fmt: skip

    def _vendor_data(self) -> Iterator[Event]:
        """Users' data with vendors; what lies in the data centre was only found out in the second year."""
        found_out = ago(self.today, 480)
        for key, (vendor, what, place, access, newest) in HOLDINGS.items():
            late = vendor == "V-0008"
            begun = found_out if late else self.start
            way = {
                "traced_by": "equivalent",
                "equivalent": "ログの提供がないため、月次の利用報告を受け、抜取りで照合する。",
            }
            yield self.save(
                at(begun, 15), self.vendor_owner, m.DataHolding, key, what=what, vendor=vendor, location=place, access=access, since_on=ago(self.start, 10),
                checked_on=begun, **(way if vendor == "V-0011" else {"traced_by": "log_feed"}),
            )  # fmt: skip
            for third in reversed(range(3 * YEARS)):
                day = add_months(ago(self.today, newest), -4 * third)
                if day > begun:
                    yield self.save(at(day, 16), self.vendor_owner, m.DataHolding, key, checked_on=day)

    def _assurances(self) -> Iterator[Event]:
        for key, (vendor, kind, scope, first, last) in REPORTS.items():
            from_on, until_on = (self.today + timedelta(days=days) for days in (first, last))
            received = max(from_on + timedelta(days=4), self.start)
            yield self.save(
                at(received, 17), self.vendor_owner, m.AssuranceReport, key, vendor=vendor, kind=kind, scope=scope, from_on=from_on, until_on=until_on,
            )  # fmt: skip
