"""Article 20: judged fit before it goes into use; nothing unfit or unstable stays; the inspection is kept."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import deployments, judgements, standing_judgements
from sekisho.records.models import (
    Appointment,
    Deployment,
    Instability,
    Judgement,
    KeptDocument,
    Person,
    Release,
    System,
)
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    keeper,
    key_in,
    minute_of,
    no_evidence,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

clause(
    "20-1",
    Duty.MUST,
    "導入・更新前に実用テストを行い適否を判定する",
    "Field tests before introduction or update, and a judgement of fitness",
)


@check(
    "20-1",
    asks="導入されたリリースはすべて、導入前に、権限のある者から「適」の判定を受けていますか。",
    reads=(Deployment, Release, System, Judgement, Appointment, Person),
    limits=("deployment_window",),
    reasons={
        "not_judged_fit": (
            "{release} は、導入（{since}）までに「適」の判定を受けていません。"
            "判定してください。導入済みの場合は経緯も記録してください。",
            "{release} was not judged fit up to its introduction on {since}. Judge it; where it is in use already, record "
            "how that came about.",
        ),
        "judged_unfit": (
            "{release} の導入（{since}）までの最後の判定は「不適」です。"
            "改善して判定し直してください。導入済みの場合は切り戻してください。",
            "The last judgement of {release} up to its introduction on {since} is 'unfit'. Mend it and judge it again; "
            "where it is in use already, roll it back.",
        ),
        "own_judgement": (
            "{release} を「適」と判定したのは開発者本人（{person}）です（導入：{since}）。別の権限者の判定が必要です。",
            "{release} was judged fit by one of its own authors, {person} (introduced on {since}). Somebody else who is "
            "entitled must judge.",
        ),
        "not_entitled": (
            "{release} を「適」と判定した {person} は、判定の日に判定できる役割に就いていませんでした（導入：{since}）。",
            "{release} was judged fit by {person}, who held no office on that day that may judge it (introduced on {since}).",
        ),
    },
)
def every_release_was_judged_fit_before(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every release that was deployed judged fit before, by somebody who is entitled and not its author?

    Entitled: the chief system officer, or the system manager of the system's unit, on the day of the judgement. With
    conditions is fit. The newest judgement up to the deployment that counts decides (facts/releases.py). Emergency
    changes are asked by article 22.
    """
    done = deployments(facts, on, limits.window_start("deployment_window")).filter(
        ~pl.col("emergency").fill_null(False)
    )
    before = (
        done.select("key", "release", deployed_at="at")
        .join(judgements(facts).rename({"key": "judgement"}), on="release")
        .filter(pl.col("at") <= pl.col("deployed_at"))
    )
    rows = done.join(standing_judgements(before, "key").drop("at"), on="key", how="left")
    told = {"since": pl.col("day"), "who": keeper(), "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(pl.col("verdict").is_null(), "not_judged_fit", **told),
        falls_short(pl.col("verdict") == "unfit", "judged_unfit", **told),
        falls_short(pl.col("own"), "own_judgement", person=pl.col("judged_by"), **told),
        falls_short(~pl.col("entitled"), "not_entitled", person=pl.col("judged_by"), **told),
    )  # fmt: skip


clause(
    "20-2",
    Duty.MUST,
    "基準未達や不安定なシステムを実用しない",
    "Never run what misses the criteria or is unstable",
)


@check(
    "20-2",
    asks="利用中のシステムは「不適」のリリースで動いておらず、不安定なまま使い続けていませんか。",
    reads=(System, Deployment, Release, Judgement, Appointment, Person, Instability),
    limits=("instability_time",),
    reasons={
        "runs_unfit": (
            "{system} で、「不適」と判定された {release} が動いています（{since} から）。"
            "切り戻すか、判定し直してください。",
            "{system} has run {release}, which was judged unfit, since {since}. Roll it back, or judge it again.",
        ),
        "unstable": (
            "{system} は {from} から不安定なまま、停止も例外の承認もなく使われています（期限 {due_at}）。",
            "{system} has been unstable since {from} and neither stopped nor excepted (it was due by {due_at}).",
        ),
    },
)
def nothing_unfit_or_unstable_stays_in_use(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does no system run a release that was judged unfit, and was none unstable beyond the limit without a stop?

    Systems in use and in reach. A system runs the newest release that was deployed and not rolled back. That it is unfit
    stands, whoever said so, until somebody entitled judges it fit. An instability falls short from the day after its
    limit ran out until it is over or the system was stopped; one that was stopped late counts no more.
    """
    in_use = systems_in_scope(facts, on).select("unit", system="key")
    known = judgements(facts).rename({"key": "judgement"}).filter(day_of("at") <= on)
    standing = standing_judgements(known, "release").select("release", "verdict", judged_on=day_of("at"))
    running = (
        deployments(facts, on, date.min)
        .filter(pl.col("rolled_back_at").is_null() | (day_of("rolled_back_at") > on))
        .sort("at", "key")
        .group_by("system")
        .agg(pl.col("key", "release", "day").last())
        .join(in_use, on="system")
        .join(standing, on="release", how="left")
    )
    told = {"who": keeper(), "system": pl.col("system")}
    unfit = answers(
        running, Deployment,
        falls_short(
            pl.col("verdict") == "unfit", "runs_unfit",
            since=pl.max_horizontal("day", "judged_on"), release=pl.col("release"), **told,
        ),
    )  # fmt: skip
    troubles = (
        facts[Instability]
        .filter(day_of("from_at") <= on)
        .with_columns(due_at=limits.latest("instability_time", "from_at"))
        .join(in_use, on="system")
    )
    ended = (day_of("until_at") <= on).fill_null(False) | (day_of("stopped_at") <= on).fill_null(False)
    due_on = day_of("due_at")
    unstable = answers(
        troubles, Instability,
        falls_short(
            ~ended & (due_on < on), "unstable", since=day_after(due_on), due=due_on,
            **{"from": minute_of("from_at")}, due_at=minute_of("due_at"), **told,
        ),
    )  # fmt: skip
    return pl.concat([unfit, unstable])


clause(
    "20-3",
    Duty.MUST,
    "導入時検査の結果を記録・保管する",
    "Record and keep the results of the inspection at introduction",
)


@check(
    "20-3",
    asks="導入されたリリースの導入時検査の記録が保管され、完全性が保たれていますか。",
    reads=(Deployment, Release, System, KeptDocument),
    limits=("deployment_window", "inspection_time"),
    reasons={
        "no_inspection": (
            "{introduced} に導入された {release} の導入時検査の記録がありません（期限 {due}）。保管文書として登録してください。",
            "{release}, introduced on {introduced}, has no inspection record (due on {due}). Keep it as a kept document.",
        ),
        "inspection_due": (
            "{release} の導入時検査の記録がまだありません（期限 {due}）。",
            "{release} has no inspection record yet (due on {due}).",
        ),
        "broken": (
            "{release} の導入時検査の記録 {kept_document} が、完全性の確認に失敗しています。"
            "原本を確かめ、経緯を記録してください。",
            "The inspection record {kept_document} of {release} failed its integrity check. Find the original, and record "
            "why.",
        ),
    },
)
def every_inspection_is_kept(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is an inspection record kept of every release that was deployed, and is it still whole?

    A kept document of the kind 'inspection' of the release or of the deployment, kept by the day. It may follow within
    some days; until then there is no evidence. One that failed its check falls short whatever others there are.
    """
    kept = facts[KeptDocument].filter(
        pl.col("kind") == "inspection", pl.col("kept_on").is_null() | (pl.col("kept_on") <= on)
    )
    rows = (
        deployments(facts, on, limits.window_start("deployment_window"))
        .join(_inspections(kept, key_in("of", "release"), on), left_on="release", right_on="of", how="left")
        .join(_inspections(kept, key_in("of", "deployment"), on), left_on="key", right_on="of", how="left", suffix="_own")
    )  # fmt: skip
    broken = pl.coalesce("broken", "broken_own")
    there = pl.col("kept").fill_null(False) | pl.col("kept_own").fill_null(False)
    due = limits.last_good("inspection_time", "day")
    found_on = pl.max_horizontal(pl.coalesce("broken_on", "broken_on_own"), "day")
    told = {"who": keeper(), "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(broken.is_not_null(), "broken", since=found_on, kept_document=broken, **told),
        falls_short(
            ~there & (due < on), "no_inspection", since=day_after(due), due=due, introduced=pl.col("day"), **told,
        ),
        no_evidence(~there, "inspection_due", due=due, **told),
    )  # fmt: skip


def _inspections(kept: pl.LazyFrame, of: pl.Expr, on: date) -> pl.LazyFrame:
    """The inspection records by what they are of: of, kept, broken (one that failed), broken_on (its check)."""
    failed = ~pl.col("intact") & (pl.col("checked_on").is_null() | (pl.col("checked_on") <= on))
    found = kept.with_columns(of=of).drop_nulls("of").sort("key").group_by("of")
    return found.agg(
        kept=pl.lit(True),
        broken=pl.col("key").filter(failed).first(),
        broken_on=pl.col("checked_on").filter(failed).first(),
    )
