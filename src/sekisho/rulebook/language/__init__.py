"""The words in which articles are written.

An article declares its clauses in the rule's order and, under each, the checks that ask it of records::

    CLAUSE_7_1 = clause("7-1", Duty.MUST, "部署ごとに ...", "A system manager for every unit")

    @check("7-1", asks="...", reads=(Unit, Appointment), reasons={"no_manager": ("...", "...")})
    def every_unit_has_a_system_manager(facts, on, limits):
        '''Has every active unit a system manager today, and had it one without a gap for a year?'''

A check is pure: facts, day and limits in; one outcome for each subject out (`answers`). No loop where a set will do.

| module | words |
|---|---|
| `clauses` | what an article declares: clauses and checks |
| `answers` | outcomes: which case holds, and what is then told |
| `records` | single records: the days they hold, what is overdue, who must act |
| `offices` | who was entitled: approvals, holders of an office, documents in force |
| `spans` | spans of days: cover without a gap, what is kept up within a limit |
| `systems` | the systems that the rule reaches on a day, and who keeps one |
"""

from sekisho.findings.outcomes import CLAUSE, MEMBER
from sekisho.rulebook.language.answers import Case, answers, falls_short, member_answers, no_evidence
from sekisho.rulebook.language.clauses import (
    BEGINNING,
    CHECKS,
    CLAUSES,
    COMMON_REASONS,
    NOTHING_RECORDED,
    Check,
    CheckFunction,
    Clause,
    audited_citations,
    check,
    clause,
)
from sekisho.rulebook.language.offices import (
    NOT_ASKED,
    approvals,
    by_holder,
    holders,
    in_force,
    one_in_force,
    reached,
)
from sekisho.rulebook.language.records import (
    active,
    blank,
    day_after,
    day_of,
    expression,
    first_day,
    fiscal_year,
    key_in,
    minute_of,
    one,
    overdue,
    person,
    reference,
    role,
    stands,
    summed_up,
)
from sekisho.rulebook.language.spans import cover, kept_up
from sekisho.rulebook.language.systems import keeper, systems_in_scope

__all__ = [
    "BEGINNING",
    "CHECKS",
    "CLAUSE",
    "CLAUSES",
    "COMMON_REASONS",
    "MEMBER",
    "NOTHING_RECORDED",
    "NOT_ASKED",
    "Case",
    "Check",
    "CheckFunction",
    "Clause",
    "active",
    "answers",
    "approvals",
    "audited_citations",
    "blank",
    "by_holder",
    "check",
    "clause",
    "cover",
    "day_after",
    "day_of",
    "expression",
    "falls_short",
    "first_day",
    "fiscal_year",
    "holders",
    "in_force",
    "keeper",
    "kept_up",
    "key_in",
    "member_answers",
    "minute_of",
    "no_evidence",
    "one",
    "one_in_force",
    "overdue",
    "person",
    "reached",
    "reference",
    "role",
    "stands",
    "summed_up",
    "systems_in_scope",
]
