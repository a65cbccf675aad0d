"""The newest decisions that a reader should look at: answers other than allow, or those that one rule had a part in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from sekisho.kernel.kept import Kept
from sekisho.watch import history
from sekisho.web.watching.counts import fired_in

MOST: Final = (
    100  # rows that a page shows at the most, and of each action and rule what is kept of a growing part
)
_sealed: Kept[pl.DataFrame] = Kept(64 << 20, lambda rows: rows.estimated_size() + 1_000)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: '' is any. Without a rule, answers other than allow; with one, also what it hit on trial."""

    action: str = ""
    rule: str = ""

    @property
    def rows(self) -> pl.Expr:
        """Which rows of a table of judged events are so."""
        rule = pl.lit(self.rule)
        fired = pl.col("rules").list.contains(rule) | pl.col("shadow").list.contains(rule)
        by_rule = fired.fill_null(value=False) if self.rule else pl.lit(value=True)
        if self.action:
            return by_rule & (pl.col("action") == self.action)
        return by_rule if self.rule else pl.col("action") != "allow"

    def within(self, answers: frozenset[tuple[str, str]]) -> bool:
        """Whether any of these answers, (action, rule), is wanted."""
        return any(
            action == (self.action or action)
            and rule == (self.rule or rule)
            and bool(self.action or self.rule or action != "allow")
            for action, rule in answers
        )


def kept_of(old: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The newest rows of each action and rule: all that `among` can be asked for of a part that still grows."""
    both = pl.concat([old, table.select(list(history.SCHEMA))])
    last = (
        fired_in(both.select("position", "action", "rules", "shadow")).group_by("action", "rule").tail(MOST)
    )
    return both.join(last.select("position").unique(), on="position", how="semi", maintain_order="left")


def among(rows: pl.DataFrame, wanted: Wanted, until_ms: int | None = None) -> pl.DataFrame:
    """The newest of these rows that are wanted, judged by an instant."""
    asked = wanted.rows if until_ms is None else wanted.rows & (pl.col("at") <= until_ms)
    return rows.filter(asked).tail(MOST)


def in_sealed(path: Path, wanted: Wanted, until_ms: int | None = None) -> pl.DataFrame:
    """The newest of a sealed part that are wanted. Kept where no instant is asked for: the part never changes."""
    if until_ms is not None:
        late = pl.col("at") <= until_ms
        return pl.scan_parquet(path).filter(wanted.rows & late).tail(MOST).collect()
    key = (path, path.stat().st_mtime_ns, wanted)  # redacted, it is another file
    found = _sealed.get(key)
    if found is None:
        found = pl.scan_parquet(path).filter(wanted.rows).tail(MOST).collect()
        _sealed.put(key, found)
    return found


def as_rows(found: Iterable[pl.DataFrame]) -> list[dict[str, Any]]:
    """At most `MOST` rows, the newest first; the frames come with the newest first, their rows in order."""
    rows: list[dict[str, Any]] = []
    for frame in found:
        rows += frame.tail(MOST - len(rows)).reverse().iter_rows(named=True)
        if len(rows) >= MOST:
            break
    return rows
