"""The audit universe over the years of the cycle: what 24-2 says of each subject, when it lapses, the audits behind it.

What is due is not judged here again: subjects are those that 24-2 answers for, with its outcome. Only what the verdict
does not tell is added: the day on which cover lapses, and which audits did, do or will cover the subject in each year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MET
from sekisho.records.facts import Facts
from sekisho.records.facts.audit import CLAUSE, coverage, covering
from sekisho.records.models import MemberProfile
from sekisho.rulebook.assess import Assessment
from sekisho.rulebook.contents import clauses
from sekisho.rulebook.exceptions import limits_on
from sekisho.rulebook.language import audited_citations, day_after, fiscal_year

CITATION = "24-2"
SOON = "6mo"
MOST_YEARS = 6  # of a cycle that was lengthened: more columns help nobody

# How a subject stands, the worst first.
LAPSED, NEVER, NOT_YET, SOON_OVER, COVERED = "lapsed", "never", "not_yet", "soon", "covered"
STANDINGS = (LAPSED, NEVER, NOT_YET, SOON_OVER, COVERED)
# What an audit does for a subject in a year, the best first. `missed`: planned for a year that is over, never begun.
DONE, UNDER_WAY, PLANNED, MISSED = "done", "under_way", "planned", "missed"
STATES = (DONE, UNDER_WAY, PLANNED, MISSED)


@dataclass(frozen=True)
class Matrix:
    """`years`: the fiscal years shown (each by its first day's), this one last but one, then the next.

    `subjects`, one row each: kind, group (a clause's article, else the kind), subject, covered_on, audit, lapses_on
    (the first day on which cover is, or was, lacking; null where none is known), standing, excepted, in_hand (an audit
    of it is under way, or planned for this year or the next). In the rule's order, then by key.

    `cells`, one row an audit of a subject: kind, group, subject, year, state, audit, day (finished, else begun, if so).
    """

    years: tuple[int, ...]
    subjects: pl.DataFrame
    cells: pl.DataFrame

    @property
    def this_year(self) -> int:
        return self.years[-2]

    @property
    def missing(self) -> pl.DataFrame:
        """The subjects that no planned or running audit will cover: lapsed, never covered, or lapsing soon."""
        wanting = (pl.col("standing") != COVERED) & ~pl.col("excepted") & ~pl.col("in_hand")
        return self.subjects.filter(wanting)


def matrix(judged: Assessment, facts: Facts) -> Matrix:
    """The matrix of an assessment's day; `facts` are those that it was made of."""
    on = judged.snapshot.on
    limits = limits_on(facts, on)
    citations = _in_order()
    year = fiscal_year(facts[MemberProfile], on).collect().row(0, named=True)
    back = min(MOST_YEARS, max(1, -(-limits.value("audit_cycle") // 12)))
    years = tuple(range(year["year"] - back + 1, year["year"] + 2))
    lapses = day_after(limits.last_good("audit_cycle", "covered_on"))
    rows = (
        coverage(facts, on, citations)
        .with_columns(_group(citations))
        .join(_outcomes(judged), on=["kind", "subject"], how="inner", maintain_order="left")
        .with_columns(lapses_on=pl.coalesce(lapses, day_after("first_due")))
        .with_columns(standing=_standing(on))
    )
    cells = _cells(facts, on, citations, year["year"], year["year_from_on"].month)
    cells = cells.join(rows, on=["kind", "subject"], how="semi", maintain_order="left")
    ahead = cells.filter(pl.col("state").is_in([UNDER_WAY, PLANNED]), pl.col("year") <= years[-1])
    ahead = ahead.select("kind", "subject").unique()
    rows = rows.join(
        ahead.with_columns(in_hand=pl.lit(True)), on=["kind", "subject"], how="left", maintain_order="left"
    )
    columns = (
        "kind", "group", "subject", "covered_on", "audit", "lapses_on", "standing", "excepted",
        pl.col("in_hand").fill_null(False),
    )  # fmt: skip
    return Matrix(years, rows.select(*columns), cells.select(*_CELL))


_CELL = ("kind", "group", "subject", "year", "state", "audit", "day")


def _in_order() -> dict[str, str]:
    """The audited clauses in the rule's order, each article's guidelines after it."""
    audited = audited_citations()
    return {c.citation: audited[c.citation] for c in clauses() if c.citation in audited}


def _group(citations: dict[str, str]) -> pl.Expr:
    is_clause = pl.col("kind") == CLAUSE
    article = pl.col("subject").replace_strict(citations, default=None, return_dtype=pl.String)
    return pl.when(is_clause).then(article).otherwise("kind").alias("group")


def _outcomes(judged: Assessment) -> pl.DataFrame:
    """kind, subject, outcome, excepted, first_due (by when what was never covered is, or was, due)."""
    first_due = pl.col("data").str.json_path_match("$.first_due").str.to_date("%Y-%m-%d")
    return judged[CITATION].outcomes.select("kind", "subject", "outcome", "excepted", first_due=first_due)


def _standing(on: date) -> pl.Expr:
    """By 24-2's outcome; only what lapses soon is told apart from what else is covered."""
    never = pl.col("covered_on").is_null()
    soon = pl.col("lapses_on") <= pl.lit(on).dt.offset_by(SOON)
    return (
        pl.when(pl.col("outcome") == FALLS_SHORT)
        .then(pl.when(never).then(pl.lit(NEVER)).otherwise(pl.lit(LAPSED)))
        .when(pl.col("outcome") != MET)
        .then(pl.lit(NOT_YET))
        .otherwise(pl.when(soon).then(pl.lit(SOON_OVER)).otherwise(pl.lit(COVERED)))
    )


def _cells(facts: Facts, on: date, citations: dict[str, str], this_year: int, month: int) -> pl.DataFrame:
    """Which year an audit counts in: finished, that of its last day; under way, this one; else the year planned."""
    begun, finished = pl.col("from_on") <= on, pl.col("until_on") <= on
    state = (
        pl.when(finished).then(pl.lit(DONE))
        .when(begun).then(pl.lit(UNDER_WAY))
        .when(pl.col("plan_year") < this_year).then(pl.lit(MISSED))
        .otherwise(pl.lit(PLANNED))
    )  # fmt: skip
    ended_in = pl.col("until_on").dt.year() - (pl.col("until_on").dt.month() < month).cast(pl.Int32)
    year = (
        pl.when(pl.col("state") == DONE).then(ended_in)
        .when(pl.col("state") == UNDER_WAY).then(this_year)
        .otherwise("plan_year")
    )  # fmt: skip
    return (
        covering(facts, citations)
        .with_columns(_group(citations), state=state)
        .with_columns(
            year=year.cast(pl.Int64), day=pl.when(finished).then("until_on").when(begun).then("from_on")
        )
        .sort("year", "day", "audit", nulls_last=True)
    )
