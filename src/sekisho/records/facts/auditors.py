"""How those who audit stand to what they audit: their own units, the units audited, the units above.

`audits`, everywhere: one row an audit, with `audit` (its key), `auditors`, `units`, `systems` as the record has them;
`audited`: what `audited_units` says of them.
The unit of a person, and the order of units, are those that are known: people's moves are not kept by day.
"""

from __future__ import annotations

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Person, System, Unit


def auditors_of(audits: pl.LazyFrame, *columns: str) -> pl.LazyFrame:
    """One row for each auditor of an audit: audit, person, and the audit's columns that are named."""
    return audits.select("audit", *columns, person="auditors").explode("person").drop_nulls("person")


def named(audits: pl.LazyFrame, field: str, name: str) -> pl.LazyFrame:
    """One row for each thing in an audit's scope: audit, and the thing's key as `name`."""
    return audits.select("audit", pl.col(field).alias(name)).explode(name).drop_nulls()


def placed(facts: Facts, audits: pl.LazyFrame) -> pl.LazyFrame:
    """audit, person: the auditors of whom it is known where they belong, to a unit or to another firm."""
    outside = facts[Person].filter(pl.col("employment") == "external").select(person="key")
    strangers = auditors_of(audits).join(outside, on="person", how="semi")
    return pl.concat([_homes(facts, audits).select("audit", "person"), strangers]).unique()


def working_inside(facts: Facts, audits: pl.LazyFrame, audited: pl.LazyFrame) -> pl.LazyFrame:
    """audit, person, works_in: the auditors who work in an audited unit."""
    inside = _homes(facts, audits).join(audited, on=["audit", "unit"], how="semi")
    return inside.select("audit", "person", works_in="unit")


def reporting_inside(facts: Facts, audits: pl.LazyFrame, audited: pl.LazyFrame) -> pl.LazyFrame:
    """audit, person, below: those whose unit stands below an audited one that is not management (the first by key)."""
    ordinary = facts[Unit].filter(pl.col("function") != "management").select(above="key")
    lines = _homes(facts, audits).join(above(facts), on="unit").join(ordinary, on="above", how="semi")
    inside = lines.join(audited.rename({"unit": "above"}), on=["audit", "above"], how="semi")
    return inside.group_by("audit", "person").agg(below=pl.col("above").min())


def audited_units(facts: Facts, audits: pl.LazyFrame) -> pl.LazyFrame:
    """audit, unit: the units that it names, the owners of the systems that it names, and all below these.

    An audit function is audited where it is named itself, not because a unit above it is.
    """
    owners = facts[System].select(system="key", unit="unit")
    owning = named(audits, "systems", "system").join(owners, on="system").select("audit", "unit")
    asked = pl.concat([named(audits, "units", "unit"), owning]).drop_nulls().unique()
    others = facts[Unit].filter(pl.col("function") != "audit").select(unit="key")
    lower = above(facts).join(others, on="unit", how="semi")
    below = asked.rename({"unit": "above"}).join(lower, on="above").select("audit", "unit")
    return pl.concat([asked, below]).unique()


def above(facts: Facts) -> pl.LazyFrame:
    """unit, above: every unit with each unit above it, however far."""
    parents = facts.frame(Unit).select(unit="key", above="parent").drop_nulls()
    further = parents.rename({"unit": "above", "above": "next"})
    found = step = parents
    while not step.is_empty():
        step = step.join(further, on="above").select("unit", above="next").unique()
        step = step.join(found, on=["unit", "above"], how="anti")  # so that a ring of units ends too
        found = pl.concat([found, step])
    return found.lazy()


def _homes(facts: Facts, audits: pl.LazyFrame) -> pl.LazyFrame:
    """audit, person, unit: the auditors with their own units."""
    units = facts[Person].select(person="key", unit="unit").drop_nulls()
    return auditors_of(audits).join(units, on="person")
