"""Kill a writer at random moments, again and again, and look at what stands.

Run as `python -m tests.workflows.crasher RUNS SEED`, with SEKISHO_HOME (and SEKISHO_DATABASE) naming a migrated
database. Writers are forked from one warm process, so that hundreds of runs take seconds. Prints a JSON object.
"""

import json
import os
import random
import select
import signal
import sys
import time
from datetime import date

import django


def write_without_end(name: str, told: int) -> None:
    """Acts of two records each; every acknowledged one is told to the parent."""
    from sekisho.records.models import Goal, Unit
    from sekisho.workflows.act import act

    n = 0
    while True:
        n += 1
        key = f"{name}-{n}"
        with act("crash", f"service:{name}") as doing:
            doing.put(Unit, key, {"name": key, "function": "other", "since_on": date(2024, 1, 1)})
            doing.put(Goal, key, {"fiscal_year": 2026, "text": key})
        os.write(told, f"{key}\n".encode())


def one_run(name: str, writers: int, patience: float, *, warm: bool) -> list[str]:
    """Start writers, kill them all after `patience` seconds (`warm`: from the first acknowledged act on); returns the
    acknowledged keys."""
    from django.db import connections

    connections.close_all()
    hear, tell = os.pipe()
    children = []
    for n in range(writers):
        child = os.fork()
        if child == 0:
            try:
                write_without_end(f"{name}-{n}", tell)
            finally:
                os._exit(1)
        children.append(child)
    os.close(tell)
    if warm:
        select.select([hear], [], [], 30)
    time.sleep(patience)
    for child in children:
        os.kill(child, signal.SIGKILL)
    statuses = [os.waitpid(child, 0)[1] for child in children]
    with os.fdopen(hear, encoding="ascii") as lines:
        acknowledged = lines.read().split()
    if any(not os.WIFSIGNALED(status) for status in statuses):
        raise SystemExit(f"a writer of run {name} failed by itself")
    return acknowledged


def main(runs: int, seed: int) -> None:
    django.setup()
    from sekisho.ledger.append import sequence
    from sekisho.records.models import Goal, Unit
    from sekisho.workflows.verify import verify_all

    chance = random.Random(seed)
    lost, halves, acknowledged = [], [], 0
    for n in range(runs):
        told = one_run(f"R{n}", chance.choice([1, 1, 2, 3]), chance.uniform(0.001, 0.09), warm=n % 2 == 0)
        acknowledged += len(told)
        there = set(Unit.objects.filter(pk__startswith=f"R{n}-").values_list("pk", flat=True))
        beside = set(Goal.objects.filter(pk__startswith=f"R{n}-").values_list("pk", flat=True))
        lost += sorted(set(told) - there)
        halves += sorted(there ^ beside)
    sequence()
    report = verify_all()
    faults = [fault.text.en for fault in report.faults]
    told = {
        "acknowledged": acknowledged,
        "lost": lost,
        "halves": halves,
        "entries": report.entries,
        "faults": faults,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
