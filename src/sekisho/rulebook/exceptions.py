"""Approved departures: exceptions, what is done otherwise, inapplicability of clauses; tolerances of limits."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import GrantedException, Tolerance
from sekisho.rulebook.language import CLAUSES, active, approvals, blank
from sekisho.rulebook.limits import Limits, all_limits

APPROVERS = frozenset({"chief_system_officer", "representative_director"})


def granted(facts: Facts, on: date) -> pl.DataFrame:
    """Exceptions that stand on the day and are approved. Columns: key, clause, kind, subject (kind:key or null).

    What is done otherwise counts where the rule only gives an example (`may_be_done_otherwise`), and with a reason and
    an equivalent.
    """
    approved = approvals(facts, GrantedException, APPROVERS, on)
    examples = [citation for citation in CLAUSES if may_be_done_otherwise(citation)]
    otherwise = pl.col("clause").is_in(examples) & ~blank("reason") & ~blank("equivalent")
    standing = active(facts[GrantedException], on, "from_on", "until_on").filter(
        (pl.col("kind") != "otherwise") | otherwise
    )
    return standing.join(approved, on="key", how="semi").select("key", "clause", "kind", "subject").collect()


def may_be_done_otherwise(citation: str) -> bool:
    """Whether a clause is an example (duty `may`): a member may do something else that serves as well."""
    return citation in CLAUSES and CLAUSES[citation].duty is Duty.MAY


def limits_on(facts: Facts, on: date) -> Limits:
    """The limits of the day: a tolerance stands in a limit's place if it tightens it, or is approved with a reason.

    One of an unknown limit, or of a span that no calendar holds, changes nothing (article 3 tells of the first).
    """
    approved = set(approvals(facts, Tolerance, APPROVERS, on).collect()["key"].to_list())
    known = all_limits()
    values: dict[str, int] = {}
    for row in (
        active(facts[Tolerance], on, "from_on", "until_on")
        .sort("from_on", "key")
        .collect()
        .iter_rows(named=True)
    ):
        limit = known.get(row["limit"])
        if limit is None or row["value"] is None or not limit.takes(row["value"]):
            continue
        if not limit.loosens(row["value"], on) or (row["key"] in approved and row["reason"]):
            values[limit.name] = row["value"]
    return Limits(on, values)
