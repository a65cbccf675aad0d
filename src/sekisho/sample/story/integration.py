"""Two integrations of systems: one as it should be, from its risks to its way back; one with gaps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sekisho.records import models as m
from sekisho.sample.story.projects import Plan, Projects
from sekisho.sample.story.words import Event, ago, at

WHOLE, GAPPY = "PJ-0101", "PJ-0102"
INTEGRATIONS = {
    WHOLE: Plan(
        "会計帳簿システムと銀行入出金連携の統合", "integration", ["S-LED", "S-BNK"], 6, "U-TRD", 330,
        {"design": 318, "build": 250, "test": 120, "migration": 48, "finished": 20}, vendor="V-0009",
    ),
    GAPPY: Plan(
        "本人確認と顧客対応の利用者台帳の統合", "integration", ["S-KYC", "S-CRM", "S-WEB"], 7, "U-SUP", 165,
        {"design": 150, "build": 100, "test": 40, "migration": 12}, vendor="V-0003",
    ),
}  # fmt: skip
# of each: key, title, from, to; the last one of the second is in no test plan
INTERFACES = {
    WHOLE: (
        ("IFC-0101", "入出金明細の取込", "S-BNK", "S-LED"),
        ("IFC-0102", "残高照合の結果", "S-LED", "S-BNK"),
    ),
    GAPPY: (
        ("IFC-0103", "確認済み利用者情報の連携", "S-KYC", "S-CRM"),
        ("IFC-0104", "利用者画面からの変更届出", "S-WEB", "S-CRM"),
    ),
}
# of each project: key, category, title, days ago assessed (in the second not before the tests)
RISKS = {
    WHOLE: (
        ("R-0101", "failure", "移行中の残高の不整合と入出金の停止", (322, 125)),
        ("R-0102", "misuse", "移行用の権限の残存による不正な出金", (322, 125)),
    ),
    GAPPY: (("R-0103", "failure", "利用者情報の取違え", (60,)),),
}
BACKUP = "D-BCP-0101"
DUTIES = (
    ("representative_director", "切戻しと入出金の停止を決定し、公表を承認する", 60),
    ("chief_system_officer", "切替を指揮し、切戻しの判断材料をまとめて報告する", 30),
)


class Integration(Projects):
    """Two integrations of systems: one as it should be, from its risks to its way back; one with gaps."""

    def integration(self) -> Iterator[Event]:
        for key, plan in INTEGRATIONS.items():
            yield from self._project_stages(key, plan)
            yield from self._project_milestones(key, plan)
            yield from self._project_tests(key, plan)
            yield from self._interfaces(key, plan)
            yield from self._risks_of_integration(key, plan)
        yield from self._project_documents(WHOLE, INTEGRATIONS[WHOLE])
        yield from self._way_back()
        yield from self._important_decision()
        yield from self._without_own_staff()

    def _interfaces(self, key: str, plan: Plan) -> Iterator[Event]:
        """Known with the design; named in the test plan by a second approval of the same day."""
        designed = at(ago(self.today, plan.steps["build"]), 11)
        for interface, title, start, end in INTERFACES[key]:
            yield self.save(
                designed, self.project_lead, m.Interface, interface, title=title, project=key, from_system=start, to_system=end,
            )  # fmt: skip
        named = [interface for interface, *_ in INTERFACES[key]]
        planned = at(ago(self.today, plan.steps["test"] + 12), 15)
        yield from self.approved(
            planned, self.project_lead, self.chief, m.TestPlan, f"TP-{key}", "接続の試験を追加",
            interfaces=named if key == WHOLE else named[:-1],
        )  # fmt: skip

    def _risks_of_integration(self, project: str, plan: Plan) -> Iterator[Event]:
        lead = self.cast.at("U-DEV", plan.lead)
        for key, category, title, assessed in RISKS[project]:
            for n, days in enumerate(assessed):
                day = ago(self.today, days)
                yield self.save(
                    at(day, 13), self.cast.manager_of("U-DEV"), m.Risk, key, title=f"{plan.title}における{title}", project=project,
                    category=category, cause="データ移行の誤り、切替手順の不備、並行稼働の負荷", inherent_level=4, residual_level=3 - n,
                    accepted_level=3, assessed_on=day, owner=lead.key, decision="no_change",
                    decision_reason="試験と切替の手順により許容水準に収まる", decided_on=day,
                )  # fmt: skip

    def _way_back(self) -> Iterator[Event]:
        """A contingency plan for the time of the integration, and the rehearsal of its fall-back."""
        since, plan = ago(self.today, 200), INTEGRATIONS[WHOLE]
        yield from self.approved(
            at(ago(since, 6)), self.risk, self.president, m.Document, BACKUP, "統合の切替に備えた計画", kind="contingency_plan",
            title="会計・入出金の統合における緊急時対応計画", version="1", in_force_on=since,
        )  # fmt: skip
        for n, (role, duty, minutes) in enumerate(DUTIES, 1):
            yield self.save(
                at(ago(since, 5)), self.chief, m.ContingencyDuty, f"CD-010{n}", plan=BACKUP, role=role, duty=duty, within_minutes=minutes,
            )  # fmt: skip
        yield self.save(at(since), self.project_lead, m.Project, WHOLE, contingency_plan=BACKUP)
        rehearsed = ago(self.today, plan.steps["migration"] + 7)
        yield self.save(
            at(rehearsed, 18), self.project_lead, m.TestResult, f"TRS-{WHOLE}-fall", plan=f"TP-{WHOLE}", kind="fall_back", done_on=rehearsed,
            by_unit="U-OPE", passed=24, failed=0, criteria_met=True, evaluation="2時間以内に旧構成へ戻し、残高の一致を確認した。",
        )  # fmt: skip
        ended = ago(self.today, plan.steps["finished"])
        yield from self.approved(
            at(ended, 9), self.risk, self.president, m.Document, BACKUP, "統合の完了に伴う失効", until_on=ended,
        )  # fmt: skip

    def _important_decision(self) -> Iterator[Event]:
        """The board's, on the cut-over of the first, after an outside opinion. Of the second none is on record."""
        meeting, day = self.boards()[-1]
        yield self.save(
            at(day, 17), self.risk, m.Resolution, "RS-0101", meeting=meeting, text="会計・入出金の統合の切替を承認する", decided_on=day,
            subject=f"project:{WHOLE}", important=True, put_to_chief_on=day,
        )  # fmt: skip
        yield self.save(
            at(day, 17, 30), self.project_lead, m.ThirdPartyEvaluation, "TE-0101", of="resolution:RS-0101", project=WHOLE,
            evaluated_by="しおさいシステム評価株式会社（架空）", done_on=ago(day, 8), opinion="移行と切戻しの準備は妥当。照合件数の監視を強めること。",
        )  # fmt: skip

    def _without_own_staff(self) -> Iterator[Event]:
        """The second one's own people were moved to another project; the chief accepts it for a time."""
        moved = at(ago(self.today, 33), 17)
        yield self.save(moved, self.project_lead, m.Project, GAPPY, own_staff=None)
        yield from self.approved(
            at(ago(self.today, 30)), self.risk, self.chief, m.GrantedException, "EX-2301", "後任の着任まで", clause="23-3", kind="exception",
            subject=f"project:{GAPPY}", reason="担当者が別の案件へ異動し、後任の着任が来月になるため。",
            equivalent="後任の着任まで、案件の責任者が委託先の定例会に毎週出席し、判断はすべて自社で行う。", from_on=ago(self.today, 30),
            until_on=self.today + timedelta(days=40),
        )  # fmt: skip
