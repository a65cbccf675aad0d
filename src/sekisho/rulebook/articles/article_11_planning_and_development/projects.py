"""The projects that article 11 asks of, and who acts for one."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts import Facts
from sekisho.records.models import Project
from sekisho.rulebook.language import person, role
from sekisho.rulebook.limits import Limits

LEAD = role("project_lead")
IN_CHARGE = pl.coalesce(person("in_charge"), LEAD)


def under_way(facts: Facts, on: date) -> pl.LazyFrame:
    """The projects that have begun and are neither finished nor stopped. Columns of Project."""
    over = pl.col("stage").is_in(["finished", "stopped"]).fill_null(False)
    return _begun(facts, on).filter(~over, pl.col("finished_on").is_null() | (pl.col("finished_on") >= on))


def begun(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Those under way, and those that were finished within the span that is looked back on. Columns of Project."""
    finished = pl.col("finished_on")
    looked_at = finished.is_null() | (finished >= limits.window_start("project_window"))
    return _begun(facts, on).filter(pl.col("stage").ne_missing("stopped"), looked_at)


def _begun(facts: Facts, on: date) -> pl.LazyFrame:
    """The projects that have begun. `stage` is null where it is not known of the day: what was finished only later."""
    later = (pl.col("stage") == "finished") & (pl.col("finished_on") > on)
    return (
        facts[Project]
        .filter(pl.col("since_on") <= on)
        .with_columns(stage=pl.when(~later.fill_null(False)).then("stage"))
    )
