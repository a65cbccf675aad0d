"""Article 19: what goes into use was tested by a plan with criteria, and evaluated by them."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments, plans_of_releases
from sekisho.records.models import Deployment, Release, System, TestPlan, TestResult
from sekisho.rulebook.language import answers, blank, check, clause, falls_short, keeper, no_evidence
from sekisho.rulebook.limits import Limits

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
            "{release} のテスト計画がありません（導入：{since}）。計画を作成し、評価してください。",
            "{release} has no test plan (introduced on {since}). Make one, and evaluate the release by it.",
        ),
        "no_criteria": (
            "{release} のテスト計画 {test_plan} に合否の基準がありません（導入：{since}）。",
            "The test plan {test_plan} of {release} names no criteria (introduced on {since}).",
        ),
        "not_evaluated": (
            "{release} には、テスト計画 {test_plan} の基準による導入（{since}）までの評価がありません。",
            "{release} was not evaluated by the criteria of its test plan {test_plan} up to its introduction on {since}.",
        ),
    },
)
def every_release_was_evaluated_by_its_plan(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Had every release that was deployed a test plan with criteria, and was it evaluated by them before?

    By its own plan where it has one with criteria, else by one of its project (which then speaks of all of the project's
    releases). Evaluated: a result up to the day of the deployment says whether the criteria were met; whether they were
    is asked by 19-2.
    """
    plans = plans_of_releases(facts)
    whole = plans.filter(~blank("criteria"))
    chosen = whole.filter(pl.col("own") == pl.col("own").any().over("release"))
    evaluated = chosen.join(_results(facts).select("plan", "done_on"), on="plan")
    rows = (
        deployments(facts, on, limits.window_start("deployment_window"))
        .join(plans.group_by("release").agg(bare=pl.col("plan").min()), on="release", how="left")
        .join(chosen.group_by("release").agg(plan=pl.col("plan").min()), on="release", how="left")
        .join(
            evaluated.group_by("release").agg(evaluated_on=pl.col("done_on").min()), on="release", how="left"
        )
    )
    evaluated_before = (pl.col("evaluated_on") <= pl.col("day")).fill_null(False)
    told = {"since": pl.col("day"), "who": keeper(), "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(pl.col("bare").is_null(), "no_plan", **told),
        falls_short(pl.col("plan").is_null(), "no_criteria", test_plan=pl.col("bare"), **told),
        falls_short(~evaluated_before, "not_evaluated", test_plan=pl.col("plan"), **told),
    )  # fmt: skip


def _results(facts: Facts) -> pl.LazyFrame:
    """The results that say whether criteria were met: result, plan, kind, done_on, criteria_met."""
    found = facts[TestResult].filter(pl.col("criteria_met").is_not_null())
    return found.select("plan", "kind", "done_on", "criteria_met", result="key")


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
        "no_result": (
            "{release} には基準の達否の分かるテスト結果がなく、水準を満たしたか確認できません（導入：{introduced}）。",
            "No test result says whether {release} met its criteria (introduced on {introduced}).",
        ),
        "no_measure": (
            "{release} は{test}テストの基準に満たず（導入：{since}）、導入を認める措置の記録がありません。"
            "延期・条件などの措置と理由を記録してください。",
            "{release} missed the criteria of a test ({test}; introduced on {since}), and no measure that permits it is "
            "recorded. Postpone it, or record the measure and why.",
        ),
        "permitted_late": (
            "{release} の基準未達を認める措置（{permitted}）が、導入（{since}）より後です。",
            "The measure that permits the shortfall of {release} is of {permitted}, after its introduction on {since}.",
        ),
        "permitted_by_author": (
            "{release} の基準未達を認めたのは開発者本人（{person}）です（導入：{since}）。別の人の判断が必要です。",
            "The shortfall of {release} was permitted by one of its own authors, {person} (introduced on {since}). "
            "Somebody else must decide.",
        ),
    },
)
def a_release_that_missed_a_criterion_was_permitted(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was there a recorded measure, before its deployment, for every release that missed a criterion?

    What counts is the newest result of each kind of test of each plan up to the day of the deployment. A measure: its
    text, who permitted it and when; nobody permits the own work. Without any result nothing shows the level.
    """
    done = deployments(facts, on, limits.window_start("deployment_window"))
    rows = done.join(_missed(facts, done), on="key", how="left")
    short = pl.col("test").is_not_null()
    whole = ~blank("shortfall_measure") & pl.col("shortfall_permitted_by").is_not_null()
    own = pl.col("authors").list.contains(pl.col("shortfall_permitted_by")).fill_null(False)
    told = {"since": pl.col("day"), "who": keeper(), "release": pl.col("release")}
    permitted = pl.col("shortfall_permitted_on")
    return answers(
        rows, Deployment,
        no_evidence(
            pl.col("results").is_null(), "no_result", who=keeper(), release=pl.col("release"),
            introduced=pl.col("day"),
        ),
        falls_short(short & (~whole | permitted.is_null()), "no_measure", test=pl.col("test"), **told),
        falls_short(short & (permitted > pl.col("day")), "permitted_late", permitted=permitted, **told),
        falls_short(short & own, "permitted_by_author", person=pl.col("shortfall_permitted_by"), **told),
    )  # fmt: skip


def _missed(facts: Facts, done: pl.LazyFrame) -> pl.LazyFrame:
    """Of deployments with any result before: key, results (how many kinds of test), test (one that was missed)."""
    results = plans_of_releases(facts).select("release", "plan").join(_results(facts), on="plan")
    newest = (
        done.select("key", "release", "day")
        .join(results, on="release")
        .filter(pl.col("done_on") <= pl.col("day"))
        .sort("done_on", "result")
        .group_by("key", "plan", "kind")
        .agg(pl.col("criteria_met").last())
    )
    return newest.group_by("key").agg(
        results=pl.len(), test=pl.col("kind").filter(~pl.col("criteria_met")).min()
    )
