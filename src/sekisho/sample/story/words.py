"""The words of the story: its people, its days, and the acts that its events are made of."""

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
from sekisho.sample.cast import Cast, Somebody
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


class Words:
    """What every chapter of the story may say."""

    def __init__(self, cast: Cast, chance: random.Random) -> None:
        self.today = today = cast.today
        self.cast = cast
        self.chance = chance
        self.start = add_months(today.replace(day=1), -12 * YEARS)
        self.chief = cast.office["chief_system_officer"]
        self.president = cast.office["representative_director"]
        self.risk = cast.office["risk_manager"]
        self.csirt = cast.office["csirt_lead"]

    def save(self, when: datetime, by: Somebody, model: type[Record], key: str, /, **values: Any) -> Event:
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

    def boards(self) -> list[tuple[str, date]]:
        """The meetings of the board, one a quarter, the oldest first: key and day. The newest was 62 days ago."""
        newest = ago(self.today, 62)
        days = [add_months(newest, -3 * quarter) for quarter in reversed(range(4 * YEARS))]
        return [(f"M-{n:04d}", day) for n, day in enumerate((d for d in days if d > self.start), 1)]

    def improvement(
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

    def appointments(self) -> Iterator[tuple[str, Values]]:
        grounds = {
            "chief_system_officer": "金融システムの企画・運用に20年従事。情報処理安全確保支援士。サイバー演習の指揮経験あり。",
            "internal_auditor": "システム監査に8年従事。公認システム監査人（CISA）。",
        }
        n = 0
        for o in member.OFFICES:
            n += 1
            values: Values = {
                "person": self.cast.at(o.home, o.person).key,
                "role": o.role,
                "since_on": date(2021, 10, 1),
            }
            yield f"A-{n:04d}", values | ({"grounds": grounds[o.role]} if o.role in grounds else {})
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
