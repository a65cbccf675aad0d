"""Three years of the sample member's life, as events in time. Each event is an act that a user could do.

Offsets count back from today, so that the member always shows the same state: mostly in order, with something to see
under every verdict, and something that lapses within 30 and 90 days.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sekisho.access.rights import actor_for_person
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Record, Values
from sekisho.sample import member
from sekisho.sample.cast import FOUNDED, Cast, Somebody
from sekisho.workflows.act import act
from sekisho.workflows.approve import approve, ask
from sekisho.workflows.record import save_record

OPERATOR = "operator:sample"
YEARS = 3


@dataclass(frozen=True)
class Event:
    at: datetime
    act: Callable[[], object]


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """An instant of a day in Japan's time."""
    return datetime.combine(day, time(hour, minute), clock.JAPAN)


def ago(today: date, days: int) -> date:
    return today - timedelta(days=days)


def story(cast: Cast, chance: random.Random) -> Iterator[Event]:
    """Every event, in no particular order."""
    told = _Story(cast, chance)
    yield from told.beginning()
    yield from told.months()
    yield from told.years()
    yield from told.risks()
    yield from told.incidents()
    yield from told.learning()
    yield from told.lately()


class _Story:
    def __init__(self, cast: Cast, chance: random.Random) -> None:
        self.today = today = cast.today
        self.cast = cast
        self.chance = chance
        self.start = add_months(today.replace(day=1), -12 * YEARS)
        self.chief = cast.office["chief_system_officer"]
        self.president = cast.office["representative_director"]
        self.risk = cast.office["risk_manager"]
        self.csirt = cast.office["csirt_lead"]

    # --- words of the story ---------------------------------------------------------------------------------

    def save(self, when: datetime, by: Somebody, model: type[Record], key: str, **values: Any) -> Event:
        """Somebody keeps a record."""

        def done() -> None:
            save_record(actor_for_person(by.key), model, key, values)

        return Event(when, done)

    def approved(
        self,
        when: datetime,
        by: Somebody,
        decided_by: Somebody,
        model: type[Record],
        key: str,
        why: str,
        /,
        **values: Any,
    ) -> Iterator[Event]:
        """Somebody asks for a change, somebody else approves it three hours later."""
        asked: list[str] = []

        def asking() -> None:
            asked.append(ask(actor_for_person(by.key), model, key, values, why).key)

        def deciding() -> None:
            approve(actor_for_person(decided_by.key), asked.pop(), reason="内容を確認し承認")

        yield Event(when, asking)
        yield Event(when + timedelta(hours=3), deciding)

    def taken(self, when: datetime, name: str, model: type[Record], rows: list[tuple[str, Values]]) -> Event:
        """A list is taken over from a file."""

        def done() -> None:
            with act(name, OPERATOR, reason="一覧の取込") as doing:
                doing.put_many(model, rows)

        return Event(when, done)

    def yearly(self, days_ago: int) -> list[tuple[int, date]]:
        """(years ago, day) of something yearly whose newest time was so many days ago, the oldest first."""
        days = [(y, add_months(ago(self.today, days_ago), -12 * y)) for y in range(YEARS)]
        return [(y, d) for y, d in reversed(days) if d > self.start]

    # --- the beginning: what was kept in spreadsheets before --------------------------------------------------

    def beginning(self) -> Iterator[Event]:
        when = at(self.start, 9)
        tables: list[tuple[type[Record], list[tuple[str, Values]]]] = [
            (
                m.Unit,
                [
                    (k, {"name": n, "function": f, "parent": p, "since_on": FOUNDED})
                    for k, (n, f, p, _) in member.UNITS.items()
                ],
            ),
            (m.Person, [self._person(p) for p in self.cast.people if p.joined_on <= self.start]),
            (m.System, [self._system(k) for k in member.SYSTEMS if k not in member.OUT_OF_SCOPE]),
            (m.Appointment, list(self._appointments())),
            (m.Document, list(self._old_documents())),
            (m.Approval, list(self._old_approvals())),
            (m.ContingencyDuty, list(self._duties())),
        ]
        for minute, (model, rows) in enumerate(tables):
            yield self.taken(when + timedelta(minutes=minute), "load", model, rows)
        for p in self.cast.people:
            if p.joined_on > self.start:
                yield self.save(
                    at(p.joined_on, 9), self.risk, m.Person, p.key, **self._person(p)[1] | {"left_on": None}
                )
            if p.left_on and p.left_on > self.start:
                yield self.save(at(p.left_on, 17), self.risk, m.Person, p.key, left_on=p.left_on)
        for key, reason in member.OUT_OF_SCOPE.items():
            values = self._system(key)[1] | {"in_scope": False, "out_of_scope_reason": reason}
            yield from self.approved(
                at(add_months(self.start, 1)),
                self.cast.manager_of("U-PLAN"),
                self.chief,
                m.System,
                key,
                reason,
                **values,
            )

    def _person(self, p: Somebody) -> tuple[str, Values]:
        values: Values = {
            "name": p.name,
            "unit": p.unit,
            "employment": p.employment,
            "joined_on": p.joined_on,
        }
        return p.key, values | {"email": f"{p.key.lower()}@akatsuki.example"}

    def _system(self, key: str) -> tuple[str, Values]:
        name, unit, criticality, facing, vendor, holds = member.SYSTEMS[key]
        return key, {
            "name": name, "unit": unit, "in_scope": True, "criticality": criticality, "internet_facing": facing,
            "operated_by": "vendor" if vendor else "own", "vendor": vendor, "in_use_since_on": FOUNDED, "holds_users_data": holds,
        }  # fmt: skip

    def _appointments(self) -> Iterator[tuple[str, Values]]:
        grounds = "金融システムの企画・運用に20年従事。情報処理安全確保支援士。サイバー演習の指揮経験あり。"
        n = 0
        for o in member.OFFICES:
            n += 1
            values: Values = {
                "person": self.cast.at(o.home, o.person).key,
                "role": o.role,
                "since_on": date(2021, 10, 1),
            }
            yield f"A-{n:04d}", values | ({"grounds": grounds} if o.role == "chief_system_officer" else {})
        for unit in member.UNITS:
            n += 1
            manager = self.cast.manager_of(unit)
            yield (
                f"A-{n:04d}",
                {
                    "person": manager.key,
                    "role": "system_manager",
                    "unit": unit,
                    "since_on": date(2021, 10, 1),
                },
            )
        for person, role, system in self.cast.builders():
            if system in member.OUT_OF_SCOPE:
                continue
            n += 1
            yield (
                f"A-{n:04d}",
                {"person": person, "role": role, "system": system, "since_on": date(2022, 4, 1)},
            )

    def _old_documents(self) -> Iterator[tuple[str, Values]]:
        before = add_months(self.start, -4)
        yield (
            "D-PLAN-1",
            {"kind": "mid_term_plan", "title": "中期経営計画", "version": "1", "in_force_on": before},
        )
        yield "D-POLICY-1", {
            "kind": "basic_policy", "title": "システムリスク管理基本方針", "version": "1", "in_force_on": before,
            "linked_plan": "D-PLAN-1", "outline": member.OUTLINE,
        }  # fmt: skip
        yield (
            "D-STR-1",
            {
                "kind": "organisation_structure",
                "title": "システムリスク管理体制図",
                "version": "1",
                "in_force_on": before,
            },
        )
        yield (
            "D-BCP-1",
            {
                "kind": "contingency_plan",
                "title": "コンティンジェンシープラン",
                "version": "1",
                "in_force_on": before,
            },
        )
        for n, (kind, title) in enumerate(member.PROCEDURES.items(), 1):
            yield f"D-PRO-{n}", {"kind": kind, "title": title, "version": "1", "in_force_on": before}

    def _old_approvals(self) -> Iterator[tuple[str, Values]]:
        decided = at(add_months(self.start, -4) - timedelta(days=5))
        for n, (key, _) in enumerate(self._old_documents(), 1):
            yield f"AP-{n:04d}", {
                "subject": f"document:{key}", "step": "approved", "asked_by": self.risk.key, "asked_at": decided - timedelta(days=7),
                "role": "representative_director", "decided_by": self.president.key, "decision": "approved", "at": decided, "subject_ver": 1,
            }  # fmt: skip

    def _duties(self) -> Iterator[tuple[str, Values]]:
        duties = (
            ("representative_director", "対策本部長として事業の停止・再開を決定し、公表を承認する", 60),
            ("chief_system_officer", "対策本部の指揮を執り、当局への報告と復旧の優先順位を決定する", 30),
            ("csirt_lead", "封じ込めと証拠保全を指揮し、統括管理責任者に状況を報告する", 15),
            ("system_manager", "部署の被害状況をまとめ、代替手順へ切り替える", 60),
        )
        for n, (role, duty, minutes) in enumerate(duties, 1):
            yield f"CD-{n:04d}", {"plan": "D-BCP-1", "role": role, "duty": duty, "within_minutes": minutes}

    # --- every month ---------------------------------------------------------------------------------------------

    def months(self) -> Iterator[Event]:
        n = 0
        for month in range(1, 12 * YEARS + 1):
            first = add_months(self.start, month)
            for unit in member.UNITS:
                submitted = at(first + timedelta(days=self.chance.randrange(1, 6)), 16)
                if clock.day_of(submitted) > self.today or (
                    unit == "U-SUP" and submitted > at(ago(self.today, 12))
                ):
                    continue
                n += 1
                yield from self._status_report(f"SR-{n:04d}", unit, add_months(first, -1), submitted)
        yield from self._lists()
        yield from self._board()

    def _status_report(self, key: str, unit: str, period: date, submitted: datetime) -> Iterator[Event]:
        manager = self.cast.manager_of(unit)
        state = self.chance.choice(
            ["異常なし", "異常なし", "異常なし", "軽微な不具合1件、対応済み", "権限の棚卸しを実施"]
        )
        yield self.save(
            submitted, manager, m.StatusReport, key,
            system_manager=manager.key, unit=unit, period=f"{period:%Y-%m}", state=state, submitted_at=submitted,
        )  # fmt: skip
        reviewed = submitted + timedelta(days=self.chance.randrange(2, 12), hours=1)
        if clock.day_of(reviewed) < self.today:
            yield self.save(
                reviewed, self.chief, m.StatusReport, key, reviewed_at=reviewed, reviewed_by=self.chief.key
            )

    def _lists(self) -> Iterator[Event]:
        """Equipment and information flows of every unit, confirmed each half-year; one unit is late."""
        kinds = ("ノートPC", "業務端末", "ネットワーク機器", "複合機", "作業用端末")
        for unit, (_, _, _, people) in member.UNITS.items():
            newest = 214 if unit == "U-CUS" else self.chance.randrange(30, 120)
            for half in range(2 * YEARS):
                day = add_months(ago(self.today, newest), -6 * half)
                if day <= self.start:
                    continue
                equipment = [
                    (
                        f"EQ-{unit[2:]}-{n:02d}",
                        {
                            "unit": unit,
                            "what": f"{kinds[n % 5]} {n + 1}号",
                            "location": "本社",
                            "confirmed_on": day,
                        },
                    )
                    for n in range(people // 2 + 2)
                ]
                flows = [
                    (f"IF-{unit[2:]}-{n}", {"unit": unit, "source": s, "destination": d, "data_class": c, "way": w, "confirmed_on": day})
                    for n, (s, d, c, w) in enumerate((("基幹システム", member.UNITS[unit][0], "users", "専用画面"), (member.UNITS[unit][0], "経営", "internal", "ファイル共有"), (member.UNITS[unit][0], "当局・協会", "secret", "専用回線")))
                ]  # fmt: skip
                yield self.taken(at(day, 11), "import", m.Equipment, equipment)
                yield self.taken(at(day, 11, 20), "import", m.InformationFlow, flows)

    def _board(self) -> Iterator[Event]:
        """The board each quarter, with the report on system management; the newest was 62 days ago."""
        n = 0
        for quarter in reversed(range(4 * YEARS)):
            day = add_months(ago(self.today, 62), -3 * quarter)
            if day <= self.start:
                continue
            n += 1
            yield self.save(
                at(day, 15), self.risk, m.Meeting, f"M-{n:04d}", body="board", held_on=day, agenda="システム管理状況の報告ほか",
                decisions="報告を了承した", attached_report=f"システム管理状況報告書（{day:%Y年%m月}）",
            )  # fmt: skip
            yield self.save(
                at(day, 16), self.risk, m.Resolution, f"RS-{n:04d}", meeting=f"M-{n:04d}", text="システム管理状況の報告を了承する", decided_on=day,
            )  # fmt: skip

    # --- every year --------------------------------------------------------------------------------------------------

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
        """A new version of the policy each year, acknowledged by everybody; of the newest five words are missing."""
        n = 0
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
            staff = self.cast.working(day)
            silent = self.chance.sample([p.key for p in staff if p.place > 2], 5) if years_ago == 0 else []
            for p in staff:
                when = at(
                    day + timedelta(days=self.chance.randrange(0, 26)),
                    self.chance.randrange(9, 18),
                    self.chance.randrange(60),
                )
                if p.key in silent or (p.left_on and when.date() > p.left_on):
                    continue
                n += 1
                yield self.save(
                    when, self.risk, m.Acknowledgement, f"AK-{n:05d}", person=p.key, document=key, at=when
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
                yield from self._improvement(
                    f"AC-D{n:03d}", f"drill:{key}", "連絡網の更新と判断基準の明文化", evaluated, 60
                )

    def _improvement(
        self,
        key: str,
        source: str,
        what: str,
        day: date,
        days: int,
        *,
        late: bool = False,
        kind: str = "improvement",
    ) -> Iterator[Event]:
        """An action that is done a little before it is due, or not at all."""
        owner = self.cast.manager_of("U-OPE")
        due = day + timedelta(days=days)
        yield self.save(
            at(day, 17),
            self.chief,
            m.Action,
            key,
            what=what,
            arises_from=source,
            kind=kind,
            owner=owner.key,
            due_on=due,
        )
        done = due - timedelta(days=self.chance.randrange(2, 15))
        if not late and done < self.today:
            yield self.save(
                at(done, 17),
                self.chief,
                m.Action,
                key,
                done_on=done,
                confirmed_by=self.risk.key,
                confirmed_on=done,
            )

    def _reviews(self) -> Iterator[Event]:
        for n, (years_ago, day) in enumerate(self.yearly(70), 1):
            key = f"RV-{n:04d}"
            yield self.save(
                at(day), self.risk, m.Review, key, title=f"システムリスク管理の年次レビュー（第{n}回）", held_on=day, period_from_on=add_months(day, -12),
                period_until_on=ago(day, 1), findings="体制はおおむね有効。委託先の監視を強化する。", policy_decision="change",
                decision_reason="新たな脅威と委託先の増加を踏まえ、基本方針を改定する。",
            )  # fmt: skip
            yield from self._improvement(
                f"AC-R{n:03d}", f"review:{key}", "委託先の監視手順の見直し", day, 65, late=years_ago == 0
            )
            yield from self._improvement(f"AC-S{n:03d}", f"review:{key}", "権限の棚卸しの自動化", day, 120)

    # --- risks ---------------------------------------------------------------------------------------------------------

    def risks(self) -> Iterator[Event]:
        n = 0
        for system in member.SYSTEMS:
            if system in member.OUT_OF_SCOPE:
                continue
            newest = 402 if system == "S-HR" else self.chance.randrange(95, 300)
            for category, title in (("failure", "停止・誤作動"), ("misuse", "不正アクセス・不正使用")):
                n += 1
                grave = system == "S-API" and category == "misuse"
                yield from self._risk(f"R-{n:04d}", system, category, title, newest, grave)

    def _risk(
        self, key: str, system: str, category: str, title: str, newest: int, grave: bool
    ) -> Iterator[Event]:
        name, unit, *_ = member.SYSTEMS[system]
        manager = self.cast.manager_of(unit)
        owner = self.cast.manager_of("U-OPE") if manager.left_on else manager
        inherent = self.chance.randrange(3, 6)
        for years_ago, day in self.yearly(newest):
            residual = 4 if grave and years_ago == 0 else min(inherent - 1, 3)
            yield self.save(
                at(day, 13), owner, m.Risk, key, title=f"{name}の{title}", system=system, category=category, cause="設計・運用の不備、外部からの攻撃、委託先の障害",
                inherent_level=inherent, residual_level=residual, accepted_level=3, assessed_on=day, owner=owner.key,
                decision=None, decision_reason=None, decided_on=None,
            )  # fmt: skip
            decided = day + timedelta(days=self.chance.randrange(10, 60))
            yield self.save(
                at(decided, 13), owner, m.Risk, key, decision="no_change" if residual <= 3 else "change",
                decision_reason="現行の対策で許容水準に収まる" if residual <= 3 else "APIキーの制限を追加する", decided_on=decided,
            )  # fmt: skip
        newest_day = ago(self.today, newest)
        due = ago(self.today, 20) if grave else self.today + timedelta(days=self.chance.randrange(20, 200))
        if inherent >= 5 or grave:
            title = "APIキーの利用元制限と異常検知の導入" if grave else f"{name}の冗長化・監視の強化"
            yield self.save(
                at(newest_day, 15),
                owner,
                m.Treatment,
                f"T-{key[2:]}",
                title=title,
                risk=key,
                kind="reduce",
                owner=owner.key,
                due_on=due,
            )

    # --- incidents, other firms, new services ---------------------------------------------------------------------------

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
            yield from self._improvement(
                f"AC-I{n:03d}",
                f"incident:{key}",
                f"{title}の再発防止策",
                clock.day_of(closed),
                50,
                kind="recurrence_prevention",
            )
            decided = closed + timedelta(days=25)
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

    # --- lately: what a visitor should see --------------------------------------------------------------------------------

    def lately(self) -> Iterator[Event]:
        vacant = ago(self.today, 12)
        leaver = self.cast.manager_of("U-SUP")
        number = next(
            key
            for key, v in self._appointments()
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
        yield Event(at(ago(self.today, 2), 15), self._ask_new_manager)
        found = at(ago(self.today, 1), 20, 40)
        yield self.save(
            found + timedelta(minutes=10), self.csirt, m.Incident, "INC-0020", title="取引APIの一部でエラー率が上昇", kind="failure", severity="minor", state="open",
            systems=["S-API"], unit="U-DEV", detected_at=found, reported_at=found + timedelta(minutes=9), commander=self.csirt.key,
        )  # fmt: skip

    def _ask_new_manager(self) -> None:
        successor = self.cast.at("U-SUP", 1)
        ask(
            actor_for_person(self.risk.key), m.Appointment, "A-0901",
            {"person": successor.key, "role": "system_manager", "unit": "U-SUP", "since_on": self.today, "grounds": "部署の業務とシステムに通じ、管理者研修を修了。"},
            "前任者の退職に伴う後任",
        )  # fmt: skip
