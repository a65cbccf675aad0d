"""Article 18: standards of development, secure coding among them, from design on."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments
from sekisho.records.models import (
    Appointment,
    Approval,
    Deployment,
    DesignReview,
    Document,
    Person,
    Project,
    Release,
    StageGate,
    System,
)
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    falls_short,
    keeper,
    member_answers,
    one_in_force,
    person,
    role,
)
from sekisho.rulebook.limits import Limits

DESIGNED = ("build", "test", "migration", "finished")  # stages past the design

clause(
    "18",
    Duty.SHOULD,
    "セキュアコーディング等の開発基準を設け設計段階から品質を確保する",
    "Development standards, secure coding among them, from design on",
)


@check(
    "18",
    asks="承認された開発基準が有効ですか。",
    reads=(Document, Approval, Appointment, Person),
    reasons={
        "no_standard": (
            "セキュアコーディングを含む開発基準が有効ではありません。基準を定め、施行してください。",
            "No development standard with secure coding is in force. Make one and put it in force.",
        ),
        "not_approved": (
            "有効な開発基準 {document} が承認されていません。承認を受けてください。",
            "The development standard in force, {document}, is not approved. Have it approved.",
        ),
    },
)
def a_development_standard_is_in_force(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is an approved development standard in force?"""
    rows = one_in_force(facts, "development_standard", on)
    chief = role("chief_system_officer")
    return member_answers(
        rows,
        falls_short(pl.col("document").is_null(), "no_standard", since=pl.col("ended"), who=chief),
        falls_short(
            pl.col("approved_on").is_null(), "not_approved",
            since=pl.col("in_force_on"), who=chief, document=pl.col("document"),
        ),
    )  # fmt: skip


@check(
    "18",
    asks="設計を終えた案件はすべて、セキュリティの観点を含む設計レビューを受けていますか。",
    reads=(Project, StageGate, DesignReview, Release),
    limits=("deployment_window",),
    reasons={
        "no_security_review": (
            "{project} は設計を終えていますが、セキュリティの観点を含む設計レビューがありません。",
            "The design of {project} is done, and no review looked at its security.",
        ),
    },
)
def every_design_was_reviewed_for_security(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was the design of every project that is past its design reviewed for security?

    Projects under way, and those finished within the span that is looked back on. A review of one of the project's
    releases is one of its design. Since the day on which the design was passed, else since the project's first day.
    """
    start = limits.window_start("deployment_window")
    projects = facts[Project].filter(
        pl.col("stage") != "stopped", pl.col("since_on") <= on,
        pl.col("finished_on").is_null() | (pl.col("finished_on") >= start),
    )  # fmt: skip
    passed = facts[StageGate].filter(pl.col("stage") == "design", pl.col("passed_on") <= on)
    releases = facts[Release].select("project", release="key").drop_nulls()
    done = facts[DesignReview].filter(pl.col("security"), pl.col("done_on") <= on)
    of_releases = done.drop("project").join(releases, on="release").select(key="project")
    reviewed = pl.concat([done.select(key="project"), of_releases]).unique().with_columns(reviewed=True)
    rows = projects.join(reviewed, on="key", how="left").join(
        passed.group_by(key="project").agg(pl.col("passed_on").min()), on="key", how="left"
    )
    return answers(
        rows, Project,
        falls_short(
            pl.col("stage").is_in(DESIGNED) & pl.col("reviewed").is_null(), "no_security_review",
            since=pl.coalesce("passed_on", "since_on"),
            who=pl.coalesce(person("in_charge"), role("project_lead")), project=pl.col("key"),
        ),
    )  # fmt: skip


@check(
    "18",
    asks="導入されたリリースはすべて、導入前に静的解析を受け、基準を超える指摘がありませんか。",
    reads=(Deployment, Release, System),
    limits=("deployment_window",),
    reasons={
        "no_static_analysis": (
            "{release} には、導入（{since}）までの静的解析の結果がありません。解析し、結果を登録してください。",
            "{release} has no result of static analysis up to its introduction on {since}. Analyse it and record the result.",
        ),
        "not_counted": (
            "{release} の静的解析について、基準を超える指摘の件数が記録されていません（導入：{since}）。",
            "How many findings the static analysis of {release} had over its bound is not recorded (introduced on {since}).",
        ),
        "findings_over_bound": (
            "{release} には、基準を超える静的解析の指摘が{count}件あります（導入：{since}）。修正して解析し直してください。",
            "{release} has {count} findings of static analysis over its bound (introduced on {since}). Mend them and "
            "analyse it again.",
        ),
    },
)
def every_release_was_analysed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every release that was deployed analysed before, with no finding over the bound?"""
    rows = deployments(facts, on, limits.window_start("deployment_window"))
    analysed = (pl.col("static_done_on") <= pl.col("day")).fill_null(False)
    told = {"since": pl.col("day"), "who": keeper(), "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(~analysed, "no_static_analysis", **told),
        falls_short(pl.col("static_findings").is_null(), "not_counted", **told),
        falls_short(pl.col("static_findings") > 0, "findings_over_bound", count=pl.col("static_findings"), **told),
    )  # fmt: skip


clause(
    "G18",
    Duty.MAY,
    "設計段階の考慮、コーディングルール、自動チェック",
    "Security in design, coding rules, automatic checks",
    read_with="18",
)
