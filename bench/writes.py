"""Governed writes a second, beside the same writes with plain Django and with django-simple-history.

Each write is one transaction that changes one record of nine fields. The three take turns, so that all see the same
machine; ratios are of one run.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from bench.home import made, run
from bench.table import Row

ROUNDS, EACH = 5, 200


def measure() -> list[Row]:
    rows = []
    for name, database in (("SQLite", ""), ("PostgreSQL", _server())):
        told = json.loads(run("bench.writes", home=made(1, database), database=database))
        plain = told["plain"]
        for way, words in (
            ("plain", "plain Django, no history"),
            ("history", "django-simple-history"),
            ("governed", "governed: version, leaf, signed tree"),
        ):
            rows.append(
                Row(f"{name}: {words}", f"{told[way]:.0f} writes/s, {told[way] / plain:.2f} of plain")
            )
    return rows


def _server() -> str:
    from tests.plugins.postgres import start_server

    return start_server()


def main() -> None:
    import django
    from django.conf import settings

    settings.INSTALLED_APPS += ["simple_history", "bench.peers"]
    django.setup()
    from django.db import connection

    from bench.peers.models import Plain, Tracked
    from sekisho.ledger import sequencer
    from sekisho.records.models import Person
    from sekisho.workflows.act import act

    sequencer.start()  # as a server does

    with connection.schema_editor() as editor:
        for model in (Plain, Tracked, Tracked.history.model):
            editor.create_model(model)
    values = {
        "name": "山田 太郎",
        "email": "x@example.jp",
        "unit": "U-DEV",
        "employment": "employee",
        "vendor": "",
        "notes": "",
        "joined_on": "2024-04-01",
    }
    plain, tracked = Plain(**values), Tracked(**values)
    plain.save()
    tracked.save()

    def governed(n: int) -> None:
        with act("bench", "service:bench") as doing:
            doing.put(Person, "P-0020", {"notes": str(n)})

    def saved(row: Plain | Tracked) -> Callable[[int], None]:
        def done(n: int) -> None:
            row.notes = str(n)
            row.save()

        return done

    ways = {"plain": saved(plain), "history": saved(tracked), "governed": governed}
    spent = dict.fromkeys(ways, 0.0)
    for turn in range(ROUNDS + 1):
        for way, write in ways.items():
            start = time.perf_counter()
            for n in range(EACH):
                write(turn * EACH + n)
            spent[way] += time.perf_counter() - start if turn else 0.0
    json.dump({way: ROUNDS * EACH / total for way, total in spent.items()}, sys.stdout)


if __name__ == "__main__":
    main()
