"""The export is checked by the verifier alone, in a process that cannot import the product."""

import json
import subprocess
import sys

import pytest

from sekisho.ledger.export import export
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Checkpoint
from tests.ledger.member import write_some

pytestmark = pytest.mark.django_db


def check(path, *more: str) -> tuple[int, dict[str, object]]:
    command = [
        sys.executable,
        "-I",
        str(path.parent / "sekisho_verify.py"),
        str(path),
        "--key",
        signer().vkey,
    ]
    done = subprocess.run(
        [*command, "--json", *more], capture_output=True, text=True, cwd=path.parent, check=False
    )
    assert "sekisho" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.jsonl.gz"])
def test_an_honest_export_passes(tmp_path, name):
    write_some()
    assert export(tmp_path / name) == 7
    code, report = check(tmp_path / name)
    assert (code, report["entries"]) == (0, 7)


def test_the_export_holds_no_personal_value(tmp_path):
    write_some()
    export(tmp_path / "ledger.jsonl")
    text = (tmp_path / "ledger.jsonl").read_text(encoding="utf-8")
    assert "業務企画部" in text
    assert "人 1" not in text


def test_a_changed_name_in_the_export_is_found(tmp_path):
    write_some()
    path = tmp_path / "ledger.jsonl"
    export(path)
    path.write_text(path.read_text(encoding="utf-8").replace("業務企画部", "業務企劃部"), encoding="utf-8")
    code, report = check(path)
    assert code == 1
    assert report["faults"]


def test_a_shorter_export_is_found_by_a_checkpoint_kept_outside(tmp_path):
    write_some()
    path = tmp_path / "ledger.jsonl"
    export(path)
    rows = path.read_text(encoding="utf-8").splitlines()
    head = json.loads(rows[0]) | {"size": 6}
    kept = [json.dumps(head), *rows[1:7], *rows[8:14]]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert check(path)[0] == 0, "alone it is a whole, older ledger"
    outside = tmp_path / "note"
    outside.write_text(Checkpoint.objects.get(size=7).note, encoding="utf-8")
    assert check(path, "--checkpoint", str(outside))[0] == 1
