"""Which nodes of the graph the articles on outsourcing and cloud find something about."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.http import HttpRequest

from sekisho.findings.outcomes import NO_EVIDENCE
from sekisho.findings.verdicts import Duty
from sekisho.records.contents import is_kind, kind_named
from sekisho.rulebook.assess import OUTCOMES, ClauseState
from sekisho.rulebook.language import CLAUSES
from sekisho.rulebook.words import Finding, worded
from sekisho.web.seen import assessment, facts, seen

ARTICLES = ("25", "26", "27")
TONES = ("met_by_exception", "no_evidence", "mild", "falls_short")  # the gravest last

# A finding about one of these stands at the record that it belongs to: (kind, field, kind of the node).
_BELONGS = (
    ("contract", "vendor", "vendor"),
    ("vendor_evaluation", "vendor", "vendor"),
    ("assurance_report", "vendor", "vendor"),
    ("data_holding", "vendor", "vendor"),
    ("data_holding", "cloud_service", "cloud_service"),
    ("cloud_point", "cloud_service", "cloud_service"),
)


@dataclass(frozen=True)
class Mark:
    """The gravest finding about a node, and how many stand (those that are excepted do not)."""

    tone: str
    number: int

    @property
    def verdict(self) -> str:
        """The verdict whose sign and word it bears."""
        return "falls_short" if self.tone == "mild" else self.tone

    @property
    def duty(self) -> Duty:
        """By which the badge is drawn: an endeavour that falls short looks milder."""
        return Duty.SHOULD if self.tone == "mild" else Duty.MUST


def states(request: HttpRequest) -> list[ClauseState]:
    """The clauses of the articles, as judged, in the rule's order; definitions are left out."""
    judged = assessment(request).states.values()
    return [s for s in judged if s.clause.article in ARTICLES and not s.clause.definition]


def found(request: HttpRequest, nodes: list[str]) -> pl.DataFrame:
    """What is found about nodes (`kind:key`): OUTCOMES with node, clause and grave (it is no mere endeavour)."""
    frames = [
        s.own_findings.with_columns(
            clause=pl.lit(s.clause.citation), grave=pl.lit(s.clause.duty not in (Duty.SHOULD, Duty.MAY))
        )
        for s in states(request)
    ]
    empty = pl.DataFrame(schema=OUTCOMES | {"clause": pl.String, "grave": pl.Boolean})
    rows = pl.concat([empty, *frames])
    own = rows.with_columns(node=pl.concat_str("kind", pl.lit(":"), "subject"))
    wanted = pl.DataFrame({"node": nodes}, schema={"node": pl.String}).unique()
    everywhere = pl.concat([own, *(_through(request, rows, *way) for way in _BELONGS)])
    return everywhere.join(wanted, on="node", how="semi", maintain_order="left")


def marks(rows: pl.DataFrame) -> dict[str, Mark]:
    """The mark of each node about which something is found, of the rows of `found`."""
    tone = (
        pl.when(pl.col("excepted"))
        .then(pl.lit("met_by_exception"))
        .when(pl.col("outcome") == NO_EVIDENCE)
        .then(pl.lit("no_evidence"))
        .when(pl.col("grave"))
        .then(pl.lit("falls_short"))
        .otherwise(pl.lit("mild"))
        .cast(pl.Enum(TONES))
    )
    told = rows.group_by("node").agg(tone=tone.max(), number=(~pl.col("excepted")).sum())
    return {node: Mark(str(tone), number) for node, tone, number in told.iter_rows()}


def in_words(request: HttpRequest, rows: pl.DataFrame) -> list[tuple[Finding, Duty]]:
    """The rows of `found` in words, each once, those that stand first; with the clause's duty."""
    once = rows.unique(["clause", "check", "kind", "subject", "reason"], maintain_order=True)
    ordered = once.sort("excepted", maintain_order=True)
    parts = ordered.select(*OUTCOMES, "clause").partition_by("clause", as_dict=True, maintain_order=True)
    told = worded({str(clause): part.drop("clause") for (clause,), part in parts.items()}, seen(request))
    findings = [(finding, CLAUSES[clause].duty) for clause, part in told.items() for finding in part]
    return sorted(findings, key=lambda f: (f[0].excepted, f[0].outcome, f[1] is not Duty.MUST))


def _through(request: HttpRequest, rows: pl.DataFrame, kind: str, field: str, node: str) -> pl.DataFrame:
    mine = rows.filter(pl.col("kind") == kind)
    if mine.is_empty() or not is_kind(kind):
        return mine.with_columns(node=pl.lit(None, dtype=pl.String)).clear()
    whose = facts(request).frame(kind_named(kind)).select(subject="key", node=f"{node}:" + pl.col(field))
    return mine.join(whose.drop_nulls("node"), on="subject", maintain_order="left")
