"""Article 7: a system manager for every unit, what that person keeps and does, and what is reported at once."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Appointment,
    Equipment,
    Incident,
    InformationFlow,
    Instruction,
    Person,
    StatusReport,
    Unit,
)
from sekisho.rulebook.language import (
    BEGINNING,
    active,
    answers,
    check,
    clause,
    cover,
    day_of,
    falls_short,
    holders,
    kept_up,
    minute_of,
    role,
)
from sekisho.rulebook.limits import Limits

clause(
    "7-1",
    Duty.MUST,
    "部署・業務単位ごとにシステム管理責任者を置く",
    "A system manager for every department or business unit",
)


@check(
    "7-1",
    asks="存続するすべての部署に現在システム管理責任者がおり、一年間空白がありませんか。",
    reads=(Unit, Appointment, Person),
    limits=("gap_window",),
    reasons={
        "no_manager": (
            "{unit} にシステム管理責任者がいません（{since} から）。任命を登録してください。",
            "{unit} has no system manager (since {since}). Register an appointment.",
        ),
        "gap": (
            "{unit} のシステム管理責任者が {from} から {until} まで不在でした。"
            "空白の間の代行と再発防止を記録してください。",
            "{unit} had no system manager from {from} to {until}. Record who stood in, and what prevents the next gap.",
        ),
    },
)
def every_unit_has_a_system_manager(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every active unit a system manager today, and had it one without a gap for a year?

    Who left the member holds no office any more, whatever the appointment says. A vacancy counts from its own first
    day (never before the rule came into force), a gap while its last day lies in the window.
    """
    window = pl.lit(limits.window_start("gap_window"))
    first = pl.min_horizontal(pl.max_horizontal("since_on", pl.lit(BEGINNING)), pl.lit(on))
    units = active(facts[Unit], on).select(unit="key", start_on=first)
    return answers(
        cover(holders(facts, "system_manager"), "unit", units, on),
        Unit,
        falls_short(
            ~pl.col("covered"), "no_manager",
            since=pl.col("vacant_since"), who=role("chief_system_officer"), unit=pl.col("unit"),
        ),
        falls_short(
            pl.col("gap_until") >= window, "gap",
            since=pl.col("gap_from"), who=role("chief_system_officer"),
            unit=pl.col("unit"), **{"from": pl.col("gap_from"), "until": pl.col("gap_until")},
        ),
        subject=pl.col("unit"),
    )  # fmt: skip


clause(
    "7-2",
    Duty.MUST,
    "機器と情報の流路を把握し、安全管理事項をまとめ、管理状況を記録し、役職員を指導する",
    "Know the unit's equipment and information flows, set out what safe daily use needs, record its state, "
    "instruct its staff",
)


@check(
    "7-2",
    asks="部署ごとの機器・情報の流路・管理状況の記録・役職員への指導がそろい、新しく保たれていますか。",
    reads=(Unit, Equipment, InformationFlow, StatusReport, Instruction),
    limits=("unit_list_age", "status_record_age", "instruction_age"),
    reasons={
        "no_equipment": ("{unit} の機器の一覧がありません。", "{unit} has no list of equipment."),
        "old_equipment": (
            "{unit} の機器の一覧が {last} から確認されていません。",
            "{unit}'s equipment was last confirmed on {last}.",
        ),
        "no_flows": ("{unit} の情報の流路の一覧がありません。", "{unit} has no list of information flows."),
        "old_flows": (
            "{unit} の情報の流路が {last} から確認されていません。",
            "{unit}'s information flows were last confirmed on {last}.",
        ),
        "no_status": ("{unit} の管理状況の記録がありません。", "{unit} has no status record."),
        "old_status": (
            "{unit} の管理状況の記録が {last} で止まっています。",
            "{unit}'s last status record is of {last}.",
        ),
        "no_instruction": (
            "{unit} の役職員への指導の記録がありません。",
            "{unit}'s staff had no instruction on record.",
        ),
        "old_instruction": (
            "{unit} の役職員への指導が {last} から行われていません。",
            "{unit}'s staff were last instructed on {last}.",
        ),
    },
)
def every_unit_keeps_its_lists_and_instructs_its_staff(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Are each unit's equipment, information flows, status record and instruction there and recent enough?"""
    units = active(facts[Unit], on)
    manager = role("system_manager", pl.col("key"))
    return pl.concat(
        kept_up(
            units, Unit, rows, by="unit", at=at, limits=limits, limit=limit,
            never=f"no_{what}", old=f"old_{what}", since="since_on", who=manager,
        )
        for what, rows, at, limit in (
            ("equipment", facts[Equipment], "confirmed_on", "unit_list_age"),
            ("flows", facts[InformationFlow], "confirmed_on", "unit_list_age"),
            ("status", facts[StatusReport], day_of("submitted_at"), "status_record_age"),
            ("instruction", facts[Instruction], "held_on", "instruction_age"),
        )
    )  # fmt: skip


clause(
    "7-3",
    Duty.MUST,
    "情報漏えい等の問題を直ちに統括管理責任者へ報告する",
    "Report leaks and other safety problems to the chief system officer at once",
)


@check(
    "7-3",
    asks="インシデントはすべて、検知から期限内に統括管理責任者へ報告されましたか。",
    reads=(Incident,),
    limits=("incident_report_time",),
    reasons={
        "not_reported": (
            "{incident} が統括管理責任者に報告されていません（報告期限 {due_at}）。",
            "{incident} was not reported to the chief system officer (it was due at {due_at}).",
        ),
        "late": (
            "{incident} の統括管理責任者への報告が期限（{due_at}）に遅れました（{reported_at}）。",
            "{incident} reached the chief system officer late: at {reported_at}, due {due_at}.",
        ),
    },
)
def problems_reach_the_chief_system_officer_at_once(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did every incident reach the chief system officer within the limit after its detection?"""
    incidents = facts[Incident].filter(
        pl.col("state").is_in(["open", "closed"]), day_of("detected_at") <= on
    ).with_columns(due_at=limits.latest("incident_report_time", "detected_at"))  # fmt: skip
    reported = pl.when(day_of("reported_at") <= on).then(pl.col("reported_at"))
    due_on = day_of("due_at")
    told = {
        "incident": pl.col("key"),
        "due_at": pl.col("due_at").dt.convert_time_zone("Asia/Tokyo").dt.to_string("%Y-%m-%d %H:%M"),
    }
    manager = pl.coalesce(role("system_manager", pl.col("unit")), role("csirt_lead"))
    return answers(
        incidents, Incident,
        falls_short(reported.is_null() & (due_on <= on), "not_reported", since=due_on, due=due_on, who=manager, **told),
        falls_short(
            reported > pl.col("due_at"), "late", since=due_on, due=due_on, who=manager, **told,
            reported_at=minute_of("reported_at"),
        ),
    )  # fmt: skip


clause(
    "G7",
    Duty.MAY,
    "システム管理責任者はリテラシーの高い人材でもよい",
    "A system manager need not be a specialist",
    read_with="7-1",
)
