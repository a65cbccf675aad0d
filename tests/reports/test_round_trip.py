"""What is exported and loaded into an empty home is what was exported: as a workbook, and as a folder of CSV."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.access.rights import operator_actor
from sekisho.records.contents import KINDS
from sekisho.records.record import Record, Values
from sekisho.reports.export import write_folder
from sekisho.reports.sheets import body_of_row, sheet_now
from sekisho.reports.workbook import write_workbook
from sekisho.workflows.act import act
from sekisho.workflows.import_file import plan_import, take
from sekisho.workflows.import_read import read_bytes, read_path
from sekisho.workflows.import_tables import Source
from tests.reports.members import members

OPERATOR = operator_actor("test")


@contextmanager
def empty_home() -> Iterator[None]:
    """A database without a record; what is written in it is gone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def state() -> dict[str, list[dict[str, Any]]]:
    return {m.about.name: [body_of_row(m, row) for row in sheet_now(m).rows] for m in KINDS}


def write(member: dict[type[Record], dict[str, Values]]) -> None:
    with act("test", OPERATOR.by) as doing:
        for model, records in member.items():
            doing.put_many(model, list(records.items()))


def loaded(source: Source) -> dict[str, list[dict[str, Any]]]:
    with empty_home():
        plan = plan_import(OPERATOR, source)
        assert plan.is_good, [(p.cell, p.text.en) for p in plan.all_problems]
        take(plan, OPERATOR)
        again = plan_import(OPERATOR, source)
        assert {row.action for row in again.rows} <= {"unchanged"}
        return state()


@pytest.mark.django_db
@settings(max_examples=25)
@given(member=members(), language=st.sampled_from(["ja", "en"]))
def test_a_workbook_loses_nothing(member, language):
    with empty_home():
        write(member)
        file = io.BytesIO()
        write_workbook(file, [sheet_now(m) for m in KINDS], language)
        was = state()
    if any(was.values()):
        assert loaded(read_bytes("all.xlsx", file.getvalue())) == was


@pytest.mark.django_db
@settings(max_examples=25)
@given(member=members())
def test_a_folder_of_csv_loses_nothing(member):
    with tempfile.TemporaryDirectory() as folder:
        with empty_home():
            write(member)
            write_folder(Path(folder), [sheet_now(m) for m in KINDS])
            was = state()
        if any(was.values()):
            assert loaded(read_path(Path(folder))) == was
