"""Article 9, paragraph 3, item 4: information from sharing bodies."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, IntelligenceItem, IntelligenceSource, MemberProfile
from sekisho.rulebook.language import (
    active,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    first_day,
    kept_up,
    member_answers,
    role,
    stands,
    summed_up,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")

clause("9-3-4", Duty.SHOULD, "情報共有機関等からの情報収集", "Gather information from sharing bodies")


@check(
    "9-3-4",
    asks="脅威情報の情報源に現につながっていますか。",
    reads=(IntelligenceSource, Appointment, MemberProfile),
    reasons={
        "no_source": (
            "有効な情報源がありません（{since} から）。情報共有機関などからの受信を始め、登録してください。",
            "No intelligence source is connected (since {since}). Join a sharing body or take a feed, and register it.",
        ),
    },
)
def an_intelligence_source_is_connected(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is any intelligence source connected today?"""
    sources = summed_up(
        facts[IntelligenceSource],
        some=stands(on).any(),
        ended=day_after(pl.col("until_on").filter(pl.col("until_on") < on).max()),
    )
    return member_answers(
        sources.join(first_day(facts[MemberProfile], on), how="cross"),
        falls_short(~pl.col("some"), "no_source", since=pl.coalesce("ended", "first_on"), who=LEAD),
    )


@check(
    "9-3-4",
    asks="つながっている情報源はいずれも、最近、情報をもたらしましたか。",
    reads=(IntelligenceSource, IntelligenceItem),
    limits=("intelligence_silence",),
    continual=True,
    reasons={
        "silent_source": (
            "情報源 {intelligence_source} から {last} を最後に情報が届いていません。受信の設定を確認してください。",
            "{intelligence_source} last brought something on {last}. See to the subscription.",
        ),
        "nothing_ever": (
            "情報源 {intelligence_source} から情報が一度も届いていません。受信の設定を確認してください。",
            "{intelligence_source} never brought anything. See to the subscription.",
        ),
        "nothing_yet": (
            "情報源 {intelligence_source} からまだ情報が届いていません（{first_due} が期限です）。",
            "{intelligence_source} brought nothing yet; the first is due by {first_due}.",
        ),
    },
)
def every_intelligence_source_brings_something(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did every connected intelligence source bring something recently?

    What counts is the newest item on record, or the instant at which the source was last heard.
    """
    items = facts[IntelligenceItem].select("source", at=day_of("received_at"))
    heard = facts[IntelligenceSource].select(source="key", at=day_of("last_received_at"))
    return kept_up(
        active(facts[IntelligenceSource], on), IntelligenceSource, pl.concat([items, heard]), by="source", at="at",
        limits=limits, limit="intelligence_silence", never="nothing_ever", old="silent_source", not_yet="nothing_yet",
        since="since_on", who=LEAD,
    )  # fmt: skip
