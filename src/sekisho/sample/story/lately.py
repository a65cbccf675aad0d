"""What a visitor should see today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sekisho.access.rights import actor_for_person
from sekisho.records import models as m
from sekisho.sample import member
from sekisho.sample.cast import FOUNDED
from sekisho.sample.story.words import Event, Words, ago, at
from sekisho.workflows.approve import ask

# clause: why the member lets a guideline be
NOT_APPLICABLE = {
    "G4": "PDCAの年次管理はISO/IEC 27001の手続で行っており、本指針の例示による記録は別に作成しない。",
    "G9-3-6": "人材育成計画の承認は取締役会規程で定めており、本指針の例示による承認は別に行わない。",
    "G15": "管理項目は社内の品質指標体系（ISO/IEC 25010準拠）で定めており、本指針の例示は用いない。",
    "G26-3": "利用者データを扱うすべての委託先からログを受領しており、追跡が困難な場合に当たらない。",
}


class Lately(Words):
    """What a visitor should see today."""

    def lately(self) -> Iterator[Event]:
        vacant = ago(self.today, 12)
        leaver = self.cast.manager_of("U-SUP")
        number = next(
            key
            for key, v in self.appointments()
            if v["person"] == leaver.key and v["role"] == "system_manager"
        )
        yield from self.approved(
            at(ago(vacant, 5)),
            self.risk,
            self.chief,
            m.Appointment,
            number,
            "退職に伴う退任",
            until_on=vacant,
        )
        builder, _, system = next(b for b in self.cast.builders() if b[2] == "S-CI" and b[1] == "developer")
        yield from self.approved(
            at(ago(self.today, 20)), self.risk, self.chief, m.Appointment, "A-0900", "運用担当の休暇中の代行",
            person=builder, role="operator", system=system, since_on=ago(self.today, 20),
        )  # fmt: skip
        yield from self.approved(
            at(ago(self.today, 30)), self.risk, self.chief, m.GrantedException, "EX-0001", "システム更改まで",
            clause="3-2", kind="exception", subject="system:S-HR", reason="来月の更改に合わせて新システムのリスク評価を行うため。",
            equivalent="更改までの間、利用者情報を扱わないことを毎月確認する。", from_on=ago(self.today, 30), until_on=self.today + timedelta(days=45),
        )  # fmt: skip
        yield from self.approved(
            at(ago(self.today, 300)), self.risk, self.president, m.GrantedException, "EX-0002", "該当しない指針",
            clause="G5-1", kind="not_applicable", reason="システム統括管理責任者は取締役であり、役員でない場合の指針は当てはまらない。", from_on=ago(self.today, 300),
        )  # fmt: skip
        yield from self.approved(
            at(ago(self.today, 200)), self.risk, self.chief, m.Tolerance, "TO-0001", "年度計画に合わせた研修時期",
            limit="instruction_age", value=13, reason="研修を年度計画に合わせて実施するため、1か月の猶予を設ける。", from_on=ago(self.today, 200),
        )  # fmt: skip
        yield from self.approved(
            at(ago(self.today, 18)), self.risk, self.chief, m.GrantedException, "EX-0010", "代行の間に限る例外",
            clause="8-5", kind="exception", subject=f"person:{builder}", reason="運用担当の休暇中に限り、開発担当が運用を代行するため。",
            equivalent="代行中の操作は、別の運用担当が毎日記録を確認する。", from_on=ago(self.today, 18), until_on=self.today + timedelta(days=25),
        )  # fmt: skip
        for n, (clause, why) in enumerate(NOT_APPLICABLE.items(), 3):
            yield from self.approved(
                at(ago(self.today, 280)), self.risk, self.president, m.GrantedException, f"EX-{n:04d}", "該当しない指針",
                clause=clause, kind="not_applicable", reason=why, from_on=ago(self.today, 280),
            )  # fmt: skip
        yield from self._unfinished()
        yield Event(at(ago(self.today, 2), 15), self._ask_new_manager)
        found = at(ago(self.today, 1), 20, 40)
        yield self.save(
            found + timedelta(minutes=10), self.csirt, m.Incident, "INC-0020", title="取引APIの一部でエラー率が上昇", kind="failure", severity="minor", state="open",
            systems=["S-API"], unit="U-DEV", detected_at=found, reported_at=found + timedelta(minutes=9), commander=self.csirt.key,
        )  # fmt: skip

    def _unfinished(self) -> Iterator[Event]:
        """Work that was begun and left: nothing says yet whether the clauses that rest on it are met."""
        yield self.save(
            at(ago(self.today, 20)), self.risk, m.MemberProfile, "MP-9901", name=member.NAME, registration_number=member.REGISTRATION,
            services=member.SERVICES, user_count=391_000, size_class="medium", business_since_on=FOUNDED, as_of_on=ago(self.today, 20),
            notes="預り資産は四半期決算の確定後に記入する。",
        )  # fmt: skip
        yield self.save(
            at(ago(self.today, 45)), self.risk, m.IndustryCase, "IC-9901", title="海外取引所で出金審査の迂回", source="報道",
            occurred_on=ago(self.today, 60), screened_on=ago(self.today, 45),
        )  # fmt: skip
        yield self.save(
            at(ago(self.today, 12)), self.csirt, m.IntelligenceItem, "II-9901", title="取引所を狙う偽サイトの一覧", source="IS-0002",
            received_at=at(ago(self.today, 12), 9),
        )  # fmt: skip
        yield self.save(
            at(ago(self.today, 15)), self.chief, m.Monitor, "MO-0005-P", until_on=ago(self.today, 15), notes="測定方法の見直し中"
        )  # fmt: skip

    def _ask_new_manager(self) -> None:
        successor = self.cast.at("U-SUP", 1)
        ask(
            actor_for_person(self.risk.key), m.Appointment, "A-0901",
            {"person": successor.key, "role": "system_manager", "unit": "U-SUP", "since_on": self.today, "grounds": "部署の業務とシステムに通じ、管理者研修を修了。"},
            "前任者の退職に伴う後任",
        )  # fmt: skip
