"""Article 6: the chief system officer supervises, reports to the board, commands in trouble, and sees to the rest."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Incident, Meeting, Notice, Person, Resolution, StatusReport
from sekisho.rulebook.language import (
    answers,
    blank,
    by_holder,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    holders,
    member_answers,
    minute_of,
    reference,
    role,
    summed_up,
)
from sekisho.rulebook.limits import Limits

CHIEF = role("chief_system_officer")

clause(
    "6-1",
    Duty.MUST,
    "統括管理責任者はシステムリスク管理を指揮し、次の各号の役割を担う",
    "The chief system officer directs system risk management and has these roles",
    items=("6-1-1", "6-1-2", "6-1-3", "6-1-4"),
)

clause("6-1-1", Duty.MUST, "システム管理責任者を監督する", "Supervise the system managers")


@check(
    "6-1-1",
    asks="その日の統括管理責任者が、管理状況報告をすべて期限内に確認しましたか。",
    reads=(StatusReport, Appointment, Person),
    limits=("report_review_time",),
    reasons={
        "not_reviewed": (
            "{unit} の管理状況報告 {status_report}（{submitted_on} 提出）が {due} までに確認されていません。"
            "統括管理責任者が確認してください。",
            "{status_report} of {unit}, submitted on {submitted_on}, was to be reviewed by {due}. "
            "The chief system officer must review it.",
        ),
        "reviewed_by_other": (
            "{unit} の管理状況報告 {status_report} を {reviewed_on} に確認した {person} は、"
            "その日の統括管理責任者ではありません。統括管理責任者が確認してください。",
            "{status_report} of {unit} was reviewed on {reviewed_on} by {person}, "
            "who was not the chief system officer that day. The chief system officer must review it.",
        ),
        "late": (
            "{unit} の管理状況報告 {status_report} の確認が期限（{due}）に遅れました（{reviewed_on}）。"
            "遅れの理由と再発防止を記録してください。",
            "{status_report} of {unit} was reviewed late: on {reviewed_on}, due {due}. "
            "Record why, and what prevents it from now on.",
        ),
    },
)
def the_chief_reviews_every_status_report(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did whoever was chief system officer that day review every status report in time?

    A review by somebody else, or by nobody named, is none. A late one stays late: an approved exception covers it.
    """
    reports = facts[StatusReport].with_columns(
        submitted_on=day_of("submitted_at"), reviewed_on=day_of("reviewed_at")
    ).filter(pl.col("submitted_on") <= on)  # fmt: skip
    by_chief = by_holder(reports, "reviewed_by", "reviewed_on", holders(facts, "chief_system_officer"))
    rows = reports.join(by_chief.select("key", good=pl.lit(True)), on="key", how="left")
    done = pl.col("reviewed_on") <= on
    good = done.fill_null(False) & pl.col("good").fill_null(False)
    due = limits.last_good("report_review_time", "submitted_on")
    told = {"since": day_after(due), "due": due, "who": CHIEF}
    report = {"status_report": pl.col("key"), "unit": pl.col("unit")}
    late = {"reviewed_on": pl.col("reviewed_on")} | report
    return answers(
        rows, StatusReport,
        falls_short(good & (pl.col("reviewed_on") > due), "late", **told, **late),
        falls_short(
            done & ~good & pl.col("reviewed_by").is_not_null() & (due < on), "reviewed_by_other",
            **told, **late, person=pl.col("reviewed_by"),
        ),
        falls_short(
            ~good & (due < on), "not_reviewed",
            **told, **report, submitted_on=pl.col("submitted_on"),
        ),
    )  # fmt: skip


clause(
    "6-1-2",
    Duty.MUST,
    "取締役会にシステム管理状況を報告する",
    "Report the state of system management to the board",
)


@check(
    "6-1-2",
    asks="直近の四半期に、取締役会がシステム管理状況の報告を受けましたか。",
    reads=(Meeting,),
    limits=("board_report_age",),
    reasons={
        "no_report": (
            "取締役会へのシステム管理状況の報告が記録されていません。次の取締役会で報告し、会議に登録してください。",
            "No report on system management to the board is on record. "
            "Report at the next board meeting and register it there.",
        ),
        "old_report": (
            "取締役会への報告は {last} の {meeting} が最後です。次の取締役会で報告してください。",
            "The board last had a report on {last} ({meeting}). Report at its next meeting.",
        ),
    },
)
def the_board_hears_of_system_management(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did the board have a report on the state of system management in the last quarter?

    A meeting counts with a named report. Where none ever had one, it is so since the board's first meeting on record.
    """
    held = facts[Meeting].filter(pl.col("held_on") <= on).sort("held_on", "key")
    board = pl.col("body") == "board"
    reported = board & ~blank("attached_report")
    newest = summed_up(
        held,
        meetings=pl.len(),
        first=pl.col("held_on").filter(board).first(),
        last=pl.col("held_on").filter(reported).last(),
        meeting=pl.col("key").filter(reported).last(),
    ).filter(pl.col("meetings") > 0)
    lapses = day_after(limits.last_good("board_report_age", "last"))
    return member_answers(
        newest,
        falls_short(pl.col("last").is_null(), "no_report", since=pl.col("first"), who=CHIEF),
        falls_short(
            lapses <= on,
            "old_report",
            since=lapses,
            who=CHIEF,
            last=pl.col("last"),
            meeting=pl.col("meeting"),
        ),
    )


clause(
    "6-1-3",
    Duty.MUST,
    "トラブル時の対応を指揮し、当局等への連絡を含める",
    "Command the response to trouble, outside notices to the authorities included",
)


@check(
    "6-1-3",
    asks="重大なインシデントすべてに対応指揮者がおり、当局へ期限内に連絡しましたか。",
    reads=(Incident, Notice),
    limits=("authority_notice_time",),
    reasons={
        "no_commander": (
            "重大なインシデント {incident} に対応指揮者が定められていません。指揮者を登録してください。",
            "The serious incident {incident} has no commander. Name one.",
        ),
        "notice_missing": (
            "{incident} について当局への連絡（期限 {due_at}）が記録されていません。"
            "直ちに連絡し、送付を記録してください。",
            "No notice to the authority of {incident} is on record; it was due at {due_at}. "
            "Send it now and record it.",
        ),
        "notice_late": (
            "{incident} についての当局への連絡が期限（{due_at}）に遅れました（{sent_at}）。"
            "遅れの理由と再発防止を記録してください。",
            "The authority heard of {incident} late: at {sent_at}, due {due_at}. "
            "Record why, and what prevents it from now on.",
        ),
    },
)
def serious_incidents_are_commanded_and_told_to_the_authority(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every serious incident a commander, and did the authority hear of it in time?

    A notice is due at its own time, else at the limit counted from detection. One without a time of its own that
    follows an earlier one is a further report, and is asked for by no time. Drafts and dismissed incidents are not
    asked of. On the day of the due time a notice that is not on record counts as missing.
    """
    incidents = facts[Incident].filter(
        pl.col("severity") == "serious",
        pl.col("state").is_in(["open", "closed"]),
        day_of("detected_at") <= on,
    )
    commanded = answers(
        incidents,
        Incident,
        falls_short(
            pl.col("commander").is_null(), "no_commander",
            since=day_of("detected_at"), who=CHIEF, incident=pl.col("key"),
        ),
    )  # fmt: skip
    told = {"since": day_of("due_at"), "due": day_of("due_at"), "who": CHIEF}
    named = {"incident": pl.col("key"), "due_at": minute_of("due_at")}
    notices = _notices_due(incidents, facts[Notice], on, limits)
    notified = answers(
        notices, Incident,
        falls_short(pl.col("sent_at").is_null() & (day_of("due_at") <= on), "notice_missing", **told, **named),
        falls_short(
            pl.col("sent_at") > pl.col("due_at"), "notice_late", **told, **named, sent_at=minute_of("sent_at")
        ),
    )  # fmt: skip
    return pl.concat([commanded, notified])


def _notices_due(incidents: pl.LazyFrame, notices: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Each notice to the authority that an incident needs, as of the day: key (the incident's), due_at, sent_at."""
    to_authority = notices.filter(pl.col("to") == "authority").select(
        "about_record",
        own_due_at="due_at",
        sent_at=pl.when(day_of("sent_at") <= on).then(pl.col("sent_at")),
    )
    first_sent_at = pl.col("sent_at").min().over("key")
    further = pl.col("own_due_at").is_null() & (
        (first_sent_at < pl.col("sent_at")) | (pl.col("sent_at").is_null() & first_sent_at.is_not_null())
    )
    return (
        incidents.with_columns(about_record=reference("incident"))
        .join(to_authority, on="about_record", how="left")
        .filter(~further.fill_null(False))
        .with_columns(due_at=pl.coalesce("own_due_at", limits.latest("authority_notice_time", "detected_at")))
    )


clause("6-1-4", Duty.MUST, "その他の重要事項を担う", "Other important matters of system management")


@check(
    "6-1-4",
    asks="重要とされた決定はすべて、期限内に統括管理責任者に付議されましたか。",
    reads=(Resolution,),
    limits=("decision_to_chief_time",),
    reasons={
        "not_put": (
            "重要事項の決議 {resolution}（{decided_on}）が統括管理責任者に付議されていません（期限 {due}）。"
            "付議し、その日を記録してください。",
            "The important decision {resolution} of {decided_on} was to be put to the chief system officer by {due}. "
            "Put it to that person and record the day.",
        ),
        "late": (
            "重要事項の決議 {resolution} の統括管理責任者への付議が期限（{due}）に遅れました（{put_on}）。"
            "遅れの理由と再発防止を記録してください。",
            "The important decision {resolution} reached the chief system officer late: on {put_on}, due {due}. "
            "Record why, and what prevents it from now on.",
        ),
    },
)
def important_decisions_are_put_to_the_chief(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every decision marked important put to the chief system officer in time?"""
    important = facts[Resolution].filter(pl.col("important"), pl.col("decided_on") <= on)
    due = limits.last_good("decision_to_chief_time", "decided_on")
    put_on = pl.when(pl.col("put_to_chief_on") <= on).then(pl.col("put_to_chief_on"))
    told = {"since": day_after(due), "due": due, "who": CHIEF, "resolution": pl.col("key")}
    return answers(
        important, Resolution,
        falls_short(put_on.is_null() & (due < on), "not_put", **told, decided_on=pl.col("decided_on")),
        falls_short(put_on > due, "late", **told, put_on=put_on),
    )  # fmt: skip


clause(
    "G6-1-2",
    Duty.MAY,
    "取締役会への報告は最重要課題",
    "Reporting to the board is a top matter",
    read_with="6-1-2",
)
