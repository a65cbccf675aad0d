"""Verify a ledger of 1,000,000 entries: in the database, and its export by the verifier alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.home import made, run
from bench.table import Row, seconds

SCALE = 165


def measure() -> list[Row]:
    told = json.loads(run("bench.verify", home=made(SCALE)))
    entries = told["entries"]
    return [
        Row(
            f"verify everything in the database ({entries:,} entries)",
            f"{seconds(told['database'])}, {entries / told['database']:,.0f} entries/s",
        ),
        Row("write the export", seconds(told["export"])),
        Row("verify the export alone", f"{seconds(told['alone'])}, {entries / told['alone']:,.0f} entries/s"),
    ]


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from sekisho.ledger.export import export
    from sekisho.ledger.keys import signer
    from sekisho.workflows.verify import verify_all

    start = time.perf_counter()
    report = verify_all()
    told = {"database": time.perf_counter() - start, "entries": report.entries}
    if not report.ok:
        raise SystemExit(f"the ledger has faults: {report.faults[:3]}")
    path = Path(settings.SEKISHO_HOME) / "ledger.jsonl"
    start = time.perf_counter()
    export(path)
    told["export"] = time.perf_counter() - start
    start = time.perf_counter()
    command = [
        sys.executable,
        "-I",
        str(path.parent / "sekisho_verify.py"),
        str(path),
        "--key",
        signer().vkey,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    told["alone"] = time.perf_counter() - start
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
