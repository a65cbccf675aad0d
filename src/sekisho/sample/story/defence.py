"""Defence against attacks: safeguards and measures with their tests, evidence handed over, tests from outside, a framework."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sekisho.access.rights import operator_actor
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.story.words import Event, Words, ago, at
from sekisho.workflows.load_framework import load_framework

SYSTEMS = [key for key in member.SYSTEMS if key not in member.OUT_OF_SCOPE]
CRITICAL = [key for key in SYSTEMS if member.SYSTEMS[key][2] == "high"]
FACING = [key for key in SYSTEMS if member.SYSTEMS[key][3]]
OFFICE = ["S-CRM", "S-MAIL", "S-FILE", "S-HR", "S-LED"]
WALLETS = ["S-HOT", "S-COLD", "S-SIGN"]
HOSTED = ["S-SRC", "S-MAIL", "S-CRM"]  # whose provider spreads the load


def _but(systems: list[str], *without: str) -> list[str]:
    return [key for key in systems if key not in without]


@dataclass(frozen=True)
class Guard:
    """`verified`: how many days ago it was verified last; it is each year."""

    title: str
    layer: str
    step: str
    techniques: list[str]
    systems: list[str]
    verified: int = 120


GUARDS = {
    "SG-0001": Guard("境界ファイアウォール", "entry", "reconnaissance", ["T1595", "T1046"], SYSTEMS),
    "SG-0002": Guard("WAF による不正な要求の遮断", "entry", "delivery", ["T1190"], FACING),
    "SG-0003": Guard("添付ファイルの無害化", "entry", "delivery", ["T1566", "T1566.001"], ["S-MAIL", "S-CRM"]),
    "SG-0004": Guard("脅威情報に基づく先回りの遮断", "entry", "weaponization", ["T1583", "T1588"], FACING, 200),
    "SG-0005": Guard("端末・サーバーの監視（EDR）", "inside", "installation", ["T1547", "T1059"], OFFICE),
    "SG-0006": Guard("特権アクセスの管理と記録", "inside", "exploitation", ["T1078", "T1068"], _but(SYSTEMS, "S-CI", *OFFICE)),
    "SG-0007": Guard("開発基盤の権限の分離", "inside", "installation", ["T1195", "T1195.002"], ["S-CI"], 391),
    "SG-0008": Guard("ウォレット網の分離", "inside", "exploitation", ["T1021"], WALLETS, 300),
    "SG-0009": Guard("外向き通信の許可制", "exit", "command_and_control", ["T1071", "T1090"], _but(SYSTEMS, "S-BI", "S-MKT")),
    "SG-0010": Guard("相場配信の外向き通信の監視", "exit", "command_and_control", ["T1071.001"], ["S-MKT"], 343),
    "SG-0011": Guard("情報の持出し検知（DLP）", "exit", "actions", ["T1048", "T1567"], OFFICE),
    "SG-0012": Guard("出金の複数人による署名", "exit", "actions", ["T1657"], WALLETS, 60),
}  # fmt: skip
MEASURES: dict[str, tuple[str, str, list[str], str | None, str | None, int]] = {
    # key: (title, kind, systems, procedure, who may order it, days since its yearly test)
    "RM-0001": ("攻撃元アドレスの特定と遮断", "block", sorted({*CRITICAL, *FACING}), "D-RSP-1", "csirt_lead", 110),
    "RM-0002": ("配信網によるDDoSの分散", "spread", _but(FACING, *HOSTED), "D-RSP-1", "csirt_lead", 180),
    "RM-0003": ("取引・接続の一時停止", "stop", _but(CRITICAL, *WALLETS), "D-RSP-1", "chief_system_officer", 150),
    "RM-0004": ("出金と署名の一時停止", "stop", WALLETS, "D-RSP-1", "representative_director", 338),
    "RM-0005": ("ログの保全とイメージの取得", "forensics", sorted({*CRITICAL, *FACING}), "D-RSP-2", "csirt_lead", 110),
}  # fmt: skip
PROCEDURES = {
    "D-RSP-1": "サイバー攻撃の封じ込め手順（遮断・分散・停止）",
    "D-RSP-2": "証拠保全の手順（ログ・イメージ・引継ぎ）",
}
EVIDENCE = (
    # (incident: months ago, its number), item, days between hand-overs
    ((7, 6), "取引ウェブサイトのアクセスログ（保全分）", (0, 1, 6)),
    ((7, 6), "認証基盤の監査ログ（保全分）", (0, 1)),
    ((16, 4), "画像閲覧の操作記録", (0, 2)),
)
FIRM = "株式会社はやぶさ診断"
FRAMEWORK = "NIST CSF 2.0（カテゴリー）"
CONTROLS = {
    "GV.OC": "組織の置かれた状況", "GV.RM": "リスク管理の戦略", "GV.RR": "役割・責任・権限", "GV.PO": "方針",
    "GV.OV": "監督", "GV.SC": "供給網のリスク管理", "ID.AM": "資産の管理", "ID.RA": "リスクの評価", "ID.IM": "改善",
    "PR.AA": "認証とアクセスの管理", "PR.AT": "意識と訓練", "PR.DS": "データの保護", "PR.PS": "基盤の保護",
    "PR.IR": "基盤の回復力", "DE.CM": "継続的な監視", "DE.AE": "異常の分析", "RS.MA": "事案の管理", "RS.AN": "事案の分析",
    "RS.CO": "報告と連絡", "RS.MI": "被害の軽減", "RC.RP": "復旧の実施", "RC.CO": "復旧時の連絡",
}  # fmt: skip


class Defence(Words):
    """What stands against attacks, and what shows that it works."""

    def defence(self) -> Iterator[Event]:
        yield from self._safeguards_verified()
        yield from self._response_tested()
        yield from self._spread_otherwise()
        yield from self._evidence_handed_on()
        yield from self._tested_from_outside()
        yield from self._assessed_by_framework()

    def _safeguards_verified(self) -> Iterator[Event]:
        """Registered in the first months, verified each year since."""
        first = add_months(self.start, 1)
        rows: list[tuple[str, Values]] = [
            (key, {
                "title": g.title, "layer": g.layer, "step": g.step, "techniques": g.techniques, "systems": g.systems,
                "since_on": first,
            })
            for key, g in GUARDS.items()
        ]  # fmt: skip
        yield self.taken(at(first, 11), "load_safeguards", m.Safeguard, rows)
        for key, g in GUARDS.items():
            for years_ago, day in self.yearly(g.verified):
                if day > first:
                    partly = key == "SG-0011" and years_ago == 0
                    yield self.save(
                        at(day, 16), self.csirt, m.Safeguard, key, verified_on=day, result="partial" if partly else "effective",
                    )  # fmt: skip

    def _response_tested(self) -> Iterator[Event]:
        """Procedures approved and measures registered in the third month, tested each year since."""
        day = add_months(self.start, 2)
        for key, title in PROCEDURES.items():
            yield from self.approved(
                at(ago(day, 5)), self.risk, self.chief, m.Document, key, "攻撃時の手順の整備", kind="response_procedure",
                title=title, version="1", in_force_on=day,
            )  # fmt: skip
        for key, (title, kind, systems, procedure, ordered_by, tested) in MEASURES.items():
            yield self.save(
                at(day, 13), self.csirt, m.ResponseMeasure, key, title=title, kind=kind, systems=systems, procedure=procedure,
                ordered_by=ordered_by, since_on=day,
            )  # fmt: skip
            for _, on in self.yearly(tested):
                if on > day:
                    yield self.save(
                        at(on, 15), self.csirt, m.ResponseMeasure, key, tested_on=on, test_passed=True
                    )

    def _spread_otherwise(self) -> Iterator[Event]:
        """The load of hosted systems is spread by their provider."""
        day = add_months(self.start, 3)
        for n, system in enumerate(HOSTED, 1):
            yield from self.approved(
                at(day, 9 + n), self.risk, self.chief, m.GrantedException, f"EX-10{n:02d}", "事業者側での対策",
                clause="10-2-2", kind="otherwise", subject=f"system:{system}",
                reason="クラウド事業者が運用する共用のサービスであり、自社で分散の仕組みを置けないため。",
                equivalent="事業者のDDoS対策の仕様と稼働実績を年に一度確認し、代替の連絡手段を用意する。", from_on=day,
            )  # fmt: skip

    def _evidence_handed_on(self) -> Iterator[Event]:
        """From who took it through the CSIRT to whoever keeps it; each time with the same hash."""
        hands = [None, self.cast.at("U-CSIRT", 1).key, self.csirt.key, self.cast.at("U-CSIRT", 2).key]
        for n, ((months_ago, number), item, days) in enumerate(EVIDENCE, 1):
            found = at(add_months(self.today, -months_ago) - timedelta(days=number), 19)
            for k, later in enumerate(days):
                when = found + timedelta(days=later, hours=k)
                yield self.save(
                    when + timedelta(minutes=5), self.csirt, m.Custody, f"CU-{n:02d}{k + 1:02d}", incident=f"INC-{number:04d}",
                    item=item, from_person=hands[k], to_person=hands[k + 1], at=when, sha256=hashlib.sha256(item.encode()).hexdigest(),
                )  # fmt: skip

    def _tested_from_outside(self) -> Iterator[Event]:
        """A penetration test of what users reach each year, and an assessment of the rest, which is late by now."""
        users = ["S-WEB", "S-APP", "S-API", "S-IDP", "S-KYC", "S-WAF"]
        rest = _but(FACING, *users)
        tests = (
            (140, "penetration", "利用者向けシステムの侵入検査", users),
            (232, "assessment", "社内・配信システムの脆弱性診断", _but(rest, "S-MKT")),
            (378, "assessment", "相場配信の脆弱性診断", ["S-MKT"]),
        )
        n = 0
        for days, kind, title, systems in tests:
            for years_ago, day in self.yearly(days):
                n += 1
                key = f"ST-{n:04d}"
                yield self.save(
                    at(day, 17), self.csirt, m.SecurityTest, key, title=title, kind=kind, systems=systems, conducted_by="outside",
                    firm=FIRM, done_on=day, findings="重大な指摘なし。設定の不備を改善する。",
                )  # fmt: skip
                late = kind == "penetration" and years_ago == 0
                yield from self.improvement(
                    f"AC-T{n:03d}", f"security_test:{key}", f"{title}の指摘への対応", day, 90, late=late, kind="corrective"
                )  # fmt: skip

    def _assessed_by_framework(self) -> Iterator[Event]:
        """The framework is taken from a list in the first month; its categories are scored each year."""
        yield Event(at(add_months(self.start, 1), 14), self._load_framework)
        for n, (years_ago, day) in enumerate(self.yearly(88), 1):
            yield from self._scored(n, years_ago, day)

    def _load_framework(self) -> None:
        rows = [f"{number},{title},{number.split('.')[0]}" for number, title in CONTROLS.items()]
        data = "\n".join(["number,title,parent", *rows]).encode()
        load_framework(
            operator_actor("sample"),
            "csf.csv",
            data,
            name=FRAMEWORK,
            version="2.0",
            reason="自己評価の基準として採用",
        )

    def _scored(self, n: int, years_ago: int, day: date) -> Iterator[Event]:
        key = f"AS-C{n:03d}"
        yield self.save(
            at(day, 11), self.csirt, m.Assessment, key, framework=FRAMEWORK, framework_used="FW-0001", scope="全社",
            assessed_by="U-CSIRT", assessed_on=day, findings="供給網と復旧の水準を上げる余地がある。",
        )  # fmt: skip
        scores: list[tuple[str, Values]] = []
        for k in range(1, len(CONTROLS) + 1):
            score = Decimal(self.chance.randrange(5, 8) + (2 - years_ago)) / 2
            told = {"assessment": key, "control": f"FC-{k:04d}", "score": score, "target": Decimal(4)}
            scores.append((f"SCO-{n}{k:03d}", told))
        yield self.taken(at(day, 13), "load_scores", m.ControlScore, scores)
