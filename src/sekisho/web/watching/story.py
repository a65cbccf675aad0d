"""The story of one user or one address, from the parts of what was judged (`history.backwards`).

Every reading is bounded: the newest events up to a number, and sums over at most LOOKED events that were looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import polars as pl

from sekisho.watch.frames import ACTIONS
from sekisho.watch.history import SCHEMA, Part

LOOKED: Final = 2_000_000  # events that one request looks at
SHOWN: Final = 50  # events of a page
VALUES: Final = 6  # devices, networks ... that are named; the rest is counted
BARS: Final = 48  # columns of a chart at most
HOUR: Final = 3_600_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STRENGTH: Final = {name: int(action) for name, action in ACTIONS.items()}


def instant(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


# --- the newest events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Newest:
    """Events, the newest first. `rest`: the position from which to look on; None where there is nothing older."""

    rows: list[dict[str, Any]]
    rest: int | None


def newest(parts: Iterable[Part], only: pl.Expr | None = None) -> Newest:
    """The newest SHOWN events of the parts, of those that are `only` wanted."""
    most = SHOWN
    found: list[dict[str, Any]] = []
    looked, start = 0, None
    for part in parts:
        if looked >= LOOKED:
            return Newest(found, start)
        rows = part.rows if only is None else part.rows.filter(only)
        rows = rows.tail(most + 1 - len(found)).reverse()
        found += rows.iter_rows(named=True)
        if len(found) > most:
            return Newest(found[:most], found[most]["position"])
        looked, start = looked + part.events, part.start
    return Newest(found, None)


def told(
    parts: Iterable[Part], only: pl.Expr | None = None, *, first: bool = True
) -> tuple[Newest, Summed | None]:
    """The newest events and, for the first page of a story, the sums: in one reading, each part reduced as it comes."""
    if not first:
        return newest(parts, only), None
    ends: list[Part] = []
    sums = Summed()
    for part in parts:
        if sums.looked >= LOOKED:
            sums.whole = False
            ends.append(part)  # not looked at: that there is more
            break
        rows = part.rows if only is None else part.rows.filter(only)
        ends.append(Part(part.start, part.events, rows.tail(SHOWN + 1)))
        sums.add(part)
    return newest(ends), sums


# --- sums -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """A device, a network ...: how many events it had, how many logins failed, the strongest answer, first and last."""

    value: str
    events: int
    failed: int
    action: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Values:
    """The most frequent values of a field, and how many there are in all."""

    shown: list[Value]
    number: int

    @property
    def more(self) -> int:
        return self.number - len(self.shown)


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened within one span of a chart: events by how they ended."""

    at: datetime
    counts: dict[str, int]


class Summed:
    """Sums over one user's or one address's events. `whole`: nothing older was left out."""

    def __init__(self) -> None:
        self.whole, self.looked = True, 0
        self._parts = [_reduced(pl.DataFrame(schema=SCHEMA))]

    def add(self, part: Part) -> None:
        """Count another part."""
        self.looked += part.events
        self._parts.append(_reduced(part.rows))

    @cached_property
    def rows(self) -> pl.DataFrame:
        """What is alike within an hour, in one row."""
        return pl.concat(self._parts)

    @property
    def events(self) -> int:
        return int(self.rows["events"].sum())

    @property
    def failed(self) -> int:
        return int(self.rows["failed"].sum())

    @property
    def first_at(self) -> datetime | None:
        first = self.rows["first"].min()
        return instant(first) if isinstance(first, int) else None

    @property
    def last_at(self) -> datetime | None:
        last = self.rows["last"].max()
        return instant(last) if isinstance(last, int) else None

    def values(self, field: str, most: int = VALUES) -> Values:
        """The values of a field, those with the most events first."""
        told = (
            self.rows.filter(pl.col(field).is_not_null())
            .group_by(field)
            .agg(
                pl.col("events", "failed").sum(), pl.col("first").min(), pl.col("last").max(),
                pl.col("strength").max(),
            )
            .sort(["events", field], descending=[True, False])
        )  # fmt: skip
        names = list(_STRENGTH)
        shown = [
            Value(value, events, failed, names[strength], instant(first), instant(last))
            for value, events, failed, first, last, strength in told.head(most).iter_rows()
        ]
        return Values(shown, len(told))

    def actions(self) -> dict[str, int]:
        """How many events were answered in each way, the mildest first."""
        told = dict(self.rows.group_by("action").agg(pl.col("events").sum()).iter_rows())
        return {name: told[name] for name in _STRENGTH if name in told}

    def bars(self) -> tuple[list[Bar], int]:
        """The counts over time and how many hours each of them covers: at most BARS, by day in Japan's time."""
        if not self.events:
            return [], 1
        first, last = int(self.rows["hour"].min()), int(self.rows["hour"].max())  # type: ignore[arg-type]
        span = next((n for n in (1, 3, 6, 12, 24) if (last - first) // n < BARS), 24)
        slot = ((pl.col("hour") + 9) // span * span - 9).alias("slot")
        told = self.rows.group_by(slot, "outcome").agg(pl.col("events").sum())
        counts: dict[int, dict[str, int]] = {}
        for at, outcome, events in told.iter_rows():
            counts.setdefault(at, {})[outcome] = events
        end = max(counts)
        begin = max(min(counts), end - (BARS - 1) * span)
        return [Bar(instant(n * HOUR), counts.get(n, {})) for n in range(begin, end + 1, span)], span


_BY = ("user", "ip", "country", "network", "device", "action", "outcome", "hour")


def _reduced(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for what is alike within an hour."""
    refused = pl.col("action").is_in(["hold", "block"])
    outcome = (
        pl.when(refused)
        .then(pl.lit("refused"))
        .when(_FAILED)
        .then(pl.lit("failed"))
        .otherwise(pl.lit("passed"))
    )
    strength = pl.col("action").replace_strict(_STRENGTH, default=0, return_dtype=pl.Int8)
    return (
        rows.with_columns(outcome.alias("outcome"), (pl.col("at") // HOUR).alias("hour"), strength.alias("strength"))
        .group_by(_BY)
        .agg(
            pl.len().cast(pl.Int64).alias("events"), _FAILED.sum().cast(pl.Int64).alias("failed"),
            pl.col("at").min().alias("first"), pl.col("at").max().alias("last"), pl.col("strength").max(),
        )
    )  # fmt: skip


_FAILED: Final = pl.col("ok").fill_null(value=True).not_()


def strongest(actions: Sequence[str]) -> str:
    """The strongest of some actions."""
    return max(actions, key=lambda action: _STRENGTH.get(action, 0), default="allow")
