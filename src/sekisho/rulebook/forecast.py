"""What will lapse: the findings of later days that today does not have, each with its day and who must act.

The future is the same question with a later day: nothing is guessed, nothing but what is recorded now is asked. Two
forms: `lapsing` tells what a person should know of the next 30 and 90 days, `ahead` what each coming month brings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT
from sekisho.findings.verdicts import Duty
from sekisho.kernel.clock import add_months
from sekisho.kernel.kept import Kept
from sekisho.records.facts import Snapshot, facts_of
from sekisho.records.models import GrantedException
from sekisho.rulebook.assess import OUTCOMES, unmet
from sekisho.rulebook.language import CLAUSES, Clause
from sekisho.rulebook.words import Finding, worded

HORIZONS = (30, 90)  # days
FRESH = OUTCOMES | {"clause": pl.String, "on": pl.Date, "exact": pl.Boolean}
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
    now = _unmet_of(seen)
    told, spared = _standing(now), _excepted_by(now)
    found: list[Lapse] = []
    for days in sorted(horizons):
        later = _on(seen, seen.on + timedelta(days=days))
        fresh = _standing(_unmet_of(later)).join(told, on=_SAME, how="anti")
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


def _on(seen: Snapshot, day: date) -> Snapshot:
    """The same records, another day."""
    return Snapshot(seen.size, day, seen.known_at)


def _unmet_of(seen: Snapshot) -> pl.DataFrame:
    """What every clause's own checks do not find met, with the citation as `clause`."""
    frames = [f.with_columns(clause=pl.lit(c)) for c, f in unmet(seen).items() if not f.is_empty()]
    return pl.concat(frames) if frames else pl.DataFrame(schema=OUTCOMES | {"clause": pl.String})


def _standing(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("excepted"))


def _excepted_by(rows: pl.DataFrame) -> dict[tuple[str, ...], str]:
    """The exceptions that cover findings, by (clause, check, kind, subject)."""
    covered = rows.filter(pl.col("excepted")).select(*_SUBJECT, "exception").iter_rows()
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


# --- month by month -----------------------------------------------------------------------------------------------

_KEPT_BYTES = 16 * 1024 * 1024
_fresh_kept: Kept[pl.DataFrame] = Kept(_KEPT_BYTES, lambda f: f.estimated_size() + 1_000)
_working = threading.Lock()


@dataclass(frozen=True)
class Month:
    """What a coming month brings: after the day `after`, up to and with its last day `until`.

    `fresh` (FRESH; None where it is not worked out yet): what stands unmet on `until` and did not on `after`. `on` is
    its first day where `exact`; else it is so by `on`, the last day asked. What comes and goes within one month is not
    seen.
    """

    after: date
    until: date
    fresh: pl.DataFrame | None

    @property
    def first(self) -> date:
        return self.until.replace(day=1)


def ahead(seen: Snapshot, first: date, last: date, *, seconds: float | None = None) -> list[Month]:
    """Each month from the day `first` to the day `last`, as far as it is still to come, in order.

    Works for about `seconds` (0: not at all; else at one month at least, if one is missing; None: until all are worked
    out). What is left is None, and the next call goes on with it.
    """
    records = _records(seen)
    spans = _spans(seen.on, first, last)
    months = [Month(after, until, _fresh_kept.get((after, until, records))) for after, until in spans]
    stop = None if seconds is None else time.monotonic() + seconds
    for n, month in enumerate(months):
        if month.fresh is None and seconds != 0:
            months[n] = Month(month.after, month.until, fresh(seen, month.after, month.until))
            if stop is not None and time.monotonic() > stop:
                break
    return months


def fresh(seen: Snapshot, after: date, until: date) -> pl.DataFrame:
    """What stands unmet on `until` and not on `after`, as the records of the snapshot tell it: FRESH."""
    key = (after, until, _records(seen))
    with _working:  # two readers of the same page work it out once
        found = _fresh_kept.get(key)
        if found is None:
            found = _fresh(seen, after, until)
            _fresh_kept.put(key, found)
    return found


def _spans(on: date, first: date, last: date) -> Iterator[tuple[date, date]]:
    """(the last day before, the last day) of each month that is not over on the day; the last one ends with `last`."""
    month = max(first, on).replace(day=1)
    while month <= last:
        following = add_months(month, 1)
        until = min(following - timedelta(days=1), last)
        if until > on:
            yield max(on, month - timedelta(days=1)), until
        month = following


def _fresh(seen: Snapshot, after: date, until: date) -> pl.DataFrame:
    earlier, later = _unmet_of(_on(seen, after)), _unmet_of(_on(seen, until))
    ends = facts_of(seen)[GrantedException].select(exception="key", _ends=pl.col("until_on"))
    spared = earlier.lazy().filter(pl.col("excepted")).select(*_SUBJECT, "exception")
    covered = spared.join(ends, on="exception").group_by(_SUBJECT).agg(pl.col("_ends").max())
    lapsed = pl.col("_ends") + pl.duration(days=1)
    within = [pl.when((day > after) & (day <= until)).then(day) for day in (pl.col("since"), lapsed)]
    return (
        _standing(later).lazy()
        .join(_standing(earlier).lazy(), on=_SAME, how="anti")
        .join(covered, on=_SUBJECT, how="left")
        .with_columns(_day=pl.coalesce(within))
        .with_columns(on=pl.col("_day").fill_null(until), exact=pl.col("_day").is_not_null())
        .select(*FRESH)
        .sort("on", "clause", "check", "kind", "subject", "reason")
        .collect()
    )  # fmt: skip


def _records(seen: Snapshot) -> tuple[tuple[str, int], ...]:
    """The place of each kind's last change: the same records, the same answer."""
    return tuple(sorted(facts_of(seen).changed_at.items()))


def forget() -> None:
    """Drop every kept month (tests; after the database was replaced)."""
    _fresh_kept.forget()
