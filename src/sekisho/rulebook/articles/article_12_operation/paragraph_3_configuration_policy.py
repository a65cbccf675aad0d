"""Article 12-3: the purpose, the policy and the reach of configuration management."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Document, Person, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    falls_short,
    in_force,
    member_answers,
    one_in_force,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")
POLICY = "configuration_policy"

clause(
    "12-3",
    Duty.MUST,
    "構成管理の目的・方針・適用範囲を定める",
    "Fix the purpose, policy and reach of configuration management",
)


@check(
    "12-3",
    asks="承認された構成管理方針が施行中で、対象範囲のシステムすべてに適用されていますか。",
    reads=(Document, System, Approval, Appointment, Person),
    reasons={
        "no_policy": (
            "施行中の構成管理方針がありません。目的・方針・適用範囲を定め、承認を受けて施行してください。",
            "No configuration policy is in force. Fix purpose, policy and reach, and have it approved.",
        ),
        "not_approved": (
            "構成管理方針 {document} は {in_force_on} から施行中ですが、承認されていません。承認を受けてください。",
            "The configuration policy {document}, in force since {in_force_on}, has no approval. Have it approved.",
        ),
        "outside_reach": (
            "{system} は、施行中のどの構成管理方針（{document} など）の適用範囲にも入っていません。"
            "適用するシステムに加えてください。",
            "{system} is within the reach of no configuration policy in force ({document} and any other). "
            "Add it to the systems that one applies to.",
        ),
    },
)
def a_configuration_policy_reaches_every_system(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is an approved configuration policy in force, and is every system in scope within its reach?

    Of several in force the approved ones count together. A policy that names no system, and does not say that it
    applies to all, reaches none. Where none is approved, that alone is told.
    """
    newest = one_in_force(facts, POLICY, on)
    none, unapproved = pl.col("document").is_null(), pl.col("approved_on").is_null()
    policy = member_answers(
        newest,
        falls_short(none, "no_policy", since=pl.col("ended"), who=CHIEF),
        falls_short(
            unapproved, "not_approved", since=pl.col("in_force_on"), who=CHIEF,
            document=pl.col("document"), in_force_on=pl.col("in_force_on"),
        ),
    )  # fmt: skip
    reached = newest.filter(~none, ~unapproved).select("document", "in_force_on")
    rows = (
        systems_in_scope(facts, on).join(reached, how="cross").join(_reach(facts, on), on="key", how="left")
    )
    outside = answers(
        rows, System,
        falls_short(
            pl.col("reached").is_null(), "outside_reach", since=pl.max_horizontal("in_use_since_on", "in_force_on"),
            who=CHIEF, system=pl.col("key"), document=pl.col("document"),
        ),
    )  # fmt: skip
    return pl.concat([policy, outside])


def _reach(facts: Facts, on: date) -> pl.LazyFrame:
    """The systems that approved policies in force reach: key, reached."""
    policies = in_force(facts, POLICY, on).filter(pl.col("approved_on").is_not_null())
    named = policies.select(key="systems").explode("key").drop_nulls()
    for_all = policies.filter(pl.col("all_systems")).select("kind").unique()
    all_of_them = facts[System].select("key").join(for_all, how="cross").select("key")
    return pl.concat([named, all_of_them]).unique().with_columns(reached=True)
