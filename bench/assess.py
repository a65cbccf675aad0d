"""How long all clauses take: of 100,000 and 1,000,000 record versions, now, in the past, and after one change."""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime

from bench.home import made, run
from bench.table import Row, seconds, timed

SCALES = {"100,000": 17, "1,000,000": 165}
GOALS = {"100,000": "0.5 s", "1,000,000": "1.5 s"}


def measure() -> list[Row]:
    rows = []
    for name, scale in SCALES.items():
        told = json.loads(run("bench.assess", home=made(scale)))
        goal = f"under {GOALS[name]}"
        size = f"{told['versions']:,} versions, {told['records']:,} records"
        rows += [
            Row(f"assess now, nothing cached ({size})", seconds(told["now"]), goal),
            Row(
                "assess as of a past moment with nine tenths of them, nothing cached",
                seconds(told["past"]),
                goal,
            ),
            Row(f"assess after one record's change ({name})", seconds(told["change"]), "under 50 ms"),
            Row(f"assess again, nothing changed ({name})", seconds(told["again"])),
            Row(f"largest memory of that process ({name})", f"{told['megabytes']:.0f} MiB", "under 512 MiB"),
        ]
    return rows


def main() -> None:
    import django

    django.setup()
    from sekisho.ledger.models import Leaf, Version
    from sekisho.records.contents import KINDS
    from sekisho.records.facts import snapshot
    from sekisho.records.facts.snapshot import forget as forget_frames
    from sekisho.records.models import Unit
    from sekisho.rulebook.assess import assess, forget
    from sekisho.workflows.act import act

    def cold(known_at: datetime | None = None) -> None:
        forget_frames()
        forget()
        assess(snapshot(None, known_at))

    def changed() -> float:
        with act("bench", "service:bench") as doing:
            doing.put(Unit, "U-SUP", {"name": f"カスタマーサポート部 {next(numbers)}"})
        return timed(lambda: assess(snapshot()), 1)

    numbers = iter(range(1000))
    cold()
    size = Leaf.objects.count()
    past = Leaf.objects.get(seq=size * 9 // 10).at  # a moment at which nine tenths were known
    told = {"now": timed(cold, 5), "past": timed(lambda: cold(past), 5)}
    cold()
    told["again"] = timed(lambda: assess(snapshot()), 5)
    told["change"] = sorted(changed() for _ in range(7))[3]
    told["versions"] = Version.objects.count()
    told["records"] = sum(model.objects.count() for model in KINDS)
    told["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
