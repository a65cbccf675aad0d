"""Rules a and e as Sigma 2.1, turned into SQLite by pySigma as Zircolite does. Run by pySigma's own Python."""

from __future__ import annotations

import json
import sqlite3
import sys
import time

sys.path.pop(0)  # this folder: sigma.py would stand before the package

RULES = """
title: A login that failed
name: fail
logsource: {category: authentication}
detection:
  selection: {typ: login, ok: 0}
  condition: selection
---
title: a
name: a
correlation: {type: event_count, rules: [fail], group-by: [ip], timespan: 5m, condition: {gte: 10}}
---
title: e
name: e
correlation: {type: value_count, rules: [fail], group-by: [ip], timespan: 10m, condition: {field: user, gte: 5}}
"""


def main() -> None:
    from sigma.backends.sqlite import sqliteBackend  # type: ignore[import-not-found]
    from sigma.collection import SigmaCollection  # type: ignore[import-not-found]

    began = time.process_time()
    with sqlite3.connect(":memory:") as database, open(sys.argv[1], "rb") as lines:
        database.execute("CREATE TABLE logs (typ TEXT, ok INT, ip TEXT, user TEXT, timestamp REAL)")
        rows = (
            (e["typ"], int(e["ok"]), e["ip"], e["user"], 2440587.5 + e["ts"] / 86_400_000)
            for e in map(json.loads, lines)
        )
        number = database.executemany("INSERT INTO logs VALUES (?, ?, ?, ?, ?)", rows).rowcount
        queries = sqliteBackend().convert(SigmaCollection.from_yaml(RULES))
        hits = {
            rule: [len(database.execute(query).fetchall())] for rule, query in zip("ae", queries, strict=True)
        }
    print(json.dumps({"seconds": time.process_time() - began, "events": number, "hits": hits}))


if __name__ == "__main__":
    main()
