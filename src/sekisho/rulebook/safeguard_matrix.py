"""What safeguards cover: systems by layer or by step of an attack, the member as a whole by step, techniques.

How a cell stands is what 10-1 asks of it (records.facts.safeguards); nothing is judged here again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from sekisho.records.facts import Facts
from sekisho.records.facts.safeguards import NONE, STATES, VERIFIED, covering, judged, of_systems
from sekisho.records.models.defence import KILL_CHAIN, LAYERS
from sekisho.rulebook.exceptions import limits_on
from sekisho.rulebook.language import systems_in_scope

LAYER, STEP = "layer", "step"
COLUMNS = {LAYER: tuple(LAYERS), STEP: tuple(KILL_CHAIN)}
_CRITICALITY = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class SafeguardMatrix:
    """`by`: what the columns are, layers or steps.

    `systems`, one row a system in scope, critical ones first: key, name, unit, criticality, internet_facing.
    `cells`, one row a system and column: system, column, state, number (of safeguards that stand), count_<state>.
    `whole`, one row a column: column, state, number, count_<state>, of all safeguards of the member.
    `techniques`, one row a technique that a safeguard names: technique, state, safeguards (keys, titles and states of
    those that stand, best first), systems (how many in scope they protect).
    `safeguards`: how many stand; `verified`: how many of them are verified.
    """

    by: str
    systems: pl.DataFrame
    cells: pl.DataFrame
    whole: pl.DataFrame
    techniques: pl.DataFrame
    safeguards: int
    verified: int

    @property
    def columns(self) -> tuple[str, ...]:
        return COLUMNS[self.by]

    @property
    def lacking(self) -> pl.DataFrame:
        """The cells that no verified safeguard covers."""
        return self.cells.filter(pl.col("state") != VERIFIED)


def matrix(facts: Facts, on: date, by: str = LAYER) -> SafeguardMatrix:
    """The matrix of a day, by LAYER or by STEP."""
    good_until = limits_on(facts, on).last_good("safeguard_verification_age", "verified_on")
    every = judged(facts, on, good_until).with_columns(column=pl.col(by))
    columns = pl.LazyFrame({"column": list(COLUMNS[by])})
    rank = pl.col("criticality").replace_strict(_CRITICALITY, default=len(_CRITICALITY))
    systems = (
        systems_in_scope(facts, on)
        .sort(rank, "key")
        .select("key", "name", "unit", "criticality", "internet_facing")
    )
    asked = systems.select(system="key").join(columns, how="cross", maintain_order="left_right")
    named, standing = every.filter(pl.col("column").is_not_null()), every.filter(pl.col("stands"))
    shown = ("state", "number", *(f"count_{state}" for state in STATES if state != NONE))
    rows, cells, whole, techniques, counts = pl.collect_all(
        [
            systems,
            covering(of_systems(named), asked, "system", "column").select("system", "column", *shown),
            covering(named, columns, "column").select("column", *shown),
            _techniques(standing, systems),
            standing.select(pl.len(), verified=(pl.col("state") == VERIFIED).sum()),
        ]
    )
    safeguards, verified = counts.row(0)
    return SafeguardMatrix(by, rows, cells, whole, techniques, int(safeguards), int(verified))


def _techniques(standing: pl.LazyFrame, systems: pl.LazyFrame) -> pl.LazyFrame:
    """Techniques by number, as people write them: T1566, T1566.001."""
    rank = pl.col("state").replace_strict({s: n for n, s in enumerate(STATES)}, return_dtype=pl.Int8)
    rows = (
        standing.with_columns(rank=rank)
        .explode("techniques")
        .with_columns(technique=pl.col("techniques").str.strip_chars().str.to_uppercase())
        .filter(pl.col("technique").str.len_chars() > 0)
        .unique(["technique", "key"], maintain_order=True)
        .sort("technique", "rank", "key")
    )
    covered = of_systems(rows).join(systems, left_on="system", right_on="key", how="semi")
    number = covered.group_by("technique").agg(systems=pl.col("system").n_unique())
    return (
        rows.group_by("technique", maintain_order=True)
        .agg(pl.col("state").first(), safeguards=pl.struct("key", "title", "state"))
        .join(number, on="technique", how="left", maintain_order="left")
        .with_columns(pl.col("systems").fill_null(0))
    )
