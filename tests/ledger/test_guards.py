"""No row of the ledger is ever changed, and no record is written without its version: by raw SQL neither."""

import pytest
from django.db import DatabaseError, connection, transaction

from sekisho.records.models import Unit
from sekisho.records.record import WrittenOutsideAnAct
from tests.ledger.member import write_some

pytestmark = pytest.mark.django_db


def refused(sql: str) -> None:
    with pytest.raises(DatabaseError, match="sekisho"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", ["ledger_version", "ledger_leaf", "ledger_checkpoint"])
def test_a_line_is_never_updated_or_deleted(table):
    write_some()
    column = {"ledger_version": "reason", "ledger_leaf": "rec", "ledger_checkpoint": "note"}[table]
    refused(f"UPDATE {table} SET {column} = {column}")
    refused(f"DELETE FROM {table}")


def test_a_record_is_not_changed_by_raw_sql():
    write_some()
    refused("UPDATE records_unit SET name = 'x'")
    refused("UPDATE records_unit SET name = 'x', ver = ver + 1")
    refused("UPDATE records_unit SET key = 'U-9'")
    refused("DELETE FROM records_person")
    assert Unit.objects.get(pk="U-1").name == "業務企画部"


def test_a_record_is_not_slipped_in():
    refused(
        "INSERT INTO records_unit (key, ver, name, function, since_on) VALUES ('U-9', 1, 'x', 'user', '2024-01-01')"
    )


def test_the_ways_round_the_ledger_are_refused_in_python_too():
    write_some()
    unit = Unit.objects.get(pk="U-1")
    for way in (unit.save, unit.delete, Unit.objects.all().delete, lambda: Unit.objects.update(name="x")):
        with pytest.raises(WrittenOutsideAnAct):
            way()
    with pytest.raises(WrittenOutsideAnAct):
        Unit.objects.create(key="U-2", name="x")
