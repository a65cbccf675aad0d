"""Which systems the reader of the map asks for: those of a unit, of a criticality, or all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.facts.configuration import links
from sekisho.records.models import System, Unit
from sekisho.web.chains.asked import names_of
from sekisho.web.seen import facts, seen

MOST_SYSTEMS = 60  # past that nobody can read a map; the table still tells of all
NO_UNIT = "-"
Option = tuple[str, Text]


@dataclass(frozen=True)
class Asked:
    """`chosen`: the keys of the systems asked for. `around`: others that hang together with one of them.

    `rests`: whether the clouds and vendors that they rest on are shown too. Options: (value, words).
    """

    unit: str
    criticality: str
    rests: bool
    chosen: frozenset[str]
    around: frozenset[str]
    units: tuple[Option, ...]
    criticalities: tuple[Option, ...]

    @property
    def narrowed(self) -> bool:
        return bool(self.unit or self.criticality)

    @property
    def drawable(self) -> bool:
        return 0 < len(self.chosen) <= MOST_SYSTEMS


def systems_in_use(known: Facts, on: date) -> pl.DataFrame:
    """The systems in use on the day, those out of scope included. Columns of System."""
    until = pl.col("in_use_until_on")
    return known.frame(System).filter(pl.col("in_use_since_on") <= on, until.is_null() | (until >= on))


def asked(request: HttpRequest) -> Asked:
    """What the address asks for: `unit` ('-': none), `criticality`, `rests` ('no': without clouds and vendors)."""
    known, on = facts(request), seen(request).on
    systems = systems_in_use(known, on)
    units, levels = _units(known, systems), _criticalities(systems)
    unit = _among(request.GET.get("unit", ""), units)
    criticality = _among(request.GET.get("criticality", ""), levels)
    mine = pl.col("unit").is_null() if unit == NO_UNIT else pl.col("unit") == unit
    rows = systems.filter(
        mine if unit else pl.lit(True),
        (pl.col("criticality") == criticality) if criticality else pl.lit(True),
    )
    chosen = frozenset(rows["key"])
    around = _around(known, on, chosen, systems) if unit or criticality else frozenset()
    return Asked(unit, criticality, request.GET.get("rests") != "no", chosen, around, units, levels)


def _among(value: str, options: tuple[Option, ...]) -> str:
    return value if value in dict(options) else ""


def _units(known: Facts, systems: pl.DataFrame) -> tuple[Option, ...]:
    """The units that keep a system, by name."""
    names = names_of(known, Unit.about.name)
    keys = systems["unit"].unique()
    told = [(key, names.get(key, Text(key, key))) for key in keys.drop_nulls().sort()]
    return (
        *told,
        *([(NO_UNIT, Text("（所管部署の記録なし）", "(no unit on record)"))] if keys.null_count() else []),
    )


def _criticalities(systems: pl.DataFrame) -> tuple[Option, ...]:
    field = System.kind_fields()["criticality"]
    there = set(systems["criticality"])
    return tuple((value, words) for value, words in field.options.items() if value in there)


def _around(known: Facts, on: date, chosen: frozenset[str], systems: pl.DataFrame) -> frozenset[str]:
    edges = links(known, on)
    touching = edges.filter(pl.col("from_system").is_in(chosen) | pl.col("to_system").is_in(chosen))
    ends = {*touching["from_system"], *touching["to_system"]}
    return frozenset(ends & set(systems["key"])) - chosen
