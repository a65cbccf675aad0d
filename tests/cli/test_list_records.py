"""`sekisho list`: what is on record, now, on a day, or as it was known."""

import csv
import io
import json
from datetime import datetime

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Person, Unit
from sekisho.workflows.act import act


@pytest.fixture
def listed(here):
    def ask(*words) -> list[dict]:
        done = here("list", *words, "--format", "json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    return ask


def test_json_has_every_field_under_its_name(member, listed):
    first, second = listed("person")
    assert (first["key"], first["name"], first["joined_on"], first["left_on"]) == (
        "P-1",
        "=山田",
        "2024-04-01",
        None,
    )
    assert {"email", "unit", "employment", "vendor", "notes", "evidence"} < set(second)


def test_an_empty_register_is_an_empty_list(db, listed):
    assert listed("risk") == []


def test_csv_is_safe_for_spreadsheets(member, here):
    rows = list(csv.DictReader(io.StringIO(here("list", "person", "--format", "csv").out)))
    assert [r["name"] for r in rows] == ["'=山田", "佐藤"]


def test_a_table_for_people(member, here):
    out = here("list", "unit").out
    assert "業務部" in out
    assert out.splitlines()[0].split()[:2] == ["key", "名称"]


def test_what_stands_on_a_day(member, listed):
    assert [u["key"] for u in listed("unit", "--on", "2024-03-31")] == ["U-2"]
    assert [u["key"] for u in listed("unit", "--on", "2024-04-01")] == ["U-1"]
    assert [p["key"] for p in listed("person", "--on", "2024-06-30")] == ["P-1", "P-2"]


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
def test_filters(member, listed, filters, found):
    words = [word for f in filters for word in ("--filter", f)]
    assert [u["key"] for u in listed("unit", *words)] == found


def test_filters_that_mean_nothing(member, here):
    assert "colour" in here("list", "unit", "--filter", "colour=red").complaint
    assert "boss" in here("list", "unit", "--filter", "function=boss").complaint


def test_what_was_known_then(db, listed):
    with clock.standing_at(datetime(2026, 1, 1, tzinfo=clock.JAPAN)), act("test", "operator:test") as doing:
        doing.put_new(
            Unit, [("U-1", {"name": "業務部", "function": "user", "since_on": datetime(2024, 4, 1).date()})]
        )
        doing.put_new(
            Person,
            [("P-1", {"name": "山田", "employment": "employee", "joined_on": datetime(2024, 4, 1).date()})],
        )
    with clock.standing_at(datetime(2026, 3, 1, tzinfo=clock.JAPAN)), act("test", "operator:test") as doing:
        doing.put(Unit, "U-1", {"name": "営業部"})
        doing.remove(Person, "P-1")
    then = ("--known-at", "2026-02-01")
    assert [u["name"] for u in listed("unit")] == ["営業部"]
    assert [u["name"] for u in listed("unit", *then)] == ["業務部"]
    assert [u["name"] for u in listed("unit", *then, "--filter", "function=user")] == ["業務部"]
    assert listed("unit", *then, "--filter", "function=audit") == []
    assert [p["name"] for p in listed("person", *then)] == ["山田"]
    assert listed("person") == listed("unit", "--known-at", "2025-12-31") == []


def test_the_future_is_not_known(member, here):
    assert "2999" in here("list", "unit", "--known-at", "2999-01-01T00:00").complaint
