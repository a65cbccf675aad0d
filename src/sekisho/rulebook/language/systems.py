"""Words about the member's systems: which of them the rule reaches on a day, and who keeps one."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts import Facts
from sekisho.records.models import System
from sekisho.rulebook.language.records import active, expression, role


def systems_in_scope(facts: Facts, on: date) -> pl.LazyFrame:
    """The systems that the rule reaches: in use on the day and not left out of scope. Columns of System."""
    return active(facts[System], on, "in_use_since_on", "in_use_until_on").filter(pl.col("in_scope"))


def keeper(unit: pl.Expr | str = "unit") -> pl.Expr:
    """Who keeps a system: the system manager of its unit; where no unit is on record, the chief system officer."""
    return pl.coalesce(role("system_manager", expression(unit)), role("chief_system_officer"))
