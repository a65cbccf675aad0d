"""Records' own days: what is due, what ends and what is planned, and whose it is.

Which fields tell of such days is declared in one list, `coming_days.COMING`; what is asked of it here is asked of all
kinds at once, as sets.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from sekisho.records.facts.coming_days import COMING, Coming
from sekisho.records.facts.snapshot import Facts
from sekisho.records.fields import Instant, References
from sekisho.records.models import Person, System
from sekisho.records.record import Record

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "what": pl.String,
    "kind": pl.String,
    "subject": pl.String,
    "field": pl.String,
    "on": pl.Date,
    "people": pl.List(pl.String),
    "unit": pl.String,
    "late": pl.Boolean,
}
_NO_KEY = pl.lit(None, dtype=pl.String)


def coming(facts: Facts, on: date, first: date, last: date, kinds: Collection[str]) -> pl.DataFrame:
    """The days from `first` to `last` that are told by records of these kinds and still count on the day `on`.

    Columns (SCHEMA): what (due, ends, planned), kind, subject (its key), field, on (the day), people (keys of those
    whose it is), unit (the record's, else that of its first person, else of its system), late (whether it was to be
    done before `on` and is not). What needs no doing (an end, a meeting) is told from `on` onward alone. Soonest first.
    """
    listed = [c for c in COMING if c.model.about.name in kinds]
    if not listed:
        return pl.DataFrame(schema=SCHEMA)
    rows = pl.concat([_rows(facts, c, on, first, last) for c in listed])
    first_of = facts[Person].select(_first="key", _of_person="unit")
    of_system = facts[System].select(_system="key", _of_system="unit")
    return (
        rows.with_columns(_first=pl.col("people").list.first())
        .join(first_of, on="_first", how="left")
        .join(of_system, on="_system", how="left")
        .with_columns(unit=pl.coalesce("unit", "_of_person", "_of_system"))
        .select(*SCHEMA)
        .sort("on", "what", "kind", "subject", "field")
        .collect()
    )


def _rows(facts: Facts, told: Coming, on: date, first: date, last: date) -> pl.LazyFrame:
    """The rows of one field, with the key of the record's system as `_system`."""
    model, day = told.model, _day(told.model, told.field)
    rows = facts[model].filter(day.is_between(first, last), ~_is_done(told, on))
    if told.passes:
        rows = rows.filter(day >= on)
    if told.unless is not None:
        rows = rows.filter(~told.unless.fill_null(False))
    if told.done_by is not None:
        settling = facts[told.done_by.model].filter(_day(told.done_by.model, told.done_by.at) <= on)
        rows = rows.join(settling.select(key=told.done_by.refers), on="key", how="anti")
    return rows.select(
        what=pl.lit(told.what),
        kind=pl.lit(model.about.name),
        subject=pl.col("key"),
        field=pl.lit(told.field),
        on=day,
        people=_people(told),
        unit=pl.col(told.unit) if told.unit else _NO_KEY,
        late=day < on,
        _system=pl.col(told.system) if told.system else _NO_KEY,
    )


def _is_done(told: Coming, on: date) -> pl.Expr:
    """Whether it is done by the day: what is entered for later is not done yet."""
    return (_day(told.model, told.done) <= on).fill_null(False) if told.done else pl.lit(False)


def _day(model: type[Record], field: str) -> pl.Expr:
    """The day of a field of days, or the day in Japan of an instant."""
    if isinstance(model.kind_fields()[field], Instant):
        return pl.col(field).dt.convert_time_zone("Asia/Tokyo").dt.date()
    return pl.col(field)


def _people(told: Coming) -> pl.Expr:
    """The keys of the people whose it is, as one list."""
    fields = told.model.kind_fields()
    nobody = pl.lit([], dtype=pl.List(pl.String))
    parts = [
        pl.col(n).fill_null(nobody) if isinstance(fields.get(n), References) else pl.concat_list(n)
        for n in told.people
    ]
    return pl.concat_list(parts).list.drop_nulls().list.unique(maintain_order=True) if parts else nobody
