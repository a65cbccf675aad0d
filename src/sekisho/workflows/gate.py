"""The gate before a release goes into use: open, or refused with the reasons.

It asks the very checks of articles 17 to 20, of the facts as they stand with one deployment supposed: this release, at
this instant. So a release that the gate lets through is one that the clauses find met, and the other way round. A
departure that is granted for a whole clause counts here as it does there. An emergency is not asked for its judgement
(article 22 asks for its review afterwards), but for all else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records.facts import facts_of, snapshot
from sekisho.records.facts.frames import schema_of
from sekisho.records.facts.snapshot import GivenFacts
from sekisho.records.models import Deployment, Project, Release
from sekisho.rulebook.assess import judged
from sekisho.rulebook.told import told_finding
from sekisho.rulebook.words import Finding, worded

CLAUSES_ASKED = ("17", "18", "19-1", "19-2", "20-1")
_SUPPOSED = "?"  # a key that no record can have


@dataclass(frozen=True)
class Gate:
    """What was found of a release's introduction at an instant. `reasons`: what is not met, in the rule's order."""

    release: str
    at: datetime
    emergency: bool
    reasons: tuple[Finding, ...]

    @property
    def is_open(self) -> bool:
        return not self.reasons


def gate_of(release_key: str, at: datetime | None = None) -> Gate:
    """Whether a release may go into use at an instant (default: now), by what is recorded now. Raises NotFound."""
    moment = at or clock.now()
    seen = snapshot(clock.day_of(moment))
    facts = facts_of(seen)
    release = _release(facts.frame(Release), release_key)
    supposed = GivenFacts({Deployment: _supposed(release_key, moment)}, over=facts)
    found = {c: judged(supposed, seen, c)[c].findings for c in CLAUSES_ASKED}
    told = worded({c: _about(rows, release) for c, rows in found.items()}, seen)
    reasons = tuple(finding for findings in told.values() for finding in findings)
    return Gate(release_key, moment, bool(release["emergency"]), reasons)


def told_gate(gate: Gate) -> dict[str, Any]:
    """The gate as programs read it: one form for `sekisho gate --format json` and for the API."""
    return {
        "release": gate.release,
        "open": gate.is_open,
        "at": clock.iso(gate.at),
        "emergency": gate.emergency,
        "reasons": [{"clause": f.clause} | told_finding(f) for f in gate.reasons],
    }


def _release(releases: pl.DataFrame, key: str) -> dict[str, Any]:
    for row in releases.filter(pl.col("key") == key).iter_rows(named=True):
        return row
    raise NotFound(what=Text(f"{Release.about.ja} {key}", f"{Release.about.en} {key}"))


def _supposed(release: str, at: datetime) -> pl.DataFrame:
    """The one deployment that is supposed, in the place of all others."""
    row = {"key": _SUPPOSED, "ver": 0, "by": "", "release": release, "at": at}
    return pl.DataFrame([row], schema=schema_of(Deployment))


def _about(findings: pl.DataFrame, release: dict[str, Any]) -> pl.DataFrame:
    """The findings about this release and its project that no departure covers; told of the release itself."""
    deployed = pl.col("kind") == Deployment.about.name
    project = pl.lit(release["project"], dtype=pl.String)
    of_project = (pl.col("kind") == Project.about.name) & (pl.col("subject") == project)
    return findings.filter(~pl.col("excepted"), deployed | of_project).with_columns(
        kind=pl.when(deployed).then(pl.lit(Release.about.name)).otherwise("kind"),
        subject=pl.when(deployed).then(pl.lit(release["key"])).otherwise("subject"),
    )
