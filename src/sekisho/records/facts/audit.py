"""What the member's system audits cover: every subject of the audit universe, and the audits behind each.

Shared by article 24's check of the cycle (24-2) and the page that draws coverage: both ask `coverage`, neither works
it out again. The universe of a day: the clauses given by the caller, the units that exist, the systems in scope and in
use, the important vendors. What is due follows from two columns: a subject lapses the day after the limit
`audit_cycle` (months, limits/article_24.toml) counted from `covered_on`, or from `since_on` where no audit covered it
yet; a clause has no `since_on`, so the caller says from when it counts (the rule's first day).

How the scope of an audit is read (field `clauses`): an article's number is all of the article with its guidelines
('10': 10-1, 10-2-4, G10-6), a clause is all below it ('9-3': 9-3-1 to 9-3-6), else it is exactly that clause. Units,
systems and vendors are covered where they are named themselves. An audit counts once it is finished: on `until_on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from sekisho.records.facts.outsourcing import important_vendors
from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import (
    Audit,
    AuditFinding,
    CloudService,
    OutsourcedService,
    Subcontract,
    System,
    Unit,
    Vendor,
)

CLAUSE = "clause"  # the kind of a subject that is a clause; the others are kinds of records
READS = (Audit, Unit, System, Vendor, OutsourcedService, Subcontract, CloudService)

_WEIGHTS = {"high": 0, "medium": 1, "low": 2}
_SCOPES = (("units", Unit), ("systems", System), ("vendors", Vendor))


def coverage(facts: Facts, on: date, citations: Mapping[str, str]) -> pl.DataFrame:
    """The audit universe of a day, one row a subject, with the last audit that covered it by then.

    `citations`: the clauses of the universe and the article of each ({'GC3': '9'}), as `audited_citations` of
    sekisho.rulebook.language tells them. Columns: kind ('clause', 'unit', 'system', 'vendor'), subject (citation or
    key), since_on (Date: its first day; null for clauses and where none is recorded), covered_on (Date: the last day
    of the newest audit of it that was finished by the day; null if never), audit (its key). Ordered by kind, as the
    caller gave the clauses, then by key. A check that asks this reads READS.
    """
    done = (
        covering(facts, citations)
        .filter(pl.col("until_on") <= on)
        .sort("until_on", "audit")
        .group_by("kind", "subject")
        .agg(covered_on=pl.col("until_on").last(), audit=pl.col("audit").last())
    )
    return universe(facts, on, citations).join(
        done, on=["kind", "subject"], how="left", maintain_order="left"
    )


def universe(facts: Facts, on: date, citations: Mapping[str, str]) -> pl.DataFrame:
    """What must be audited, of a day: kind, subject, since_on; see `coverage`."""
    clauses = pl.DataFrame({"subject": list(citations)}, schema={"subject": pl.String}).select(
        kind=pl.lit(CLAUSE), subject="subject", since_on=pl.lit(None, dtype=pl.Date)
    )
    units = facts.frame(Unit).filter(_stands(on, "since_on", "until_on"))
    systems = facts.frame(System).filter("in_scope", _stands(on, "in_use_since_on", "in_use_until_on"))
    important = important_vendors(facts, on)
    vendors = facts.frame(Vendor).join(important, left_on="key", right_on="vendor", how="semi")
    return pl.concat(
        [
            clauses,
            _subjects(Unit.about.name, units, "since_on"),
            _subjects(System.about.name, systems, "in_use_since_on"),
            _subjects(Vendor.about.name, vendors, "since_on"),
        ]
    )


def covering(facts: Facts, citations: Mapping[str, str]) -> pl.DataFrame:
    """Every subject that an audit names, with the audit, finished or only planned: one row a subject and audit.

    Columns: kind, subject, audit, plan_year, from_on, until_on. Holds also what is no part of the universe of a day.
    """
    audits = facts.frame(Audit).select(
        "clauses", "units", "systems", "vendors", "plan_year", "from_on", "until_on", audit="key"
    )
    named = audits.select("audit", name="clauses").explode("name").drop_nulls()
    clauses = (
        named.with_columns(pl.col("name").str.normalize("NFKC").str.strip_chars())
        .join(_names(citations), on="name")
        .select("audit", kind=pl.lit(CLAUSE), subject="subject")
    )
    others = [
        audits.select("audit", kind=pl.lit(model.about.name), subject=field).explode("subject").drop_nulls()
        for field, model in _SCOPES
    ]
    pairs = pl.concat([clauses, *others]).unique(maintain_order=True)
    return pairs.join(
        audits.select("audit", "plan_year", "from_on", "until_on"), on="audit", maintain_order="left"
    ).select("kind", "subject", "audit", "plan_year", "from_on", "until_on")


def open_findings(facts: Facts, on: date) -> pl.DataFrame:
    """The audit findings that are followed on a day: made by then, and not confirmed as done by an auditor yet.

    Columns of AuditFinding; made_on (Date: when it was found, else the audit's last day), done (Boolean), late (Int64:
    days past the date where it is not done, else 0). What is overdue first, then by severity and age.
    """
    audits = facts.frame(Audit).select(audit="key", _until="until_on")
    found = facts.frame(AuditFinding).join(audits, on="audit", how="left", maintain_order="left")
    weight = pl.col("severity").replace_strict(_WEIGHTS, default=len(_WEIGHTS), return_dtype=pl.Int8)
    done = (pl.col("done_on") <= on).fill_null(False)
    late = (pl.lit(on) - pl.col("due_on")).dt.total_days().clip(lower_bound=0)
    return (
        found.with_columns(
            made_on=pl.coalesce("found_on", pl.when(pl.col("_until") <= on).then("_until")),
            done=done,
            late=pl.when(done).then(0).otherwise(late).fill_null(0),
        )
        .filter((pl.col("found_on") <= on).fill_null(True), (pl.col("confirmed_on") > on).fill_null(True))
        .sort(
            pl.col("late") > 0,
            weight,
            "made_on",
            "key",
            descending=[True, False, False, False],
            nulls_last=True,
        )
        .drop("_until")
    )


def _names(citations: Mapping[str, str]) -> pl.DataFrame:
    """By which names an audit may name each clause: name, subject. '10-2-4' answers to 10, 10-2 and 10-2-4."""
    rows = [(name, citation) for citation, article in citations.items() for name in _above(citation, article)]
    return pl.DataFrame(rows, schema={"name": pl.String, "subject": pl.String}, orient="row")


def _above(citation: str, article: str) -> set[str]:
    parts = citation.split("-")
    return {article, *("-".join(parts[:n]) for n in range(1, len(parts) + 1))}


def _stands(on: date, since: str, until: str) -> pl.Expr:
    """Whether a record's days contain the day: what has no first day recorded was there before."""
    begun = pl.col(since).is_null() | (pl.col(since) <= on)
    return begun & (pl.col(until).is_null() | (pl.col(until) >= on))


def _subjects(kind: str, rows: pl.DataFrame, since: str) -> pl.DataFrame:
    return rows.sort("key").select(kind=pl.lit(kind), subject="key", since_on=since)
