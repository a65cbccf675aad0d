"""The ledger's key is made once, with the ledger, and never again: another one would open none of its checkpoints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def setup_home(home: Path) -> tuple[int, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("SEKISHO_")}
    env |= {"SEKISHO_HOME": str(home), "SEKISHO_LANGUAGE": "en"}
    command = (sys.executable, "-c", "from sekisho.cli.main import main; main()", "setup-home")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.slow
def test_a_ledger_that_stands_never_gets_another_key(tmp_path: Path) -> None:
    home, key = tmp_path / "home", tmp_path / "home" / "keys" / "ledger.key"
    assert setup_home(home) == (0, "")
    made = key.read_text()
    assert setup_home(home) == (0, "")
    assert key.read_text() == made
    key.unlink()
    code, told = setup_home(home)
    assert code == 2
    assert "signing key" in told
    assert not key.exists()
