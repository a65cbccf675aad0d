"""Ask every clause of a snapshot's records: outcomes of all checks, collected together, and verdicts from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MET, NO_EVIDENCE, SCHEMA
from sekisho.findings.verdicts import Verdict, verdict_of, worst
from sekisho.records.facts import Facts, Snapshot, facts_of
from sekisho.records.models import Appointment, Approval, Person, Tolerance
from sekisho.rulebook import exceptions
from sekisho.rulebook.contents import checks_of, clauses
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
_KEPT = 4_000  # outcomes of one check each


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

    @property
    def findings(self) -> pl.DataFrame:
        """What is not met, the excepted included, oldest first."""
        return self.outcomes.filter(pl.col("outcome") != MET).sort(
            "since", "kind", "subject", nulls_last=True
        )


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


def judged(facts: Facts, seen: Snapshot) -> dict[str, ClauseState]:
    """The states of all clauses, of given facts and day."""
    standing = [c for clause in clauses() for c in checks_of(clause.citation) if c.stands_on(seen.on)]
    outcomes = _outcomes(standing, facts, seen)
    granted = exceptions.granted(facts, seen.on)
    states: dict[str, ClauseState] = {}
    for clause in clauses():
        if not (clause.items or clause.read_with or clause.definition):
            states[clause.citation] = _state(clause, outcomes.get(clause.citation, []), granted)
    for clause in clauses():
        _derived(clause, states, granted)
    return {c.citation: states[c.citation] for c in clauses()}


def _derived(clause: Clause, states: dict[str, ClauseState], granted: pl.DataFrame) -> ClauseState:
    """The state of a clause that is judged by others; its parts first."""
    if clause.citation in states:
        return states[clause.citation]
    nothing = pl.DataFrame(schema=OUTCOMES)
    if clause.definition:
        state = ClauseState(clause, Verdict.DEFINITION, nothing)
    elif _whole(clause, granted, "not_applicable"):
        state = ClauseState(clause, Verdict.NOT_APPLICABLE, nothing)
    elif clause.read_with:
        other = _derived(CLAUSES[clause.read_with], states, granted)
        state = ClauseState(clause, other.verdict, other.outcomes)
    else:
        parts = [_derived(CLAUSES[item], states, granted) for item in clause.items]
        state = ClauseState(clause, worst(p.verdict for p in parts), pl.concat([p.outcomes for p in parts]))
    states[clause.citation] = state
    return state


def _state(clause: Clause, frames: list[pl.DataFrame], granted: pl.DataFrame) -> ClauseState:
    outcomes = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA | {"check": pl.String})
    outcomes = _excepted(clause, outcomes, granted)
    if _whole(clause, granted, "not_applicable"):
        return ClauseState(clause, Verdict.NOT_APPLICABLE, outcomes)
    return ClauseState(clause, verdict_of(outcomes), outcomes)


def _whole(clause: Clause, granted: pl.DataFrame, kind: str) -> bool:
    """Whether an approved departure of this kind covers the whole clause."""
    mine = granted.filter(
        pl.col("clause") == clause.citation, pl.col("kind") == kind, pl.col("subject").is_null()
    )
    return not mine.is_empty()


def _excepted(clause: Clause, outcomes: pl.DataFrame, granted: pl.DataFrame) -> pl.DataFrame:
    """Mark the outcomes that an approved exception covers; take out subjects to which the clause does not apply."""
    mine = granted.filter(pl.col("clause") == clause.citation)
    if mine.is_empty():
        return outcomes.with_columns(excepted=pl.lit(False), exception=pl.lit(None, dtype=pl.String))
    subject = pl.concat_str("kind", pl.lit(":"), "subject")
    spared = mine.filter(pl.col("kind") == "not_applicable", pl.col("subject").is_not_null())["subject"]
    outcomes = outcomes.filter(~subject.is_in(spared.implode()))
    excepting = mine.filter(pl.col("kind") == "exception").sort("key")
    whole = excepting.filter(pl.col("subject").is_null())["key"].first()
    single = (
        excepting.filter(pl.col("subject").is_not_null())
        .unique("subject", keep="first")
        .select(at="subject", own="key")
    )
    marked = outcomes.with_columns(at=subject).join(single, on="at", how="left", maintain_order="left")
    covering = pl.coalesce(pl.col("own"), pl.lit(whole, dtype=pl.String))
    return marked.with_columns(
        exception=pl.when(pl.col("outcome") != MET).then(covering),
    ).with_columns(excepted=pl.col("exception").is_not_null()).select(*OUTCOMES)  # fmt: skip


# --- outcomes, collected together and kept by what they were made from ------------------------------------------

_lock = threading.Lock()
_outcomes_kept: OrderedDict[tuple[object, ...], pl.DataFrame] = OrderedDict()


def _outcomes(checks: Iterable[Check], facts: Facts, seen: Snapshot) -> dict[str, list[pl.DataFrame]]:
    """The outcomes of checks by clause. Only the checks whose kinds changed since they were last asked run again."""
    found: dict[tuple[object, ...], pl.DataFrame] = {}
    asked: list[tuple[tuple[object, ...], Check]] = []
    waiting: list[tuple[tuple[object, ...], Check]] = []
    for check in checks:
        key = _key(check, facts, seen)
        asked.append((key, check))
        kept = _outcomes_kept.get(key) if facts.changed_at else None
        if kept is None:
            waiting.append((key, check))
        else:
            found[key] = kept
    for (key, check), frame in zip(waiting, _run([c for _, c in waiting], facts, seen), strict=True):
        found[key] = frame.with_columns(check=pl.lit(check.name))
        _keep(key, found[key])
    by_clause: dict[str, list[pl.DataFrame]] = {}
    for key, check in asked:
        by_clause.setdefault(check.clause, []).append(found[key].select(*SCHEMA, "check"))
    return by_clause


def _key(check: Check, facts: Facts, seen: Snapshot) -> tuple[object, ...]:
    read = {*check.reads, *((Tolerance, Approval, Appointment, Person) if check.limits else ())}
    places = tuple(sorted((m.about.name, facts.changed_at.get(m.about.name, -1)) for m in read))
    return (check.clause, check.name, seen.on, places)


def _keep(key: tuple[object, ...], frame: pl.DataFrame) -> None:
    with _lock:
        _outcomes_kept[key] = frame
        while len(_outcomes_kept) > _KEPT:
            _outcomes_kept.popitem(last=False)


def _run(checks: list[Check], facts: Facts, seen: Snapshot) -> list[pl.DataFrame]:
    if not checks:
        return []
    limits = exceptions.limits_on(facts, seen.on)
    plans = [
        _silent(c) if _nothing_recorded(c, facts) else c.function(facts, seen.on, limits) for c in checks
    ]
    frames = pl.collect_all(plans)
    return [_silent(c).collect() if f.is_empty() else f for c, f in zip(checks, frames, strict=True)]


def _nothing_recorded(check: Check, facts: Facts) -> bool:
    """Whether every kind that the check asks is empty: then nothing can be said, whatever the check."""
    return all(facts.frame(model).is_empty() for model in check.reads)


def _silent(check: Check) -> pl.LazyFrame:
    """The answer where there is nothing to ask of: no evidence, and of which kinds."""
    kinds = ", ".join(model.about.name for model in check.reads)
    return member_answers(one(), no_evidence(pl.lit(True), NOTHING_RECORDED, kinds=pl.lit(kinds)))


def forget() -> None:
    """Drop every kept outcome (tests; after the database was replaced)."""
    with _lock:
        _outcomes_kept.clear()
