"""Article 9, paragraph 1: somebody in charge of cybersecurity, and an approved structure; what cybersecurity is."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Document, MemberProfile, Person
from sekisho.rulebook.language import (
    check,
    clause,
    day_after,
    falls_short,
    first_day,
    holders,
    member_answers,
    one_in_force,
    role,
    stands,
    summed_up,
)
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")

clause(
    "9-1",
    Duty.MUST,
    "サイバーセキュリティに必要な体制を整備する",
    "The structure that cybersecurity needs",
)


@check(
    "9-1",
    asks="サイバーセキュリティの責任者（CSIRT責任者）が現に任命されていますか。",
    reads=(Appointment, Person, MemberProfile),
    reasons={
        "no_person": (
            "サイバーセキュリティの責任者（CSIRT責任者）がいません（{since} から）。任命を登録してください。",
            "Nobody is in charge of cybersecurity as CSIRT lead (since {since}). Register an appointment.",
        ),
    },
)
def somebody_is_in_charge_of_cybersecurity(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is somebody appointed for cybersecurity, as lead of the CSIRT, today?

    Who left the member holds no office any more. A vacancy counts from the day after the last one's end; where there
    never was one, from the first day on which the rule bound the member.
    """
    held = summed_up(
        holders(facts, "csirt_lead"),
        held=stands(on).any(),
        ended=day_after(pl.col("until_on").filter(pl.col("until_on") < on).max()),
    )
    return member_answers(
        held.join(first_day(facts[MemberProfile], on), how="cross"),
        falls_short(~pl.col("held"), "no_person", since=pl.coalesce("ended", "first_on"), who=CHIEF),
    )


@check(
    "9-1",
    asks="承認されたサイバーセキュリティ管理体制が施行されていますか。",
    reads=(Document, Approval, Appointment, Person, MemberProfile),
    reasons={
        "no_structure": (
            "有効なサイバーセキュリティ管理体制の文書がありません。役割と連絡の流れを定め、承認を受けてください。",
            "No document of the cybersecurity structure is in force. "
            "Set out roles and lines of reporting, and have it approved.",
        ),
        "not_approved": (
            "サイバーセキュリティ管理体制 {document} に承認がありません。承認を受けてください。",
            "The cybersecurity structure {document} carries no approval. Have it approved.",
        ),
    },
)
def the_cybersecurity_structure_is_approved(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is a cybersecurity structure in force that somebody entitled approved?"""
    structure = one_in_force(facts, "cyber_structure", on)
    return member_answers(
        structure.join(first_day(facts[MemberProfile], on), how="cross"),
        falls_short(
            pl.col("document").is_null(), "no_structure", since=pl.coalesce("ended", "first_on"), who=CHIEF
        ),
        falls_short(
            pl.col("approved_on").is_null(), "not_approved",
            since=pl.col("in_force_on"), who=CHIEF, document=pl.col("document"),
        ),
    )  # fmt: skip


clause(
    "GC3",
    Duty.MAY,
    "サイバーセキュリティの意義は基本法第2条による",
    "Cybersecurity is meant as in Article 2 of the Basic Act",
    definition=True,
    article="9",
)
