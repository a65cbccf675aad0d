"""A little ledger to tamper with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection

from sekisho.ledger import guards
from sekisho.records.contents import record_tables
from sekisho.records.models import Person, Unit
from sekisho.workflows.act import act

BY = "operator:test"


def write_some(people: int = 4) -> None:
    """A unit, some people, one change and one removal: each an act of its own."""
    with act("set_up", BY) as doing:
        doing.put(Unit, "U-1", {"name": "業務部", "function": "user", "since_on": date(2024, 4, 1)})
    for n in range(people):
        with act("hire", BY, reason=f"採用 {n}") as doing:
            doing.put(Person, f"P-{n}", person(n))
    with act("move", BY) as doing:
        doing.put(Unit, "U-1", {"name": "業務企画部"})
    with act("remove", BY) as doing:
        doing.remove(Person, f"P-{people - 1}")


def person(n: int) -> dict[str, object]:
    return {"name": f"人 {n}", "unit": "U-1", "employment": "employee", "joined_on": date(2024, 4, 1)}


@contextmanager
def unguarded() -> Iterator[None]:
    """What somebody with the database's password can do: the triggers are out of the way, and put back."""
    guards.remove(connection, record_tables())
    try:
        yield
    finally:
        guards.install(connection, record_tables())


def run(sql: str, *parameters: object) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
