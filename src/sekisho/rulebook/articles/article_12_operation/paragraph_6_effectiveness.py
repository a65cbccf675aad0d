"""Article 12-6: it is evaluated that configuration management works."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Component, Reconciliation, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    falls_short,
    member_answers,
    no_evidence,
    role,
    summed_up,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")

clause("12-6", Duty.MUST, "構成管理の有効性を評価する", "Evaluate that configuration management works")


@check(
    "12-6",
    asks="登録と検出の照合が間隔内に行われ、その正確性は目標に達していますか。",
    reads=(Reconciliation, Component, System),
    limits=("reconciliation_age", "configuration_accuracy"),
    reasons={
        "never_reconciled": (
            "{system} について、登録と検出の照合が行われていません（照合のないシステム {count} 件）。"
            "照合し、一致・登録漏れ・未検出の件数を記録してください。",
            "Register and discovery were never compared for {system} (such systems: {count}). Compare them and record "
            "what matched, was missing, and was not seen.",
        ),
        "no_reconciliation_yet": (
            "登録と検出の照合の記録がまだありません（期限 {first_due}）。照合して件数を記録してください。",
            "No comparison of register and discovery is on record yet; the first is due by {first_due}.",
        ),
        "reconciliation_old": (
            "{system} の登録と検出の照合が {last} から行われていません（間隔を過ぎたシステム {count} 件）。"
            "照合して件数を記録してください。",
            "Register and discovery were last compared for {system} on {last} (systems past the interval: {count}). "
            "Compare them again and record the numbers.",
        ),
        "not_accurate": (
            "{done_on} の構成照合 {reconciliation} の正確性は {accuracy}％で、目標の {target}％を下回っています。"
            "登録を訂正し、照合し直してください。",
            "The reconciliation {reconciliation} of {done_on} found the register {accuracy}% accurate, under the "
            "target of {target}%. Mend the register and compare again.",
        ),
        "nothing_compared": (
            "{done_on} の構成照合 {reconciliation} は件数がすべて 0 件で、正確性を判定できません。"
            "検出の範囲を確認し、照合し直してください。",
            "The reconciliation {reconciliation} of {done_on} compared nothing, so its accuracy cannot be told. "
            "Look at the reach of discovery and compare again.",
        ),
    },
)
def register_and_discovery_are_reconciled(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Were register and discovery reconciled within the interval for every system in scope, as accurately as planned?

    A reconciliation of no system is one of all. The first is due when the interval has run from the first registration
    of a component (of a system taken into use later: from its own first day). Accuracy is what matched, of all that was
    registered or seen; asked of the newest reconciliation of each source and system within the interval.
    """
    done = facts[Reconciliation].filter(pl.col("done_on") <= on)
    return pl.concat([_recent(facts, done, on, limits), _accurate(done, on, limits)])


def _recent(facts: Facts, done: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """The member's outcome: that of the systems whose newest reconciliation is the oldest, or is missing."""
    of_all = summed_up(done.filter(pl.col("system").is_null()), whole=pl.col("done_on").max())
    own = done.drop_nulls("system").group_by("system").agg(own=pl.col("done_on").max())
    began = summed_up(
        facts[Component], began=pl.col("registered_on").filter(pl.col("registered_on") <= on).min()
    )
    systems = (
        systems_in_scope(facts, on)
        .select("key", "in_use_since_on")
        .join(own, left_on="key", right_on="system", how="left")
    )
    for one in (of_all, began):
        systems = systems.join(one, how="cross")
    systems = systems.with_columns(
        last=pl.max_horizontal("own", "whole"),
        first_due=limits.last_good("reconciliation_age", pl.max_horizontal("began", "in_use_since_on")),
    ).with_columns(lapses=day_after(limits.last_good("reconciliation_age", "last")))
    never = pl.col("last").is_null()
    missing, old = never & (pl.col("first_due") < on), pl.col("lapses") <= on
    told = systems.sort("last", "first_due", "key", nulls_last=True).select(
        _missing=pl.col("key").filter(missing).first(), _missing_count=missing.sum(),
        _missing_since=day_after(pl.col("first_due").filter(missing).min()),
        _old=pl.col("key").filter(old).first(), _old_count=old.sum(),
        _old_since=pl.col("lapses").filter(old).min(), _last=pl.col("last").filter(old).first(),
        _first_due=pl.col("first_due").filter(never).min(), _any=pl.len() > 0,
    )  # fmt: skip
    return member_answers(
        told.filter("_any"),
        falls_short(
            pl.col("_missing").is_not_null(), "never_reconciled", since=pl.col("_missing_since"), who=CHIEF,
            system=pl.col("_missing"), count=pl.col("_missing_count"),
        ),
        falls_short(
            pl.col("_old").is_not_null(), "reconciliation_old", since=pl.col("_old_since"), who=CHIEF,
            system=pl.col("_old"), count=pl.col("_old_count"), last=pl.col("_last"),
        ),
        no_evidence(
            pl.col("_first_due").is_not_null(), "no_reconciliation_yet", who=CHIEF, first_due=pl.col("_first_due"),
        ),
    )  # fmt: skip


def _accurate(done: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """One outcome for the newest reconciliation of each source and system, where it is recent."""
    newest = done.sort("done_on", "key").group_by("source", "system").agg(pl.all().last())
    recent = newest.filter(limits.last_good("reconciliation_age", "done_on") >= on)
    compared = pl.sum_horizontal("matched", "missing", "extra")
    target = limits.value("configuration_accuracy")
    told = {"who": CHIEF, "reconciliation": pl.col("key"), "done_on": pl.col("done_on")}
    return answers(
        recent, Reconciliation,
        no_evidence(compared == 0, "nothing_compared", **told),
        falls_short(
            pl.col("matched") * 100 < compared * target, "not_accurate", since=pl.col("done_on"), target=pl.lit(target),
            accuracy=(pl.col("matched") * 1000 / compared).floor() / 10, **told,
        ),
    )  # fmt: skip
