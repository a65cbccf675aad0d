"""The assessment as programs read it: one form for `sekisho assess --format json` and for the API.

Other programs rely on it: members are added, never taken away or renamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sekisho.rulebook.assess import Assessment, ClauseState
from sekisho.rulebook.words import Finding, all_findings


def told(assessment: Assessment) -> list[dict[str, Any]]:
    """One object a clause, in the rule's order. Everything in it is text, a number, true or false, or null."""
    found = all_findings(assessment)
    return [told_clause(state, found[citation]) for citation, state in assessment.states.items()]


def told_clause(state: ClauseState, findings: Iterable[Finding]) -> dict[str, Any]:
    """A clause with its findings in words (`words.findings_of`)."""
    return {
        "clause": state.clause.citation,
        "duty": state.clause.duty.value,
        "verdict": state.verdict.value,
        "findings": [told_finding(finding) for finding in findings],
    }


def told_finding(finding: Finding) -> dict[str, Any]:
    """`since` and `due` are days; `who` is `person:<key>`, `role:<role>` or `role:<role>@<unit>`; null: not known."""
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "outcome": finding.outcome,
        "reason": finding.reason,
        "data": finding.data,
        "since": finding.since.isoformat() if finding.since else None,
        "due": finding.due.isoformat() if finding.due else None,
        "who": finding.who,
        "text": finding.text.as_dict(),
        "check": finding.check,
        "excepted": finding.excepted,
        "exception": finding.exception,
    }
