"""Ask every clause of a snapshot's records: outcomes of all checks, collected together, and verdicts from them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MET, NO_EVIDENCE, SCHEMA
from sekisho.findings.verdicts import Verdict, verdict_of, worst
from sekisho.kernel.kept import Kept
from sekisho.records.facts import Facts, Snapshot, facts_of
from sekisho.records.models import Appointment, Approval, Person, Tolerance
from sekisho.rulebook import exceptions
from sekisho.rulebook.contents import all_checks, checks_of, clauses
from sekisho.rulebook.language import (
    CLAUSES,
    NOTHING_RECORDED,
    Check,
    Clause,
    member_answers,
    no_evidence,
    one,
)

OUTCOMES = SCHEMA | {"check": pl.String, "excepted": pl.Boolean, "exception": pl.String}
_NOTHING = pl.DataFrame(schema=OUTCOMES)
_NOT_MET = pl.col("outcome") != MET
_KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ClauseState:
    """A clause as judged. `outcomes`: SCHEMA with `check`, `excepted` and `exception` (the exception's key)."""

    clause: Clause
    verdict: Verdict
    outcomes: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many subjects are met, fall short, have no evidence, or are excepted."""
        standing = self.outcomes.filter(~pl.col("excepted"))["outcome"].value_counts()
        found = dict(standing.iter_rows())
        told = {name: found.get(name, 0) for name in (MET, FALLS_SHORT, NO_EVIDENCE)}
        return told | {"excepted": int(self.outcomes["excepted"].sum())}

    @cached_property
    def findings(self) -> pl.DataFrame:
        """What is not met, the excepted included, oldest first."""
        return _unmet(self.outcomes)

    @cached_property
    def own(self) -> pl.DataFrame:
        """The outcomes of the clause's own checks; those of its items, or of one it is read with, are told there."""
        if not (self.clause.items or self.clause.read_with):
            return self.outcomes
        return self.outcomes.filter(pl.col("check").is_in([c.name for c in checks_of(self.clause.citation)]))

    @cached_property
    def own_findings(self) -> pl.DataFrame:
        """The findings of the clause's own checks: all clauses together tell each finding once."""
        return _unmet(self.own)


@dataclass(frozen=True)
class Assessment:
    """All clauses, judged of one snapshot, by citation in the rule's order."""

    snapshot: Snapshot
    states: dict[str, ClauseState]

    def __getitem__(self, citation: str) -> ClauseState:
        return self.states[citation]


def assess(seen: Snapshot) -> Assessment:
    """Judge every clause of a snapshot."""
    facts = facts_of(seen)
    return Assessment(seen, judged(facts, seen))


def judged(facts: Facts, seen: Snapshot, only: str = "") -> dict[str, ClauseState]:
    """The states of all clauses, of given facts and day; of `only` one clause and its parts where it is named."""
    chosen = _with_parts(CLAUSES[only]) if only else clauses()
    standing = [c for clause in chosen for c in checks_of(clause.citation) if c.stands_on(seen.on)]
    outcomes = _outcomes(standing, facts, seen)
    granted = _granted(facts, seen)
    states: dict[str, ClauseState] = {}
    for clause in chosen:
        _judge(clause, states, outcomes, granted)
    return {c.citation: states[c.citation] for c in chosen}


def unmet(
    seen: Snapshot, asked: Iterable[Check] | None = None, *, keep: bool = True
) -> dict[str, pl.DataFrame]:
    """What clauses' own checks (`asked`: these alone) do not find met, by citation, departures marked: OUTCOMES.

    For asking of days to come (rulebook/forecast.py): no `continual` checks. Of the answers only what is not met is
    kept, apart from what the pages of today need; without `keep` nothing.
    """
    facts = facts_of(seen)
    chosen = all_checks() if asked is None else asked
    standing = [c for c in chosen if c.stands_on(seen.on) and not c.continual]
    outcomes = _outcomes(standing, facts, seen, unmet_only=True, keep=keep)
    granted = _granted(facts, seen)
    return {
        citation: _excepted(CLAUSES[citation], pl.concat([_NOTHING, *frames]), granted)
        for citation, frames in outcomes.items()
        if not (CLAUSES[citation].read_with or _departed(CLAUSES[citation], granted, "not_applicable"))
    }


def _granted(facts: Facts, seen: Snapshot) -> Granted:
    departures = exceptions.granted(facts, seen.on).partition_by("clause", as_dict=True)
    return {str(clause): frame for (clause,), frame in departures.items()}


def _unmet(outcomes: pl.DataFrame) -> pl.DataFrame:
    found = outcomes.filter(_NOT_MET)
    if found.height < 2:
        return found
    return found.sort("since", "kind", "subject", nulls_last=True)


def _with_parts(clause: Clause) -> list[Clause]:
    """The clause and all that it is judged by, each once, in the order in which they were met."""
    parts = [CLAUSES[c] for c in (*clause.items, *filter(None, [clause.read_with]))]
    return list(dict.fromkeys([clause, *(below for part in parts for below in _with_parts(part))]))


# --- verdicts, after what was granted: approved departures by clause ----------------------------------------------

Granted = dict[str, pl.DataFrame]
Outcomes = dict[str, list[pl.DataFrame]]
_SPARING = ("exception", "otherwise")  # kinds of departure by which what is not met is excepted


def _judge(clause: Clause, states: dict[str, ClauseState], found: Outcomes, granted: Granted) -> ClauseState:
    """The state of a clause; first those of the clauses that it is judged by. Its departures come on top of theirs."""
    if clause.citation in states:
        return states[clause.citation]
    if clause.definition:
        state = ClauseState(clause, Verdict.DEFINITION, _NOTHING)
    elif _departed(clause, granted, "not_applicable"):
        state = ClauseState(clause, Verdict.NOT_APPLICABLE, _NOTHING)
    elif clause.read_with:
        state = _under(clause, _judge(CLAUSES[clause.read_with], states, found, granted), granted)
    else:
        items = [_judge(CLAUSES[item], states, found, granted) for item in clause.items]
        parts = [_under(clause, item, granted) for item in items]
        if clause.citation in found or not parts:
            own = pl.concat([_NOTHING, *found.get(clause.citation, [])])
            parts.append(_state(clause, own, granted))
        state = ClauseState(clause, worst(p.verdict for p in parts), pl.concat([p.outcomes for p in parts]))
    states[clause.citation] = state
    return state


def _under(clause: Clause, part: ClauseState, granted: Granted) -> ClauseState:
    """A part as it counts for the clause above it."""
    if clause.citation not in granted or part.outcomes.is_empty():
        return ClauseState(clause, part.verdict, part.outcomes)
    return _state(clause, part.outcomes, granted)


def _state(clause: Clause, outcomes: pl.DataFrame, granted: Granted) -> ClauseState:
    """The clause's state by outcomes (OUTCOMES), after its approved departures from it, where it applies at all."""
    left = _excepted(clause, outcomes, granted)
    if left.is_empty() and not outcomes.is_empty():  # it applies to none of its subjects
        return ClauseState(clause, Verdict.NOT_APPLICABLE, left)
    return ClauseState(clause, verdict_of(left), left)


def _departed(clause: Clause, granted: Granted, *kinds: str) -> str | None:
    """The key of the approved departure of these kinds that covers the whole clause, the first if several do."""
    if clause.citation not in granted:
        return None
    mine = granted[clause.citation].filter(pl.col("kind").is_in(kinds), pl.col("subject").is_null())
    return min(mine["key"].to_list(), default=None)


def _excepted(clause: Clause, outcomes: pl.DataFrame, granted: Granted) -> pl.DataFrame:
    """Mark the outcomes that an approved departure covers; take out subjects to which the clause does not apply.

    What is marked already (by an item's own exception) stays so.
    """
    if clause.citation not in granted:
        return outcomes
    mine = granted[clause.citation].filter(pl.col("subject").is_not_null()).sort("key")
    spared = mine.filter(pl.col("kind") == "not_applicable").select(at="subject")
    single = (
        mine.filter(pl.col("kind").is_in(_SPARING)).select(at="subject", own="key").unique("at", keep="first")
    )
    marked = (
        outcomes.with_columns(at=pl.concat_str("kind", pl.lit(":"), "subject"))
        .join(spared, on="at", how="anti", maintain_order="left")
        .join(single, on="at", how="left", maintain_order="left")
    )
    whole = pl.lit(_departed(clause, granted, *_SPARING), dtype=pl.String)
    covering = pl.when(pl.col("outcome") != MET).then(pl.coalesce("exception", "own", whole))
    return marked.with_columns(excepted=covering.is_not_null(), exception=covering).select(*OUTCOMES)


# --- outcomes, collected together and kept by what they were made from ------------------------------------------

_outcomes_kept: Kept[pl.DataFrame] = Kept(_KEPT_BYTES, pl.DataFrame.estimated_size)
_unmet_kept: Kept[pl.DataFrame] = Kept(_KEPT_BYTES // 2, pl.DataFrame.estimated_size)


def _outcomes(
    checks: Iterable[Check], facts: Facts, seen: Snapshot, *, unmet_only: bool = False, keep: bool = True
) -> Outcomes:
    """The outcomes of checks by clause. Only the checks whose kinds changed since they were last asked run again."""
    found: dict[tuple[object, ...], pl.DataFrame] = {}
    asked: list[tuple[tuple[object, ...], Check]] = []
    waiting: list[tuple[tuple[object, ...], Check]] = []
    for check in checks:
        key = _key(check, facts, seen)
        asked.append((key, check))
        kept = _kept(key, unmet_only) if facts.changed_at else None
        if kept is None:
            waiting.append((key, check))
        else:
            found[key] = kept
    for (key, check), frame in zip(waiting, _run([c for _, c in waiting], facts, seen), strict=True):
        made = frame.with_columns(
            check=pl.lit(check.name), excepted=pl.lit(False), exception=pl.lit(None, dtype=pl.String)
        ).select(*OUTCOMES)
        found[key] = made.filter(_NOT_MET) if unmet_only else made
        if keep and facts.changed_at:  # what-if facts change without a place: nothing of theirs is kept
            (_unmet_kept if unmet_only else _outcomes_kept).put(key, found[key])
    by_clause: Outcomes = {}
    for key, check in asked:
        by_clause.setdefault(check.clause, []).append(found[key])
    return by_clause


def _kept(key: tuple[object, ...], unmet_only: bool) -> pl.DataFrame | None:
    """What is kept of a check: all its outcomes, or those that are not met, also out of all."""
    part = _unmet_kept.get(key) if unmet_only else None
    if part is None and (whole := _outcomes_kept.get(key)) is not None:
        return whole.filter(_NOT_MET) if unmet_only else whole
    return part


def _key(check: Check, facts: Facts, seen: Snapshot) -> tuple[object, ...]:
    places = tuple((name, facts.changed_at.get(name, -1)) for name in kinds_read(check))
    return (check.clause, check.name, seen.on, places)


def kinds_read(check: Check) -> list[str]:
    """The kinds of record that a check's answer depends on, with those that its limits depend on."""
    read = {*check.reads, *((Tolerance, Approval, Appointment, Person) if check.limits else ())}
    return sorted(model.about.name for model in read)


def _run(checks: list[Check], facts: Facts, seen: Snapshot) -> list[pl.DataFrame]:
    if not checks:
        return []
    limits = exceptions.limits_on(facts, seen.on)
    collected = []
    for check in checks:
        silent = _nothing_recorded(check, facts)
        plan = _silent(check) if silent else check.function(facts, seen.on, limits)
        collected.append(_collectors.submit(plan.collect))  # while the next plan is made
    frames = [waited.result() for waited in collected]
    return [_silent(c).collect() if f.is_empty() else f for c, f in zip(checks, frames, strict=True)]


# One plan at a time in each of a few threads: of 135 small plans it takes a third of the time of pl.collect_all, which
# optimises all of them as one first.
_collectors = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="checks")


def _nothing_recorded(check: Check, facts: Facts) -> bool:
    """Whether every kind that the check asks is empty: then nothing can be said, whatever the check."""
    return all(facts.frame(model).is_empty() for model in check.reads)


def _silent(check: Check) -> pl.LazyFrame:
    """The answer where there is nothing to ask of: no evidence, and of which kinds."""
    kinds = ", ".join(model.about.name for model in check.reads)
    return member_answers(one(), no_evidence(pl.lit(True), NOTHING_RECORDED, kinds=pl.lit(kinds)))


def forget() -> None:
    """Drop every kept outcome (tests; after the database was replaced)."""
    _outcomes_kept.forget()
    _unmet_kept.forget()
