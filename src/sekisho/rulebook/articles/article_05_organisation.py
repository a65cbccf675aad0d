"""Article 5: a chief system officer who is up to it, and a contingency plan that both chiefs prove in drills."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Action,
    Appointment,
    ContingencyDuty,
    Document,
    Drill,
    MemberProfile,
    Person,
    Unit,
)
from sekisho.rulebook.language import (
    BEGINNING,
    MEMBER,
    NOT_ASKED,
    active,
    answers,
    blank,
    by_holder,
    check,
    clause,
    cover,
    day_after,
    falls_short,
    holders,
    in_force,
    kept_up,
    member_answers,
    no_evidence,
    one_in_force,
    overdue,
    person,
    reference,
    role,
    summed_up,
)
from sekisho.rulebook.limits import Limits

clause(
    "5-1",
    Duty.MUST,
    "十分な知識・経験を持つ役員をシステム統括管理責任者とする",
    "An officer with enough knowledge and experience is the chief system officer",
)


@check(
    "5-1",
    asks="システム統括管理責任者が現に在任し、一年間空白がなく、任命の根拠が記録されていますか。",
    reads=(Appointment, Person, MemberProfile, Unit),
    limits=("gap_window",),
    reasons={
        "no_chief": (
            "システム統括管理責任者がいません（{since} から）。任命を登録してください。",
            "There is no chief system officer (since {since}). Register an appointment.",
        ),
        "gap": (
            "システム統括管理責任者が {from} から {until} まで不在でした。"
            "空白の間の代行と再発防止を記録してください。",
            "There was no chief system officer from {from} to {until}. "
            "Record who stood in, and what prevents the next gap.",
        ),
        "no_grounds": (
            "{person} をシステム統括管理責任者とした根拠（知識・経験）が記録されていません。"
            "任命 {appointment} に記録してください。",
            "Why {person} is fit to be chief system officer (knowledge, experience) is not on record. "
            "Write it in the appointment {appointment}.",
        ),
    },
)
def a_fit_chief_system_officer_holds_the_office(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is there a chief system officer today, was there one without a gap for a year, and on what grounds?

    The office must be held from the first day of business: as the newest profile that names it says, else the day on
    which the oldest unit was set up, else the first day of the window; never before the rule came into force. A
    vacancy counts from its own first day, a gap while its last day lies in the window. Who left holds no office.
    """
    held = holders(facts, "chief_system_officer")
    start = _first_day_of_business(facts, on, limits).with_columns(role=pl.lit("chief_system_officer"))
    window = pl.lit(limits.window_start("gap_window"))
    director = role("representative_director")
    office = member_answers(
        cover(held, "role", start, on),
        falls_short(~pl.col("covered"), "no_chief", since=pl.col("vacant_since"), who=director),
        falls_short(
            pl.col("gap_until") >= window, "gap", since=pl.col("gap_from"), who=director,
            **{"from": pl.col("gap_from"), "until": pl.col("gap_until")},
        ),
    )  # fmt: skip
    grounds = answers(
        active(held, on),
        Appointment,
        falls_short(
            blank("grounds"), "no_grounds", since=pl.col("since_on"), who=director,
            person=pl.col("person"), appointment=pl.col("key"),
        ),
    )  # fmt: skip
    return pl.concat([office, grounds])


def _first_day_of_business(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """One row, start_on: the first day on which the member had to have a chief system officer, at the latest today."""
    profiles = facts[MemberProfile].filter(pl.col("as_of_on") <= on).sort("as_of_on", "key")
    began = summed_up(profiles, began=pl.col("business_since_on").drop_nulls().last())
    set_up = summed_up(facts[Unit], set_up=pl.col("since_on").min())
    known = pl.coalesce("began", "set_up", pl.lit(limits.window_start("gap_window")))
    first = pl.min_horizontal(pl.max_horizontal(known, pl.lit(BEGINNING)), pl.lit(on))
    return pl.concat([began, set_up], how="horizontal").select(start_on=first)


clause(
    "5-2",
    Duty.MUST,
    "緊急時対応計画に代表取締役と統括管理責任者の責任と対応を定め、自ら指揮する訓練で実効性を確かめる",
    "The contingency plan fixes what the representative director and the chief system officer must do; "
    "both command drills that prove it works",
)
CHIEFS = {
    "representative_director": ("代表取締役", "the representative director"),
    "chief_system_officer": ("システム統括管理責任者", "the chief system officer"),
}


@check(
    "5-2",
    asks="緊急時対応計画が施行され、代表取締役と統括管理責任者の責任と対応を定めていますか。",
    reads=(Document, ContingencyDuty),
    reasons={
        "no_plan": (
            "施行中のコンティンジェンシープランがありません。策定し、承認を受けて登録してください。",
            "No contingency plan is in force. Draw one up, have it approved and register it.",
        ),
    }
    | {
        f"no_duty_of_{name}": (
            f"{{document}} に{ja}の責任と対応が定められていません。「緊急時の責任と対応」に登録してください。",
            f"{{document}} does not say what {en} must do. Register it under contingency duties.",
        )
        for name, (ja, en) in CHIEFS.items()
    },
)
def the_contingency_plan_names_the_duties_of_both_chiefs(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Is a contingency plan in force, and does it say what each of the two chiefs must do?

    Where several plans are in force at once, each must name the duties of both: a new version without them is not
    saved by an old one that was left open.
    """
    chief = role("chief_system_officer")
    parts = [
        member_answers(
            one_in_force(facts, "contingency_plan", on, NOT_ASKED),
            falls_short(pl.col("document").is_null(), "no_plan", since=pl.col("ended"), who=chief),
        )
    ]
    for name in CHIEFS:
        duties = facts[ContingencyDuty].filter(pl.col("role") == name, ~blank("duty"))
        named = duties.select("plan").unique().with_columns(named=pl.lit(True))
        parts.append(
            answers(
                in_force(facts, "contingency_plan", on, NOT_ASKED).join(
                    named, left_on="key", right_on="plan", how="left"
                ),
                Document,
                falls_short(
                    pl.col("named").is_null(), f"no_duty_of_{name}",
                    since=pl.col("in_force_on"), who=chief, document=pl.col("key"),
                ),
            )
        )  # fmt: skip
    return pl.concat(parts)


@check(
    "5-2",
    asks="両者がそれぞれ一年以内に訓練を指揮し、訓練はすべて評価され、改善は期限内ですか。",
    reads=(Drill, Action, Appointment, Person),
    limits=("drill_age", "drill_evaluation_time"),
    reasons={
        f"no_drill_by_{name}": (
            f"{ja}が自ら指揮した訓練の記録がありません。訓練を行い、結果を登録してください。",
            f"No drill commanded by {en} is on record. Hold one and record it.",
        )
        for name, (ja, en) in CHIEFS.items()
    }
    | {
        f"old_drill_by_{name}": (
            f"{ja}が自ら指揮した訓練は {{last}} が最後です。新たに訓練を行ってください。",
            f"{en.capitalize()} last commanded a drill on {{last}}. Hold another.",
        )
        for name, (ja, en) in CHIEFS.items()
    }
    | {
        "not_evaluated": (
            "{held_on} に実施した {drill} の評価が {due} までに行われていません。評価を記録してください。",
            "{drill}, held on {held_on}, was to be evaluated by {due}. Record its evaluation.",
        ),
        "action_overdue": (
            "{drill} から生じた {action} が期限（{due}）を過ぎています。"
            "完了日を記録するか、期限を見直してください。",
            "{action}, which arises from {drill}, was due on {due}. "
            "Record the day it was done, or agree on a new date.",
        ),
    },
)
def both_chiefs_command_drills_that_are_evaluated(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did each of the two chiefs command a drill within a year, is every drill evaluated, no improvement overdue?

    A drill counts for an office where its commander held that office on the day; one person with both offices serves
    for both. An evaluation that came late mends the finding; one without a day counts.
    """
    drills = facts[Drill].filter(pl.col("held_on") <= on)
    commanded = [_commanded(facts, drills, name, on, limits) for name in CHIEFS]
    return pl.concat([*commanded, _evaluated(drills, on, limits), _improved(facts, drills, on)])


def _commanded(facts: Facts, drills: pl.LazyFrame, name: str, on: date, limits: Limits) -> pl.LazyFrame:
    """Of the member: the newest drill that a holder of the office commanded; never is since its first holder."""
    held = holders(facts, name)
    commanded = by_holder(drills, "commanded_by", "held_on", held)
    first = summed_up(held, first=pl.col("since_on").filter(pl.col("since_on") <= on).min())
    return kept_up(
        first, MEMBER, commanded, at="held_on", limits=limits, limit="drill_age",
        never=f"no_drill_by_{name}", old=f"old_drill_by_{name}", since="first", who=role(name),
    )  # fmt: skip


def _evaluated(drills: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each drill: its evaluation, by the day it is due."""
    due = limits.last_good("drill_evaluation_time", "held_on")
    missing = blank("evaluation") | (pl.col("evaluated_on") > on).fill_null(False)
    return answers(
        drills,
        Drill,
        falls_short(
            missing & (due < on), "not_evaluated", since=day_after(due), due=due, who=person("commanded_by"),
            drill=pl.col("key"), held_on=pl.col("held_on"),
        ),
    )  # fmt: skip


def _improved(facts: Facts, drills: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """Of each action that arises from a drill: done, or not due yet."""
    arising = facts[Action].join(drills.select(arises_from=reference("drill"), drill="key"), on="arises_from")
    return answers(
        arising,
        Action,
        falls_short(
            overdue(on), "action_overdue", since=day_after("due_on"), due=pl.col("due_on"),
            who=pl.coalesce(person("owner"), role("chief_system_officer")),
            action=pl.col("key"), drill=pl.col("drill"),
        ),
    )  # fmt: skip


clause(
    "G5-1",
    Duty.MAY,
    "統括管理責任者は役員に限らないが、代表取締役・担当取締役と連携する",
    "The chief system officer need not be a statutory officer, but then works with the director in charge",
)


@check(
    "G5-1",
    asks="統括管理責任者は役員ですか。役員でない場合、在任中の担当取締役と連携していますか。",
    reads=(Appointment, Person),
    reasons={
        "no_director": (
            "システム統括管理責任者 {person} は役員ではありませんが、連携する担当取締役が記録されていません。"
            "任命 {appointment} に記録してください。",
            "The chief system officer {person} is no officer, and no director in charge is linked. "
            "Name one in the appointment {appointment}.",
        ),
        "not_director": (
            "システム統括管理責任者 {person} と連携する {director} は、現在、担当取締役ではありません。"
            "任命 {appointment} の担当取締役を改めてください。",
            "{director}, who is linked to the chief system officer {person}, is no director in charge now. "
            "Name one who is in the appointment {appointment}.",
        ),
        "unknown_person": (
            "システム統括管理責任者 {person} が役員か否かの記録がなく、判定できません。"
            "役職員の区分を記録してください。",
            "Whether the chief system officer {person} is an officer is not on record, so nothing can be said. "
            "Record it under persons.",
        ),
    },
)
def a_chief_who_is_no_officer_works_with_the_director_in_charge(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Is the chief system officer a statutory officer, or else linked to a director who is in charge today?"""
    people = facts[Person].select(person="key", employment="employment")
    director = holders(facts, "director_in_charge").filter(pl.col("since_on") <= on)
    directors = director.group_by("person").agg(
        in_charge=(pl.col("until_on").is_null() | (pl.col("until_on") >= on)).any(),
        ended=pl.col("until_on").max(),
    )
    chiefs = (
        active(holders(facts, "chief_system_officer"), on)
        .join(people, on="person", how="left")
        .join(directors, left_on="works_with", right_on="person", how="left")
    )
    other = pl.col("employment") != "officer"
    told = {"who": person("person"), "person": pl.col("person"), "appointment": pl.col("key")}
    return answers(
        chiefs, Appointment,
        no_evidence(pl.col("employment").is_null(), "unknown_person", **told),
        falls_short(other & pl.col("works_with").is_null(), "no_director", since=pl.col("since_on"), **told),
        falls_short(
            other & ~pl.col("in_charge").fill_null(False), "not_director",
            since=pl.max_horizontal("since_on", day_after("ended")), director=pl.col("works_with"), **told,
        ),
    )  # fmt: skip
