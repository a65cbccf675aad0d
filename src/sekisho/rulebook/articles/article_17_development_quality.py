"""Article 17: nothing goes into use without a decision on its quality."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments
from sekisho.records.models import Deployment, Judgement, Release, System
from sekisho.rulebook.language import answers, check, clause, falls_short, keeper
from sekisho.rulebook.limits import Limits

clause(
    "17",
    Duty.MUST,
    "開発の進行と導入を品質を疎かにせず管理する",
    "Manage development and introduction without neglecting quality",
)


@check(
    "17",
    asks="導入されたリリースはすべて、導入前に適否の判定を受けていますか。",
    reads=(Deployment, Judgement, Release, System),
    limits=("deployment_window",),
    reasons={
        "no_judgement": (
            "{release} には、導入（{since}）までの適否の判定がありません。"
            "判定してください。導入済みの場合は経緯も記録してください。",
            "{release} has no judgement up to its introduction on {since}. Judge it; where it is in use already, record "
            "how that came about.",
        ),
    },
)
def nothing_is_deployed_without_a_gate_decision(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every release that was deployed judged, by whatever verdict, before it went into use?

    Deployments of the span that is looked back on; which verdict it was, and whose, is asked by article 20, emergency
    changes by article 22. A judgement at the very instant counts, a later one does not.
    """
    rows = (
        deployments(facts, on, limits.window_start("deployment_window"))
        .filter(~pl.col("emergency").fill_null(False))
        .join(
            facts[Judgement].group_by("release").agg(judged_at=pl.col("at").min()), on="release", how="left"
        )
    )
    judged = (pl.col("judged_at") <= pl.col("at")).fill_null(False)
    return answers(
        rows, Deployment,
        falls_short(~judged, "no_judgement", since=pl.col("day"), who=keeper(), release=pl.col("release")),
    )  # fmt: skip
