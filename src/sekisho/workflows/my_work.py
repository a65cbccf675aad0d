"""What one person must do, approve or acknowledge, and by when. A pure read, of any moment; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from sekisho.access.rights import Actor, Held
from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts, Snapshot, facts_of, snapshot
from sekisho.records.models import (
    Acknowledgement,
    Action,
    Appointment,
    Approval,
    Audit,
    AuditFinding,
    Document,
    Incident,
    Person,
    StatusReport,
    Treatment,
)
from sekisho.records.record import Record
from sekisho.records.register import titles
from sekisho.records.roles import AUDITORS, RESPONSE
from sekisho.rulebook.assess import Assessment, ClauseState, assess
from sekisho.rulebook.exceptions import limits_on
from sekisho.rulebook.language import active, day_of, stands
from sekisho.rulebook.words import Finding, worded
from sekisho.workflows.approve import authors, may_decide
from sekisho.workflows.change import Change, UnreadableChange, read_before, read_change

What = Literal[
    "approve", "acknowledge", "mend", "confirm", "review", "act", "treat", "answer", "verify", "finish"
]
CHIEF = "chief_system_officer"
_OVERDUE_IS_FOUND = ("act", "treat", "review", "answer", "verify")
_LAST = date.max


@dataclass(frozen=True)
class Task:
    """One thing to do. `reference` is the record (kind:key) to open, '' for none; `due` the last good day, if any.

    `clause` is the citation of a finding's clause, '' for other tasks; `ver` the version of the record that was seen.
    """

    what: What
    reference: str
    text: Text
    due: date | None = None
    clause: str = ""
    ver: int = 0

    @property
    def key(self) -> str:
        return self.reference.partition(":")[2]

    def is_overdue(self, day: date) -> bool:
        return self.due is not None and self.due < day


def my_work(actor: Actor, seen: Snapshot | None = None) -> list[Task]:
    """All tasks of a person on a snapshot (default: now), soonest first. Nobody but who works here has any."""
    if actor.person is None:
        return []
    seen = seen or snapshot()
    facts = facts_of(seen)
    me = as_of(actor, facts, seen.on)
    if not me.works_here:
        return []
    then = facts if seen.known_at else None
    own = [
        *_to_decide(me, facts, then),
        *_to_finish(me, facts, then),
        *_to_acknowledge(me, facts, seen.on),
        *_to_confirm(me, facts, seen.on),
        *_to_review(me, facts, seen),
        *_owned(me, facts, Action, "act", "what", seen.on),
        *_owned(me, facts, Treatment, "treat", "title", seen.on),
        *_owned(me, facts, AuditFinding, "answer", "title", seen.on),
        *_to_verify(me, facts, seen.on),
    ]
    return sorted(_with_findings(own, _findings(me, assess(seen))), key=_soonest)


def _with_findings(own: list[Task], findings: Iterable[Finding]) -> list[Task]:
    """Tasks and findings. That something owned or to be reviewed is overdue only lends that very task its clause."""
    tasks = {task.reference: task for task in own if task.what in _OVERDUE_IS_FOUND}
    others = [task for task in own if task.what not in _OVERDUE_IS_FOUND]
    for finding in findings:
        about = {finding.reference, *(f"{kind}:{key}" for kind, key in finding.data.items())}
        told = about & set(tasks)
        for reference in told:
            tasks[reference] = replace(tasks[reference], clause=tasks[reference].clause or finding.clause)
        if not told:
            others.append(Task("mend", finding.reference, finding.text, finding.due, finding.clause))
    return [*tasks.values(), *others]


def _soonest(task: Task) -> tuple[date, str, str]:
    return (task.due or _LAST, task.what, task.reference)


def as_of(actor: Actor, facts: Facts, on: date) -> Actor:
    """The actor with the offices of a day, as they were known then."""
    mine = facts[Appointment].filter(pl.col("person") == (actor.person or ""))
    rows = active(mine, on).select("role", "unit", "system").collect().iter_rows()
    employed = active(facts[Person], on, "joined_on", "left_on").filter(pl.col("key") == (actor.person or ""))
    works = not employed.collect().is_empty()
    held = frozenset(Held(*row) for row in rows) if works else frozenset()
    return Actor(actor.by, actor.person, held, works_here=works, writes=actor.writes, day=on)


# --- approvals --------------------------------------------------------------------------------------------------


def _to_decide(me: Actor, facts: Facts, then: Facts | None) -> Iterator[Task]:
    """Submitted changes that the person may decide. One that names its day must be decided by then."""
    waiting = facts.frame(Approval).filter(pl.col("step") == "submitted")
    written_by = authors(dict(waiting.select("key", "asked_by").iter_rows()))
    for row, change, words in _changes(waiting, then):
        if may_decide(me, change, written_by[row["key"]]):
            text = _DECIDE.format(subject=words)
            yield Task("approve", f"approval:{row['key']}", text, _decide_by(change), ver=row["ver"])


def _to_finish(me: Actor, facts: Facts, then: Facts | None) -> Iterator[Task]:
    """The person's own drafts, and what was sent back."""
    mine = facts.frame(Approval).filter(
        pl.col("asked_by") == me.person, pl.col("step").is_in(["draft", "sent_back"])
    )
    for row, change, words in _changes(mine, then):
        told = _SUBMIT if row["step"] == "draft" else _REWORK
        text = told.format(subject=words, reason=row["reason"] or "-")
        yield Task("finish", f"approval:{row['key']}", text, _decide_by(change), ver=row["ver"])


def _changes(approvals: pl.DataFrame, then: Facts | None) -> list[tuple[dict[str, Any], Change, Text]]:
    """Each approval with its change, and that in words; those from a file without one wait for nobody."""
    found = []
    for row in approvals.sort("key").iter_rows(named=True):
        with suppress(UnreadableChange):
            found.append((row, read_change(row["key"], row["subject"], row["change"])))
    read_before([change for _, change in found])
    names = titles({reference for _, change in found for reference in change.spoken_of}, then)
    return [(row, change, change.words(names)) for row, change in found]


def _decide_by(change: Change) -> date | None:
    """A document must be approved by the day on which it is to come into force; for the rest no day is set."""
    return change.values.get("in_force_on") if change.model is Document else None


# --- documents, incidents, reports ------------------------------------------------------------------------------


def _to_acknowledge(me: Actor, facts: Facts, on: date) -> Iterator[Task]:
    """Basic policies in force that the person has not acknowledged; people of vendors are not asked."""
    person = facts[Person].filter(
        pl.col("key") == me.person, pl.col("employment").is_in(["officer", "employee"])
    )
    given = facts[Acknowledgement].filter(pl.col("person") == me.person, day_of("at") <= on)
    policies = facts[Document].filter(pl.col("kind") == "basic_policy", stands(on, "in_force_on", "until_on"))
    due = limits_on(facts, on).last_good(
        "acknowledgement_time", pl.max_horizontal("in_force_on", "joined_on")
    )
    waiting = (
        policies.join(given, left_on="key", right_on="document", how="anti")
        .join(person.select("joined_on"), how="cross")
        .with_columns(due=due)
        .sort("key")
        .collect()
    )
    for row in waiting.iter_rows(named=True):
        text = _ACKNOWLEDGE.format(title=f"{row['title']} {row['version']}")
        yield Task("acknowledge", f"document:{row['key']}", text, row["due"], ver=row["ver"])


def _to_confirm(me: Actor, facts: Facts, on: date) -> Iterator[Task]:
    """Drafts of incidents that tools made, for those who respond: due on the day of their detection."""
    if not me.holds(RESPONSE):
        return
    drafts = facts.frame(Incident).filter(pl.col("state") == "draft").sort("detected_at", "key")
    for row in drafts.iter_rows(named=True):
        detected_on = _day(row["detected_at"])
        if detected_on is None or detected_on <= on:
            text = _CONFIRM.format(title=row["title"])
            yield Task("confirm", f"incident:{row['key']}", text, detected_on, ver=row["ver"])


def _to_review(me: Actor, facts: Facts, seen: Snapshot) -> Iterator[Task]:
    """Status reports that the chief system officer has not reviewed."""
    if CHIEF not in me.roles:
        return
    on = seen.on
    due = limits_on(facts, on).last_good("report_review_time", day_of("submitted_at"))
    open_ones = (
        facts[StatusReport]
        .filter(pl.col("reviewed_at").is_null(), day_of("submitted_at") <= on)
        .filter(pl.col("system_manager") != me.person)
        .with_columns(due=due)
        .sort("key")
        .collect()
    )
    units = titles((f"unit:{unit}" for unit in open_ones["unit"]), facts if seen.known_at else None)
    for row in open_ones.iter_rows(named=True):
        unit = units.get(f"unit:{row['unit']}", row["unit"])
        text = _REVIEW.format(period=row["period"], unit=unit)
        yield Task("review", f"status_report:{row['key']}", text, row["due"], ver=row["ver"])


def _owned(me: Actor, facts: Facts, model: type[Record], what: What, title: str, on: date) -> Iterator[Task]:
    """What the person owns and has not done."""
    undone = pl.col("done_on").is_null() | (pl.col("done_on") > on)
    mine = facts.frame(model).filter(pl.col("owner") == me.person, undone)
    for row in mine.sort("due_on", "key").iter_rows(named=True):
        text = _FINISH.format(kind=model.about.label, title=row[title])
        yield Task(what, f"{model.about.name}:{row['key']}", text, row["due_on"], ver=row["ver"])


def _to_verify(me: Actor, facts: Facts, on: date) -> Iterator[Task]:
    """What audits found and others have done, for the auditors: of the member, and of the audit itself."""
    audits = facts[Audit].select(audit="key", auditors="auditors")
    mine = pl.lit(me.holds(AUDITORS)) | pl.col("auditors").list.contains(pl.lit(me.person)).fill_null(False)
    due = limits_on(facts, on).last_good("finding_confirmation_time", "done_on")
    waiting = (
        facts[AuditFinding]
        .join(audits, on="audit", how="left")
        .filter(pl.col("done_on") <= on, pl.col("confirmed_on").is_null() | (pl.col("confirmed_on") > on))
        .filter(mine, (pl.col("owner") != me.person).fill_null(True))
        .with_columns(due=due)
        .sort("due", "key")
        .collect()
    )
    for row in waiting.iter_rows(named=True):
        text = _VERIFY.format(title=row["title"])
        yield Task("verify", f"audit_finding:{row['key']}", text, row["due"], ver=row["ver"])


# --- findings ---------------------------------------------------------------------------------------------------


def _findings(me: Actor, judged: Assessment) -> Iterator[Finding]:
    """What falls short, or shows no evidence, and is this person's to mend; what other tasks tell is left out."""
    mine = {c: _mine(me, state) for c, state in judged.states.items()}
    told = worded({c: rows for c, rows in mine.items() if not rows.is_empty()}, judged.snapshot)
    for findings in told.values():
        yield from findings


def _mine(me: Actor, state: ClauseState) -> pl.DataFrame:
    acknowledging = pl.col("reason") == "not_acknowledged"  # a task of its own from the first day on
    return state.own_findings.filter(
        ~pl.col("excepted"), pl.col("who").is_in(sorted(codes_of(me))), ~acknowledging.fill_null(False)
    )


def codes_of(me: Actor) -> set[str]:
    """How findings name the person: by key, by role, by role of a unit."""
    roles = {f"role:{role}" for role in me.roles}
    return {f"person:{me.person}"} | roles | {f"role:{h.role}@{h.unit}" for h in me.held if h.unit}


def _day(instant: datetime | None) -> date | None:
    return clock.day_of(instant) if instant else None


_DECIDE = Text("承認待ち: {subject}", "Decide: {subject}")
_SUBMIT = Text("下書きを申請する: {subject}", "Submit your draft: {subject}")
_REWORK = Text(
    "差し戻された申請を直す: {subject}（理由: {reason}）",
    "Mend what was sent back: {subject} (reason: {reason})",
)
_ACKNOWLEDGE = Text("基本方針「{title}」を読み、確認する", "Read and acknowledge the basic policy '{title}'")
_CONFIRM = Text(
    "検知された「{title}」がインシデントか判断する", "Say whether '{title}', as detected, is an incident"
)
_REVIEW = Text("管理状況報告を確認する: {unit} {period}", "Review the status report of {unit} for {period}")
_VERIFY = Text("指摘事項の対応を確認する: {title}", "Confirm that a finding is done: {title}")
_FINISH = Text("{kind}を完了する: {title}", "{kind} to finish: {title}")
