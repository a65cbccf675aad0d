"""Planning and development: investments of each year, the development plan, eight projects from start to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.models.development import KEPT_KINDS
from sekisho.records.record import Values
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import OPERATOR, YEARS, Event, Words, ago, at
from sekisho.workflows.act import act


@dataclass(frozen=True)
class Plan:
    """A project; all numbers are days ago. `steps`: when it came into each stage. `lead`: the place in its unit."""

    title: str
    kind: str
    systems: list[str]
    lead: int
    user: str
    since: int
    steps: dict[str, int] = field(default_factory=dict)
    vendor: str | None = None


PROJECTS = {
    "PJ-0001": Plan("取引APIの第2世代への更新", "new", ["S-API"], 3, "U-TRD", 1010, {"design": 995, "build": 930, "test": 820, "migration": 770, "finished": 755}),
    "PJ-0002": Plan("本人確認のオンライン完結化", "change", ["S-KYC"], 4, "U-COMP", 800, {"design": 786, "build": 720, "test": 610, "migration": 560, "finished": 548}, vendor="V-0001"),
    "PJ-0003": Plan("送金署名の多重化", "change", ["S-HOT", "S-SIGN"], 5, "U-CUS", 640, {"design": 630, "build": 560, "test": 420, "migration": 345, "finished": 331}),
    "PJ-0004": Plan("取引モニタリングの刷新", "new", ["S-AML"], 6, "U-COMP", 520, {"design": 506, "build": 430, "test": 260, "migration": 170, "finished": 152}, vendor="V-0002"),
    "PJ-0005": Plan("相場配信の二重化", "change", ["S-MKT"], 7, "U-TRD", 400, {"design": 390, "build": 320, "test": 150, "migration": 74, "finished": 61}),
    "PJ-0006": Plan("スマートフォンアプリのログイン改修", "change", ["S-APP", "S-IDP"], 3, "U-SUP", 260, {"design": 248, "build": 190, "test": 24}, vendor="V-0009"),
    "PJ-0007": Plan("経営分析の再構築", "new", ["S-BI"], 4, "U-PLAN", 190, {"design": 175, "build": 96}),
    "PJ-0008": Plan("会計帳簿の税制改正対応", "change", ["S-LED"], 5, "U-ADM", 60, {"design": 46}),
}  # fmt: skip
GATES = {
    "start": "design",
    "design": "build",
    "migration": "migration",
}  # the stage that is entered by passing it
HURRIED = "PJ-0008"  # passed its start three days before the approval: see the exception
UNTESTED = "PJ-0006"  # the user department has not tested yet
LATE = {("PJ-0007", 1): (12, None), ("PJ-0006", 2): (20, -15)}  # milestone: due and re-planned for, days ago
MILESTONES = (
    ("要件の確定", "design"),
    ("設計の完了", "build"),
    ("試験の開始", "test"),
    ("切替", "migration"),
)
KEPT = ("requirements", "design", "test", "migration")
BROKEN = "KD-PJ-0004-D"
NOT_RECORDED = 9  # maintenance within so many days has no operation record yet
# (years ago, title, system, risk, amount in millions of yen)
INVESTMENTS = (
    (2, "取引APIの更新", "S-API", 180), (2, "本人確認のオンライン化", "S-KYC", 95), (2, "ログ基盤の保存領域", "S-LOG", 40),
    (1, "送金署名の多重化", "S-SIGN", 120), (1, "取引モニタリングの刷新", "S-AML", 150), (1, "認証基盤の更改", "S-IDP", 60),
    (0, "相場配信の二重化", "S-MKT", 110), (0, "アプリのログイン改修", "S-APP", 75), (0, "経営分析の再構築", "S-BI", 85),
    (0, "会計帳簿の税制改正対応", "S-LED", 30), (0, "銀行接続の冗長化", "S-BNK", 55),
)  # fmt: skip
DROPPED = "銀行接続の冗長化"


class Projects(Words):
    """Planning and development: investments of each year, the development plan, eight projects from start to end."""

    @property
    def project_lead(self) -> Somebody:
        return self.cast.office["project_lead"]

    def projects(self) -> Iterator[Event]:
        yield from self._development_plan()
        yield from self._investments()
        for key, plan in PROJECTS.items():
            yield from self._project_stages(key, plan)
            yield from self._project_milestones(key, plan)
            if "test" in plan.steps:
                yield from self._project_tests(key, plan)
            if "finished" in plan.steps:
                yield from self._project_documents(key, plan)
        yield from self._operation_records()
        yield from self.approved(
            at(ago(self.today, 40)), self.risk, self.chief, m.GrantedException, "EX-1101", "着手を急いだ経緯の承認", clause="11-3",
            kind="exception", subject=f"stage_gate:SGT-{HURRIED}-start", reason="改正税制の施行日が決まっており、承認を待たず要件の調査に着手したため。",
            equivalent="承認までの作業は調査に限り、成果は承認後に検証した。", from_on=ago(self.today, 40), until_on=self.today + timedelta(days=120),
        )  # fmt: skip

    # --- plans ----------------------------------------------------------------------------------------------------------

    def _development_plan(self) -> Iterator[Event]:
        """Approved by the representative director for the board; the second came a week after the first had ended."""
        first, second = ago(self.start, -20), ago(self.today, 380)
        told: Values = {"kind": "development_plan", "title": "中長期システム開発計画"}
        until = ago(second, 8)
        yield from self.approved(
            at(ago(first, 4)), self.chief, self.president, m.Document, "D-DEV-1", "取締役会の決議による", **told, version="1",
            in_force_on=first, until_on=until,
        )  # fmt: skip
        yield from self.approved(
            at(ago(second, 2)), self.chief, self.president, m.Document, "D-DEV-2", "取締役会の決議による", **told, version="2",
            in_force_on=second, review_by_on=self.today + timedelta(days=240),
        )  # fmt: skip

    def _investments(self) -> Iterator[Event]:
        """Planned before the year; that of last year three weeks into it. At the year's end they are done."""
        year = self.today.year - (self.today.month < 4)
        for n, (back, title, system, millions) in enumerate(INVESTMENTS, 1):
            first_day = date(year - back, 4, 1)
            planned = max(first_day + timedelta(days=21) if back == 1 else ago(first_day, 25), self.start)
            key = f"IV-{n:04d}"
            values: Values = {
                "fiscal_year": year - back, "title": title, "system": system, "amount": millions * 1_000_000, "state": "planned",
            }  # fmt: skip
            yield self.save(at(planned, 15, n), self.chief, m.Investment, key, **values)
            yield self.save(at(planned, 16, n), self.chief, m.Investment, key, state="approved")
            if title == DROPPED:
                yield self.save(at(ago(self.today, 75), 15), self.chief, m.Investment, key, state="dropped")
            elif back:
                over = ago(date(year - back + 1, 4, 1), 3)
                yield self.save(at(over, 15, n), self.chief, m.Investment, key, state="done")

    # --- a project --------------------------------------------------------------------------------------------------------

    def _project_stages(self, key: str, plan: Plan) -> Iterator[Event]:
        lead = self.cast.at("U-DEV", plan.lead)
        began = ago(self.today, plan.since)
        values: Values = {
            "title": plan.title, "kind": plan.kind, "in_charge": lead.key, "systems": plan.systems, "stage": "start", "since_on": began,
            "vendor": plan.vendor, "own_staff": [lead.key, self.cast.manager_of(plan.user).key],
        }  # fmt: skip
        yield self.save(at(began), self.project_lead, m.Project, key, **values)
        for gate, stage in GATES.items():
            if stage in plan.steps:
                day = ago(self.today, plan.steps[stage])
                passed = ago(day, 3) if (key, gate) == (HURRIED, "start") else day
                yield from self.approved(
                    at(day), self.project_lead, self.chief, m.StageGate, f"SGT-{key}-{gate}", "段階の通過を申請", project=key, stage=gate,
                    passed_on=passed,
                )  # fmt: skip
        for stage, days in plan.steps.items():
            day = ago(self.today, days)
            told: Values = {"stage": stage} | ({"finished_on": day} if stage == "finished" else {})
            if stage == "migration":
                told["cut_over_on"] = day + timedelta(days=3)
            yield self.save(at(day, 15), self.project_lead, m.Project, key, **told)

    def _project_milestones(self, key: str, plan: Plan) -> Iterator[Event]:
        """Planned with the project; done a little before their day, but for what is late."""
        planned = at(ago(self.today, plan.since), 11)
        for n, (title, stage) in enumerate(MILESTONES):
            done = plan.steps.get(stage)
            due, again = LATE.get((key, n), (None, None))
            days = due if due is not None else (-40 * n if done is None else done - 4)
            values: Values = {"title": title, "project": key, "due_on": ago(self.today, days)}
            milestone = f"MS-{key}-{n + 1}"
            yield self.save(
                planned + timedelta(minutes=n), self.project_lead, m.Milestone, milestone, **values
            )
            if again is not None and due is not None:
                yield self.save(
                    at(ago(self.today, due), 16), self.project_lead, m.Milestone, milestone, replanned_on=ago(self.today, again),
                    replan_reason="委託先の要員の確保が遅れたため",
                )  # fmt: skip
            if done is not None and (key, n) not in LATE:
                day = ago(self.today, done)
                yield self.save(at(day, 16, n), self.project_lead, m.Milestone, milestone, done_on=day)

    def _project_tests(self, key: str, plan: Plan) -> Iterator[Event]:
        test = plan.steps["test"]
        title = f"{plan.title} テスト計画"
        yield from self.approved(
            at(ago(self.today, test + 12)), self.project_lead, self.chief, m.TestPlan, f"TP-{key}", "テスト計画の承認", title=title, project=key,
            systems=plan.systems, scope="変更した機能と、つながるシステムへの影響。", criteria="重大な不合格が無く、合格率98%以上。",
        )  # fmt: skip
        results = [("integration", "U-DEV", 16), ("system", "U-DEV", 9), ("user_department", plan.user, 4)]
        end = plan.steps.get("migration", 0)
        for kind, unit, before in results:
            if (key, kind) == (UNTESTED, "user_department"):
                continue
            day = ago(self.today, max(end + before, 1))
            passed = 60 + self.chance.randrange(120)
            failed = self.chance.randrange(3)
            yield self.save(
                at(day, 16), self.project_lead, m.TestResult, f"TRS-{key}-{kind[:4]}", plan=f"TP-{key}", kind=kind, done_on=day, by_unit=unit,
                passed=passed, failed=failed, criteria_met=True, evaluation="不合格は修正後に再確認し、基準を満たした。",
            )  # fmt: skip

    # --- what is kept -----------------------------------------------------------------------------------------------------

    def _project_documents(self, key: str, plan: Plan) -> Iterator[Event]:
        """Four documents of a finished project, a list on its last day; their hashes are compared each quarter."""
        day = ago(self.today, plan.steps["finished"])
        rows: list[tuple[str, Values]] = []
        for kind in KEPT:
            document = f"KD-{key}-{kind[0].upper()}"
            rows.append(
                (
                    document,
                    _whole(f"{plan.title} {KEPT_KINDS[kind][0]}", f"project:{key}", kind, document, day),
                )
            )
        yield self.taken(at(day, 14), "import", m.KeptDocument, rows)
        checked = ago(self.today, 33)
        if day < checked:
            results: list[tuple[str, Values]] = [
                (document, {"checked_on": checked, "intact": document != BROKEN}) for document, _ in rows
            ]
            yield self.taken(at(checked, 17), "check_documents", m.KeptDocument, results)

    def _operation_records(self) -> Iterator[Event]:
        """Each month the records of the maintenance that was done are taken over; those of the last days are not there yet."""
        for month in reversed(range(12 * YEARS)):
            day = add_months(ago(self.today, NOT_RECORDED), -month)
            if day > self.start:
                yield Event(at(day, 18, 45), _keep_operation_records)


def _whole(title: str, of: str, kind: str, key: str, day: date) -> Values:
    """A document that was found whole on the day on which it was kept."""
    return {
        "title": title, "of": of, "kind": kind, "sha256": sha256(f"{key} {title}".encode()).hexdigest(), "kept_on": day,
        "keep_until_on": add_months(day, 120), "checked_on": day, "intact": True,
    }  # fmt: skip


def _keep_operation_records() -> None:
    """Keep an operation record of every maintenance that was done by now and has none."""
    kept = set(m.KeptDocument.objects.values_list("of", flat=True))
    done = (
        m.Maintenance.objects.filter(done_until_at__lt=clock.now())
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rows: list[tuple[str, Values]] = [
        (f"KD-{key}", _whole(f"{key} 作業記録", of, "operation", key, clock.today()))
        for key in done
        if (of := f"maintenance:{key}") not in kept
    ]
    if rows:
        with act("import", OPERATOR, reason="一覧の取込") as doing:
            doing.put_many(m.KeptDocument, rows)
