"""What will lapse: the findings of later days that today does not have, each with its day and who must act.

The future is the same question with a later day: nothing is guessed, nothing but what is recorded now is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MET
from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Snapshot, facts_of
from sekisho.records.models import GrantedException
from sekisho.rulebook.assess import Assessment, ClauseState, assess
from sekisho.rulebook.language import Clause
from sekisho.rulebook.words import Finding, worded

HORIZONS = (30, 90)  # days
_SAME = ["check", "kind", "subject"]


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
    today = assess(seen)
    found: list[Lapse] = []
    told: dict[str, pl.DataFrame] = {}
    for days in sorted(horizons):
        later = Snapshot(seen.size, seen.on + timedelta(days=days), seen.known_at)
        found += _new(today, assess(later), days, told)
    return sorted(found, key=_soonest)


def within(lapses: Iterable[Lapse], days: int) -> list[Lapse]:
    """Those that lapse in so many days."""
    return [lapse for lapse in lapses if lapse.within <= days]


def obligations(lapses: Iterable[Lapse]) -> list[Lapse]:
    return [lapse for lapse in lapses if lapse.clause.duty is Duty.MUST]


def _new(today: Assessment, later: Assessment, days: int, told: dict[str, pl.DataFrame]) -> list[Lapse]:
    """The findings that stand on the later day and neither today nor among those already told."""
    fresh = {c: f for c, s in later.states.items() if not (f := _fresh(s, today[c], told.get(c))).is_empty()}
    ends = _exceptions_end(later.snapshot)
    lapses = []
    for citation, findings in worded(fresh, later.snapshot).items():
        before = _excepted_by(today[citation])
        for finding in findings:
            by = before.get((finding.check, finding.kind, finding.subject))
            on = _first_day(finding, today.snapshot.on, ends.get(by) if by else None)
            lapses.append(Lapse(later[citation].clause, finding, on, days))
        known = [told[citation]] if citation in told else []
        told[citation] = pl.concat([*known, fresh[citation].select(_SAME)])
    return lapses


def _fresh(later: ClauseState, now: ClauseState, told: pl.DataFrame | None) -> pl.DataFrame:
    """A clause's own standing findings of the later day that are new."""
    if later.clause.items or later.clause.read_with:
        return later.outcomes.clear()  # its parts tell them
    fresh = _standing(later.outcomes).join(_standing(now.outcomes), on=_SAME, how="anti")
    return fresh if told is None else fresh.join(told, on=_SAME, how="anti")


def _standing(outcomes: pl.DataFrame) -> pl.DataFrame:
    return outcomes.filter(pl.col("outcome") != MET, ~pl.col("excepted"))


def _excepted_by(now: ClauseState) -> dict[tuple[str, str, str], str]:
    """The exceptions that cover today's findings, by (check, kind, subject)."""
    rows = now.outcomes.filter(pl.col("excepted")).select(*_SAME, "exception").iter_rows()
    return {(check, kind, subject): exception for check, kind, subject, exception in rows}


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
