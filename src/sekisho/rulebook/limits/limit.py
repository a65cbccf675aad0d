"""A limit: a number with a unit, a direction in which it is tighter, its dated values and the source of each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import polars as pl

from sekisho.kernel.texts import Text

Unit = Literal["months", "days", "minutes", "number", "percent"]
Origin = Literal["rule", "guideline", "product"]
ORIGIN_WORDS: dict[Origin, Text] = {
    "rule": Text("規則", "The rule"),
    "guideline": Text("ガイドライン", "The guideline"),
    "product": Text("製品の既定値", "Default of the product"),
}
_SUFFIX = {"months": "mo", "days": "d", "minutes": "m"}
_CENTURY = {"months": 1_200, "days": 36_525, "minutes": 52_596_000}
_WHOLE = 100  # percent


@dataclass(frozen=True)
class Value:
    """A limit from a day on. `source`: where `origin` has it; of a default of the product, why it is so."""

    since: date
    value: int
    origin: Origin
    source: Text

    @property
    def grounds(self) -> Text:
        """Origin and source in one: 製品の既定値：少なくとも年に一度（第8条第1項）."""
        origin = ORIGIN_WORDS[self.origin]
        return Text(f"{origin.ja}：{self.source.ja}", f"{origin.en}: {self.source.en}")


@dataclass(frozen=True)
class Limit:
    """`tighter`: 'less' where a smaller number asks more of the member, else 'more'."""

    name: str
    text: Text
    unit: Unit
    tighter: Literal["less", "more"]
    values: tuple[Value, ...]

    def on(self, day: date) -> Value:
        """The value in force on a day; before the first one, the first."""
        standing = [v for v in self.values if v.since <= day]
        return standing[-1] if standing else self.values[0]

    def takes(self, value: int) -> bool:
        """Whether a member's value can be counted with: not below nothing, no span of a century, no more than all."""
        most = _WHOLE if self.unit == "percent" else _CENTURY.get(self.unit, value)
        return 0 <= value <= most

    def loosens(self, value: int, day: date) -> bool:
        """Whether a member's value asks less than the limit of the day."""
        default = self.on(day).value
        return value > default if self.tighter == "less" else value < default


class Limits:
    """The limits as they stand for the member on a day: defaults, and approved tolerances in their place."""

    def __init__(self, day: date, tolerances: dict[str, int] | None = None) -> None:
        self.day = day
        self.tolerances = tolerances or {}

    def value(self, name: str) -> int:
        """The number, in the limit's unit."""
        return self.tolerances.get(name, _limit(name).on(self.day).value)

    def last_good(self, name: str, day: pl.Expr | str) -> pl.Expr:
        """The last day on which something of `day` is still within the limit.

        12 months after 23 November is 23 November; where the month is too short, its last day.
        """
        limit = _limit(name)
        if limit.unit not in ("months", "days"):
            raise ValueError(f"{name} is in {limit.unit}, not a span of days")
        expression = pl.col(day) if isinstance(day, str) else day
        return expression.dt.offset_by(f"{self.value(name)}{_SUFFIX[limit.unit]}")

    def latest(self, name: str, instant: pl.Expr | str) -> pl.Expr:
        """The last instant within the limit, counted from an instant. Days and months are those of Japan's calendar."""
        expression = pl.col(instant) if isinstance(instant, str) else instant
        span = f"{self.value(name)}{_SUFFIX[_limit(name).unit]}"
        return expression.dt.convert_time_zone("Asia/Tokyo").dt.offset_by(span).dt.convert_time_zone("UTC")

    def window_start(self, name: str) -> date:
        """The first day of the span of the limit's length that ends today."""
        start: date = pl.select(
            pl.lit(self.day).dt.offset_by(f"-{self.value(name)}{_SUFFIX[_limit(name).unit]}")
        ).item()
        return start


def default_limits(day: date) -> Limits:
    return Limits(day)


@lru_cache(maxsize=1)
def all_limits() -> dict[str, Limit]:
    """Every limit, in the order of the files and in them."""
    found: dict[str, Limit] = {}
    folder = resources.files("sekisho.rulebook") / "limits"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"limit {name} is declared twice")
            found[name] = Limit(
                name,
                Text(entry["ja"], entry["en"]),
                entry["unit"],
                entry["tighter"],
                tuple(_value(told) for told in entry["values"]),
            )
    return found


def _value(told: dict[str, Any]) -> Value:
    return Value(told["since"], told["value"], told["from"], Text(told["source_ja"], told["source_en"]))


def _limit(name: str) -> Limit:
    return all_limits()[name]
