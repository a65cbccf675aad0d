"""A part of what was judged, counted: by minute, action and rule; what stays small however much was judged.

Users are counted by the `SKETCH` smallest hashes of each hour and rule: exact up to that number, an estimate within
some 3 % beyond it (the k minimum values of Bar-Yossef and others, 2002). Parts add up to the counts of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

MINUTE: Final = 60_000  # ms
HOUR: Final = 60  # minutes
SKETCH: Final = 1024
_HASHES = 2.0**64
COUNTED: Final = ("at", "source", "user", "action", "rules", "shadow")

_MINUTES: Final = {"minute": pl.Int64(), "action": pl.String(), "events": pl.UInt32()}
_HITS: Final = {"minute": pl.Int64(), "rule": pl.String(), "live": pl.Boolean(), "hits": pl.UInt32()}
_TOUCHED: Final = {"hour": pl.Int64(), "rule": pl.String(), "user": pl.UInt64()}
_SOURCES: Final = {"minute": pl.Int64(), "source": pl.String(), "last_at": pl.Int64(), "events": pl.UInt32()}
_FRAMES: Final = ("minutes", "hits", "touched", "sources")


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """What a part counts. `minutes`: events by minute and action; `hits`: by minute and rule; `touched`: users.

    `since` and `until`: the first and the last instant (ms) at which something of it was judged; None where it is
    empty. `answers`: which rules had a part in which answers, as (action, rule).
    """

    minutes: pl.DataFrame
    hits: pl.DataFrame
    touched: pl.DataFrame
    sources: pl.DataFrame
    since: int | None = None
    until: int | None = None
    answers: frozenset[tuple[str, str]] = frozenset()

    @property
    def size(self) -> float:
        """In bytes, roughly."""
        return sum(getattr(self, name).estimated_size() for name in _FRAMES) + 2_000

    @property
    def events(self) -> int:
        return int(self.minutes["events"].sum())


_minutes, _hits, _users, _heard = (
    pl.DataFrame(schema=schema) for schema in (_MINUTES, _HITS, _TOUCHED, _SOURCES)
)
EMPTY: Final = Counts(_minutes, _hits, _users, _heard)


def counted(table: pl.DataFrame) -> Counts:
    """The counts of judged events (`COUNTED` columns)."""
    if not len(table):
        return EMPTY
    timed = table.with_columns(minute=pl.col("at") // MINUTE)
    fired = fired_in(timed)
    return Counts(
        timed.group_by("minute", "action").agg(events=pl.len()).select(list(_MINUTES)),
        fired.group_by("minute", "rule", "live").agg(hits=pl.len()).select(list(_HITS)),
        _touched(fired),
        timed.group_by("minute", "source")
        .agg(last_at=pl.col("at").max(), events=pl.len())
        .select(list(_SOURCES)),
        table["at"].min(),  # type: ignore[arg-type]
        table["at"].max(),  # type: ignore[arg-type]
        frozenset(fired.select("action", "rule").unique().iter_rows()),
    )


def fired_in(table: pl.DataFrame) -> pl.DataFrame:
    """A row for each rule that fired: the event's row with `rule`, and whether it was `live`."""
    told = table.filter((pl.col("rules").list.len() > 0) | (pl.col("shadow").list.len() > 0))
    sides = (
        told.drop("shadow" if live else "rules")
        .rename({"rules" if live else "shadow": "rule"})
        .explode("rule")
        .drop_nulls("rule")
        .with_columns(live=pl.lit(live))
        for live in (True, False)
    )
    return pl.concat(sides, how="diagonal")


def _touched(fired: pl.DataFrame) -> pl.DataFrame:
    named = fired.filter(pl.col("user").is_not_null())
    hashed = named.select(hour=pl.col("minute") // HOUR, rule="rule", user=pl.col("user").hash())
    return _smallest(hashed, "hour", "rule")


def _smallest(hashed: pl.DataFrame, *by: str) -> pl.DataFrame:
    """The `SKETCH` smallest hashes of each."""
    return hashed.unique().sort("user").group_by(by, maintain_order=True).head(SKETCH)


def added(parts: Iterable[Counts]) -> Counts:
    """The counts of several parts as those of one, as small as one can be."""
    both = beside(parts)
    return replace(
        both,
        minutes=both.minutes.group_by("minute", "action").agg(pl.col("events").sum()),
        hits=both.hits.group_by("minute", "rule", "live").agg(pl.col("hits").sum()),
        touched=_smallest(both.touched, "hour", "rule"),
        sources=both.sources.group_by("minute", "source").agg(
            pl.col("last_at").max(), pl.col("events").sum()
        ),
    )


def beside(parts: Iterable[Counts]) -> Counts:
    """The same for a single use: quickly, and as large as the parts are together."""
    found = [EMPTY, *parts]
    starts = [part.since for part in found if part.since is not None]
    ends = [part.until for part in found if part.until is not None]
    minutes, hits, touched, sources = (pl.concat([getattr(part, name) for part in found]) for name in _FRAMES)
    answers = frozenset[tuple[str, str]]().union(*(part.answers for part in found))
    return Counts(
        minutes, hits, touched, sources, min(starts, default=None), max(ends, default=None), answers
    )


# --- what they answer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """The whole minutes from `first` to `last`, both included: the latest `length` of them at an instant."""

    first: int
    last: int

    @classmethod
    def before(cls, at_ms: int, minutes: int) -> Window:
        last = at_ms // MINUTE
        return cls(last - minutes + 1, last)

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of these minutes."""
        return frame.filter(pl.col("minute").is_between(self.first, self.last))


def by_action(counts: Counts, window: Window) -> dict[str, int]:
    """How many events got each answer; those that none got are not there."""
    found = window.of(counts.minutes).group_by("action").agg(pl.col("events").sum())
    return {action: int(events) for action, events in found.iter_rows()}


def by_rule(counts: Counts, window: Window) -> dict[str, int]:
    """How many events each rule hit, live or on trial."""
    found = window.of(counts.hits).group_by("rule").agg(pl.col("hits").sum())
    return {rule: int(hits) for rule, hits in found.iter_rows()}


def users_by_rule(counts: Counts, window: Window) -> dict[str, tuple[int, bool]]:
    """How many users each rule touched within the hours of the window, and whether that is an estimate."""
    within = counts.touched.filter(pl.col("hour").is_between(window.first // HOUR, window.last // HOUR))
    found = {}
    for (rule,), hashes in within.select("rule", "user").group_by("rule"):
        users = _least(hashes["user"])
        found[str(rule)] = _estimate(len(users), users[-1])
    return found


def _least(hashes: pl.Series) -> pl.Series:
    """The `SKETCH` smallest different ones in order: looked for among few, where users do not come again too often."""
    for few in (16 * SKETCH, len(hashes)):
        users = hashes.bottom_k(few).unique().sort()
        if len(users) >= SKETCH or few >= len(hashes):
            break
    return users.head(SKETCH)


def _estimate(number: int, largest: int) -> tuple[int, bool]:
    """The number of values of which these many smallest hashes reach up to `largest`."""
    if number < SKETCH:
        return number, False
    return round((SKETCH - 1) / (largest / _HASHES)), True


def last_heard(counts: Counts, window: Window) -> dict[str, tuple[int, int]]:
    """Of each source: when its newest event was judged (ms), and how many came within the window."""
    within = pl.col("minute") >= window.first
    found = (
        counts.sources.filter(pl.col("minute") <= window.last)
        .group_by("source")
        .agg(pl.col("last_at").max(), pl.col("events").filter(within).sum())
    )
    return {source: (at, events) for source, at, events in found.iter_rows()}


def over_time(counts: Counts, window: Window, step: int, shift: int) -> list[tuple[int, dict[str, int]]]:
    """(first ms of it, events by action) of each step of `step` minutes in the window, empty ones too.

    `shift`: minutes by which the clock on the wall is ahead of UTC, so that steps begin at its hours.
    """
    place = (pl.col("minute") + shift) // step
    rows = window.of(counts.minutes).group_by(place.alias("place"), "action").agg(pl.col("events").sum())
    found: dict[int, dict[str, int]] = {}
    for at, action, events in rows.iter_rows():
        found.setdefault(at, {})[action] = int(events)
    places = range((window.first + shift) // step, (window.last + shift) // step + 1)
    return [((at * step - shift) * MINUTE, found.get(at, {})) for at in places]
