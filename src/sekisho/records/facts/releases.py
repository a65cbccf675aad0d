"""What went into use: deployments with their release and its system, and the judgements that count."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.snapshot import Facts
from sekisho.records.introduction import FIT, JUDGES
from sekisho.records.models import Appointment, Deployment, Judgement, Person, Release, System, TestPlan


def _day(instant: str) -> pl.Expr:
    return pl.col(instant).dt.convert_time_zone("Asia/Tokyo").dt.date()


def deployments(facts: Facts, on: date, since: date) -> pl.LazyFrame:
    """The deployments from `since` to the day, each with its release. Reads Deployment, Release and System.

    Columns of Deployment and of Release (where both have one, that of Deployment), `day` (Date), `unit` of the system.
    Those of a system that is left out of the rule's reach are no matter of the rule, and are left out.
    """
    releases = facts[Release].rename({"key": "release"}).drop("ver", "by", "notes")
    done = facts[Deployment].with_columns(day=_day("at")).filter(pl.col("day") <= on, pl.col("day") >= since)
    owners = facts[System].select("unit", "in_scope", system="key")
    return (
        done.join(releases, on="release", how="left", suffix="_release")
        .join(owners, on="system", how="left")
        .filter(pl.col("in_scope").fill_null(True))
        .drop("in_scope")
    )


def judgements(facts: Facts) -> pl.LazyFrame:
    """Every judgement with `entitled`, `own`, `counts`. Reads Judgement, Release, System, Appointment and Person.

    entitled: the judge held on that day the office of the chief system officer, or of the system manager of the unit to
    which the system belongs. own: the judge is one of the release's authors. counts: entitled and not own; that a
    release is unfit counts whoever says so, until somebody who may judge finds otherwise. Columns: key, release,
    verdict, judged_by, at, entitled, own, counts.
    """
    releases = facts[Release].select("system", "authors", release="key")
    units = facts[System].select(owner_unit="unit", system="key")
    rows = (
        facts[Judgement]
        .select("key", "release", "verdict", "judged_by", "at", day=_day("at"))
        .join(releases, on="release", how="left")
        .join(units, on="system", how="left")
    )
    own = pl.col("authors").list.contains(pl.col("judged_by")).fill_null(False)
    counts = (pl.col("entitled") & ~pl.col("own")) | (pl.col("verdict") == "unfit")
    return (
        rows.join(_entitled(facts, rows), on="key", how="left")
        .with_columns(pl.col("entitled").fill_null(False), own=own)
        .select("key", "release", "verdict", "judged_by", "at", "entitled", "own", counts=counts)
    )


def _entitled(facts: Facts, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The judgements (key, day, judged_by, owner_unit) whose judge held an office on the day: key, entitled."""
    people = facts[Person].select("left_on", person="key")
    terms = (
        facts[Appointment]
        .filter(pl.col("role").is_in(sorted(JUDGES)))
        .join(people, on="person", how="left")
        .select("role", "unit", "since_on", judged_by="person", ends=pl.min_horizontal("until_on", "left_on"))
    )
    return (
        rows.join(terms, on="judged_by")
        .filter(
            pl.col("since_on") <= pl.col("day"),
            pl.col("ends").is_null() | (pl.col("ends") >= pl.col("day")),
            (pl.col("role") == "chief_system_officer") | (pl.col("unit") == pl.col("owner_unit")),
        )
        .select("key", entitled=pl.lit(True))
        .unique()
    )


def standing_judgements(judged: pl.LazyFrame, by: str) -> pl.LazyFrame:
    """The judgement that stands per group, from rows of `judgements`: the newest that counts, else the newest.

    Columns: `by`, verdict, judged_by, at, entitled, own, fit (Boolean: it counts, and is fit).
    """
    told = ("verdict", "judged_by", "at", "entitled", "own", "counts")
    newest = judged.sort("counts", "at", "judgement").group_by(by).agg(pl.col(*told).last())
    return newest.with_columns(fit=pl.col("counts") & pl.col("verdict").is_in(sorted(FIT))).drop("counts")


def plans_of_releases(facts: Facts) -> pl.LazyFrame:
    """The test plans that apply to releases: their own, and those of their projects. Reads TestPlan and Release.

    Columns: release, plan, criteria, own (Boolean).
    """
    plans = facts[TestPlan].select("criteria", "project", "release", plan="key")
    own = plans.filter(pl.col("release").is_not_null()).with_columns(own=pl.lit(True))
    projects = facts[Release].select("project", release="key").filter(pl.col("project").is_not_null())
    shared = plans.filter(pl.col("project").is_not_null()).drop("release").join(projects, on="project")
    told = ("release", "plan", "criteria", "own")
    both = pl.concat([own.select(told), shared.with_columns(own=pl.lit(False)).select(told)])
    return both.group_by("release", "plan").agg(pl.col("criteria").first(), pl.col("own").any())
