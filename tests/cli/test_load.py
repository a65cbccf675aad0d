"""`sekisho load`: every mistake on its line, nothing taken by accident."""

import json
from pathlib import Path

import pytest

from sekisho.ledger.models import Version
from sekisho.records.models import Unit
from tests.cli.running import written
from tests.workflows.books import PEOPLE, UNITS, book

pytestmark = pytest.mark.django_db
BAD = "key,name,function,since_on\nU-1,業務部,user,2024-04-01\nU-2,x,boss,2024-04-01\nU-3,y,user,2024-13-01\n"


@pytest.fixture
def workbook(tmp_path) -> Path:
    path = tmp_path / "member.xlsx"
    path.write_bytes(book({"unit": UNITS, "person": PEOPLE}))
    return path


def units() -> list[str]:
    return list(Unit.objects.order_by("pk").values_list("pk", flat=True))


def test_a_workbook_is_taken_and_given_back(here, workbook):
    done = here("load", workbook, "--reason", "移行")
    assert (done.code, done.err) == (0, "")
    people = json.loads(here("list", "person", "--format", "json").out)
    assert [(p["key"], p["name"], p["unit"]) for p in people][:2] == [
        ("P-1", "山田 太郎", "U-A"),
        ("P-2", "佐藤 花子", "U-A"),
    ]
    assert set(Version.objects.values_list("act_name", "reason")) == {("load", "移行")}
    again = json.loads(here("load", workbook, "--format", "json").out)
    assert again["counts"] == {"create": 0, "change": 0, "unchanged": 5, "bad": 0}


def test_what_list_gives_load_takes_back(here, member, tmp_path):
    text = here("list", "person", "--format", "csv").out
    told = json.loads(here("load", written(tmp_path / "in", person=text), "--format", "json").out)
    assert told["counts"] == {"create": 0, "change": 0, "unchanged": 2, "bad": 0}


def test_every_mistake_is_told_with_its_cell_and_nothing_is_taken(here, tmp_path):
    done = here("load", written(tmp_path / "in", unit=BAD), language="en")
    assert done.code == 2
    lines = done.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["unit!C3", "unit!D4", "sekisho"]
    assert "--only-good" in lines[-1]
    assert units() == []


def test_the_good_rows_on_purpose(here, tmp_path):
    done = here("load", written(tmp_path / "in", unit=BAD), "--only-good")
    assert done.code == 0
    assert len(done.err.splitlines()) == 2
    assert units() == ["U-1"]


def test_a_preview_takes_nothing(here, workbook, tmp_path):
    done = here("load", workbook, "--preview")
    assert (done.code, units()) == (0, [])
    assert "P-3" in done.out
    here("load", workbook)
    changed = written(tmp_path / "in", unit="key,name\nU-A,業務一部\n")
    assert "name: 業務部 → 業務一部" in here("load", changed, "--preview").out
    assert here("load", written(tmp_path / "bad", unit=BAD), "--preview").code == 2


def test_mistakes_for_programs(here, tmp_path):
    done = here("load", written(tmp_path / "in", unit=BAD), "--format", "json")
    assert done.code == 2
    told = json.loads(done.out)
    assert told["taken"] is False
    assert [(p["cell"], p["code"]) for p in told["problems"]] == [
        ("unit!C3", "wrong_value"),
        ("unit!D4", "wrong_value"),
    ]
    assert [r["action"] for r in told["rows"]] == ["create", "bad", "bad"]


def test_a_csv_file_with_its_kind(here, tmp_path):
    file = (
        written(tmp_path / "in", 部署一覧="key,name,function,since_on\nU-1,業務部,user,2024-04-01\n")
        / "部署一覧.csv"
    )
    assert here("load", file).code == 2
    assert here("load", file, "--kind", "unit").code == 0
    assert units() == ["U-1"]


def test_an_empty_template_holds_nothing_to_take(here, tmp_path):
    assert here("export", tmp_path / "template.xlsx", "--empty").code == 0
    done = here("load", tmp_path / "template.xlsx", language="en")
    assert (done.code, done.out) == (0, "There are no records to take.\n")


@pytest.mark.parametrize("name", ["none.xlsx", "folder", "text.xlsx", "locked.xlsx"])
def test_files_that_cannot_be_read_are_told_in_one_line(here, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.xlsx").write_text("key", encoding="utf-8")
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"))
    assert name in here("load", tmp_path / name).complaint
