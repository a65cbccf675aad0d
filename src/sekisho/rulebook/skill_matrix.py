"""The skill map as a matrix: people by skills, and what systems ask against who is there.

Who meets a need is what 14-1 asks (records.facts.skills); nothing is judged here again. A level counts as old after the
span that 9-3-6 sets for the skill map.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from sekisho.records.facts import Facts
from sekisho.records.facts.skills import levels, skilled
from sekisho.records.models import Person, Skill, SkillNeed
from sekisho.rulebook.exceptions import limits_on
from sekisho.rulebook.language import active, systems_in_scope

LACKING, VENDORS_ALONE, ENOUGH, UNSAID = "lacking", "vendors_alone", "enough", "unsaid"
STATES = (LACKING, UNSAID, VENDORS_ALONE, ENOUGH)  # worst first
_FIELDS = {"cybersecurity": 0, "system": 1, "development": 2, "operation": 3}


@dataclass(frozen=True)
class SkillMatrix:
    """`skills`, those that some need lacks first: key, name, field, lacking (needs that too few people meet).

    `people`, everybody who works here, by unit: key, unit, external, rated (how many skills).
    `levels`, one row a person and skill: person, skill, key, level, assessed_on, old.
    `needs`, worst first, one row what a system in scope asks of a skill; a critical system that names none has one too,
    with null skill: key, system, name, critical, skill, level, needed, found, state (see STATES).
    `skilled`, who meets a need, the best first: need, person, level, assessed_on, external, old.
    `months`: after how many of them a level is old.
    """

    skills: pl.DataFrame
    people: pl.DataFrame
    levels: pl.DataFrame
    needs: pl.DataFrame
    skilled: pl.DataFrame
    months: int


def matrix(facts: Facts, on: date) -> SkillMatrix:
    """The matrix of a day."""
    limits = limits_on(facts, on)
    old = (limits.last_good("skill_map_age", "assessed_on") < on).alias("old")
    known = levels(facts, on)
    meeting = skilled(facts, on)
    needs = _needs(facts, on, meeting, limits.value("skilled_people"))
    rated = known.group_by(key="person").agg(rated=pl.len().cast(pl.Int64))
    people = active(facts[Person], on, "joined_on", "left_on").join(rated, on="key", how="left")
    skills, everybody, mastered, asked, there = pl.collect_all(
        [
            _skills(facts, needs),
            people.select(
                "key", "unit", external=pl.col("employment") == "external", rated=pl.col("rated").fill_null(0)
            ).sort("unit", "external", "key", nulls_last=True),
            known.select("person", "skill", "key", "level", "assessed_on", old).sort("person", "skill"),
            needs,
            meeting.select("need", "person", "level", "assessed_on", "external", old).sort(
                pl.col("external"), -pl.col("level"), "person"
            ),
        ]
    )
    return SkillMatrix(skills, everybody, mastered, asked, there, limits.value("skill_map_age"))


def _skills(facts: Facts, needs: pl.LazyFrame) -> pl.LazyFrame:
    lacking = (
        needs.filter(pl.col("state") == LACKING).group_by(key="skill").agg(lacking=pl.len().cast(pl.Int64))
    )
    return (
        facts[Skill]
        .join(lacking, on="key", how="left")
        .select("key", "name", "field", pl.col("lacking").fill_null(0))
        .sort(pl.col("lacking") == 0, pl.col("field").replace_strict(_FIELDS, default=9), "key")
    )


def _needs(facts: Facts, on: date, meeting: pl.LazyFrame, least: int) -> pl.LazyFrame:
    """What every system in scope asks; `least`: how many people at least."""
    critical = (pl.col("criticality") == "high").fill_null(False).alias("critical")
    systems = systems_in_scope(facts, on).select("name", critical, system="key")
    asked = facts[SkillNeed].select("key", "system", "skill", "level", "people")
    there = meeting.group_by(key="need").agg(found=pl.len().cast(pl.Int64), vendors=pl.col("external").all())
    silent = systems.filter("critical").join(asked, on="system", how="anti")
    rows = pl.concat([systems.join(asked, on="system"), silent], how="diagonal")
    found, needed = pl.col("found").fill_null(0), pl.max_horizontal("people", pl.lit(least))
    state = (
        pl.when(pl.col("key").is_null()).then(pl.lit(UNSAID))
        .when(found < needed).then(pl.lit(LACKING))
        .when("vendors").then(pl.lit(VENDORS_ALONE))
        .otherwise(pl.lit(ENOUGH))
    )  # fmt: skip
    return (
        rows.join(there, on="key", how="left")
        .select("key", "system", "name", "critical", "skill", "level", needed=needed, found=found, state=state)
        .sort(
            pl.col("state").replace_strict({s: n for n, s in enumerate(STATES)}), ~pl.col("critical"),
            "system", "skill",
        )
    )  # fmt: skip
