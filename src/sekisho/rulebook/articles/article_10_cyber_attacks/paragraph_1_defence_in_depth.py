"""Article 10, paragraph 1: defence in depth, at the entry, inside and at the exit, and at every step of an attack."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.safeguards import INEFFECTIVE, NONE, OLD, UNVERIFIED, covering, judged, of_systems
from sekisho.records.models import Safeguard, System
from sekisho.records.models.defence import KILL_CHAIN, LAYERS
from sekisho.rulebook.language import (
    BEGINNING,
    Case,
    answers,
    check,
    clause,
    day_after,
    falls_short,
    member_answers,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

CSIRT = role("csirt_lead")

clause("10-1", Duty.SHOULD, "入口・内部・出口の多層防御を築く", "Defence in depth: entry, inside, exit")


@check(
    "10-1",
    asks="対象のシステムには、入口・内部・出口のそれぞれに検証済みの防御策がありますか。",
    reads=(System, Safeguard),
    limits=("safeguard_verification_age",),
    reasons={
        "no_layer": (
            "{system} の{layer}に防御策がありません。防御策を講じて検証し、登録してください。",
            "{system} has no safeguard at this layer: {layer}. Put one in place, verify it and register it.",
        ),
        "not_verified": (
            "{system} の{layer}の防御策（{number} 件）は、働くことを検証した記録がありません。"
            "検証し、検証日と結果を記録してください。",
            "Of {system} no safeguard at this layer was ever verified ({layer}, {number} on record). "
            "Verify one, and record the day and the result.",
        ),
        "ineffective": (
            "{system} の{layer}の防御策は、検証の結果、無効でした。直すか別の防御策を講じ、検証してください。",
            "The safeguards of {system} at this layer were found ineffective: {layer}. "
            "Mend or replace them, then verify.",
        ),
        "old": (
            "{system} の{layer}の防御策は、検証の有効期限（{last_good}）を過ぎています。検証し直してください。",
            "The verification of {system}'s safeguards at this layer was good until {last_good}: {layer}. "
            "Verify them again.",
        ),
    },
)
def every_system_has_a_verified_safeguard_at_each_layer(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every system in scope a verified safeguard at the entry, inside and at the exit?

    One finding for each layer that lacks one. A safeguard counts while it stands, and while its last verification found
    it effective, at least in part, and is not too old.
    """
    layers = pl.LazyFrame({"layer": list(LAYERS)})
    asked = systems_in_scope(facts, on).select("in_use_since_on", system="key").join(layers, how="cross")
    mine = of_systems(_judged(facts, on, limits))
    rows = covering(mine, asked, "system", "layer")
    told = {"system": pl.col("system"), "layer": pl.col("layer")}
    cases = _cases("no_layer", pl.col("in_use_since_on"), told)
    return answers(rows, System, *cases, subject=pl.col("system"))


@check(
    "10-1",
    asks="サイバーキルチェーンのどの段階にも、検証済みの防御策がありますか。",
    reads=(System, Safeguard),
    limits=("safeguard_verification_age",),
    reasons={
        "no_step": (
            "攻撃の段階「{step}」を断つ防御策がありません。防御策を講じて検証し、段階を指定して登録してください。",
            "No safeguard breaks this step of an attack: {step}. "
            "Put one in place, verify it and register it with its step.",
        ),
        "step_not_verified": (
            "攻撃の段階「{step}」の防御策（{number} 件）は、働くことを検証した記録がありません。"
            "検証し、検証日と結果を記録してください。",
            "No safeguard of this step of an attack was ever verified: {step} ({number} on record). "
            "Verify one, and record the day and the result.",
        ),
        "step_ineffective": (
            "攻撃の段階「{step}」の防御策は、検証の結果、無効でした。直すか別の防御策を講じ、検証してください。",
            "The safeguards of this step of an attack were found ineffective: {step}. "
            "Mend or replace them, then verify.",
        ),
        "step_old": (
            "攻撃の段階「{step}」の防御策は、検証の有効期限（{last_good}）を過ぎています。検証し直してください。",
            "The verification of the safeguards of this step of an attack was good until {last_good}: {step}. "
            "Verify them again.",
        ),
    },
)
def every_step_of_the_kill_chain_has_a_verified_safeguard(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every step of the kill chain a verified safeguard somewhere at the member?

    One outcome of the member for each of the seven steps. Where there never was one, it was lacking since the first of
    today's systems in scope was taken into use.
    """
    first = systems_in_scope(facts, on).select(first=pl.col("in_use_since_on").min())
    asked = pl.LazyFrame({"step": list(KILL_CHAIN)}).join(first, how="cross")
    rows = covering(_judged(facts, on, limits).filter(pl.col("step").is_not_null()), asked, "step")
    return member_answers(rows, *_cases("no_step", pl.col("first"), {"step": pl.col("step")}, "step_"))


def _judged(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    return judged(facts, on, limits.last_good("safeguard_verification_age", "verified_on"))


def _cases(none: str, first: pl.Expr, told: dict[str, pl.Expr], of: str = "") -> list[Case]:
    """What is told where the best of the safeguards is not a verified one. `of`: what the other reasons begin with.

    It has been so since the day after the last that is known to have been protected; else since the first day asked
    of, and never since before the rule. What was found ineffective has been so at least since that day.
    """
    uncovered = pl.coalesce(day_after("covered_until"), pl.max_horizontal(first, pl.lit(BEGINNING)))
    found = pl.max_horizontal(day_after("covered_until"), "found_on")
    state, number = pl.col("state"), pl.col("number")
    return [
        falls_short(state == NONE, none, since=uncovered, who=CSIRT, **told),
        falls_short(
            state == UNVERIFIED, f"{of}not_verified", since=uncovered, who=CSIRT, number=number, **told
        ),
        falls_short(state == INEFFECTIVE, f"{of}ineffective", since=found, who=CSIRT, **told),
        falls_short(
            state == OLD, f"{of}old", since=uncovered, who=CSIRT, last_good=pl.col("covered_until"), **told
        ),
    ]


clause(
    "G10-1",
    Duty.MAY,
    "サイバーキルチェーンと多層防御、検知の限界を補う策",
    "Kill chain, defence in depth, and what makes up for the limits of detection",
    read_with="10-1",
)
