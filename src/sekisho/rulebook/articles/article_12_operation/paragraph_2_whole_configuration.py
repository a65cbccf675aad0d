"""Article 12-2: the whole configuration is known as it is: what is registered against what tools discover."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.configuration import is_discoverable, seen_by
from sekisho.records.models import Component, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    keeper,
    no_evidence,
)
from sekisho.rulebook.limits import Limits

clause("12-2", Duty.MUST, "現状の全体構成を把握する", "Know the whole configuration as it is")


@check(
    "12-2",
    asks="検出された構成要素はすべて登録され、登録された構成要素は期間内に検出されていますか。",
    reads=(Component, System),
    limits=("component_unseen_time",),
    reasons={
        "not_registered": (
            "{component} は {first} に検出されましたが、登録されていません。登録するか、撤去してください。",
            "{component} was discovered on {first} and is not in the register. Register it, or take it away.",
        ),
        "seen_after_end": (
            "{component} は {until} に廃止とされていますが、{last} に検出されています。"
            "撤去するか、廃止日を訂正してください。",
            "{component} was to end on {until} and was discovered on {last}. Take it away, or correct the day.",
        ),
        "not_seen": (
            "{component} は {last} から検出されていません。撤去したなら廃止日を記録し、検出の範囲を確認してください。",
            "{component} was last seen on {last}. Record its end if it is gone, and look at the reach of discovery.",
        ),
        "never_seen": (
            "{component} は {registered} に登録されてから一度も検出されていません。"
            "登録の内容と検出の範囲を確認してください。",
            "{component}, registered on {registered}, was never seen. Look at it and at what discovery reaches.",
        ),
        "neither": (
            "{component} は登録日も検出日時もなく、判定できません。登録日を記録してください。",
            "{component} has neither a day of registration nor a sighting, so nothing can be said. Record the day.",
        ),
    },
)
def register_and_discovery_agree(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every discovered component registered, and was every registered one seen within the limit?

    Asked of the components that stand, and of those that were seen after their end. What tools cannot find is not asked
    to be seen: the record says so, or its kind does (hosting, licences, documents, outsourced services). One that was
    never seen has the limit from its registration.
    """
    units = facts[System].select(system="key", unit="unit")
    over = (pl.col("until_on") < on).fill_null(False)
    rows = (
        facts[Component]
        .select("key", "kind", "system", "registered_on", "until_on", "discoverable", "first_seen_at", "last_seen_at")
        .with_columns(seen=seen_by(on), registered=(pl.col("registered_on") <= on).fill_null(False))
        .filter(~over | (pl.col("seen") > pl.col("until_on")), pl.col("registered") | _is_found_or_nothing())
        .join(units, on="system", how="left")
    )  # fmt: skip
    asked = is_discoverable() & pl.col("registered")
    lapses = day_after(limits.last_good("component_unseen_time", "seen"))
    missed = day_after(limits.last_good("component_unseen_time", "registered_on"))
    seen, first = pl.col("seen"), pl.coalesce(day_of("first_seen_at"), "seen")
    told = {"who": keeper(), "component": pl.col("key")}
    return answers(
        rows, Component,
        falls_short(over, "seen_after_end", since=seen, last=seen, until=pl.col("until_on"), **told),
        falls_short(~pl.col("registered") & seen.is_not_null(), "not_registered", since=first, first=first, **told),
        falls_short(asked & (lapses <= on), "not_seen", since=lapses, last=seen, **told),
        falls_short(
            asked & seen.is_null() & (missed <= on), "never_seen",
            since=missed, registered=pl.col("registered_on"), **told,
        ),
        no_evidence(~pl.col("registered"), "neither", **told),
    )  # fmt: skip


def _is_found_or_nothing() -> pl.Expr:
    """Whether one that is not registered was seen by the day, or nothing at all tells of it."""
    days = ("registered_on", "first_seen_at", "last_seen_at")
    return pl.col("seen").is_not_null() | pl.all_horizontal(pl.col(d).is_null() for d in days)
