"""What the reader of the page of chains asks for: a mode, and of whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.records.facts import Facts
from sekisho.records.facts.concentration import CLOUD, SERVICE, SYSTEM, concentration, depends_on, strikes
from sekisho.records.fields import clean
from sekisho.records.models import Location, Vendor
from sekisho.web.seen import facts, seen

MOST_OPTIONS = 500  # past that a list is no help: the reader types, and is offered what fits
MODES = {
    "whole": Text("全体", "All"),
    "service": Text("業務・クラウド別", "By service"),
    "vendor": Text("委託先別", "By vendor"),
    "system": Text("システム別", "By system"),
    "stops": Text("停止した場合の影響", "What if it stops"),
    "weights": Text("集中度", "Concentration"),
}
CAUSES = {
    "vendor": Text("委託先", "Vendor"),
    "group": Text("企業グループ", "Group"),
    "location": Text("データセンター（所在地）", "Data centre (location)"),
    "country": Text("国", "Country"),
    "system": Text("システム", "System"),
}
COUNTRY_QUESTIONS = ("country_locations", "country_vendors")
WEIGHED = {
    "vendor": Text("委託先", "Vendors"),
    "group": Text("企業グループ", "Groups"),
    "location": Text("データセンター（所在地）", "Data centres (locations)"),
    "country_locations": Text("国（データセンター）", "Countries (data centres)"),
    "country_vendors": Text("国（委託先の所在国）", "Countries (vendors' seats)"),
}
Option = tuple[str, Text]  # what is sent back, and what is read


@dataclass(frozen=True)
class Asked:
    """`mode`: of MODES. `kind`: of CAUSES, for `stops`; of WEIGHED, for `weights`. `of`: who is chosen; '' for nobody.

    `options`: whom one may choose; empty where there are too many to list (`typed`). `lookup`: the kind to look among.
    """

    mode: str
    kind: str
    of: str
    title: Text
    options: tuple[Option, ...]
    typed: bool
    lookup: str
    tried: str

    @property
    def label(self) -> Text:
        return MODES[self.mode]

    @property
    def missed(self) -> bool:
        """Whether something was asked for that is not there."""
        return bool(self.tried) and not self.of


def asked(request: HttpRequest, first: Callable[[], str]) -> Asked:
    """What the address asks for: `by` (the mode; that of `first` where it names none), `kind`, `of`."""
    given = request.GET
    mode = given.get("by", "") if given.get("by") in MODES else first()
    kinds = {"stops": CAUSES, "weights": WEIGHED}.get(mode, {})
    kind = given.get("kind", "") if given.get("kind") in kinds else next(iter(kinds), "")
    if mode in ("whole", "weights"):
        return Asked(mode, kind, "", Text("", ""), (), False, "", "")
    names = among(facts(request), seen(request).on, mode if mode != "stops" else kind)
    tried = clean(given.get("of", ""))
    of = chosen(names, tried)
    typed = len(names) > MOST_OPTIONS
    lookup = "any" if mode == "service" else kind or mode
    options = () if typed else tuple(sorted(names.items(), key=lambda option: (option[1].ja, option[0])))
    return Asked(mode, kind, of, names.get(of, Text(of, of)), options, typed, lookup, tried)


def chosen(names: dict[str, Text], tried: str) -> str:
    """The one that is meant by its key or by a name that nobody else bears; '' for none."""
    if tried in names:
        return tried
    same = [key for key, name in names.items() if name.ja == tried]
    return same[0] if len(same) == 1 else ""


def among(known: Facts, on: date, kind: str) -> dict[str, Text]:
    """Who may be chosen, with names: whoever something rests on (`kind` of CAUSES), services as `kind:key`."""
    if kind == "service":
        used = depends_on(known, on).filter(pl.col("kind").is_in([SERVICE, CLOUD])).select("kind", "key")
        names = {k: names_of(known, k) for k in (SERVICE, CLOUD)}
        return {f"{k}:{key}": names[k].get(key, Text(key, key)) for k, key in used.unique().iter_rows()}
    if kind in ("vendor", "location", SYSTEM):
        names_here = names_of(known, kind)
        causes = strikes(known, on, kind)["cause"].drop_nulls().unique()
        return {key: names_here.get(key, Text(key, key)) for key in causes}
    if kind == "group":
        return {name: Text(name, name) for name in strikes(known, on, "group")["cause"].drop_nulls().unique()}
    every = concentration(known, on).filter(pl.col("kind").is_in(COUNTRY_QUESTIONS))["key"].unique()
    return {country: Text(country, country) for country in every}


def names_of(known: Facts, kind: str) -> dict[str, Text]:
    """The names of a kind's records by key, as they were then."""
    rows = known.frame(kind_named(kind)).select("key", "name")
    return {key: Text(name or key, name or key) for key, name in rows.iter_rows()}


def country_of(known: Facts) -> dict[str, str]:
    """The country of each vendor and location (`kind:key`) for which one is on record."""
    return {
        f"{model.about.name}:{key}": country
        for model in (Vendor, Location)
        for key, country in known.frame(model).select("key", "country").drop_nulls().iter_rows()
    }
