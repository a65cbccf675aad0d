"""Article 13: maintenance, and planned stops that users are told of."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Maintenance, System
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    keeper,
    minute_of,
    no_evidence,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

clause("13-1", Duty.MUST, "定期的又は適時にメンテナンスする", "Maintain regularly or when needed")


@check(
    "13-1",
    asks="対象範囲のシステムすべてが、それぞれの周期内にメンテナンスされていますか。",
    reads=(System, Maintenance),
    limits=("maintenance_age",),
    reasons={
        "never_maintained": (
            "{system} は周期（{months} か月）を過ぎてもメンテナンスの実施が記録されていません。"
            "実施し、開始と終了の日時を記録してください。",
            "{system} was never maintained, and its cycle of {months} months is over. Do it, and record when it began "
            "and ended.",
        ),
        "overdue": (
            "{system} のメンテナンスが {last} から行われておらず、周期（{months} か月）を過ぎています。"
            "実施し、開始と終了の日時を記録してください。",
            "{system} was last maintained on {last}, longer ago than its cycle of {months} months. Do it, and record "
            "when it began and ended.",
        ),
        "not_maintained_yet": (
            "{system} のメンテナンスの記録がまだありません（最初の期限 {first_due}）。実施したものを記録してください。",
            "No maintenance of {system} is on record yet (the first is due by {first_due}). Record what was done.",
        ),
    },
)
def every_system_is_maintained_in_its_cycle(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every system in scope maintained within its cycle?

    The cycle is that of the system's record, else the limit. It runs from the end of the newest maintenance, for the
    first one from the system's first day; until then there is no evidence. One that is only planned counts for nothing.
    """
    done = facts[Maintenance].select("system", last=day_of("done_until_at")).filter(pl.col("last") <= on)
    newest = done.group_by("system").agg(pl.col("last").max())
    months = pl.coalesce("maintenance_months", pl.lit(limits.value("maintenance_age")))
    span = pl.concat_str(months, pl.lit("mo"))
    rows = (
        systems_in_scope(facts, on)
        .join(newest, left_on="key", right_on="system", how="left")
        .with_columns(
            first_due=pl.col("in_use_since_on").dt.offset_by(span),
            last_good=pl.col("last").dt.offset_by(span),
        )
    )
    never = pl.col("last").is_null()
    missed, lapses = day_after("first_due"), day_after("last_good")
    told = {"who": keeper(), "system": pl.col("key")}
    return answers(
        rows, System,
        falls_short(never & (missed <= on), "never_maintained", since=missed, months=months, **told),
        no_evidence(never, "not_maintained_yet", first_due=pl.col("first_due"), **told),
        falls_short(lapses <= on, "overdue", since=lapses, last=pl.col("last"), months=months, **told),
    )  # fmt: skip


clause(
    "13-2",
    Duty.MUST,
    "定期メンテナンスの停止予定を利用者に公表する",
    "Publish planned stops to users",
)


@check(
    "13-2",
    asks="サービスを停止するメンテナンスはすべて、予告期間までに公開ページで公表され、公表したとおりに行われましたか。",
    reads=(Maintenance, System),
    limits=("stop_notice_time", "stop_deviation_time", "stop_window"),
    reasons={
        "not_announced": (
            "{planned_from} からの停止（{maintenance}）は、公表の期限（{due_at}）を過ぎても公表されていません。"
            "直ちに公表するか、日程を見直してください。",
            "The stop {maintenance} from {planned_from} was to be announced by {due_at} and is not. Announce it now, "
            "or plan it for later.",
        ),
        "announced_late": (
            "{planned_from} からの停止（{maintenance}）の公表（{announced}）が期限（{due_at}）に遅れました。"
            "次からは予告期間を置いて公表してください。",
            "The stop {maintenance} from {planned_from} was announced late: at {announced}, due {due_at}. "
            "Announce the next one in time.",
        ),
        "times_differ": (
            "停止（{maintenance}）は {planned_from} から {planned_until} までの予定でしたが、"
            "{done_from} から {done_until} まで行われ、変更が公表されていません。停止中に変更を公表してください。",
            "The stop {maintenance} was announced for {planned_from} to {planned_until} and lasted from {done_from} to "
            "{done_until}, and users were not told of the change. Tell them of changes while the stop lasts.",
        ),
        "not_reported": (
            "{planned_until} までの停止（{maintenance}）の実施の日時が記録されておらず、判定できません。"
            "開始と終了の日時を記録してください。",
            "When the stop {maintenance}, planned until {planned_until}, began and ended is not on record, so nothing "
            "can be said. Record both.",
        ),
    },
)
def planned_stops_are_announced_and_kept(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every planned stop on the public page before its lead time, and were its times kept or the change announced?

    Asked of maintenance of systems in scope; what stops no service needs no notice. One marked urgent is announced by
    its beginning at the latest. Before the announcement is due a stop that is only planned is in order. Times are kept
    where beginning and end are each within the limit of the plan; else the change must be announced before the later of
    the planned and the real end. Stops whose planned end is longer ago than the window are no longer asked of. On the
    day on which it is due an announcement that is not on record counts as missing.
    """
    rows = _stops(facts, on, limits)
    announced_at, due_at = pl.col("announced"), pl.col("due_at")
    told = {"who": keeper(), "maintenance": pl.col("key")}
    planned = {"planned_from": minute_of("planned_from_at")}
    ended = {"planned_until": minute_of("planned_until_at")}
    times = {"done_from": minute_of("done_from"), "done_until": minute_of("done_until")}
    due = {"since": day_of(due_at), "due": day_of(due_at), "due_at": minute_of(due_at)}
    stops, over = pl.col("stops_service"), day_of("planned_until_at") < on
    done = pl.col("done_from").is_not_null() & pl.col("done_until").is_not_null()
    return answers(
        rows, Maintenance,
        falls_short(
            stops & announced_at.is_null() & (day_of(due_at) <= on), "not_announced", **due, **planned, **told
        ),
        falls_short(
            stops & (announced_at > due_at), "announced_late", announced=minute_of(announced_at),
            **due, **planned, **told,
        ),
        falls_short(
            stops & done & pl.col("differs") & ~pl.col("change_told"), "times_differ", since=day_of("done_until"),
            **planned, **ended, **times, **told,
        ),
        no_evidence(stops & over & ~done, "not_reported", **ended, **told),
    )  # fmt: skip


def _stops(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Maintenance of systems in scope, planned to end within the window or still to come, as known on the day.

    With unit; due_at; announced, done_from, done_until (null where after the day); differs; change_told.
    """
    systems = facts[System].filter("in_scope").select(system="key", unit="unit")
    asked = facts[Maintenance].filter(day_of("planned_until_at") >= limits.window_start("stop_window"))
    lead = pl.duration(days=pl.when(pl.col("urgent")).then(0).otherwise(limits.value("stop_notice_time")))
    rows = asked.join(systems, on="system").with_columns(
        due_at=pl.col("planned_from_at") - lead,
        announced=_by(on, "announced_at"),
        done_from=_by(on, "done_from_at"),
        done_until=_by(on, "done_until_at"),
        change=_by(on, "change_announced_at"),
    )
    most = pl.duration(minutes=limits.value("stop_deviation_time"))
    off = [(pl.col(f"done_{end}") - pl.col(f"planned_{end}_at")).abs() > most for end in ("from", "until")]
    over = pl.max_horizontal("planned_until_at", "done_until")
    return rows.with_columns(
        differs=pl.any_horizontal(off).fill_null(False),
        change_told=(pl.col("change") <= over).fill_null(False),
    )


def _by(on: date, instant: str) -> pl.Expr:
    """An instant that has come by the end of the day; null where it has not."""
    return pl.when(day_of(instant) <= on).then(pl.col(instant))
