"""`sekisho export`: to a workbook or a folder, never over what is there."""

import json

import pytest

from sekisho.ledger.models import Version
from tests.cli.running import sekisho


def test_a_workbook_and_a_folder_are_taken_back_as_they_were(filled, tmp_path):
    for target in (tmp_path / "all.xlsx", tmp_path / "all"):
        assert sekisho(filled, "export", target).returncode == 0
        home = tmp_path / f"home of {target.name}"
        done = sekisho(home, "load", target)
        assert done.returncode == 0, done.stderr
        given, back = (sekisho(h, "list", "person", "--format", "json").stdout for h in (filled, home))
        assert json.loads(given) == json.loads(back) != []


def test_what_it_writes_is_for_its_owner_alone(member, here, tmp_path):
    assert here("export", tmp_path / "all.xlsx").code == 0
    assert (tmp_path / "all.xlsx").stat().st_mode & 0o077 == 0


def test_some_kinds_alone(member, here, tmp_path):
    assert here("export", tmp_path / "some", "--kind", "unit", "--kind", "person").code == 0
    assert sorted(p.name for p in (tmp_path / "some").iterdir()) == ["person.csv", "unit.csv"]


def test_nothing_is_overwritten_by_accident(member, here, tmp_path):
    target = tmp_path / "all.xlsx"
    target.write_text("mine", encoding="utf-8")
    assert "--overwrite" in here("export", target).complaint
    assert "--overwrite" in here("export", target, "--empty").complaint
    assert target.read_text(encoding="utf-8") == "mine"
    assert here("export", target, "--overwrite").code == 0


@pytest.mark.parametrize("name", ["all.xls", "all.pdf", "all.csv"])
def test_other_forms_are_not_written(here, tmp_path, name):
    assert name in here("export", tmp_path / name).complaint


def test_every_export_leaves_a_line_and_a_template_none(member, here, tmp_path):
    assert here("export", tmp_path / "template.xlsx", "--empty").code == 0
    assert not Version.objects.filter(act_name="export").exists()
    assert here("export", tmp_path / "x.xlsx", "--kind", "unit").code == 0
    line = Version.objects.get(act_name="export")
    assert json.loads(bytes(line.body))["records"] == {"unit": 2}
