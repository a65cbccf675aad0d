"""Who masters what, and which needs that meets: shared by the article on people and by the skill matrix."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Person, SkillLevel, SkillNeed


def levels(facts: Facts, on: date) -> pl.LazyFrame:
    """The newest level of all who work here on the day: person, skill, level, assessed_on, key, unit, external."""
    here = (pl.col("joined_on") <= on) & (pl.col("left_on").is_null() | (pl.col("left_on") >= on))
    people = facts[Person].filter(here)
    return (
        facts[SkillLevel]
        .filter(pl.col("assessed_on") <= on)
        .sort("assessed_on", "key")
        .group_by("person", "skill")
        .agg(pl.col("level", "assessed_on", "key").last())
        .join(people.select("unit", person="key", external=pl.col("employment") == "external"), on="person")
    )


def skilled(facts: Facts, on: date) -> pl.LazyFrame:
    """Who meets which need of a system: need (its key), system, skill, person, level, assessed_on, external."""
    needs = facts[SkillNeed].select("system", "skill", need="key", asked="level")
    return (
        needs.join(levels(facts, on), on="skill")
        .filter(pl.col("level") >= pl.col("asked"))
        .select("need", "system", "skill", "person", "level", "assessed_on", "external")
    )
