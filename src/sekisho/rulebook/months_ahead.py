"""What each coming month brings: the findings of its end that its eve does not have, with their day where one is told.

Asking a month is asking two days of every check, which takes a second or two of a large member. So the answer is kept,
and mended where records changed: only the checks that read them are asked again. What is kept is what is new in the
month, not all that falls short by then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sekisho.kernel.clock import add_months
from sekisho.kernel.kept import Kept
from sekisho.records.facts import Snapshot, facts_of
from sekisho.records.models import GrantedException
from sekisho.rulebook.assess import OUTCOMES, kinds_read
from sekisho.rulebook.contents import all_checks
from sekisho.rulebook.exceptions import granted
from sekisho.rulebook.forecast import SAME, SUBJECT, at_day, standing_of, unmet_of
from sekisho.rulebook.language import Check

FRESH = OUTCOMES | {"clause": pl.String, "on": pl.Date, "exact": pl.Boolean}
_IN_ORDER = ["on", *SAME]
_OF_AN_EVE = [*SAME, "excepted", "exception"]

_KEPT_BYTES = 64 * 1024 * 1024
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


def ahead(
    seen: Snapshot,
    first: date,
    last: date,
    *,
    seconds: float | None = None,
    only: Collection[date] | None = None,
) -> list[Month]:
    """Each month from the day `first` to the day `last`, as far as it is still to come, in order.

    Works for about `seconds` (0: not at all; else at one month at least, if one is missing; None: until all are worked
    out), and only at the months that begin on the days of `only`. What is left is None; the next call goes on with it.
    """
    places = facts_of(seen).changed_at
    months = [
        Month(after, until, _known(after, until, places)) for after, until in _spans(seen.on, first, last)
    ]
    stop = None if seconds is None else time.monotonic() + seconds
    for n, month in enumerate(months):
        if month.fresh is None and seconds != 0 and (only is None or month.first in only):
            months[n] = Month(month.after, month.until, fresh(seen, month.after, month.until))
            if stop is not None and time.monotonic() > stop:
                break
    return months


def fresh(seen: Snapshot, after: date, until: date) -> pl.DataFrame:
    """What stands unmet on `until` and not on `after`, as the records of the snapshot tell it: FRESH."""
    places = facts_of(seen).changed_at
    with _working:  # two readers of the same page work it out once
        found = _known(after, until, places)
        if found is None:
            span = _renewed(seen, after, until, _spans_kept.get((after, until)))
            _spans_kept.put((after, until), span)
            found = span.fresh
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


# What is kept of a month is mended where records changed: only the checks that read them are asked again, of two days.


@dataclass(frozen=True)
class _Span:
    """What is kept of a month: `places` of each kind's last change, the clauses departed from, and what is fresh."""

    places: dict[str, int]
    departed: frozenset[str]
    fresh: pl.DataFrame


_spans_kept: Kept[_Span] = Kept(_KEPT_BYTES, lambda span: span.fresh.estimated_size() + 1_000)


def _known(after: date, until: date, places: dict[str, int]) -> pl.DataFrame | None:
    span = _spans_kept.get((after, until))
    return span.fresh if span is not None and span.places == places else None


def _renewed(seen: Snapshot, after: date, until: date, old: _Span | None) -> _Span:
    facts = facts_of(seen)
    days = (after, until)
    departed = frozenset(clause for day in days for clause in granted(facts, day)["clause"].to_list())
    if old is None:
        return _Span(facts.changed_at, departed, _fresh(seen, after, until, all_checks()))
    changed = {name for name, place in facts.changed_at.items() if old.places.get(name) != place}
    asked = [
        check
        for check in all_checks()
        if check.clause in departed | old.departed or changed.intersection(kinds_read(check))
    ]
    again = pl.DataFrame(
        {"clause": [c.clause for c in asked], "check": [c.name for c in asked]},
        schema={"clause": pl.String, "check": pl.String},
    )
    kept = old.fresh.join(again, on=["clause", "check"], how="anti")
    found = pl.concat([kept, _fresh(seen, after, until, asked)])
    return _Span(facts.changed_at, departed, found.sort(_IN_ORDER))


def _fresh(seen: Snapshot, after: date, until: date, asked: list[Check]) -> pl.DataFrame:
    earlier, later = _eve(seen, after, asked), unmet_of(at_day(seen, until), asked, keep=False)
    _last[:] = [_Day(until, facts_of(seen).changed_at, _names(asked), later.select(_OF_AN_EVE))]
    ends = facts_of(seen)[GrantedException].select(exception="key", _ends=pl.col("until_on"))
    spared = earlier.lazy().filter(pl.col("excepted")).select(*SUBJECT, "exception")
    covered = spared.join(ends, on="exception").group_by(SUBJECT).agg(pl.col("_ends").max())
    lapsed = pl.col("_ends") + pl.duration(days=1)
    within = [pl.when((day > after) & (day <= until)).then(day) for day in (pl.col("since"), lapsed)]
    return (
        standing_of(later).lazy()
        .join(standing_of(earlier).lazy(), on=SAME, how="anti")
        .join(covered, on=SUBJECT, how="left")
        .with_columns(_day=pl.coalesce(within))
        .with_columns(on=pl.col("_day").fill_null(until), exact=pl.col("_day").is_not_null())
        .select(*FRESH)
        .sort(_IN_ORDER)
        .collect()
    )  # fmt: skip


@dataclass(frozen=True)
class _Day:
    """What was asked of one day, and the answer, as far as the next month needs it."""

    on: date
    places: dict[str, int]
    names: list[tuple[str, str]]
    rows: pl.DataFrame


_last: list[_Day] = []  # at most one: a month's end is the eve of the next, which is mostly asked for next


def _eve(seen: Snapshot, day: date, asked: list[Check]) -> pl.DataFrame:
    asked_now = (day, facts_of(seen).changed_at, _names(asked))
    if _last and (_last[0].on, _last[0].places, _last[0].names) == asked_now:
        return _last[0].rows
    return unmet_of(at_day(seen, day), asked, keep=False).select(_OF_AN_EVE)


def _names(asked: list[Check]) -> list[tuple[str, str]]:
    return [(check.clause, check.name) for check in asked]


def forget() -> None:
    """Drop every kept month (tests; after the database was replaced)."""
    _spans_kept.forget()
    _last.clear()
