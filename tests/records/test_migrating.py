"""The first migration's tables made in one go are those that Django makes one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState
from django.db.utils import ConnectionHandler

from sekisho.records.migrating import AllAtOnce

pytestmark = pytest.mark.django_db

KEY = ("key", models.CharField(max_length=8, primary_key=True))
OWNER = models.ForeignKey("sample.person", on_delete=models.PROTECT, null=True)
HOME = models.ForeignKey("sample.unit", on_delete=models.PROTECT, null=True)
OPERATIONS = [
    migrations.CreateModel("Unit", [KEY, ("name", models.CharField(max_length=20, unique=True))]),
    migrations.CreateModel("Person", [KEY, ("unit", HOME), ("age", models.IntegerField(db_index=True))]),
    migrations.AddField("unit", "owner", OWNER),
]


def made(kind: type[migrations.Migration], operations: list[Any]) -> dict[str, Any]:
    """Table -> columns and constraints."""
    connection = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})[
        "default"
    ]
    connection.ensure_connection()
    migration = kind("0001", "sample")
    migration.operations = operations
    state = ProjectState()
    assert state.apps is not None  # rendered, as the executor has it
    with connection.schema_editor() as editor:
        state = migration.apply(state, editor)
    assert {model.__name__ for model in state.apps.get_models()} == {"Unit", "Person"}
    with connection.cursor() as cursor:
        see = connection.introspection
        found = {
            table: (
                {column.name: column[1:] for column in see.get_table_description(cursor, table)},
                sorted(map(str, see.get_constraints(cursor, table).values())),
            )
            for table in see.table_names(cursor)
        }
    connection.close()
    return found


def test_tables_are_those_that_are_made_one_by_one() -> None:
    at_once = made(AllAtOnce, OPERATIONS)
    assert set(at_once) == {"sample_unit", "sample_person"}
    assert at_once == made(migrations.Migration, OPERATIONS)


def test_anything_but_a_new_model_or_a_field_of_one_is_refused() -> None:
    with pytest.raises(TypeError, match="neither a new model nor a field"):
        made(AllAtOnce, [*OPERATIONS, migrations.RemoveField("unit", "name")])
