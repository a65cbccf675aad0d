"""`sekisho ledger` as its users run it: in a process of its own, on a home of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest


def sekisho(home: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_LANGUAGE": "en"}
    environment.pop("SEKISHO_DATABASE", None)
    program = Path(sys.executable).parent / "sekisho"
    return subprocess.run(
        [program, *words], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home with a few records, taken from a file."""
    folder = tmp_path_factory.mktemp("home")
    rows = tmp_path_factory.mktemp("rows")
    (rows / "unit.csv").write_text("key,name,function,since_on\nU-1,業務部,user,2024-04-01\nU-2,監査室,audit,2024-04-01\n", encoding="utf-8")  # fmt: skip
    done = sekisho(folder, "load", str(rows))
    assert done.returncode == 0, done.stderr
    return folder


def test_an_honest_ledger_passes(home):
    done = sekisho(home, "ledger", "verify")
    assert (done.returncode, "PASSED" in done.stdout) == (0, True), done.stderr


def test_the_report_is_json_on_demand(home):
    told = json.loads(sekisho(home, "ledger", "verify", "--json").stdout)
    assert told["ok"] is True
    assert told["entries"] >= 2


def test_a_changed_byte_is_named_with_exit_code_1(home, tmp_path):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(home), str(copy)], check=True)
    with sqlite3.connect(copy / "sekisho.sqlite3") as database:
        database.execute("DROP TRIGGER ledger_version_no_UPDATE")
        body = database.execute("SELECT body FROM ledger_version WHERE rec = 'U-2'").fetchone()[0]
        changed = bytes(body).replace("監査室".encode(), "監察室".encode())
        database.execute("UPDATE ledger_version SET body = ? WHERE rec = 'U-2'", [changed])
    done = sekisho(copy, "ledger", "verify")
    assert done.returncode == 1
    assert "unit:U-2" in done.stdout


def test_the_export_verifies_alone_and_is_not_overwritten(home, tmp_path):
    file = tmp_path / "ledger.jsonl"
    assert sekisho(home, "ledger", "export", str(file)).returncode == 0
    key = sekisho(home, "ledger", "key").stdout.strip()
    command = [sys.executable, "-I", str(tmp_path / "sekisho_verify.py"), str(file), "--key", key]
    alone = subprocess.run(command, capture_output=True, check=False)
    assert alone.returncode == 0, alone.stdout
    again = sekisho(home, "ledger", "export", str(file))
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert sekisho(home, "ledger", "export", str(file), "--force").returncode == 0


def test_a_proof_holds_and_one_of_no_line_is_refused(home):
    proof = json.loads(sekisho(home, "ledger", "proof", "0").stdout)
    assert proof["holds"] is True
    assert sekisho(home, "ledger", "proof", "99999").returncode == 2


def test_without_a_database_it_says_so_in_one_line(tmp_path):
    done = sekisho(tmp_path / "none", "ledger", "verify")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
