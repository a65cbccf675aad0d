"""How long all clauses take of a large member: 1,000,000 versions, 500,000 live records, of the kinds that grow.

400,000 versions of components and vulnerabilities, 300,000 of measurements, 5,000 vendors in chains up to 8 deep.
"""

from __future__ import annotations

import json
import random
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bench.home import made, run
from bench.table import Row, seconds, timed

if TYPE_CHECKING:
    from sekisho.records.record import Record

POPULATIONS = 44  # as `sekisho demo --scale`: units, people, systems and three years of their records
COMPONENTS, VULNERABILITIES, MONITORS, MEASUREMENTS = 120_000, 80_000, 3_000, 250_000
VENDORS, SERVICES, DEEP = 5_000, 700, 8
_ROWS = 10_000
Rows = list[tuple[str, dict[str, Any]]]
Batch = tuple["type[Record]", Rows]


def measure() -> list[Row]:
    home = made(POPULATIONS)
    run("bench.whole_rule", "fill", home=home)
    told = json.loads(run("bench.whole_rule", "ask", home=home))
    size = f"{told['versions']:,} versions, {told['records']:,} records"
    rows = [
        Row(f"all {told['clauses']} clauses, nothing cached ({size})", seconds(told["now"]), "under 5 s"),
        Row("all clauses as of a past moment, nothing cached", seconds(told["past"]), "under 5 s"),
        Row("all clauses again, nothing changed", seconds(told["again"])),
    ]
    rows += [
        Row(f"all clauses after one change of: {kind}", seconds(took), "under 0.3 s")
        for kind, took in told["change"].items()
    ]
    return [*rows, Row("largest memory of that process", f"{told['megabytes']:.0f} MiB")]


def fill() -> None:
    from sekisho.kernel import clock
    from sekisho.workflows.act import act

    chance, today = random.Random(1), clock.today()
    for model, rows in _batches(today, chance):
        for start in range(0, len(rows), _ROWS):
            with act("enlarge", "service:bench", reason="規模の測定") as doing:
                doing.put_many(model, rows[start : start + _ROWS])


def _batches(today: date, chance: random.Random) -> Iterator[Batch]:
    from sekisho.records import models as m

    systems = list(m.System.objects.filter(in_scope=True).values_list("key", flat=True))
    yield from _chains(today, chance, systems)
    components: Rows = [
        (f"C-B{n}", {
            "name": f"部品 {n}", "kind": "software", "system": systems[n % len(systems)], "identifier": f"pkg:npm/part-{n}@1.0.{n % 50}",
            "registered_on": today - timedelta(days=400), "confirmed_on": today - timedelta(days=30), "last_seen_at": _at(today - timedelta(days=2)),
        })
        for n in range(COMPONENTS)
    ]  # fmt: skip
    yield m.Component, components
    yield m.Component, [(key, {"last_seen_at": _at(today - timedelta(days=1))}) for key, _ in components]
    weak: Rows = [
        (f"VU-B{n}", {
            "title": f"CVE-2026-{n}", "component": f"C-B{n % COMPONENTS}", "system": systems[n % len(systems)], "exposure": "internal",
            "severity": chance.choice(["critical", "high", "medium", "low"]), "likelihood": Decimal(chance.randrange(1000)) / 1000,
            "found_on": today - timedelta(days=chance.randrange(1, 300)),
        })
        for n in range(VULNERABILITIES)
    ]  # fmt: skip
    yield m.Vulnerability, weak
    yield (
        m.Vulnerability,
        [
            (key, {"fixed_on": today if n % 20 else None, "vex": "affected"})
            for n, (key, _) in enumerate(weak)
        ],
    )
    yield m.Monitor, [
        (f"MO-B{n}", {"title": f"監視 {n}", "system": systems[n % len(systems)], "what": "response", "aspect": "performance",
                      "bound": Decimal(500), "direction": "at_most", "gap_minutes": 1440 * 2, "since_on": today - timedelta(days=90)})
        for n in range(MONITORS)
    ]  # fmt: skip
    values: Rows = [
        (f"ME-B{n}", {"monitor": f"MO-B{n % MONITORS}", "at": _at(today - timedelta(days=n // MONITORS)), "value": Decimal(chance.randrange(100, 520)), "state": "good"})
        for n in range(MEASUREMENTS)
    ]  # fmt: skip
    yield m.Measurement, values
    decided = {"decision": "accept", "decision_reason": "一時的", "decided_on": today}
    yield m.Measurement, [(key, decided) for key, _ in values[:50_000]]


def _chains(today: date, chance: random.Random, systems: list[str]) -> Iterator[Batch]:
    from sekisho.records import models as m

    begun = today - timedelta(days=700)
    yield (
        m.Vendor,
        [(f"V-B{n}", {"name": f"委託先 {n}", "country": "JP", "since_on": begun}) for n in range(VENDORS)],
    )
    yield m.Contract, [
        (f"CT-B{n}", {"title": f"契約 {n}", "vendor": f"V-B{n}", "from_on": begun, "roles": True, "audit_right": True}) for n in range(SERVICES)
    ]  # fmt: skip
    yield m.OutsourcedService, [
        (f"OS-B{n}", {"name": f"業務 {n}", "vendor": f"V-B{n}", "contract": f"CT-B{n}", "systems": [systems[n % len(systems)]], "since_on": begun,
                      "chain_checked_on": today - timedelta(days=30)})
        for n in range(SERVICES)
    ]  # fmt: skip
    links: Rows = []
    for n in range(SERVICES):
        chain = [
            f"V-B{n}",
            *(f"V-B{SERVICES + (n * (DEEP - 1) + k) % (VENDORS - SERVICES)}" for k in range(DEEP - 1)),
        ]
        for step, (giver, taker) in enumerate(pairwise(chain), 2):
            links.append((f"SUB-B{n}-{step}", {"service": f"OS-B{n}", "from_vendor": giver, "to_vendor": taker, "step": step, "since_on": begun}))  # fmt: skip
    yield m.Subcontract, links
    yield m.MonitoringRound, [
        (f"MR-B{n}", {"by_unit": "U-RISK", "of": f"vendor:V-B{n}", "done_on": today - timedelta(days=chance.randrange(20, 300)), "result": "良好"})
        for n in range(VENDORS)
    ]  # fmt: skip


def _at(day: date) -> datetime:
    from sekisho.kernel import clock

    return datetime.combine(day, time(0, 30), clock.JAPAN)


def ask() -> None:
    from sekisho.ledger.models import Leaf, Version
    from sekisho.records import models as m
    from sekisho.records.contents import KINDS
    from sekisho.records.facts import snapshot
    from sekisho.records.facts.snapshot import forget as forget_frames
    from sekisho.rulebook.assess import assess, forget
    from sekisho.rulebook.contents import clauses
    from sekisho.workflows.act import act

    def cold(known_at: datetime | None = None) -> None:
        forget_frames()
        forget()
        assess(snapshot(None, known_at))

    def after(model: type[Record], key: str, values: Callable[[int], dict[str, Any]]) -> float:
        took = []
        for n in range(5):
            with act("bench", "service:bench") as doing:
                doing.put(model, key, values(n))
            took.append(timed(lambda: assess(snapshot()), 1))
        return sorted(took)[2]

    cold()
    size = Leaf.objects.count()
    past = Leaf.objects.get(seq=size * 9 // 10).at
    told: dict[str, Any] = {"now": timed(cold, 3), "past": timed(lambda: cold(past), 3)}
    cold()
    told["again"] = timed(lambda: assess(snapshot()), 5)
    told["change"] = {
        "unit": after(m.Unit, "U-SUP", lambda n: {"name": f"サポート部 {n}"}),
        "system": after(m.System, "S-BI", lambda n: {"name": f"経営分析 {n}"}),
        "vendor": after(m.Vendor, "V-B1", lambda n: {"name": f"委託先 1-{n}"}),
        "component": after(m.Component, "C-B1", lambda n: {"name": f"部品 1-{n}"}),
        "vulnerability": after(m.Vulnerability, "VU-B1", lambda n: {"title": f"CVE-2026-1-{n}"}),
        "measurement": after(m.Measurement, "ME-B1", lambda n: {"value": Decimal(200 + n)}),
    }
    told["clauses"] = len(clauses())
    told["versions"] = Version.objects.count()
    told["records"] = sum(model.objects.count() for model in KINDS)
    told["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(told, sys.stdout)


def main(what: str) -> None:
    import django

    django.setup()
    {"fill": fill, "ask": ask}[what]()


if __name__ == "__main__":
    main(sys.argv[1])
