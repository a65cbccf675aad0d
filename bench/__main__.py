"""`make bench [PART ...]`: run the measurements, print them, and keep them in bench/README.md."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime

from bench.home import ROOT
from bench.table import markdown

PARTS = {
    "assess": "Assess all clauses",
    "whole_rule": "The whole rule of a large member",
    "pages": "Pages and the API, 20 requests in parallel",
    "writes": "Governed writes",
    "verify": "Ledger verification",
    "first_page": "From clone to first page",
    "watch.kernel": "The watch: JSON in, decisions out, one core",
    "watch.latency": "The watch: one decision in process",
    "watch.memory": "The watch: memory of the state",
    "watch.snapshot": "The watch: snapshots",
    "watch.replay": "The watch: replay from Parquet, one core",
    "watch.risk": "The watch: risk scores",
    "watch.http": "The watch over HTTP: 5,000 events a second on loopback",
    "watch.kills": "The watch, killed again and again",
    "watch.contenders": "The watch beside other engines, same events, same run",
    "watch.detection": "The watch: what the shipped rules find, and how often they are wrong",
}
README = ROOT / "bench" / "README.md"


def main(wanted: list[str]) -> None:
    tables = {}
    for part in wanted or list(PARTS):
        if part not in PARTS:
            raise SystemExit(f"unknown part {part}; there are: {', '.join(PARTS)}")
        tables[part] = markdown(PARTS[part], importlib.import_module(f"bench.{part}").measure())
        print(tables[part], flush=True)
    _keep(tables)


def _keep(tables: dict[str, str]) -> None:
    """Replace the parts that were measured in README.md; the others stay."""
    text = README.read_text(encoding="utf-8")
    about = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    for part, table in tables.items():
        first, last = f"<!-- {part} -->\n", f"<!-- /{part} -->\n"
        before, _, rest = text.partition(first)
        _, _, after = rest.partition(last)
        text = f"{before}{first}{table}\n*{about}*\n{last}{after}"
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
