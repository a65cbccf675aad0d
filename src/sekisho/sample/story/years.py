"""Policies, plans, drills, reviews, assessments and instruction, each year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.sample import member
from sekisho.sample.cast import FOUNDED
from sekisho.sample.story.words import Event, Words, ago, at


class Years(Words):
    """Policies, plans, drills, reviews, assessments and instruction, each year."""

    def years(self) -> Iterator[Event]:
        yield from self._policy()
        yield from self._plans()
        for n, (_, day) in enumerate(self.yearly(100), 1):
            yield self.save(
                at(day), self.risk, m.MemberProfile, f"MP-{n:04d}", name=member.NAME, registration_number=member.REGISTRATION,
                services=member.SERVICES, user_count=180_000 + 65_000 * n, assets_in_custody=(42 + 17 * n) * 10**9,
                size_class="medium", business_since_on=FOUNDED, as_of_on=day,
            )  # fmt: skip
        yield from self._drills()
        yield from self._reviews()
        for n, (_, day) in enumerate(self.yearly(205), 1):
            yield self.save(
                at(day), self.cast.office["internal_auditor"], m.Assessment, f"AS-{n:04d}", framework="情報の安全管理に関する規則に基づく自己点検表",
                scope="全社", assessed_by="U-AUD", assessed_on=day, scores=f"平均 {3.1 + 0.2 * n:.1f} / 5", findings="委託先の監視と権限の棚卸しに改善の余地",
            )  # fmt: skip
        n = 0
        for _, day in self.yearly(90):
            for unit in member.UNITS:
                n += 1
                held = day + timedelta(days=self.chance.randrange(0, 40))
                manager = self.cast.manager_of(unit)
                yield self.save(
                    at(held, 14), manager, m.Instruction, f"IN-{n:04d}", unit=unit, topic="標的型メールと端末の安全な利用", held_on=held, given_by=manager.key,
                )  # fmt: skip

    def _policy(self) -> Iterator[Event]:
        """A new version of the policy each year, acknowledged by everybody."""
        yield from self._acknowledged("D-POLICY-1", self.start + timedelta(days=9), newest=False)
        for version, (years_ago, day) in enumerate(self.yearly(40), 2):
            key, old = f"D-POLICY-{version}", f"D-POLICY-{version - 1}"
            yield from self.approved(
                at(ago(day, 10)), self.risk, self.president, m.Document, key, "年次の見直し",
                kind="basic_policy", title="システムリスク管理基本方針", version=str(version), in_force_on=day,
                review_by_on=add_months(day, 13), linked_plan="D-PLAN-1", outline=member.OUTLINE,
            )  # fmt: skip
            yield from self.approved(
                at(ago(day, 9)),
                self.risk,
                self.president,
                m.Document,
                old,
                "新版の施行に伴う失効",
                until_on=ago(day, 1),
            )
            yield from self._acknowledged(key, day, newest=years_ago == 0)

    def _acknowledged(self, document: str, day: date, *, newest: bool) -> Iterator[Event]:
        """Everybody's word within a month of the first day, or of joining; of the newest version five are silent."""
        here = self.cast.working(day)
        silent = self.chance.sample([p.key for p in here if p.place > 2], 5) if newest else []
        later = [p for p in self.cast.people if day < p.joined_on < add_months(day, 12)]
        for p in [*here, *later]:
            first = max(day, p.joined_on)
            when = at(first + timedelta(days=self.chance.randrange(0, 26)), self.chance.randrange(9, 18))
            on = clock.day_of(when)
            if p.key in silent or on >= self.today or (p.left_on and on > p.left_on):
                continue
            yield self.save(
                when,
                self.risk,
                m.Acknowledgement,
                f"AK-{document[9:]}-{p.key}",
                person=p.key,
                document=document,
                at=when,
            )

    def _plans(self) -> Iterator[Event]:
        """Goals and budgets of each fiscal year, kept in March before it begins."""
        first = self.start.year if self.start.month > 3 else self.start.year - 1
        last = self.today.year if self.today.month > 3 else self.today.year - 1
        for n, year in enumerate(range(first, last + 1), 1):
            when = max(at(date(year, 3, 15)), at(self.start, 13))
            for k, (text, measure) in enumerate(
                (
                    ("重大なシステム障害を発生させない", "重大障害 0件"),
                    ("重要な脆弱性を期限内に修正する", "期限内修正率 98%以上"),
                ),
                1,
            ):
                yield self.save(
                    when,
                    self.chief,
                    m.Goal,
                    f"G-{n}{k}",
                    fiscal_year=year,
                    text=text,
                    measure=measure,
                    linked_plan="D-PLAN-1",
                )
            for k, (text, amount) in enumerate(
                (("サイバーセキュリティ対策", 180_000_000), ("基盤の更新・増強", 320_000_000)), 1
            ):
                yield self.save(
                    when,
                    self.chief,
                    m.Budget,
                    f"B-{n}{k}",
                    fiscal_year=year,
                    text=text,
                    amount=amount + 15_000_000 * n,
                    linked_plan="D-PLAN-1",
                )

    def _drills(self) -> Iterator[Event]:
        """One drill a year commanded by each of the two; the chief's lapses in about three weeks."""
        n = 0
        for days, commander, scenario in (
            (150, self.president, "大規模な暗号資産流出を想定した総合訓練"),
            (342, self.chief, "取引システム全面停止からの復旧訓練"),
        ):
            for _, day in self.yearly(days):
                n += 1
                key = f"DR-{n:04d}"
                began = at(day, 10)
                times = {
                    "detected_at": 0,
                    "declared_at": 20,
                    "contained_at": 95,
                    "reported_at": 110,
                    "recovered_at": 240,
                }
                yield self.save(
                    at(day, 18), self.chief, m.Drill, key, scenario=scenario, plan="D-BCP-1", held_on=day, commanded_by=commander.key,
                    **{name: began + timedelta(minutes=minutes + self.chance.randrange(15)) for name, minutes in times.items()},
                )  # fmt: skip
                evaluated = day + timedelta(days=14)
                yield self.save(
                    at(evaluated),
                    self.chief,
                    m.Drill,
                    key,
                    evaluation="指揮系統は機能した。連絡網の更新と判断基準の明文化が必要。",
                    evaluated_on=evaluated,
                )
                yield from self.improvement(
                    f"AC-D{n:03d}", f"drill:{key}", "連絡網の更新と判断基準の明文化", evaluated, 60
                )

    def _reviews(self) -> Iterator[Event]:
        for n, (years_ago, day) in enumerate(self.yearly(70), 1):
            key = f"RV-{n:04d}"
            yield self.save(
                at(day), self.risk, m.Review, key, title=f"システムリスク管理の年次レビュー（第{n}回）", held_on=day, period_from_on=add_months(day, -12),
                period_until_on=ago(day, 1), findings="体制はおおむね有効。委託先の監視を強化する。", policy_decision="change",
                decision_reason="新たな脅威と委託先の増加を踏まえ、基本方針を改定する。",
            )  # fmt: skip
            yield from self.improvement(
                f"AC-R{n:03d}", f"review:{key}", "委託先の監視手順の見直し", day, 65, late=years_ago == 0
            )
            yield from self.improvement(f"AC-S{n:03d}", f"review:{key}", "権限の棚卸しの自動化", day, 120)
