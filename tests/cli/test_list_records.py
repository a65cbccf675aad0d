"""`sekisho list`: what is on record, now, on a day, or as it was known."""

import csv
import io
import json

import pytest

from tests.cli.running import complaint, sekisho, written


def listed(home, *words) -> list[dict]:
    done = sekisho(home, "list", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_json_has_every_field_under_its_name(filled):
    (first, second) = listed(filled, "person")
    assert (first["key"], first["name"], first["joined_on"], first["left_on"]) == (
        "P-1",
        "=山田",
        "2024-04-01",
        None,
    )
    assert {"email", "unit", "employment", "vendor", "notes", "evidence"} < set(second)


def test_csv_is_safe_for_spreadsheets(filled):
    rows = list(csv.DictReader(io.StringIO(sekisho(filled, "list", "person", "--format", "csv").stdout)))
    assert [r["name"] for r in rows] == ["'=山田", "佐藤"]


def test_a_table_for_people(filled):
    out = sekisho(filled, "list", "unit").stdout
    assert "業務部" in out
    assert out.splitlines()[0].split()[:2] == ["key", "名称"]


def test_what_stands_on_a_day(filled):
    assert [u["key"] for u in listed(filled, "unit", "--on", "2024-03-31")] == ["U-2"]
    assert [u["key"] for u in listed(filled, "unit", "--on", "2024-04-01")] == ["U-1"]
    assert [p["key"] for p in listed(filled, "person", "--on", "2024-06-30")] == ["P-1", "P-2"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["function=audit"], ["U-2"]),
        (["function=ユーザー部門"], ["U-1"]),
        (["until_on="], ["U-1"]),
        (["until_on__from=2024-01-01", "until_on__until=2024-12-31"], ["U-2"]),
        (["q=業務"], ["U-1"]),
        (["q=業務", "function=audit"], []),
    ],
)
def test_filters(filled, filters, found):
    words = [word for f in filters for word in ("--filter", f)]
    assert [u["key"] for u in listed(filled, "unit", *words)] == found


def test_filters_that_mean_nothing(filled):
    assert "colour" in complaint(sekisho(filled, "list", "unit", "--filter", "colour=red"))
    assert "boss" in complaint(sekisho(filled, "list", "unit", "--filter", "function=boss"))


def test_what_was_known_then(tmp_path):
    home, rows = (
        tmp_path / "home",
        written(tmp_path / "in", unit="key,name,function,since_on\nU-1,業務部,user,2024-04-01\n"),
    )
    people = written(
        tmp_path / "more", person="key,name,employment,joined_on\nP-1,山田,employee,2024-04-01\n"
    )
    assert sekisho(home, "load", rows).returncode == 0
    assert sekisho(home, "load", people).returncode == 0
    entries = sekisho(home, "ledger", "export", tmp_path / "ledger.jsonl")
    assert entries.returncode == 0, entries.stderr
    moments = sorted(
        {
            json.loads(line)["at"]
            for line in (tmp_path / "ledger.jsonl").read_text().splitlines()
            if '"at"' in line
        }
    )
    then = ("--known-at", moments[0])
    sekisho(home, "load", written(tmp_path / "in", unit="key,name\nU-1,営業部\n"))
    assert [u["name"] for u in listed(home, "unit")] == ["営業部"]
    assert [u["name"] for u in listed(home, "unit", *then)] == ["業務部"]
    assert [u["name"] for u in listed(home, "unit", *then, "--filter", "function=user")] == ["業務部"]
    assert listed(home, "unit", *then, "--filter", "function=audit") == []
    assert listed(home, "person", *then) == []
    assert [p["name"] for p in listed(home, "person", "--known-at", moments[-1])] == ["山田"]


def test_the_future_is_not_known(filled):
    complaint(sekisho(filled, "list", "unit", "--known-at", "2999-01-01T00:00"))
