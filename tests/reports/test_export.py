"""Exports: only what one may read, each with its line, whole or not at all."""

import json
from datetime import date

import pytest

from sekisho.access.rights import Refused, operator_actor
from sekisho.ledger.models import Version
from sekisho.ledger.one_state import one_state
from sekisho.records.models import Person, Unit
from sekisho.reports.export import export_folder, export_workbook
from sekisho.reports.sheets import sheet_now
from sekisho.reports.workbook import TooLongForExcel
from sekisho.workflows.act import act
from sekisho.workflows.import_read import read_path
from tests.workflows.racing import crowd, race

__all__ = ["crowd"]
OPERATOR = operator_actor("test")
UNIT = {"name": "業務部門", "function": "user", "since_on": date(2020, 4, 1)}


@pytest.mark.django_db
def test_an_export_leaves_its_line(cast, tmp_path):
    target = tmp_path / "all.xlsx"
    export_workbook(OPERATOR, target, [Unit, Person])
    line = Version.objects.get(act_name="export")
    assert (line.by, json.loads(bytes(line.body))["records"]) == ("operator:test", {"unit": 5, "person": 10})
    assert [t.sheet for t in read_path(target).tables] == ["_guide", "unit", "person", "_lists"]
    assert [p.name for p in tmp_path.iterdir()] == ["all.xlsx"]


@pytest.mark.django_db
def test_nobody_exports_what_one_may_not_read(cast, tmp_path):
    with pytest.raises(Refused):
        export_folder(cast.kyuda.actor, tmp_path, [Unit])
    assert list(tmp_path.iterdir()) == []
    assert [p.name for p in export_folder(cast.nishi.actor, tmp_path, [Unit])] == ["unit.csv"]


@pytest.mark.django_db
def test_what_fails_half_way_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("sekisho.reports.workbook.MAX_TEXT", 3)
    with act("test", OPERATOR.by) as doing:
        doing.put_new(Unit, [("U-1", UNIT)])
    with pytest.raises(TooLongForExcel):
        export_workbook(OPERATOR, tmp_path / "all.xlsx", [Unit])
    assert list(tmp_path.iterdir()) == []


def test_reads_of_one_export_see_one_state_while_others_write(crowd):
    with one_state():
        before = [key for key, _ in sheet_now(Unit).rows]
        assert race(write) == [None]
        assert [key for key, _ in sheet_now(Unit).rows] == before
    assert "U-NEW" in [key for key, _ in sheet_now(Unit).rows]


def write() -> None:
    with act("test", OPERATOR.by) as doing:
        doing.put_new(Unit, [("U-NEW", UNIT)])
