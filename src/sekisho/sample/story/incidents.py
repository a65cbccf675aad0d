"""Incidents with their notices; other firms, monitoring and new services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.sample import member
from sekisho.sample.story.words import YEARS, Event, Words, ago, at


class Incidents(Words):
    """Incidents with their notices; other firms, monitoring and new services."""

    def incidents(self) -> Iterator[Event]:
        for n, (months_ago, title, kind, severity, systems, minutes) in enumerate(member.INCIDENTS, 1):
            key = f"INC-{n:04d}"
            found = at(add_months(self.today, -months_ago) - timedelta(days=n), 9 + n, 12)
            yield self.save(
                found + timedelta(minutes=5), self.csirt, m.Incident, key, title=title, kind=kind, severity=severity, state="open", systems=systems,
                unit=member.SYSTEMS[systems[0]][1], detected_at=found, commander=self.chief.key,
            )  # fmt: skip
            yield self.save(
                found + timedelta(minutes=minutes + 1),
                self.csirt,
                m.Incident,
                key,
                reported_at=found + timedelta(minutes=minutes),
                declared_at=found + timedelta(minutes=minutes + 1),
            )
            if severity == "serious":
                yield from self._notices(n, key, title, found)
            restored = found + timedelta(hours=6)
            yield self.save(
                restored,
                self.csirt,
                m.Incident,
                key,
                contained_at=found + timedelta(hours=2),
                recovered_at=restored,
            )
            closed = found + timedelta(days=20)
            yield self.save(
                closed,
                self.csirt,
                m.Incident,
                key,
                state="closed",
                closed_at=closed,
                root_cause="設定変更の確認手順が不足していた",
            )
            yield from self.improvement(
                f"AC-I{n:03d}",
                f"incident:{key}",
                f"{title}の再発防止策",
                clock.day_of(closed),
                50,
                kind="recurrence_prevention",
            )
            decided = closed + timedelta(days=25 if n > 1 else 130)  # what the first taught was left lying
            yield self.save(
                decided,
                self.chief,
                m.Incident,
                key,
                decision="change",
                decision_reason="変更管理の確認手順を改める",
                decided_on=clock.day_of(decided),
            )

    def _notices(self, n: int, key: str, title: str, found: datetime) -> Iterator[Event]:
        for to, hours in (("authority", 5), ("association", 6), ("users", 3)):
            sent = found + timedelta(hours=hours)
            yield self.save(
                sent + timedelta(minutes=2), self.csirt, m.Notice, f"N-{n:02d}-{to}", about_record=f"incident:{key}", to=to,
                due_at=found + timedelta(hours=24), sent_at=sent, approved_by=self.chief.key, text=f"{title}について、発生日時、影響の範囲、対応の状況をお知らせします。",
            )  # fmt: skip

    def learning(self) -> Iterator[Event]:
        for n, (title, source, relevance) in enumerate(member.CASES, 1):
            day = add_months(ago(self.today, 76), -3 * (len(member.CASES) - n))
            if day <= self.start:
                continue
            key = f"IC-{n:04d}"
            yield self.save(
                at(day),
                self.risk,
                m.IndustryCase,
                key,
                title=title,
                source=source,
                occurred_on=ago(day, 30),
                screened_on=day,
                relevance=relevance,
            )
            if relevance == "relevant":
                decided = day + timedelta(days=18)
                yield self.save(
                    at(decided),
                    self.risk,
                    m.IndustryCase,
                    key,
                    decision="自社の該当手順を点検し、必要な改善を行う",
                    decided_on=decided,
                )
        for n in range(2 * YEARS + 1):
            for k, unit in enumerate(("U-DEV", "U-OPE")):
                day = add_months(ago(self.today, 121), -5 * n)
                if day > self.start:
                    yield self.save(
                        at(day, 11 + k),
                        self.risk,
                        m.MonitoringRound,
                        f"MR-{2 * n + k + 1:04d}",
                        by_unit="U-RISK",
                        of=f"unit:{unit}",
                        done_on=day,
                        result="重要な指摘なし",
                    )
        services = (
            ("ステーキングサービス", "new", 700),
            ("取扱暗号資産の追加", "change", 480),
            ("出金先の事前登録の必須化", "change", 260),
            ("法人向けAPI", "new", 75),
        )
        user, risk = self.cast.at("U-TRD", 1), self.cast.at("U-RISK", 1)
        for n, (service, kind, days) in enumerate(services, 1):
            day = ago(self.today, days)
            yield self.save(
                at(ago(day, 14)), self.risk, m.ServiceChange, f"SC-{n:04d}", service=service, kind=kind, planned_on=day, user_reviewed_on=ago(day, 21),
                user_reviewed_by=user.key, risk_reviewed_on=ago(day, 16), risk_reviewed_by=risk.key, review_result="条件付きで可。監視項目を追加する。",
            )  # fmt: skip
            yield self.save(at(day, 9), self.risk, m.ServiceChange, f"SC-{n:04d}", launched_on=day)
