"""Releases: every two and a half weeks one goes into use, by its plan, tests, judgement and inspection; some do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.cast import Somebody
from sekisho.sample.story.integration import INTEGRATIONS, WHOLE
from sekisho.sample.story.projects import PROJECTS
from sekisho.sample.story.words import Event, Words, ago, at

FIRST, EVERY = 1050, 18  # days ago, days
ROUND = (
    "S-EXC",
    "S-WEB",
    "S-APP",
    "S-API",
    "S-HOT",
    "S-SIGN",
    "S-BNK",
    "S-MKT",
    "S-IDP",
    "S-LED",
    "S-AML",
    "S-CI",
)
MATTERS = (
    "注文画面の改善", "手数料計算の改定", "監査ログの整備", "部品の更新", "応答性能の改善", "監視項目の追加", "帳票の追加", "脆弱性への対応",
)  # fmt: skip
TESTS = (("integration", 12), ("system", 8), ("field", 5))  # kind of test, days before the introduction
# What was not as usual, by how many days ago the release went into use.
NO_PLAN, NOT_PERMITTED, CONDITIONAL, PERMITTED, UNFIT = 744, 510, 240, 222, 186
REVIEWED, UNJUDGED, FLAWED, NOT_INSPECTED, NOT_REVIEWED = 150, 96, 78, 42, 24
MISSED, HURRIED = (NOT_PERMITTED, PERMITTED), (REVIEWED, NOT_REVIEWED)
# Ready to go, tested but not judged yet, and planned only: days until it is planned for.
COMING = {"RL-0060": ("S-WEB", 3), "RL-0061": ("S-API", 7), "RL-0062": ("S-EXC", 21)}


@dataclass(frozen=True)
class Step:
    """A release on its way: the place in the row, and the day on which it goes into use."""

    number: int
    system: str
    days: int
    day: date

    def key(self, prefix: str) -> str:
        return f"{prefix}-{self.number:04d}"

    @property
    def title(self) -> str:
        return f"{member.SYSTEMS[self.system][0]} {MATTERS[self.number % len(MATTERS)]}"

    def before(self, days: int, hour: int = 10) -> datetime:
        return at(ago(self.day, days), hour, self.number % 60)


class Releases(Words):
    """Releases: every two and a half weeks one goes into use, by its plan, tests, judgement and inspection."""

    @property
    def release_lead(self) -> Somebody:
        return self.cast.office["project_lead"]

    def releases(self) -> Iterator[Event]:
        yield from self._standard()
        yield from self._design_reviews()
        for n, days in enumerate(range(FIRST, 0, -EVERY)):
            step = Step(n + 1, ROUND[n % len(ROUND)], days, ago(self.today, days))
            yield from self._built(step)
            if days != NO_PLAN:
                yield from self._tested(step)
            yield from self._judged(step)
            yield from self._introduced(step)
        yield from self._coming()
        yield from self._unstable()

    def _standard(self) -> Iterator[Event]:
        """The first half a year after the beginning; a new version last year, in force the day after the old one."""
        first, second = add_months(self.start, 6), ago(self.today, 330)
        told: Values = {
            "kind": "development_standard",
            "title": "開発基準（セキュアコーディング・設計・レビュー）",
        }
        yield from self.approved(
            at(ago(first, 5)), self.risk, self.chief, m.Document, "D-STD-1", "開発基準の制定", **told, version="1",
            in_force_on=first, until_on=ago(second, 1),
        )  # fmt: skip
        yield from self.approved(
            at(ago(second, 5)), self.risk, self.chief, m.Document, "D-STD-2", "静的解析の基準を加える", **told, version="2",
            in_force_on=second, review_by_on=self.today + timedelta(days=400),
        )  # fmt: skip

    def _design_reviews(self) -> Iterator[Event]:
        """Before a project is built, somebody of the CSIRT looks at its design; but of the integration with gaps."""
        for key, plan in (PROJECTS | {WHOLE: INTEGRATIONS[WHOLE]}).items():
            if "build" in plan.steps:
                day = ago(self.today, plan.steps["build"] + 2)
                yield self.save(
                    at(day, 15), self.release_lead, m.DesignReview, f"DV-{key}", project=key, security=True, reviewed_by=self.csirt.key,
                    done_on=day, result="指摘を設計書に反映済み",
                )  # fmt: skip

    # --- one release ------------------------------------------------------------------------------------------------

    def _built(self, step: Step) -> Iterator[Event]:
        key, version = step.key("RL"), f"{2 + step.number // 12}.{step.number % 12}"
        yield self.save(
            step.before(14), self.release_lead, m.Release, key, title=step.title, system=step.system, version=version,
            changes="変更要求票のとおり。", authors=self._authors(step), emergency=True if step.days in HURRIED else None, planned_on=step.day,
        )  # fmt: skip
        done: Values = {
            "digests": [f"sha256:{sha256(key.encode()).hexdigest()}"], "static_done_on": ago(step.day, 9),
            "static_findings": 2 if step.days == FLAWED else 0,
        }  # fmt: skip
        if step.days == PERMITTED:
            done |= {
                "shortfall_measure": "ピーク時の応答時間が基準を5%超過。翌週の増強まで接続数を制限して導入する。",
                "shortfall_permitted_by": self.chief.key, "shortfall_permitted_on": ago(step.day, 3),
            }  # fmt: skip
        yield self.save(step.before(3, 15), self.release_lead, m.Release, key, **done)

    def _tested(self, step: Step) -> Iterator[Event]:
        plan = step.key("TP")
        yield from self.approved(
            step.before(13, 9), self.release_lead, self.chief, m.TestPlan, plan, "テスト計画の承認", title=f"{step.title} テスト計画",
            release=step.key("RL"), systems=[step.system], scope="変更箇所と影響する機能",
            criteria="重大な不具合0件、軽微な不具合は回避策あり、性能は現行以上。",
        )  # fmt: skip
        for n, (kind, before) in enumerate(TESTS):
            met = not (kind == "system" and step.days in MISSED)
            passed = 60 + 7 * (step.number % 9) + 20 * n
            yield self.save(
                step.before(before, 16), self.release_lead, m.TestResult, f"{step.key('TRS')}-{n + 1}", plan=plan, kind=kind,
                done_on=ago(step.day, before), by_unit="U-DEV" if kind != "field" else "U-OPE", passed=passed, failed=0 if met else 1,
                criteria_met=met, evaluation="基準を満たす。" if met else "応答時間が基準を超過。",
            )  # fmt: skip

    def _judged(self, step: Step) -> Iterator[Event]:
        """By the manager of the system's unit; nobody judges an emergency before, and one was forgotten."""
        if step.days in HURRIED:
            return
        manager = self.cast.manager_of(member.SYSTEMS[step.system][1])
        when = step.before(1, 17) if step.days != UNJUDGED else at(step.day + timedelta(days=1), 11)
        told: Values = {"verdict": "fit", "reason": "テスト結果と導入手順を確認。"}
        if step.days in (CONDITIONAL, PERMITTED):
            told = {
                "verdict": "conditional",
                "conditions": "導入後1週間は応答時間を毎日確認する。",
                "reason": "残る課題は運用で補える。",
            }
        yield self.save(
            when,
            manager,
            m.Judgement,
            step.key("JU"),
            release=step.key("RL"),
            judged_by=manager.key,
            at=when,
            **told,
        )
        if step.days == UNFIT:
            after = at(step.day + timedelta(days=1), 11)
            yield self.save(
                after, manager, m.Judgement, f"{step.key('JU')}-2", release=step.key("RL"), judged_by=manager.key, at=after,
                verdict="unfit", reason="導入後の確認で約定通知の欠落が見つかったため。",
            )  # fmt: skip

    def _introduced(self, step: Step) -> Iterator[Event]:
        key, operator = step.key("DP"), self._operator(step.system)
        when, checked = at(step.day, 21), at(step.day + timedelta(days=1), 10)
        told: Values = {"release": step.key("RL"), "at": when, "deployed_by": operator.key}
        if step.days == UNJUDGED:
            told["bypass_reason"] = "判定会議の前に自動配備が動いたため。翌日に判定し、配備の設定を改めた。"
        yield self.save(when + timedelta(minutes=30), operator, m.Deployment, key, **told)
        found: Values = {"checked_at": checked, "check_result": "good"}
        if step.days == UNFIT:
            found = {
                "checked_at": checked,
                "check_result": "bad",
                "rolled_back_at": checked + timedelta(hours=2),
            }
        if step.days == REVIEWED:
            found |= {"reviewed_on": step.day + timedelta(days=4), "reviewed_by": self.chief.key}
        written = at(step.day + timedelta(days=4 if step.days == REVIEWED else 1), 13)
        yield self.save(written, operator, m.Deployment, key, **found)
        if step.days != NOT_INSPECTED:
            yield self._inspection(step, operator)

    def _inspection(self, step: Step, operator: Somebody) -> Event:
        day = step.day + timedelta(days=2)
        return self.save(
            at(day, 14), operator, m.KeptDocument, f"KD-{step.key('RL')}", title=f"{step.title} 導入時検査記録", of=f"release:{step.key('RL')}",
            kind="inspection", sha256=sha256(step.title.encode()).hexdigest(), kept_on=day, keep_until_on=add_months(day, 84),
            checked_on=day, intact=True,
        )  # fmt: skip

    # --- what is still to come, and what was unstable ---------------------------------------------------------------

    def _coming(self) -> Iterator[Event]:
        """One that the gate lets through, one that waits for its judgement, one that is only planned."""
        for n, (key, (system, ahead)) in enumerate(COMING.items()):
            step = Step(int(key[3:]), system, -ahead, self.today + timedelta(days=ahead))
            yield self.save(
                at(ago(self.today, 6 - n), 11), self.release_lead, m.Release, key, title=step.title, system=system, version=f"7.{n + 1}",
                changes="変更要求票のとおり。", authors=self._authors(step), planned_on=step.day,
            )  # fmt: skip
            if key == "RL-0062":
                continue
            yield from self._coming_tests(step)
        judged = at(ago(self.today, 1), 16)
        manager = self.cast.manager_of("U-DEV")
        yield self.save(
            judged, manager, m.Judgement, "JU-0060", release="RL-0060", judged_by=manager.key, at=judged, verdict="fit",
            reason="テスト結果と導入手順を確認。",
        )  # fmt: skip

    def _coming_tests(self, step: Step) -> Iterator[Event]:
        day = ago(self.today, 2)
        yield from self.approved(
            at(ago(self.today, 4), 9, step.number % 60), self.release_lead, self.chief, m.TestPlan, step.key("TP"), "テスト計画の承認",
            title=f"{step.title} テスト計画", release=step.key("RL"), systems=[step.system], criteria="重大な不具合0件。",
        )  # fmt: skip
        yield self.save(
            at(day, 16, step.number % 60), self.release_lead, m.TestResult, f"{step.key('TRS')}-1", plan=step.key("TP"), kind="system",
            done_on=day, by_unit="U-DEV", passed=88, failed=0, criteria_met=True, evaluation="基準を満たす。",
        )  # fmt: skip
        yield self.save(
            at(day, 17, step.number % 60),
            self.release_lead,
            m.Release,
            step.key("RL"),
            static_done_on=day,
            static_findings=0,
        )

    def _unstable(self) -> Iterator[Event]:
        """One that was stopped in time; one that is used on with what was agreed, as an exception."""
        operator = self._operator("S-MKT")
        began = at(ago(self.today, 402), 9, 20)
        yield self.save(
            began + timedelta(hours=4), operator, m.Instability, "US-0001", system="S-MKT", what="相場の配信遅延が断続的に発生", from_at=began,
            stopped_at=began + timedelta(hours=2), until_at=began + timedelta(hours=3),
        )  # fmt: skip
        since = at(ago(self.today, 4), 22, 10)
        yield self.save(
            since + timedelta(hours=1), self._operator("S-LED"), m.Instability, "US-0002", system="S-LED", what="夜間の締め処理が不定期に再実行となる",
            from_at=since,
        )  # fmt: skip
        yield from self.approved(
            at(ago(self.today, 1), 10), self.risk, self.chief, m.GrantedException, "EX-2001", "修正版の導入まで", clause="20-2", kind="exception",
            subject="instability:US-0002", reason="停止すると日次の照合ができず、再実行で正しい結果が得られているため。",
            equivalent="毎朝、残高の照合を2名で行い、差異があれば直ちに停止する。", from_on=ago(self.today, 1),
            until_on=self.today + timedelta(days=21),
        )  # fmt: skip

    # --- who --------------------------------------------------------------------------------------------------------

    def _authors(self, step: Step) -> list[str]:
        """The developer of the system, and of the next one in the row."""
        builders = {system: person for person, role, system in self.cast.builders() if role == "developer"}
        beside = ROUND[(ROUND.index(step.system) + 1) % len(ROUND)]
        return list(dict.fromkeys([builders[step.system], builders[beside]]))

    def _operator(self, system: str) -> Somebody:
        key = next(p for p, role, s in self.cast.builders() if (role, s) == ("operator", system))
        return next(p for p in self.cast.people if p.key == key)
