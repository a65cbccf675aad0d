"""Article 11-6: what was done in planning, development and operation is recorded and kept whole."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments
from sekisho.records.models import Deployment, KeptDocument, Maintenance, Project, Release, System
from sekisho.rulebook.articles.article_11_planning_and_development.projects import IN_CHARGE
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_of,
    falls_short,
    keeper,
    key_in,
    no_evidence,
    role,
)
from sekisho.rulebook.limits import Limits

# What a finished project must leave behind.
REQUIRED = {
    "requirements": ("要件定義書", "requirements"),
    "design": ("設計書", "design"),
    "test": ("テスト記録", "test records"),
}

clause(
    "11-6",
    Duty.MUST,
    "企画・開発・運用の実施状況を記録し保管する",
    "Record and keep what was done in planning, development and operation",
)


@check(
    "11-6",
    asks="完了した案件・変更・運用の記録文書は、すべて保管されていますか。",
    reads=(Project, Release, Deployment, System, Maintenance, KeptDocument),
    limits=("project_window",),
    reasons={
        f"no_{kind}": (
            f"{{project}} に{ja}が保管されていません。保管文書として登録してください。",
            f"No {en} of {{project}} are kept. Keep them as a kept document.",
        )
        for kind, (ja, en) in REQUIRED.items()
    }
    | {
        "no_change_record": (
            "{since} に導入した {release} の記録文書が保管されていません。保管文書として登録してください。",
            "No document of {release}, deployed on {since}, is kept. Keep its records as a kept document.",
        ),
        "no_operation_record": (
            "{since} に実施した {maintenance} の運用記録が保管されていません。保管文書として登録してください。",
            "No operation record of {maintenance}, done on {since}, is kept. Keep it as a kept document.",
        ),
    },
)
def what_was_done_is_recorded_and_kept(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are the documents of every finished project, change and maintenance kept?

    A finished project: requirements, design and test records. A deployed release: any document of it, or of its
    deployment or project. A maintenance: an operation record. Those of the span that is looked back on.
    """
    start = limits.window_start("project_window")
    kept = facts[KeptDocument].filter(pl.col("kept_on").is_null() | (pl.col("kept_on") <= on))
    finished = facts[Project].filter(
        pl.col("stage") == "finished", pl.col("finished_on") <= on, pl.col("finished_on") >= start
    )
    projects = [_of_projects(finished, kept, kind) for kind in REQUIRED]
    return pl.concat(
        [*projects, _of_changes(deployments(facts, on, start), kept), _of_operations(facts, on, start, kept)]
    )


def _of_projects(finished: pl.LazyFrame, kept: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    """Of each finished project: whether a document of the kind is kept."""
    rows = finished.join(_named(kept.filter(pl.col("kind") == kind), "project", "key"), on="key", how="left")
    return answers(
        rows, Project,
        falls_short(
            pl.col("kept_key").is_null(), f"no_{kind}", since=pl.col("finished_on"), who=IN_CHARGE, project=pl.col("key"),
        ),
    )  # fmt: skip


def _of_changes(deployed: pl.LazyFrame, kept: pl.LazyFrame) -> pl.LazyFrame:
    """Of each deployment: whether any document of it, of its release or of its project is kept."""
    rows = deployed
    for kind, column in (("release", "release"), ("deployment", "key"), ("project", "project")):
        rows = rows.join(_named(kept, kind, column), on=column, how="left")
    none = pl.all_horizontal(pl.col(c).is_null() for c in ("kept_release", "kept_key", "kept_project"))
    return answers(
        rows, Deployment,
        falls_short(none, "no_change_record", since=pl.col("day"), who=keeper(), release=pl.col("release")),
    )  # fmt: skip


def _of_operations(facts: Facts, on: date, start: date, kept: pl.LazyFrame) -> pl.LazyFrame:
    """Of each maintenance that was done: whether an operation record of it is kept."""
    done = facts[Maintenance].with_columns(day=day_of("done_until_at")).filter(
        pl.col("day") <= on, pl.col("day") >= start
    )  # fmt: skip
    rows = done.join(
        _named(kept.filter(pl.col("kind") == "operation"), "maintenance", "key"), on="key", how="left"
    ).join(facts[System].select("unit", system="key"), on="system", how="left")
    return answers(
        rows, Maintenance,
        falls_short(
            pl.col("kept_key").is_null(), "no_operation_record", since=pl.col("day"), who=keeper(), maintenance=pl.col("key"),
        ),
    )  # fmt: skip


def _named(kept: pl.LazyFrame, kind: str, column: str) -> pl.LazyFrame:
    """What documents are kept of, among records of a kind: `column`, the record's key, and `kept_<column>`, true."""
    of = kept.select(key_in("of", kind).alias(column)).drop_nulls().unique()
    return of.with_columns(pl.lit(True).alias(f"kept_{column}"))


@check(
    "11-6",
    asks="保管期限内の保管文書は、すべて完全性を確かめられていますか。",
    reads=(KeptDocument,),
    reasons={
        "broken": (
            "保管文書 {kept_document} が完全性の確認に失敗しています（{since}）。原本を確かめ、経緯を記録してください。",
            "The kept document {kept_document} failed its integrity check on {since}. Find the original, and record why.",
        ),
        "never_checked": (
            "保管文書 {kept_document} の完全性が確かめられていません。ハッシュ値を照合し、結果を記録してください。",
            "Whether the kept document {kept_document} is whole was never checked. "
            "Compare its hash, and record the result.",
        ),
    },
)
def what_is_kept_is_whole(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did every document that is to be kept on the day pass its integrity check?

    One whose check is not on record by the day is no evidence: nothing says that it is whole.
    """
    kept, until = pl.col("kept_on"), pl.col("keep_until_on")
    rows = facts[KeptDocument].filter(kept.is_null() | (kept <= on), until.is_null() | (until >= on))
    checked = pl.col("intact").is_not_null() & (pl.col("checked_on") <= on)
    told = {"who": role("chief_system_officer"), "kept_document": pl.col("key")}
    return answers(
        rows, KeptDocument,
        falls_short(checked & ~pl.col("intact"), "broken", since=pl.col("checked_on"), **told),
        no_evidence(~checked.fill_null(False), "never_checked", **told),
    )  # fmt: skip
