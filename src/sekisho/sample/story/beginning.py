"""What was kept in spreadsheets before, and who came, went and was left out of scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Record, Values
from sekisho.sample import member
from sekisho.sample.cast import FOUNDED, Somebody
from sekisho.sample.story.words import Event, Words, at

_FIRST_PAPERS = {"D-PLAN-1", "D-BCP-1", "D-PRO-5"}  # those that other lists of the first day refer to


class Beginning(Words):
    """What was kept in spreadsheets before, and who came, went and was left out of scope."""

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
            (m.Vendor, [self._vendor(k) for k in member.VENDORS]),
            (m.System, [self._system(k) for k in member.SYSTEMS]),
            (
                m.Appointment,
                [(k, {f: v for f, v in a.items() if f != "grounds"}) for k, a in self.appointments()],
            ),
            (m.Document, [d for d in self._old_documents() if d[0] in _FIRST_PAPERS]),
            (m.ContingencyDuty, list(self._duties())),
        ]
        for minute, (model, rows) in enumerate(tables):
            yield self.taken(when + timedelta(minutes=minute), "load", model, rows)
        yield from self._gathered_later(when + timedelta(days=6))
        for p in self.cast.people:
            if p.joined_on > self.start:
                yield self.save(
                    at(p.joined_on, 9), self.risk, m.Person, p.key, **self._person(p)[1] | {"left_on": None}
                )
            if p.left_on and p.left_on > self.start:
                yield self.save(at(p.left_on, 17), self.risk, m.Person, p.key, left_on=p.left_on)
        for key, reason in member.OUT_OF_SCOPE.items():
            yield from self.approved(
                at(add_months(self.start, 1)),
                self.cast.manager_of("U-PLAN"),
                self.chief,
                m.System,
                key,
                reason,
                **self._system(key)[1] | {"out_of_scope_reason": reason},
            )

    def _gathered_later(self, when: datetime) -> Iterator[Event]:
        """The papers, the approvals on them, and what they say of the people: a week after the lists."""
        grounds = [(k, {"grounds": a["grounds"]}) for k, a in self.appointments() if "grounds" in a]
        tables: list[tuple[type[Record], list[tuple[str, Values]]]] = [
            (m.Person, [(self.chief.key, {"employment": self.chief.employment})]),
            (m.Appointment, grounds),
            (m.Document, [d for d in self._old_documents() if d[0] not in _FIRST_PAPERS]),
            (m.Approval, list(self._old_approvals())),
        ]
        for minute, (model, rows) in enumerate(tables):
            yield self.taken(when + timedelta(minutes=minute), "load", model, rows)

    def _person(self, p: Somebody) -> tuple[str, Values]:
        values: Values = {
            "name": p.name,
            "unit": p.unit,
            "employment": p.employment if p is not self.chief else "employee",
            "joined_on": p.joined_on,
        }
        return p.key, values | {"email": f"{p.key.lower()}@akatsuki.example"}

    def _vendor(self, key: str) -> tuple[str, Values]:
        name, country, group, business = member.VENDORS[key]
        return key, {
            "name": name,
            "country": country,
            "group": group,
            "business": business,
            "since_on": FOUNDED,
        }

    def _system(self, key: str) -> tuple[str, Values]:
        name, unit, criticality, facing, vendor, holds = member.SYSTEMS[key]
        return key, {
            "name": name, "unit": unit, "in_scope": True, "criticality": criticality, "internet_facing": facing,
            "operated_by": "vendor" if vendor else "own", "vendor": vendor, "in_use_since_on": FOUNDED, "holds_users_data": holds,
        } | ({"in_scope": False, "out_of_scope_reason": "一覧の備考による"} if key in member.OUT_OF_SCOPE else {})  # fmt: skip

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
