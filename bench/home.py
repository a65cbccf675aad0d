"""A data folder for a measurement: made in a temporary place, with the sample member at some scale."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def environment(home: Path, database: str = "") -> dict[str, str]:
    given = os.environ | {"SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.settings"}
    given.pop("SEKISHO_DATABASE", None)
    return given | ({"SEKISHO_DATABASE": database} if database else {})


def made(scale: int = 1, database: str = "") -> Path:
    """A fresh home with the sample member; `scale` as `sekisho demo --scale`."""
    home = Path(tempfile.mkdtemp(prefix="sekisho-bench-"))
    run("bench.fill", str(scale), home=home, database=database)
    return home


def run(module: str, *arguments: str, home: Path, database: str = "") -> str:
    """Run a module of the benchmarks in a process of its own; returns what it printed."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home, database), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout
