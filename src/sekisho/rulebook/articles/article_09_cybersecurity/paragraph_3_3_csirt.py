"""Article 9, paragraph 3, item 3: a CSIRT that can be reached at any minute."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.roster import gaps, start_of
from sekisho.records.models import Appointment, MemberProfile, Person, RosterShift
from sekisho.rulebook.language import (
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    first_day,
    holders,
    member_answers,
    minute_of,
    role,
    stands,
    summed_up,
)
from sekisho.rulebook.limits import Limits

LEAD = role("csirt_lead")

clause(
    "9-3-3",
    Duty.SHOULD,
    "CSIRT 等の緊急対応・早期警戒体制",
    "A CSIRT or the like for emergency response and early warning",
)


@check(
    "9-3-3",
    asks="CSIRTに責任者と、その代理となる要員が現にいますか。",
    reads=(Appointment, Person, MemberProfile),
    reasons={
        "no_lead": (
            "CSIRT責任者がいません（{since} から）。任命を登録してください。",
            "The CSIRT has no lead (since {since}). Register an appointment.",
        ),
        "no_deputy": (
            "CSIRT責任者の代理となる要員がいません。CSIRT要員の任命を登録してください。",
            "Nobody can stand in for the CSIRT's lead. Appoint a member of the CSIRT.",
        ),
    },
)
def the_csirt_has_a_lead_and_a_deputy(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has the CSIRT a lead today, and beside the lead somebody who can stand in?

    The deputy is any second person in the CSIRT: another lead, or a member. Who left holds no office any more.
    """
    held = holders(facts, "csirt_lead", "csirt_member")
    of_lead = pl.col("role") == "csirt_lead"
    over = pl.col("until_on") < on
    team = summed_up(
        held,
        led=(of_lead & stands(on)).any(),
        people=pl.col("person").filter(stands(on)).n_unique(),
        lead_ended=day_after(pl.col("until_on").filter(of_lead & over).max()),
        team_ended=day_after(pl.col("until_on").filter(over).max()),
        alone_since=pl.col("since_on").filter(stands(on)).max(),
    )
    chief = role("chief_system_officer")
    return member_answers(
        team.join(first_day(facts[MemberProfile], on), how="cross"),
        falls_short(~pl.col("led"), "no_lead", since=pl.coalesce("lead_ended", "first_on"), who=chief),
        falls_short(
            pl.col("people") < 2, "no_deputy",
            since=pl.coalesce("team_ended", pl.max_horizontal("alone_since", "first_on")), who=LEAD,
        ),
    )  # fmt: skip


@check(
    "9-3-3",
    asks="当番表は、これからの期間を一分の空白もなく埋めていますか。",
    reads=(RosterShift, Person, Appointment, MemberProfile),
    limits=("roster_ahead",),
    reasons={
        "no_roster": (
            "{gap_from} から先の当番がまったく登録されていません。昼夜を通した当番表を登録してください。",
            "Nobody is on duty from {gap_from} on. Register a roster of duty by day and by night.",
        ),
        "gap": (
            "当番表に {gap_from} から {gap_until} までの空白があります（期間内の空白 {gaps} か所）。"
            "当番を登録してください。",
            "Nobody is on duty from {gap_from} until {gap_until} (gaps in the time ahead: {gaps}). Fill the roster.",
        ),
    },
)
def the_roster_has_no_gap_ahead(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is somebody who works here then on duty at every minute of the time ahead?

    The time ahead is as many days as the limit says, the day judged the first of them. A gap counts from the day on
    which it first lay ahead; the first of several is told.
    """
    ahead = limits.value("roster_ahead")
    begin = start_of(on)
    end = begin + timedelta(days=ahead)
    found = summed_up(
        gaps(facts, begin, end),
        gaps=pl.len(),
        began_on=day_of(pl.col("began_at").first()),
        gap_from=pl.col("from_at").first(),
        gap_until=pl.col("until_at").first(),
    )
    nobody = (pl.col("gap_from") == begin) & (pl.col("gap_until") == end)
    told = {
        "since": pl.max_horizontal(pl.col("began_on") - pl.duration(days=ahead - 1), "first_on"),
        "due": day_of("gap_from"),
        "who": LEAD,
        "gap_from": minute_of("gap_from"),
    }
    return member_answers(
        found.join(first_day(facts[MemberProfile], on), how="cross"),
        falls_short(nobody, "no_roster", **told),
        falls_short(pl.col("gaps") > 0, "gap", **told, gap_until=minute_of("gap_until"), gaps=pl.col("gaps")),
    )
