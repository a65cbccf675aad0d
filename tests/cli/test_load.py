"""`sekisho load`: every mistake on its line, nothing taken by accident."""

import json
from pathlib import Path

import pytest

from tests.cli.running import complaint, sekisho, written
from tests.workflows.books import PEOPLE, UNITS, book

BAD = "key,name,function,since_on\nU-1,業務部,user,2024-04-01\nU-2,x,boss,2024-04-01\nU-3,y,user,2024-13-01\n"


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def workbook(tmp_path) -> Path:
    path = tmp_path / "member.xlsx"
    path.write_bytes(book({"unit": UNITS, "person": PEOPLE}))
    return path


def units(home: Path) -> list[str]:
    return [u["key"] for u in json.loads(sekisho(home, "list", "unit", "--format", "json").stdout)]


def test_a_workbook_is_taken_and_given_back(home, workbook):
    done = sekisho(home, "load", workbook, "--reason", "移行")
    assert (done.returncode, done.stderr) == (0, "")
    people = json.loads(sekisho(home, "list", "person", "--format", "json").stdout)
    assert [(p["key"], p["name"], p["unit"]) for p in people] == [
        ("P-1", "山田 太郎", "U-A"),
        ("P-2", "佐藤 花子", "U-A"),
        ("P-3", "鈴木 一郎", "U-B"),
    ]
    again = json.loads(sekisho(home, "load", workbook, "--format", "json").stdout)
    assert again["counts"] == {"create": 0, "change": 0, "unchanged": 5, "bad": 0}


def test_what_list_gives_load_takes_back(home, workbook, tmp_path):
    sekisho(home, "load", workbook)
    text = sekisho(home, "list", "person", "--format", "csv").stdout
    again = sekisho(
        tmp_path / "other",
        "load",
        written(tmp_path / "in", person=text, unit=sekisho(home, "list", "unit", "--format", "csv").stdout),
    )
    assert again.returncode == 0, again.stderr
    assert sekisho(tmp_path / "other", "list", "person", "--format", "csv").stdout == text


def test_every_mistake_is_told_with_its_cell_and_nothing_is_taken(home, tmp_path):
    done = sekisho(home, "load", written(tmp_path / "in", unit=BAD), SEKISHO_LANGUAGE="en")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["unit!C3", "unit!D4", "sekisho"]
    assert "--only-good" in lines[-1]
    assert units(home) == []


def test_the_good_rows_on_purpose(home, tmp_path):
    done = sekisho(home, "load", written(tmp_path / "in", unit=BAD), "--only-good")
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 2
    assert units(home) == ["U-1"]


def test_a_preview_takes_nothing(home, workbook, tmp_path):
    done = sekisho(home, "load", workbook, "--preview")
    assert (done.returncode, units(home)) == (0, [])
    assert "P-3" in done.stdout
    sekisho(home, "load", workbook)
    changed = written(tmp_path / "in", unit="key,name\nU-A,業務一部\n")
    assert "name: 業務部 → 業務一部" in sekisho(home, "load", changed, "--preview").stdout
    assert sekisho(home, "load", written(tmp_path / "bad", unit=BAD), "--preview").returncode == 2


def test_mistakes_for_programs(home, tmp_path):
    done = sekisho(home, "load", written(tmp_path / "in", unit=BAD), "--format", "json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert told["taken"] is False
    assert [(p["cell"], p["code"]) for p in told["problems"]] == [
        ("unit!C3", "wrong_value"),
        ("unit!D4", "wrong_value"),
    ]
    assert [r["action"] for r in told["rows"]] == ["create", "bad", "bad"]


def test_a_csv_file_with_its_kind(home, tmp_path):
    folder = written(tmp_path / "in", 部署一覧="key,name,function,since_on\nU-1,業務部,user,2024-04-01\n")
    assert sekisho(home, "load", folder / "部署一覧.csv").returncode == 2
    assert sekisho(home, "load", folder / "部署一覧.csv", "--kind", "unit").returncode == 0
    assert units(home) == ["U-1"]


def test_an_empty_template_holds_nothing_to_take(home, tmp_path):
    template = tmp_path / "template.xlsx"
    assert sekisho(home, "export", template, "--empty").returncode == 0
    assert not home.exists()
    done = sekisho(home, "load", template, SEKISHO_LANGUAGE="en")
    assert (done.returncode, done.stdout) == (0, "There are no records to take.\n")


@pytest.mark.parametrize("name", ["none.xlsx", "folder", "text.xlsx", "locked.xlsx"])
def test_files_that_cannot_be_read_are_told_in_one_line(home, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.xlsx").write_text("key", encoding="utf-8")
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"))
    assert name in complaint(sekisho(home, "load", tmp_path / name))
