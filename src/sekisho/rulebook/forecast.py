"""What will lapse: the findings of later days that today does not have, each with its day and who must act.

The future is the same question with a later day: nothing is guessed, nothing but what is recorded now is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MET
from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Snapshot, facts_of
from sekisho.records.models import GrantedException
from sekisho.rulebook.assess import OUTCOMES, Assessment, assess
from sekisho.rulebook.language import Clause
from sekisho.rulebook.words import Finding, worded

HORIZONS = (30, 90)  # days
_SUBJECT = ["clause", "check", "kind", "subject"]
_SAME = [*_SUBJECT, "reason"]  # one that stands must not hide another of the same subject


@dataclass(frozen=True)
class Lapse:
    """Something that is in order today and will not be: from `on` where the day is known, else within `within` days."""

    clause: Clause
    finding: Finding
    on: date | None
    within: int

    @property
    def falls_short(self) -> bool:
        return self.finding.outcome == FALLS_SHORT


def lapsing(seen: Snapshot, horizons: Sequence[int] = HORIZONS) -> list[Lapse]:
    """What will lapse within the horizons after the snapshot's day, soonest first; each thing once."""
    now = assess(seen)
    told = _standing(now)
    spared = _excepted_by(now)
    found: list[Lapse] = []
    for days in sorted(horizons):
        later = assess(Snapshot(seen.size, seen.on + timedelta(days=days), seen.known_at))
        fresh = _standing(later).join(told, on=_SAME, how="anti")
        found += _lapses(fresh, later, spared, seen.on, days)
        told = pl.concat([told, fresh])
    return sorted(found, key=_soonest)


def within(lapses: Iterable[Lapse], days: int) -> list[Lapse]:
    """Those that lapse in so many days."""
    return [lapse for lapse in lapses if lapse.within <= days]


def obligations(lapses: Iterable[Lapse]) -> list[Lapse]:
    return [lapse for lapse in lapses if lapse.clause.duty is Duty.MUST]


def _lapses(
    fresh: pl.DataFrame, later: Assessment, spared: dict[tuple[str, ...], str], today: date, days: int
) -> Iterator[Lapse]:
    ends = _exceptions_end(later.snapshot)
    frames = {str(c): f for (c,), f in fresh.partition_by("clause", as_dict=True).items()}
    for citation, findings in worded(frames, later.snapshot).items():
        for finding in findings:
            by = spared.get((citation, finding.check, finding.kind, finding.subject))
            on = _first_day(finding, today, ends.get(by) if by else None)
            yield Lapse(later[citation].clause, finding, on, days)


def _own(judged: Assessment) -> pl.DataFrame:
    """The outcomes of all clauses that have checks of their own, with the citation as `clause`."""
    frames = [
        s.outcomes.with_columns(clause=pl.lit(c))
        for c, s in judged.states.items()
        if not (s.clause.items or s.clause.read_with or s.outcomes.is_empty())
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=OUTCOMES | {"clause": pl.String})


def _standing(judged: Assessment) -> pl.DataFrame:
    return _own(judged).filter(pl.col("outcome") != MET, ~pl.col("excepted"))


def _excepted_by(judged: Assessment) -> dict[tuple[str, ...], str]:
    """The exceptions that cover findings, by (clause, check, kind, subject)."""
    rows = _own(judged).filter(pl.col("excepted")).select(*_SUBJECT, "exception").iter_rows()
    return {row[:-1]: row[-1] for row in rows}


def _exceptions_end(seen: Snapshot) -> dict[str, date | None]:
    frame = facts_of(seen).frame(GrantedException)
    return dict(frame.select("key", "until_on").iter_rows())


def _first_day(finding: Finding, today: date, exception_ends: date | None) -> date | None:
    """The first bad day: the finding's own, or the day after its exception ends; None where neither tells."""
    if finding.since and finding.since > today:
        return finding.since
    return exception_ends + timedelta(days=1) if exception_ends else None


def _soonest(lapse: Lapse) -> tuple[date, int, str, str]:
    return (lapse.on or date.max, lapse.within, lapse.clause.citation, lapse.finding.subject)
