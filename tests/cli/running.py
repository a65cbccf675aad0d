"""`sekisho` as its users run it: in a process of its own, on a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "sekisho"
_OURS = ("SEKISHO_", "LC_", "LANG")


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user who set nothing but where the data are."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    return kept | {"SEKISHO_HOME": str(home), "LC_ALL": "C.UTF-8"} | more


def sekisho(
    home: Path, *words: str | Path, given: str = "", under: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. `given`: standard input; `more`: environment; `under`: a program that runs it."""
    return subprocess.run(
        [*under, PROGRAM, *words],
        env=environment(home, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one clear line of a command that failed as it should: code 2, no traceback, nothing else."""
    assert done.returncode == 2, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("sekisho: ")
    return lines[0]


def written(folder: Path, **files: str) -> Path:
    """A folder with these CSV files."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
