"""Article 20: judged fit before it goes into use; nothing unfit or unstable stays; the inspection is kept."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.releases import FIT, deployments, judgements
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
    day_of,
    falls_short,
    key_in,
    minute_of,
    no_evidence,
    role,
)
from sekisho.rulebook.limits import Limits

MANAGER = pl.coalesce(role("system_manager", pl.col("unit")), role("chief_system_officer"))

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
            "{release} は「適」の判定を受けずに {since} に導入されました。判定を行い、経緯を記録してください。",
            "{release} was deployed on {since} before it was judged fit. Judge it, and record how that came about.",
        ),
        "own_judgement": (
            "{release} を「適」と判定したのは開発者本人（{person}）です。別の権限者の判定が必要です。",
            "{release} was judged fit by one of its own authors, {person}. Somebody else who is entitled must judge.",
        ),
        "not_entitled": (
            "{release} を「適」と判定した {person} は、判定の日に判定できる役割に就いていませんでした。",
            "{release} was judged fit by {person}, who held no office on that day that may judge it.",
        ),
    },
)
def every_release_was_judged_fit_before(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every release that was deployed judged fit before, by somebody who is entitled and not its author?

    Entitled: the chief system officer, or the system manager of the system's unit, on the day of the judgement. With
    conditions is fit. The newest judgement up to the deployment counts. Emergency changes are asked by article 22.
    """
    done = deployments(facts, on, limits.window_start("deployment_window")).filter(
        ~pl.col("emergency").fill_null(False)
    )
    newest = (
        done.select("key", "release", deployed_at="at")
        .join(judgements(facts).rename({"key": "judgement"}), on="release")
        .filter(pl.col("at") <= pl.col("deployed_at"))
        .sort("at", "judgement")
        .group_by("key")
        .agg(pl.col("verdict", "judged_by", "entitled", "own").last())
    )
    rows = done.join(newest, on="key", how="left")
    fit = pl.col("verdict").is_in(FIT).fill_null(False)
    told = {"since": pl.col("day"), "who": MANAGER, "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(~fit, "not_judged_fit", **told),
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
    reads=(System, Deployment, Release, Judgement, Instability),
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

    A system runs the newest release that was deployed and not rolled back; the release's newest judgement counts. An
    instability falls short from the day on which its limit ran out until it is over or the system was stopped; one that
    was stopped late counts no more.
    """
    owners = facts[System].select("unit", system="key")
    verdicts = (
        facts[Judgement]
        .filter(day_of("at") <= on)
        .sort("at", "key")
        .group_by("release")
        .agg(pl.col("verdict").last(), judged_on=day_of("at").last())
    )
    running = (
        deployments(facts, on, date.min)
        .filter(pl.col("rolled_back_at").is_null() | (day_of("rolled_back_at") > on))
        .sort("at", "key")
        .group_by("system")
        .agg(pl.col("key", "release", "day", "unit").last())
        .join(verdicts, on="release", how="left")
    )
    since = pl.max_horizontal("day", "judged_on")
    told = {"who": MANAGER, "system": pl.col("system")}
    unfit = answers(
        running, Deployment,
        falls_short(pl.col("verdict") == "unfit", "runs_unfit", since=since, release=pl.col("release"), **told),
    )  # fmt: skip
    troubles = (
        facts[Instability]
        .filter(day_of("from_at") <= on)
        .with_columns(due_at=limits.latest("instability_time", "from_at"))
        .join(owners, on="system", how="left")
    )
    over = pl.col("until_at").is_not_null() & (day_of("until_at") <= on)
    stopped = pl.col("stopped_at").is_not_null() & (day_of("stopped_at") <= on)
    due_on = day_of("due_at")
    unstable = answers(
        troubles, Instability,
        falls_short(
            ~over & ~stopped & (due_on < on), "unstable", since=due_on + pl.duration(days=1),
            due=due_on, **{"from": minute_of("from_at")}, due_at=minute_of("due_at"), **told,
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
            "{since} に導入された {release} の導入時検査の記録がありません。保管文書として登録してください。",
            "{release}, deployed on {since}, has no inspection record. Keep it as a kept document.",
        ),
        "inspection_due": (
            "{release} の導入時検査の記録がまだありません（期限 {due}）。",
            "{release} has no inspection record yet (due on {due}).",
        ),
        "broken": (
            "{release} の導入時検査の記録 {kept_document} が、完全性の確認に失敗しています。",
            "The inspection record {kept_document} of {release} failed its integrity check.",
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
    state = (pl.len() > 0).alias("kept"), pl.col("key").filter(~pl.col("intact")).first().alias("broken")
    by_release = kept.group_by(release=key_in("of", "release")).agg(*state).drop_nulls("release")
    by_deployment = kept.group_by(key=key_in("of", "deployment")).agg(*state).drop_nulls("key")
    rows = (
        deployments(facts, on, limits.window_start("deployment_window"))
        .join(by_release, on="release", how="left")
        .join(by_deployment, on="key", how="left", suffix="_own")
    )
    broken = pl.coalesce("broken", "broken_own")
    there = pl.col("kept").fill_null(False) | pl.col("kept_own").fill_null(False)
    due = limits.last_good("inspection_time", "day")
    told = {"who": MANAGER, "release": pl.col("release")}
    return answers(
        rows, Deployment,
        falls_short(broken.is_not_null(), "broken", since=pl.col("day"), kept_document=broken, **told),
        falls_short(~there & (due < on), "no_inspection", since=pl.col("day"), due=due, **told),
        no_evidence(~there, "inspection_due", due=due, **told),
    )  # fmt: skip
