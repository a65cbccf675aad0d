"""What will lapse: the findings of later days that today does not have, each with its day and who must act.

The future is the same question with a later day: nothing is guessed, nothing but what is recorded now is asked. Two
forms: here what a person should know of the next 30 and 90 days; in `months_ahead` what each coming month brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT
from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Snapshot, facts_of
from sekisho.records.models import GrantedException
from sekisho.rulebook.assess import OUTCOMES, unmet
from sekisho.rulebook.language import CLAUSES, Check, Clause
from sekisho.rulebook.words import Finding, worded

HORIZONS = (30, 90)  # days
SUBJECT = ["clause", "check", "kind", "subject"]
SAME = [*SUBJECT, "reason"]  # one that stands must not hide another of the same subject


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
    now = unmet_of(seen)
    told, spared = standing_of(now), _excepted_by(now)
    found: list[Lapse] = []
    for days in sorted(horizons):
        later = at_day(seen, seen.on + timedelta(days=days))
        fresh = standing_of(unmet_of(later)).join(told, on=SAME, how="anti")
        found += _lapses(fresh, later, spared, seen.on, days)
        told = pl.concat([told, fresh])
    return sorted(found, key=_soonest)


def within(lapses: Iterable[Lapse], days: int) -> list[Lapse]:
    """Those that lapse in so many days."""
    return [lapse for lapse in lapses if lapse.within <= days]


def obligations(lapses: Iterable[Lapse]) -> list[Lapse]:
    return [lapse for lapse in lapses if lapse.clause.duty is Duty.MUST]


def _lapses(
    fresh: pl.DataFrame, later: Snapshot, spared: dict[tuple[str, ...], str], today: date, days: int
) -> Iterator[Lapse]:
    ends = _exceptions_end(later)
    frames = {str(c): f for (c,), f in fresh.partition_by("clause", as_dict=True).items()}
    for citation, findings in worded(frames, later).items():
        for finding in findings:
            by = spared.get((citation, finding.check, finding.kind, finding.subject))
            on = _first_day(finding, today, ends.get(by) if by else None)
            yield Lapse(CLAUSES[citation], finding, on, days)


def at_day(seen: Snapshot, day: date) -> Snapshot:
    """The same records, another day."""
    return Snapshot(seen.size, day, seen.known_at)


def unmet_of(seen: Snapshot, asked: list[Check] | None = None, *, keep: bool = True) -> pl.DataFrame:
    """What every clause's own checks do not find met, with the citation as `clause`; see `assess.unmet`."""
    found = unmet(seen, asked, keep=keep)
    frames = [f.with_columns(clause=pl.lit(c)) for c, f in found.items() if not f.is_empty()]
    return pl.concat(frames) if frames else pl.DataFrame(schema=OUTCOMES | {"clause": pl.String})


def standing_of(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("excepted"))


def _excepted_by(rows: pl.DataFrame) -> dict[tuple[str, ...], str]:
    """The exceptions that cover findings, by (clause, check, kind, subject)."""
    covered = rows.filter(pl.col("excepted")).select(*SUBJECT, "exception").iter_rows()
    return {row[:-1]: row[-1] for row in covered}


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
