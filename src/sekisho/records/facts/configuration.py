"""What systems are made of on a day: their components, what those run on, and how systems hang together.

Shared by article 12 and by the system map. Registered is what a person put into the register; discovered is what a tool
found. Relations have no days of their own: one stands while both of its components do.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Component, Relation
from sekisho.records.models.component import DISCOVERED, PHYSICAL

RUNS_ON, CONNECTS_TO, DOCUMENTED_IN = "runs_on", "connects_to", "documented_in"


def registered(facts: Facts, on: date) -> pl.LazyFrame:
    """The components that are in the register on the day and have not ended. Columns of Component."""
    return facts[Component].filter(pl.col("registered_on") <= on, _not_over(on))


def standing(facts: Facts, on: date) -> pl.LazyFrame:
    """The components that are registered or were discovered by the day, and have not ended. Columns of Component."""
    known = (pl.col("registered_on") <= on) | (seen_by(on) <= on)
    return facts[Component].filter(known, _not_over(on))


def seen_by(on: date) -> pl.Expr:
    """The last day by `on` on which a component is known to have been seen; null where none is.

    A record keeps its first and its last sighting. Where the last one came after the day, the first is what was known.
    """
    first, last = (
        pl.col(c).dt.convert_time_zone("Asia/Tokyo").dt.date() for c in ("first_seen_at", "last_seen_at")
    )
    return pl.when(last <= on).then(last).otherwise(pl.when(first <= on).then(first))


def is_discoverable() -> pl.Expr:
    """Whether tools can find a component: as its record says, else by its kind."""
    return pl.coalesce("discoverable", pl.col("kind").is_in(DISCOVERED))


def hosted(facts: Facts, on: date) -> pl.DataFrame:
    """The systems with a registered component that is physical or runs, step by step, on one that is: `system`.

    What a component runs on may belong to another system. Reads Component and Relation.
    """
    known = registered(facts, on).select("key", "system", physical=pl.col("kind").is_in(PHYSICAL)).collect()
    mine = known.drop_nulls("system")
    found = mine.filter("physical").select("system").unique()
    at = met = mine.join(found, on="system", how="anti").select("system", "key")
    if at.is_empty():
        return found
    rows = facts.frame(Relation).filter(pl.col("kind") == RUNS_ON)
    steps = rows.select("from_component", key="to_component").join(known.select("key", "physical"), on="key")
    while not at.is_empty():
        at = at.rename({"key": "from_component"}).join(steps, on="from_component")
        reached = at.filter("physical").select("system").unique()
        found = pl.concat([found, reached])
        at = at.join(reached, on="system", how="anti").select("system", "key").unique()
        at = at.join(met, on=["system", "key"], how="anti")
        met = pl.concat([met, at])
    return found


def connected(facts: Facts, on: date) -> pl.LazyFrame:
    """The systems a component of which is connected to another component, whoever's: `system`, once each."""
    ends = _related(facts, registered(facts, on), CONNECTS_TO)
    both = pl.concat([ends.select(system="from_system"), ends.select(system="to_system")])
    return both.drop_nulls().unique()


def documented(facts: Facts, on: date) -> pl.LazyFrame:
    """The systems a component of which is documented in another: `system`, once each."""
    told = _related(facts, registered(facts, on), DOCUMENTED_IN)
    return told.select(system="from_system").drop_nulls().unique()


def links(facts: Facts, on: date) -> pl.DataFrame:
    """How systems hang together: from_system, to_system, kind (connects_to, runs_on), number (of relations).

    A connection has no direction: it is told once a pair, the first key first. Reads Component and Relation.
    """
    pairs = _related(facts, standing(facts, on), CONNECTS_TO, RUNS_ON)
    pairs = pairs.filter(pl.col("from_system") != pl.col("to_system"))  # null, of no system, is left out
    turned = (pl.col("kind") == CONNECTS_TO) & (pl.col("from_system") > pl.col("to_system"))
    one = pl.when(turned).then("to_system").otherwise("from_system")
    other = pl.when(turned).then("from_system").otherwise("to_system")
    return (
        pairs.select("kind", from_system=one, to_system=other)
        .group_by("from_system", "to_system", "kind")
        .agg(number=pl.len())
        .sort("from_system", "to_system", "kind")
        .collect()
    )


def made_of(facts: Facts, on: date) -> pl.DataFrame:
    """How many components each system has of each kind: system, kind, registered, discovered (and not registered)."""
    known = (pl.col("registered_on") <= on).fill_null(False)
    return (
        standing(facts, on)
        .drop_nulls("system")
        .group_by("system", "kind")
        .agg(registered=known.sum(), discovered=(~known).sum())
        .sort("system", "kind")
        .collect()
    )


def _related(facts: Facts, components: pl.LazyFrame, *kinds: str) -> pl.LazyFrame:
    """The relations of these kinds of which both ends are among the components: kind, from_system, to_system."""
    rows = facts[Relation].filter(pl.col("kind").is_in(kinds))
    for end in ("from", "to"):
        of = components.select(**{f"{end}_component": "key", f"{end}_system": "system"})
        rows = rows.join(of, on=f"{end}_component")
    return rows.select("kind", "from_system", "to_system")


def _not_over(on: date) -> pl.Expr:
    return pl.col("until_on").is_null() | (pl.col("until_on") >= on)
