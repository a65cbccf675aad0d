"""What went into use: deployments with their release and its system, and the judgements that count."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import Appointment, Deployment, Judgement, Person, Release, System, TestPlan

JUDGES = frozenset({"chief_system_officer", "system_manager"})
FIT = ("fit", "conditional")


def _day(instant: str) -> pl.Expr:
    return pl.col(instant).dt.convert_time_zone("Asia/Tokyo").dt.date()


def deployments(facts: Facts, on: date, since: date) -> pl.LazyFrame:
    """The deployments from `since` to the day, each with its release. Reads Deployment, Release and System.

    Columns of Deployment and of Release (where both have one, that of Deployment), `day` (Date), `unit` of the system.
    """
    releases = facts[Release].rename({"key": "release"}).drop("ver", "by", "notes")
    done = facts[Deployment].with_columns(day=_day("at")).filter(pl.col("day") <= on, pl.col("day") >= since)
    owners = facts[System].select("unit", system="key")
    return done.join(releases, on="release", how="left", suffix="_release").join(
        owners, on="system", how="left"
    )


def judgements(facts: Facts) -> pl.LazyFrame:
    """Every judgement with `entitled` and `own`. Reads Judgement, Release, System, Appointment and Person.

    entitled: the judge held on that day the office of the chief system officer, or of the system manager of the unit to
    which the system belongs. own: the judge is one of the release's authors. Columns: key, release, verdict,
    judged_by, at, entitled, own.
    """
    releases = facts[Release].select("system", "authors", release="key")
    units = facts[System].select(owner_unit="unit", system="key")
    rows = (
        facts[Judgement]
        .select("key", "release", "verdict", "judged_by", "at", day=_day("at"))
        .join(releases, on="release", how="left")
        .join(units, on="system", how="left")
    )
    people = facts[Person].select("left_on", person="key")
    terms = (
        facts[Appointment]
        .filter(pl.col("role").is_in(sorted(JUDGES)))
        .join(people, on="person", how="left")
        .select("role", "unit", "since_on", judged_by="person", ends=pl.min_horizontal("until_on", "left_on"))
    )
    entitled = (
        rows.join(terms, on="judged_by")
        .filter(
            pl.col("since_on") <= pl.col("day"),
            pl.col("ends").is_null() | (pl.col("ends") >= pl.col("day")),
            (pl.col("role") == "chief_system_officer") | (pl.col("unit") == pl.col("owner_unit")),
        )
        .select("key", entitled=pl.lit(True))
        .unique()
    )
    own = pl.col("authors").list.contains(pl.col("judged_by")).fill_null(False)
    return rows.join(entitled, on="key", how="left").select(
        "key", "release", "verdict", "judged_by", "at", pl.col("entitled").fill_null(False), own=own
    )


def plans_of_releases(facts: Facts) -> pl.LazyFrame:
    """The test plans that apply to releases: release, plan, criteria. Own plans, and those of the release's project."""
    plans = facts[TestPlan].select("criteria", "project", "release", plan="key")
    own = plans.filter(pl.col("release").is_not_null()).select("release", "plan", "criteria")
    projects = facts[Release].select("project", release="key").filter(pl.col("project").is_not_null())
    shared = plans.filter(pl.col("project").is_not_null()).drop("release").join(projects, on="project")
    return pl.concat([own, shared.select("release", "plan", "criteria")]).unique()
