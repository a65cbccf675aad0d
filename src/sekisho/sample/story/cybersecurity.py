"""The structure of cybersecurity: papers, contacts, what is watched, alerts, intelligence, skills and training."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.story.words import Event, Words, ago, at

TEMPLATES = {
    "D-CYB-TPL-1": ("サイバー攻撃 当局・協会への報告文（第一報・続報）", "当局・協会への報告"),
    "D-CYB-TPL-2": ("サービス停止・不正流出の公表文（日本語・英語）", "利用者への案内・公表"),
}
CONTACTS: tuple[tuple[str, str, str], ...] = (
    ("財務局 監督担当（架空）", "authority", "電話（夜間は当直）"),
    ("協会 システムリスク担当（架空）", "association", "電話・専用フォーム"),
    ("警察 サイバー犯罪相談窓口（架空）", "police", "電話"),
    ("業界情報共有センター（架空）", "sharing_body", "会員ポータル・電話"),
    ("東風セキュリティ株式会社 監視センター", "vendor", "電話（24時間）"),
    ("広報支援会社（架空）", "press", "電話・電子メール"),
)
CONFIRMED, FORGOTTEN = 40, 200  # days ago; the last of the contacts was left out
WATCHED = {"S-WAF": "waf", "S-IDP": "authentication", "S-SIEM": "network", "S-HOT": "wallet", "S-COLD": "wallet", "S-SIGN": "wallet", "S-BNK": "transaction", "S-AML": "transaction", "S-MAIL": "endpoint"}  # fmt: skip
UNWATCHED, SILENT = "S-BI", "WS-0023"
ALERTS = (
    ("ログイン失敗の急増", "medium"),
    ("管理画面への国外からの接続", "high"),
    ("署名サーバーの時刻のずれ", "medium"),
    ("送信元不明の大量アクセス", "low"),
    ("端末での不審なスクリプト実行", "high"),
    ("出金承認の時間外操作", "critical"),
    ("WAFの遮断件数の増加", "low"),
)
SOURCES = {
    "IS-0001": ("業界情報共有センター（架空）", "会員ポータル"),
    "IS-0002": ("CSIRT連絡会（架空）", "メーリングリスト"),
    "IS-0003": ("脅威情報フィード（架空）", "STIX/TAXII"),
}
ITEMS: tuple[tuple[str, bool, list[str]], ...] = (
    ("取引所を狙う標的型メールの注意喚起", True, ["U-OPE", "U-SUP"]),
    ("VPN装置の脆弱性を悪用する攻撃", True, ["U-OPE"]),
    ("開発者を装う採用の誘い", True, ["U-DEV"]),
    ("他業種でのランサムウェア被害", False, []),
    ("署名ライブラリの改ざん", True, ["U-DEV", "U-CUS"]),
    ("海外のフィッシングサイト群", False, []),
)
SKILLS = {
    "SK-0901": "ログ監視・検知",
    "SK-0902": "インシデント対応・封じ込め",
    "SK-0903": "証拠保全・解析",
    "SK-0904": "脆弱性の評価",
    "SK-0905": "ウォレット・鍵管理の防御",
}


class Cybersecurity(Words):
    """The structure of cybersecurity: papers, contacts, what is watched, alerts, intelligence, skills and training."""

    def cybersecurity(self) -> Iterator[Event]:
        yield from self._cyber_papers()
        yield from self._cyber_contacts()
        yield from self._cyber_watch()
        yield from self._cyber_alerts()
        yield from self._cyber_intelligence()
        yield from self._cyber_skills()
        yield from self._cyber_trainings()

    # --- papers: the rules' first review came late ----------------------------------------------------------------

    def _cyber_papers(self) -> Iterator[Event]:
        first = self.start + timedelta(days=40)
        rules, plan = ago(self.today, 343), ago(self.today, 300)
        structure = {"title": "サイバーセキュリティ管理体制図", "version": "1"}
        yield from self._cyber_document("D-CYB-STR-1", "cyber_structure", first, **structure)
        for key, (title, occasion) in TEMPLATES.items():
            yield from self._cyber_document(
                key, "notice_template", first, title=title, version="1", occasion=occasion
            )
        for version, day, review in (
            ("1", first, ago(rules, 50)),
            ("2", rules, self.today + timedelta(days=22)),
        ):
            yield from self._cyber_document(
                f"D-CYB-RULE-{version}", "cyber_rules", day, title="サイバーセキュリティ管理規程", version=version, review_by_on=review,
            )  # fmt: skip
        for version, day in (("1", self.start + timedelta(days=70)), ("2", plan)):
            named = {"title": "サイバー人材の育成・拡充計画", "version": version}
            yield from self._cyber_document(f"D-CYB-PLAN-{version}", "cyber_training_plan", day, **named)
        for old, day in (("D-CYB-RULE-1", rules), ("D-CYB-PLAN-1", plan)):
            yield from self.approved(
                at(ago(day, 4)),
                self.risk,
                self.chief,
                m.Document,
                old,
                "新版の施行に伴う失効",
                until_on=ago(day, 1),
            )

    def _cyber_document(self, key: str, kind: str, day: date, **values: str | date) -> Iterator[Event]:
        yield from self.approved(
            at(ago(day, 5)),
            self.risk,
            self.chief,
            m.Document,
            key,
            "制定・改定",
            kind=kind,
            in_force_on=day,
            **values,
        )

    # --- contacts: twice a year; one was forgotten the last time --------------------------------------------------

    def _cyber_contacts(self) -> Iterator[Event]:
        for half in reversed(range(6)):
            day = add_months(ago(self.today, CONFIRMED), -6 * half)
            rows = []
            for n, (body, kind, way) in enumerate(CONTACTS, 1):
                confirmed = ago(self.today, FORGOTTEN) if not half and n == len(CONTACTS) else day
                values: Values = {"body": body, "kind": kind, "way": way, "confirmed_on": confirmed}
                rows.append((f"CO-{n:04d}", values | {"details": f"03-0000-{n:04d}"}))
            if day > self.start:
                yield self.taken(at(day, 14), "confirm_contacts", m.Contact, rows)

    # --- what is watched: on record since four months, heard at each month's end ----------------------------------

    def _cyber_watch(self) -> Iterator[Event]:
        began = ago(self.today, 125)
        systems = [s for s in member.SYSTEMS if s not in member.OUT_OF_SCOPE and s != UNWATCHED]
        rows: list[tuple[str, Values]] = [
            (
                f"WS-{n:04d}",
                {"title": f"{member.SYSTEMS[s][0]}のログ", "system": s, "kind": WATCHED.get(s, "log"), "since_on": self.start, "last_event_at": at(began, 9)},
            )
            for n, s in enumerate(systems, 1)
        ]  # fmt: skip
        yield self.taken(at(began, 10), "load", m.WatchSource, rows)
        yield from self.approved(
            at(ago(self.today, 120)), self.risk, self.chief, m.GrantedException, "EX-0901", "更改まで監視につながらない",
            clause="9-3-1", kind="exception", subject=f"system:{UNWATCHED}", reason="経営分析の基盤は更改中で、現行機はログの転送に対応していない。",
            equivalent="更改までの間、週次でログを手作業で点検する。", from_on=ago(self.today, 119), until_on=self.today + timedelta(days=75),
        )  # fmt: skip
        for day in self._cyber_heard_on(began):
            heard = [
                (key, {"last_event_at": at(day, 23, 40)})
                for key, _ in rows
                if not self._cyber_cut_off(key, day)
            ]
            yield self.taken(at(day, 23, 50), "hear", m.WatchSource, heard)

    def _cyber_heard_on(self, began: date) -> Iterator[date]:
        """The ends of the months since then, and yesterday."""
        day = add_months(began.replace(day=1), 1) - timedelta(days=1)
        while day < ago(self.today, 1):
            yield day
            day = add_months(day.replace(day=1), 2) - timedelta(days=1)
        yield ago(self.today, 1)

    def _cyber_cut_off(self, source: str, day: date) -> bool:
        return source == SILENT and day > ago(self.today, 6)

    # --- alerts: decided in time but for one ----------------------------------------------------------------------

    def _cyber_alerts(self) -> Iterator[Event]:
        chance = random.Random(931)
        for n in range(1, 41):
            title, severity = ALERTS[n % len(ALERTS)]
            raised = at(
                ago(self.today, 121 - 3 * n + chance.randrange(3)), chance.randrange(24), chance.randrange(60)
            )
            if n == 40:
                raised = at(ago(self.today, 2), 21, 35)
                title, severity = "取引APIへの認証情報の総当たり", "high"
            values: Values = {
                "title": title,
                "source": f"WS-{1 + n % 22:04d}",
                "at": raised,
                "severity": severity,
            }
            decided = raised + timedelta(minutes=chance.randrange(5, 50))
            if n < 40:
                values |= {
                    "decision": "watch" if n % 3 else "false_alarm", "decided_at": decided, "decided_by": self.csirt.key, "reason": "関連するログと通信先を確認した。",
                }  # fmt: skip
            yield self.save(decided, self.csirt, m.Alert, f"AL-{n:04d}", **values)

    # --- intelligence: one source was silent for a while, one item passed on late ---------------------------------

    def _cyber_intelligence(self) -> Iterator[Event]:
        first = self.start + timedelta(days=25)
        sources: list[tuple[str, Values]] = [
            (key, {"body": body, "way": way, "since_on": first}) for key, (body, way) in SOURCES.items()
        ]
        yield self.taken(at(first, 9), "load", m.IntelligenceSource, sources)
        number = 0
        days = (self.today - first).days
        for back in range(days - 3, 2, -25):
            for n, source in enumerate(SOURCES):
                number += 1
                silent = source == "IS-0003" and 220 < back - n < 275
                if not silent:
                    yield self._cyber_item(number, source, ago(self.today, back - n))

    def _cyber_item(self, number: int, source: str, day: date) -> Event:
        late = source == "IS-0001" and 190 < (self.today - day).days <= 215
        title, matters, units = ITEMS[0 if late else number % len(ITEMS)]
        received = at(day, 8, number % 60)
        values: Values = {
            "title": title,
            "source": source,
            "received_at": received,
            "judged_at": received + timedelta(hours=2),
        }
        values["relevance"] = "relevant" if matters else "not_relevant"
        if matters:
            passed = received + timedelta(hours=60 if late else 5)
            values |= {"units": units, "passed_at": passed}
        when = max(received + timedelta(hours=2), values.get("passed_at", received))
        return self.save(when, self.csirt, m.IntelligenceItem, f"II-{number:04d}", **values)

    # --- people: a skill map, assessed yearly; the plan's training, one of it overdue -----------------------------

    def _cyber_skills(self) -> Iterator[Event]:
        chance = random.Random(936)
        begun = self.start + timedelta(days=60)
        rows: list[tuple[str, Values]] = [
            (key, {"name": name, "field": "cybersecurity"}) for key, name in SKILLS.items()
        ]
        yield self.taken(at(begun, 9), "load", m.Skill, rows)
        people = [self.cast.at("U-CSIRT", place).key for place in range(6)]
        for _, day in self.yearly(120):
            levels: list[tuple[str, Values]] = [
                (
                    f"SL-09{n:02d}",
                    {"person": person, "skill": skill, "level": chance.randrange(1, 4), "assessed_on": day, "assessed_by": self.csirt.key},
                )
                for n, (person, skill) in enumerate((p, s) for p in people for s in SKILLS)
            ]  # fmt: skip
            yield self.taken(at(max(day, begun), 11), "assess_skills", m.SkillLevel, levels)

    def _cyber_trainings(self) -> Iterator[Event]:
        crew = [self.cast.at("U-CSIRT", place).key for place in range(3)]
        told = (
            ("TR-0901", "D-CYB-PLAN-1", "インシデント対応の机上演習", "SK-0902", 900, 908),
            ("TR-0902", "D-CYB-PLAN-1", "フォレンジック基礎研修", "SK-0903", 640, 655),
            ("TR-0903", "D-CYB-PLAN-2", "検知ルールの作成研修", "SK-0901", 210, 216),
            ("TR-0904", "D-CYB-PLAN-2", "鍵管理と署名の防御演習", "SK-0905", 95, 99),
            ("TR-0905", "D-CYB-PLAN-2", "証拠保全の外部研修", "SK-0903", 9, None),
            ("TR-0906", "D-CYB-PLAN-2", "脆弱性評価の演習", "SK-0904", -18, None),
            ("TR-0907", "D-CYB-PLAN-2", "レッドチーム演習の振り返り", "SK-0902", -70, None),
        )
        for key, plan, topic, skill, due, done in told:
            begun = self.start + timedelta(days=72) if plan.endswith("1") else ago(self.today, 299)
            values = {"topic": topic, "kind": "training", "plan": plan, "skill": skill, "people": crew}
            yield self.save(at(begun, 11), self.csirt, m.Training, key, **values, due_on=ago(self.today, due))
            if done is not None:
                day = ago(self.today, done)
                yield self.save(at(day, 17), self.csirt, m.Training, key, done_on=day, result="全員が修了。")
