"""Article 9, paragraph 3, item 2: whom to report to and inform under attack, and in which words."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Contact, Document, MemberProfile, Person
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    falls_short,
    first_day,
    in_force,
    kept_up,
    member_answers,
    one_in_force,
    role,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")
NEEDED = ("authority", "association")

clause("9-3-2", Duty.SHOULD, "攻撃を受けた際の報告・広報体制", "Reporting and public relations under attack")


@check(
    "9-3-2",
    asks="当局と協会の連絡先が登録され、有効な連絡先はいずれも最近確認されていますか。",
    reads=(Contact, Appointment, Person, MemberProfile),
    limits=("contact_age",),
    reasons={
        "no_contact_authority": (
            "当局の有効な連絡先が登録されていません。夜間を含む連絡手段を登録してください。",
            "No contact of the authority is on record. Register one, with the way to reach it at night.",
        ),
        "no_contact_association": (
            "協会の有効な連絡先が登録されていません。夜間を含む連絡手段を登録してください。",
            "No contact of the association is on record. Register one, with the way to reach it at night.",
        ),
        "never_confirmed": (
            "連絡先 {contact} は一度も確認されていません。つながることを確かめ、確認日を登録してください。",
            "{contact} was never confirmed. See that it can be reached, and record the day.",
        ),
        "old_contact": (
            "連絡先 {contact} は {last} から確認されていません。つながることを確かめ、確認日を登録してください。",
            "{contact} was last confirmed on {last}. See that it can be reached, and record the day.",
        ),
    },
)
def contacts_are_there_and_confirmed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are the authority and the association among the contacts, and was every contact confirmed recently?

    Contacts of other kinds (police, press, sharing bodies) are the member's choice; those it lists are confirmed too.
    """
    contacts = facts[Contact].filter(pl.col("until_on").is_null() | (pl.col("until_on") >= on))
    first = first_day(facts[MemberProfile], on)
    listed = [_listed(facts, contacts, first, kind, on) for kind in NEEDED]
    confirmed = kept_up(
        contacts, Contact, contacts, by="key", at="confirmed_on", limits=limits, limit="contact_age",
        never="never_confirmed", old="old_contact", who=LEAD,
    )  # fmt: skip
    return pl.concat([*listed, confirmed])


def _listed(facts: Facts, contacts: pl.LazyFrame, first: pl.LazyFrame, kind: str, on: date) -> pl.LazyFrame:
    """Of the member: a contact of that kind, lacking since the last one's end."""
    of_kind = pl.col("kind") == kind
    some = contacts.select(some=of_kind.any())
    over = facts[Contact].filter(of_kind, pl.col("until_on") < on)
    ended = over.select(ended=day_after(pl.col("until_on").max()))
    return member_answers(
        pl.concat([some, ended, first], how="horizontal"),
        falls_short(~pl.col("some"), f"no_contact_{kind}", since=pl.coalesce("ended", "first_on"), who=LEAD),
    )


@check(
    "9-3-2",
    asks="承認された通知・広報の雛形が施行されていますか。",
    reads=(Document, Approval, Appointment, Person, MemberProfile),
    reasons={
        "no_template": (
            "有効な通知・広報の雛形がありません。報告・公表の文案を用意し、承認を受けてください。",
            "No notice template is in force. Draft the words of reports and announcements, and have them approved.",
        ),
        "not_approved": (
            "通知・広報の雛形 {document} に承認がありません。承認を受けてください。",
            "The notice template {document} carries no approval. Have it approved.",
        ),
    },
)
def notice_templates_are_in_force(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is a notice template in force, and every one that is approved?"""
    one = one_in_force(facts, "notice_template", on).join(first_day(facts[MemberProfile], on), how="cross")
    some = member_answers(
        one,
        falls_short(
            pl.col("document").is_null(), "no_template", since=pl.coalesce("ended", "first_on"), who=LEAD
        ),
    )
    each = answers(
        in_force(facts, "notice_template", on),
        Document,
        falls_short(
            pl.col("approved_on").is_null(), "not_approved",
            since=pl.col("in_force_on"), who=LEAD, document=pl.col("key"),
        ),
    )  # fmt: skip
    return pl.concat([some, each])
