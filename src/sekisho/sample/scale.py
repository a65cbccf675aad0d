"""More of the same for the benchmarks: further units with people, systems, risks and three years of their records."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Record, Values
from sekisho.workflows.act import act

Batch = tuple[type[Record], list[tuple[str, Values]]]
FOUNDED = date(2019, 4, 1)
UNITS_EACH = 12  # as many units, people and systems as the sample member has
PEOPLE_EACH = 120
SYSTEMS_EACH = 25
_ROWS = 5_000


def enlarge(
    today: date, scale: int, chance: random.Random, tell: Callable[[str], None] | None = None
) -> None:
    """Write `scale` - 1 further populations, each about 7,000 versions, after the sample's own history."""
    for n in range(1, scale):
        with (
            clock.standing_at(clock.now()),
            act("enlarge", "operator:sample", reason=f"規模の試験用データ {n}") as doing,
        ):
            for model, rows in _population(today, n, chance):
                for start in range(0, len(rows), _ROWS):
                    doing.put_many(model, rows[start : start + _ROWS])
        if tell:
            tell(f"{n + 1}/{scale}")


def _population(today: date, n: int, chance: random.Random) -> Iterator[Batch]:
    units = [f"U-{n}-{u}" for u in range(UNITS_EACH)]
    people = [f"P-{n}-{p}" for p in range(PEOPLE_EACH)]
    systems = [f"S-{n}-{s}" for s in range(SYSTEMS_EACH)]
    yield (
        m.Unit,
        [
            (u, {"name": f"拠点{n} 部署{i}", "function": "user", "since_on": FOUNDED})
            for i, u in enumerate(units)
        ],
    )
    yield m.Person, [
        (p, {"name": f"架空 {n}-{i}", "unit": units[i % UNITS_EACH], "employment": "employee", "joined_on": FOUNDED})
        for i, p in enumerate(people)
    ]  # fmt: skip
    yield m.System, [
        (s, {"name": f"システム {n}-{i}", "unit": units[i % UNITS_EACH], "in_scope": True, "criticality": "medium", "operated_by": "own", "in_use_since_on": FOUNDED})
        for i, s in enumerate(systems)
    ]  # fmt: skip
    yield m.Appointment, [
        (f"A-{n}-{i}", {"person": people[i], "role": "system_manager", "unit": u, "since_on": FOUNDED}) for i, u in enumerate(units)
    ]  # fmt: skip
    yield m.Acknowledgement, [
        (f"AK-{n}-{i}", {"person": p, "document": "D-POLICY-4", "at": _at(today - timedelta(days=chance.randrange(15, 39)))})
        for i, p in enumerate(people)
    ]  # fmt: skip
    yield from _yearly(today, n, people, systems, chance)
    yield from _monthly(today, n, units, people)
    yield from _half_yearly(today, n, units)


def _yearly(
    today: date, n: int, people: list[str], systems: list[str], chance: random.Random
) -> Iterator[Batch]:
    for years_ago in (2, 1, 0):
        day = add_months(today, -12 * years_ago) - timedelta(days=chance.randrange(30, 80))
        yield m.Risk, [
            (f"R-{n}-{i}-{c}", {
                "title": f"システム {n}-{i} の{w}", "system": s, "category": c, "inherent_level": 4, "residual_level": chance.randrange(1, 4),
                "accepted_level": 3, "assessed_on": day, "owner": people[i], "decision": "no_change", "decision_reason": "許容水準", "decided_on": day,
            })
            for i, s in enumerate(systems) for c, w in (("failure", "停止"), ("misuse", "不正使用"))
        ]  # fmt: skip


def _monthly(today: date, n: int, units: list[str], people: list[str]) -> Iterator[Batch]:
    """Status reports: submitted, then reviewed; and the instruction of each unit."""
    chief = (
        m.Appointment.objects.filter(role="chief_system_officer").values_list("person_id", flat=True).first()
    )
    for month in range(36):
        day = add_months(today, -month) - timedelta(days=6)
        rows: list[tuple[str, Values]] = [
            (f"SR-{n}-{month}-{i}", {"system_manager": people[i], "unit": u, "period": f"{day:%Y-%m}", "state": "異常なし", "submitted_at": _at(day)})
            for i, u in enumerate(units)
        ]  # fmt: skip
        yield m.StatusReport, rows
        yield (
            m.StatusReport,
            [(key, {"reviewed_at": _at(day + timedelta(days=5)), "reviewed_by": chief}) for key, _ in rows],
        )
    yield m.Instruction, [
        (f"IN-{n}-{i}", {"unit": u, "topic": "安全な利用", "held_on": today - timedelta(days=60)}) for i, u in enumerate(units)
    ]  # fmt: skip


def _half_yearly(today: date, n: int, units: list[str]) -> Iterator[Batch]:
    """Each unit's lists, confirmed every half-year."""
    for half in range(6, -1, -1):
        day = add_months(today, -6 * half) - timedelta(days=20)
        yield m.Equipment, [
            (f"EQ-{n}-{i}-{e}", {"unit": u, "what": f"端末 {e}", "location": "本社", "confirmed_on": day})
            for i, u in enumerate(units) for e in range(50)
        ]  # fmt: skip
        yield m.InformationFlow, [
            (f"IF-{n}-{i}-{e}", {"unit": u, "source": "基幹", "destination": f"業務 {e}", "data_class": "internal", "confirmed_on": day})
            for i, u in enumerate(units) for e in range(10)
        ]  # fmt: skip


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), clock.JAPAN)
