"""Vulnerabilities and scans, authentication, channels and what is done there against fraud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.story.words import Event, Words, ago, at

ROUNDS = 7  # of scans, every four weeks; before the scanner came there were none
NEWEST_SCAN, BETWEEN = 9, 28  # days
MISSED = "S-FILE"  # was left out of the newest round
SCANNER = "脆弱性スキャナー（架空）"


@dataclass(frozen=True)
class Hole:
    """A vulnerability: days ago on which it was found, and mended (None: still open)."""

    system: str
    title: str
    severity: str
    exposure: str
    found: int
    fixed: int | None = None
    more: Values | None = None


# Of each four weeks the same four, mended in time; then those that tell something of their own.
USUAL = (
    ("S-WEB", "ウェブサーバーのHTTP処理の不備", "high", "internet", 16),
    ("S-IDP", "認証ライブラリの署名検証の不備", "critical", "internet", 4),
    ("S-EXC", "OSカーネルの権限昇格", "high", "internal", 31),
    ("S-BNK", "通信ライブラリの情報漏えい", "medium", "internal", 26),
)
TOLD = (
    Hole("S-API", "APIゲートウェイの要求処理の不備", "high", "internet", 49),  # overdue
    Hole("S-CRM", "文書変換部品のコード実行", "high", "internet", 65),  # excepted until it is replaced
    Hole("S-WAF", "WAF管理画面の認証回避", "critical", "internet", 61, 59, {"exploited": True, "likelihood": Decimal("0.94")}),
    Hole("S-SRC", "ソース管理の経路検証の不備", "medium", "internet", 93, 70, {"likelihood": Decimal("0.62")}),
    Hole("S-COLD", "オフライン端末のOSの権限昇格", "high", "isolated", 121, None, {"planned": -24}),
    Hole("S-SIGN", "署名サーバーの暗号ライブラリの不備", "medium", "isolated", 37),
    Hole("S-LOG", "ログ収集部品の解析の不備", "high", "internal", 9),
    Hole("S-MON", "監視エージェントの情報漏えい", "low", "internal", 9),
    Hole("S-KYC", "画像処理部品のメモリ破壊", "critical", "internet", 37, None, {"vex": "not_affected", "vex_reason": "該当する画像形式の処理を無効にしており、到達できない。"}),
    Hole("S-MKT", "配信ライブラリのサービス拒否", "medium", "internet", 65, None, {"vex": "under_investigation"}),
    Hole("S-APP", "画面表示部品の情報漏えい", "high", "internet", 149, 101),  # was mended late
)  # fmt: skip

# key: (name, what makes it strong)
METHODS = {
    "AM-0001": ("パスワード", ("knowledge",)),
    "AM-0002": ("認証アプリの確認コード", ("possession", "one_time")),
    "AM-0003": ("SMSの確認コード", ("possession", "one_time", "separate_path")),
    "AM-0004": ("パスキー", ("possession", "inherence", "phishing_resistant")),
    "AM-0005": ("出金内容の確認（アプリの署名）", ("possession", "separate_path", "transaction_bound")),
    "AM-0006": ("リスクベース認証", ("risk_based",)),
    "AM-0007": ("APIキーと要求の署名", ("possession", "transaction_bound")),
}
# key: (name, kind, system)
CHANNELS = {
    "CH-0001": ("取引ウェブサイト", "web", "S-WEB"),
    "CH-0002": ("スマートフォンアプリ", "app", "S-APP"),
    "CH-0003": ("取引API", "api", "S-API"),
    "CH-0004": ("電話による受付", "phone", "S-CRM"),
}
# key: (name, channel, risk, methods)
TRANSACTIONS = {
    "TT-0001": ("相場・残高の照会（ウェブ）", "CH-0001", "low", ["AM-0001"]),
    "TT-0002": ("売買注文（ウェブ）", "CH-0001", "high", ["AM-0001", "AM-0002"]),
    "TT-0003": ("暗号資産の出金（ウェブ）", "CH-0001", "very_high", ["AM-0001", "AM-0002"]),
    "TT-0004": ("売買注文（アプリ）", "CH-0002", "high", ["AM-0004"]),
    "TT-0005": ("暗号資産の出金（アプリ）", "CH-0002", "very_high", ["AM-0004", "AM-0006"]),
    "TT-0006": ("日本円の出金（アプリ）", "CH-0002", "high", ["AM-0004"]),
    "TT-0007": ("売買注文（API）", "CH-0003", "medium", ["AM-0007"]),
    "TT-0008": ("暗号資産の出金（API）", "CH-0003", "very_high", ["AM-0007"]),
    "TT-0009": ("登録情報の照会（電話）", "CH-0004", "medium", ["AM-0001", "AM-0003"]),
}
MEASURES = {
    "detection": "不正ログイン・異常取引の検知",
    "last_login": "前回ログイン日時の表示",
    "anomaly": "いつもと異なる端末・地域からのアクセスの検知",
    "limits": "出金限度額と出金先アドレスの事前登録",
    "dormant_ids": "長期未利用の口座のID停止",
}
SOURCES = {
    "CH-0001": "WS-0002",
    "CH-0002": "WS-0003",
}  # the watched logs of their systems (see cybersecurity.py)
UNUSED = {  # why a channel does without a measure; None: nobody has said why
    ("CH-0002", "dormant_ids"): None,
    ("CH-0003", "last_login"): "画面を持たず、要求ごとの署名で本人を確かめるため。",
    ("CH-0004", "last_login"): "ログインを伴わないため。",
    ("CH-0004", "anomaly"): "端末・地域の情報を伴わないため。受付の都度、登録番号へ折り返す。",
    (
        "CH-0004",
        "detection",
    ): "電話では自動検知を用いず、受付の都度、登録番号へ折り返して本人を確かめるため。",
}


class Exposure(Words):
    """What attackers could use, and what stands against them where users deal online."""

    def exposure(self) -> Iterator[Event]:
        yield from self._exposure_scans()
        yield from self._exposure_vulnerabilities()
        yield from self._exposure_authentication()
        yield from self._exposure_channels()
        yield from self._exposure_block_lists()
        yield from self._exposure_user_notices()
        yield from self._exposure_detected_fraud()
        yield from self._exposure_departures()

    def _exposure_scans(self) -> Iterator[Event]:
        """Every four weeks all systems, by one list."""
        number = 0
        for back in reversed(range(ROUNDS)):
            day = ago(self.today, NEWEST_SCAN + BETWEEN * back)
            rows: list[tuple[str, Values]] = []
            for place, system in enumerate(member.SYSTEMS):
                if system in member.OUT_OF_SCOPE or (system, back) == (MISSED, 0):
                    continue
                number += 1
                values: Values = {"system": system, "source": SCANNER, "done_on": day, "components": 40 + 7 * place, "found": place % 3}  # fmt: skip
                rows.append((f"VS-{number:04d}", values))
            yield self.taken(at(day, 5), "load", m.VulnerabilityScan, rows)

    def _exposure_vulnerabilities(self) -> Iterator[Event]:
        """Found by a round of scans, and mended one by one."""
        holes = [
            Hole(system, title, severity, exposure, found, max(found - days, 1) if found > days else None)
            for found in (NEWEST_SCAN + BETWEEN * back for back in reversed(range(ROUNDS)))
            for system, title, severity, exposure, days in USUAL
        ]
        for number, hole in enumerate(sorted([*holes, *TOLD], key=lambda h: -h.found), 1):
            key, found = f"VU-{number:04d}", ago(self.today, hole.found)
            values: Values = {
                "title": hole.title, "ids": [f"CVE-{found.year}-9{number:04d}"], "system": hole.system, "severity": hole.severity,
                "exposure": hole.exposure, "found_on": found, "source": SCANNER, "vex": "affected",
            }  # fmt: skip
            more = dict(hole.more or {})
            if (planned := more.pop("planned", None)) is not None:
                more["planned_on"] = ago(self.today, planned)
            yield self.save(at(found, 9), self.csirt, m.Vulnerability, key, **values | more)
            if hole.fixed is not None:
                fixed = ago(self.today, hole.fixed)
                yield self.save(at(fixed, 18), self.csirt, m.Vulnerability, key, fixed_on=fixed, vex="fixed")
            if hole is TOLD[1]:
                yield from self.approved(
                    at(ago(self.today, 36)), self.risk, self.chief, m.GrantedException, "EX-1031", "部品の更改まで", clause="10-3", kind="exception",
                    subject=f"vulnerability:{key}", reason="文書変換部品は来月の更改で廃止するため、修正版の適用に要する検証を行わない。",
                    equivalent="外部から受け取る文書の変換を停止し、担当者が隔離した端末で開く。", from_on=ago(self.today, 36), until_on=self.today + timedelta(days=40),
                )  # fmt: skip

    def _exposure_authentication(self) -> Iterator[Event]:
        """The ways and the transactions; withdrawals on the web were strengthened after a year and a half."""
        begun = at(self.start + timedelta(days=20), 13)
        methods: list[tuple[str, Values]] = [
            (key, {"name": name, **dict.fromkeys(flags, True)}) for key, (name, flags) in METHODS.items()
        ]
        yield self.taken(begun, "load", m.AuthenticationMethod, methods)
        for key, (name, channel, risk, ways) in TRANSACTIONS.items():
            values: Values = {"name": name, "channel": channel, "risk": risk, "rated_on": self.start + timedelta(days=20), "methods": ways, "since_on": self.start}  # fmt: skip
            yield self.save(begun + timedelta(hours=1), self.risk, m.TransactionType, key, **values)
        stronger = at(add_months(self.today, -16), 10)
        yield self.save(stronger, self.risk, m.TransactionType, "TT-0003", methods=["AM-0001", "AM-0005"])

    def _exposure_channels(self) -> Iterator[Event]:
        """The channels and their measures; those of the telephone were only put in place after half a year."""
        begun = at(self.start + timedelta(days=20), 11)
        for key, (name, kind, system) in CHANNELS.items():
            values: Values = {"name": name, "kind": kind, "system": system, "since_on": self.start}
            yield self.save(begun, self.chief, m.Channel, key, **values)
        number = 0
        for channel in CHANNELS:
            day = add_months(self.start, 6) if channel == "CH-0004" else self.start + timedelta(days=21)
            for measure, title in MEASURES.items():
                number += 1
                why = UNUSED.get((channel, measure), "")
                if why is None:
                    continue
                used: Values = {"used": False, "reason": why} if why else {"used": True, "checked_on": day}
                yield self.save(
                    at(day, 15), self.csirt, m.FraudMeasure, f"FM-{number:04d}", title=title, channel=channel, measure=measure, since_on=day, **used,
                )  # fmt: skip

    def _exposure_block_lists(self) -> Iterator[Event]:
        """Addresses are blocked on the web and in the app since two months ago; the list is renewed each week."""
        for number, channel in enumerate(("CH-0001", "CH-0002"), 101):
            for week in reversed(range(9)):
                updated = at(ago(self.today, 3 + 7 * week), 6)
                values: Values = {"list_updated_at": updated}
                if week == 8:
                    values |= {"title": "不正なIPアドレスの遮断", "channel": channel, "measure": "block_addresses", "used": True, "enforced": True, "since_on": ago(self.today, 59)}  # fmt: skip
                yield self.save(updated + timedelta(minutes=20), self.csirt, m.FraudMeasure, f"FM-{number:04d}", **values)  # fmt: skip

    def _exposure_user_notices(self) -> Iterator[Event]:
        """Each year; of phishing besides."""
        notices = (
            (130, "security_software", "対策ソフトの導入と最新化のお願い"),
            (75, "phishing", "当社をかたる偽サイトにご注意ください"),
        )
        number = 0
        for days, topic, title in notices:
            for _, day in self.yearly(days):
                number += 1
                yield self.save(
                    at(day, 12), self.csirt, m.UserNotice, f"UN-{number:04d}", title=title, topic=topic, audience="全利用者", sent_on=day,
                    text="お取引の安全のため、次の点をご確認ください。当社からパスワードや確認コードをお尋ねすることはありません。",
                )  # fmt: skip

    def _exposure_detected_fraud(self) -> Iterator[Event]:
        """What was detected, and users told within half an hour; of one only on the next morning."""
        alerts = ((113, "CH-0001", 24), (83, "CH-0002", 22), (62, "CH-0001", 31), (41, "CH-0001", 640), (20, "CH-0002", 18), (6, "CH-0002", 27))  # fmt: skip
        for number, (days, channel, minutes) in enumerate(alerts, 1):
            seen = at(ago(self.today, days), 21, 10)
            title = f"{CHANNELS[channel][0]}への不正ログインの疑い"
            yield self.save(
                seen + timedelta(minutes=12), self.csirt, m.Alert, f"AL-1{number:03d}", title=title, source=SOURCES[channel], at=seen, severity="high",
                decision="watch", decided_at=seen + timedelta(minutes=11), decided_by=self.csirt.key, reason="ログインを遮断し、口座を一時停止", concerns_user=True,
            )  # fmt: skip
            told = seen + timedelta(minutes=minutes)
            yield self.save(told + timedelta(minutes=1), self.csirt, m.Alert, f"AL-1{number:03d}", user_told_at=told)  # fmt: skip

    def _exposure_departures(self) -> Iterator[Event]:
        """What is done otherwise on the API and by telephone, and the withdrawals that wait for a stronger way."""
        day = add_months(self.today, -7)
        yield from self.approved(
            at(day), self.risk, self.chief, m.GrantedException, "EX-1061", "登録アドレスに限る方式", clause="10-6-1", kind="otherwise",
            subject="channel:CH-0003", reason="取引APIは法人の利用者に限られ、遮断リストより接続元の事前登録が確実なため。",
            equivalent="利用者が登録したIPアドレス以外からの通信をすべて拒否する。", from_on=day, until_on=add_months(day, 12),
        )  # fmt: skip
        yield from self.approved(
            at(day, 14), self.risk, self.chief, m.GrantedException, "EX-1062", "折返し確認による方式", clause="10-6-3", kind="otherwise",
            subject="channel:CH-0004", reason="電話の受付では自動検知を用いることができないため。",
            equivalent="受付の都度、登録番号へ折り返して本人を確かめ、疑わしい受付は当日中に利用者へ書面でも連絡する。", from_on=day, until_on=add_months(day, 12),
        )  # fmt: skip
        yield from self.approved(
            at(day, 17), self.risk, self.chief, m.GrantedException, "EX-1051", "APIの出金の認証強化まで", clause="10-5", kind="exception",
            subject="transaction_type:TT-0008", reason="署名鍵を利用者の機器で守る方式への切替えを、法人の利用者と日程を合わせて行うため。",
            equivalent="出金先を事前登録のアドレスに限り、1日の限度額を設け、出金の都度電話で確かめる。", from_on=day, until_on=self.today + timedelta(days=70),
        )  # fmt: skip
