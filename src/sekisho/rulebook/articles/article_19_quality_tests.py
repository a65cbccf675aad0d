"""Article 19: what goes into use was tested by a plan with criteria, and evaluated by them."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments, plans_of_releases
from sekisho.records.models import Deployment, Release, System, TestPlan, TestResult
from sekisho.rulebook.language import answers, blank, check, clause, falls_short, role
from sekisho.rulebook.limits import Limits

MANAGER = pl.coalesce(role("system_manager", pl.col("unit")), role("chief_system_officer"))

clause(
    "19-1",
    Duty.MUST,
    "品質テスト計画を示し、品質評価を実施する",
    "A quality test plan, and the evaluation by it",
)


@check(
    "19-1",
    asks="導入されたリリースはすべて、基準のあるテスト計画を持ち、それに基づいて評価されていますか。",
    reads=(Deployment, Release, System, TestPlan, TestResult),
    limits=("deployment_window",),
    reasons={
        "no_plan": (
            "{release} はテスト計画のないまま {since} に導入されました。計画を作成し、評価してください。",
            "{release} was deployed on {since} without a test plan. Make one, and evaluate the release by it.",
        ),
        "no_criteria": (
            "{release} のテスト計画 {test_plan} に合否の基準がありません。",
            "The test plan {test_plan} of {release} names no criteria.",
        ),
        "not_evaluated": (
            "{release} は、テスト計画の基準による評価がないまま {since} に導入されました。",
            "{release} was deployed on {since} before it was evaluated by the criteria of its test plan.",
        ),
    },
)
def every_release_was_evaluated_by_its_plan(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Had every release that was deployed a test plan with criteria, and was it evaluated by them before?

    The plan of the release, or of its project. Evaluated: a result up to the day of the deployment says whether the
    criteria were met; whether they were is asked by 19-2.
    """
    plans = plans_of_releases(facts).sort("plan")
    told_plans = plans.group_by("release").agg(
        plan=pl.col("plan").first(), bare=pl.col("plan").filter(blank("criteria")).first(),
        whole=(~blank("criteria")).any(),
    )  # fmt: skip
    results = _results(facts).group_by("release").agg(evaluated_on=pl.col("done_on").min())
    rows = (
        deployments(facts, on, limits.window_start("deployment_window"))
        .join(told_plans, on="release", how="left")
        .join(results, on="release", how="left")
    )
    evaluated = (pl.col("evaluated_on") <= pl.col("day")).fill_null(False)
    told = {"since": pl.col("day"), "who": MANAGER, "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(pl.col("plan").is_null(), "no_plan", **told),
        falls_short(~pl.col("whole"), "no_criteria", test_plan=pl.col("bare"), **told),
        falls_short(~evaluated, "not_evaluated", **told),
    )  # fmt: skip


def _results(facts: Facts) -> pl.LazyFrame:
    """The results that say whether criteria were met, by release: release, plan, kind, done_on, criteria_met."""
    found = facts[TestResult].filter(pl.col("criteria_met").is_not_null())
    return found.select("key", "plan", "kind", "done_on", "criteria_met").join(
        plans_of_releases(facts).select("release", "plan"), on="plan"
    )


clause(
    "19-2",
    Duty.MUST,
    "水準未達なら導入延期等の措置をとる",
    "Postpone or otherwise act where the level is not met",
)


@check(
    "19-2",
    asks="基準に満たないリリースを導入した場合、それを認める措置が事前に記録されていますか。",
    reads=(Deployment, Release, System, TestPlan, TestResult),
    limits=("deployment_window",),
    reasons={
        "no_measure": (
            "{release} は{test}の基準に満たないまま {since} に導入されましたが、認める措置の記録がありません。"
            "延期・条件などの措置と理由を記録してください。",
            "{release} was deployed on {since} though it missed the criteria of a test ({test}), and no measure that "
            "permits it is recorded. Record the measure, and why.",
        ),
        "permitted_late": (
            "{release} の基準未達を認める措置（{permitted}）が、導入（{since}）より後です。",
            "The measure that permits the shortfall of {release} is of {permitted}, after its deployment on {since}.",
        ),
        "permitted_by_author": (
            "{release} の基準未達を認めたのは開発者本人（{person}）です。別の人の判断が必要です。",
            "The shortfall of {release} was permitted by one of its own authors, {person}. Somebody else must decide.",
        ),
    },
)
def a_release_that_missed_a_criterion_was_permitted(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was there a recorded measure, before its deployment, for every release that missed a criterion?

    What counts is the newest result of each kind of test up to the day of the deployment. A measure: its text, who
    permitted it and when; nobody permits the own work.
    """
    done = deployments(facts, on, limits.window_start("deployment_window"))
    missed = (
        done.select("key", "release", "day")
        .join(_results(facts).rename({"key": "result"}), on="release")
        .filter(pl.col("done_on") <= pl.col("day"))
        .sort("done_on", "result")
        .group_by("key", "plan", "kind")
        .agg(pl.col("criteria_met").last())
        .filter(~pl.col("criteria_met"))
        .sort("kind")
        .group_by("key")
        .agg(test=pl.col("kind").first())
    )
    rows = done.join(missed, on="key", how="left")
    short = pl.col("test").is_not_null()
    whole = ~blank("shortfall_measure") & pl.col("shortfall_permitted_by").is_not_null()
    own = pl.col("authors").list.contains(pl.col("shortfall_permitted_by")).fill_null(False)
    told = {"since": pl.col("day"), "who": MANAGER, "release": pl.col("release")}
    permitted = pl.col("shortfall_permitted_on")
    return answers(
        rows, Deployment,
        falls_short(short & (~whole | permitted.is_null()), "no_measure", test=pl.col("test"), **told),
        falls_short(short & (permitted > pl.col("day")), "permitted_late", permitted=permitted, **told),
        falls_short(short & own, "permitted_by_author", person=pl.col("shortfall_permitted_by"), **told),
    )  # fmt: skip
