"""`sekisho export`: to a workbook or a folder, never over what is there."""

import json

import pytest

from tests.cli.running import complaint, sekisho


def test_a_workbook_and_a_folder_are_taken_back_as_they_were(filled, tmp_path):
    for target in (tmp_path / "all.xlsx", tmp_path / "all"):
        assert sekisho(filled, "export", target).returncode == 0
        home = tmp_path / f"home of {target.name}"
        done = sekisho(home, "load", target)
        assert done.returncode == 0, done.stderr
        for kind in ("unit", "person"):
            given, back = (sekisho(h, "list", kind, "--format", "json").stdout for h in (filled, home))
            assert json.loads(given) == json.loads(back)


def test_what_it_writes_is_for_its_owner_alone(filled, tmp_path):
    assert sekisho(filled, "export", tmp_path / "all.xlsx").returncode == 0
    assert (tmp_path / "all.xlsx").stat().st_mode & 0o077 == 0


def test_some_kinds_alone(filled, tmp_path):
    assert sekisho(filled, "export", tmp_path / "some", "--kind", "unit", "--kind", "person").returncode == 0
    assert sorted(p.name for p in (tmp_path / "some").iterdir()) == ["person.csv", "unit.csv"]


def test_nothing_is_overwritten_by_accident(filled, tmp_path):
    target = tmp_path / "all.xlsx"
    target.write_text("mine", encoding="utf-8")
    assert "--overwrite" in complaint(sekisho(filled, "export", target))
    assert target.read_text(encoding="utf-8") == "mine"
    assert sekisho(filled, "export", target, "--overwrite").returncode == 0


@pytest.mark.parametrize("name", ["all.xls", "all.pdf", "all.csv"])
def test_other_forms_are_not_written(filled, tmp_path, name):
    assert name in complaint(sekisho(filled, "export", tmp_path / name))


def test_every_export_leaves_a_line(filled, tmp_path):
    before = json.loads(sekisho(filled, "ledger", "verify", "--json").stdout)["entries"]
    sekisho(filled, "export", tmp_path / "x.xlsx", "--kind", "unit")
    assert json.loads(sekisho(filled, "ledger", "verify", "--json").stdout)["entries"] == before + 1
