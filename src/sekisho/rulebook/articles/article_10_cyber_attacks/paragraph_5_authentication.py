"""Article 10, paragraph 5: authentication that fits the risk of the transaction."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.authentication import together
from sekisho.records.models import AuthenticationMethod, Channel, System, TransactionType
from sekisho.rulebook.language import (
    BEGINNING,
    active,
    answers,
    blank,
    check,
    clause,
    falls_short,
    keeper,
)
from sekisho.rulebook.limits import Limits

ASKED = {risk: f"authentication_strength_{risk}" for risk in ("low", "medium", "high", "very_high")}

clause(
    "10-5",
    Duty.MUST,
    "取引のリスクに見合う認証方式を導入する",
    "Authentication that fits the risk of the transaction",
)


@check(
    "10-5",
    asks="非対面の取引種別はいずれもリスクが評価され、認証の強度はリスクの求める水準に達していますか。",
    reads=(TransactionType, AuthenticationMethod, Channel, System),
    limits=tuple(ASKED.values()),
    reasons={
        "no_rating": (
            "取引種別 {transaction_type} のリスクが評価されていません。評価し、リスクと評価日を記録してください。",
            "The risk of {transaction_type} is not rated. Rate it, and record the risk and the day.",
        ),
        "no_method": (
            "取引種別 {transaction_type}（リスク：{rating}）に認証方式が登録されていません"
            "（求める強度 {asked}）。導入して登録してください。",
            "{transaction_type} (risk: {rating}) has no way of authentication on record; "
            "a strength of {asked} is asked for. Introduce one, and register it.",
        ),
        "too_weak": (
            "取引種別 {transaction_type}（リスク：{rating}）の認証の強度は {strength} で、"
            "求める強度 {asked} に達していません。認証方式を強めるか組み合わせてください。",
            "The authentication of {transaction_type} (risk: {rating}) has a strength of {strength}; "
            "{asked} is asked for. Strengthen or combine its ways of authentication.",
        ),
    },
)
def every_transaction_is_authenticated_as_its_risk_asks(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every online transaction type a rating of its risk, and authentication as strong as that asks for?

    The strength is worked out from its methods together: records/facts/authentication.py. A rating of a later day has
    not been made yet; one without a day counts.
    """
    rating = pl.when(pl.col("rated_on").is_null() | (pl.col("rated_on") <= on)).then(pl.col("risk"))
    asked = {risk: limits.value(limit) for risk, limit in ASKED.items()}
    rows = _with_units(active(facts[TransactionType], on), facts).join(
        _strengths(facts), on="key", how="left"
    )
    rows = rows.with_columns(rating=rating, strength=pl.col("strength").fill_null(0)).with_columns(
        asked=pl.col("rating").replace_strict(asked, default=None, return_dtype=pl.Int64)
    )
    begun = pl.max_horizontal("since_on", pl.lit(BEGINNING))
    weak = pl.col("strength") < pl.col("asked")
    told = {"who": keeper(), "transaction_type": pl.col("key")}
    short = told | {"since": pl.max_horizontal(begun, "rated_on")} | {
        name: pl.col(name) for name in ("rating", "strength", "asked")
    }  # fmt: skip
    return answers(
        rows, TransactionType,
        falls_short(blank("rating"), "no_rating", since=begun, **told),
        falls_short(weak & pl.col("methods").list.len().fill_null(0).eq(0), "no_method", **short),
        falls_short(weak, "too_weak", **short),
    )  # fmt: skip


def _strengths(facts: Facts) -> pl.LazyFrame:
    """Of each transaction type with methods: key, strength."""
    named = facts[TransactionType].select("key", "methods").explode("methods")
    methods = facts[AuthenticationMethod].rename({"key": "methods"})
    return together(named.join(methods, on="methods"), "key").select("key", "strength")


def _with_units(types: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """With the unit that keeps the system of the type's channel."""
    channels = facts[Channel].select("system", channel="key")
    units = facts[System].select("unit", system="key")
    return types.join(channels, on="channel", how="left").join(units, on="system", how="left")


clause(
    "G10-5",
    Duty.MAY,
    "可変式パスワード、別経路、取引認証、リスクベース等の組合せ",
    "Ways of authentication and their combination",
    read_with="10-5",
)
