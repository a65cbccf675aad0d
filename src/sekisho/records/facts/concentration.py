"""What stops if one of those stops that the member depends on, and how much hangs on each of them.

Shared by the page that draws chains and by the API. All of it is worked out from `strikes`: which service, cloud
service or system each cause hits directly. Systems follow what serves them, the member's units follow their systems.

How it is read:

- A service stops with its vendor and with every subcontractor of its chain; a cloud service and a system that a vendor
  operates stop with the vendor.
- A cloud service stops where all its locations stop; where only some do it goes on, `degraded`.
- A country is two questions: its data centres stop (`country_locations`), or the vendors seated there do
  (`country_vendors`).
- What nobody knows is not taken for safe: an unknown end of a chain, a link to which the work is not recorded to come,
  a vendor of unknown country or a cloud service without a location leaves what depends on it `unknown`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.records.facts.outsourcing import chain_links, chain_steps
from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import (
    CloudService,
    Location,
    OutsourcedService,
    Person,
    Subcontract,
    System,
    Unit,
    Vendor,
)

READS = (System, Unit, Person, Vendor, OutsourcedService, Subcontract, CloudService, Location)
COUNTED = ("vendor", "group", "location", "country_locations", "country_vendors")
CAUSES = (*COUNTED, "system")
STOPS, UNKNOWN, DEGRADED = "stops", "unknown", "degraded"
EFFECTS = (STOPS, UNKNOWN, DEGRADED)  # the gravest first
SERVICE, CLOUD, SYSTEM, UNIT = (m.about.name for m in (OutsourcedService, CloudService, System, Unit))
AFFECTED = (SERVICE, CLOUD, SYSTEM, UNIT)

_THING = ("kind", "key")
_EFFECT = pl.Enum(EFFECTS)
_KIND = pl.Enum(AFFECTED)


def what_stops(facts: Facts, on: date, kind: str, key: str) -> pl.DataFrame:
    """Everything that is hit if `key` stops: a vendor, location or system by key, a group by name, a country by code.

    Columns: kind (AFFECTED), key, effect (EFFECTS: the gravest of all), through (list of `kind:key`: what hits it
    directly), in_scope, critical (Boolean; null but for systems). Services first, then systems (in scope and critical
    first) and units; the gravest first.
    """
    direct = (
        strikes(facts, on, kind).filter((pl.col("cause") == key) | pl.col("cause").is_null()).drop("cause")
    )
    served = _followed(direct, serving(facts, on), "system", SYSTEM)
    hit = pl.concat([direct, served])
    home = whose_work(facts, on)
    found = pl.concat([hit, _followed(hit, home, "unit", UNIT)])
    worst = found.group_by(*_THING).agg(
        effect=pl.col("effect").cast(_EFFECT).min(), through=pl.col("by").drop_nulls().unique().sort()
    )
    return (
        worst.join(_weights(facts, on), on=_THING, how="left")
        .with_columns(kind=pl.col("kind").cast(_KIND))
        .sort("kind", "effect", ~pl.col("in_scope"), ~pl.col("critical"), "key", nulls_last=True)
        .with_columns(pl.col("kind", "effect").cast(pl.String))
    )


def concentration(facts: Facts, on: date) -> pl.DataFrame:
    """How much stops with each vendor, group, location and country, where anything does: the heaviest first.

    Columns: kind (COUNTED), key, services (outsourced and cloud services that stop), degraded (services that go on with
    less), systems, critical (systems in scope of high criticality), and the share of each of all that are in use:
    services_share, systems_share, critical_share (0 to 1; null where there is none).
    """
    served, weights = serving(facts, on), _weights(facts, on)
    rows = [_weighed(strikes(facts, on, kind), served, weights, kind) for kind in COUNTED]
    totals = _totals(facts, on)
    shares = [
        (pl.col(name) / totals[name] if totals[name] else pl.lit(None, dtype=pl.Float64)).alias(
            f"{name}_share"
        )
        for name in ("services", "systems", "critical")
    ]
    order = ("critical", "systems", "services", "degraded")
    return (
        pl.concat(rows)
        .with_columns(*shares)
        .sort(*order, "kind", "key", descending=[True] * len(order) + [False, False])
    )


def unknown_ends(facts: Facts, on: date) -> int:
    """How many services have a chain of which an end is unknown: what they depend on cannot be told."""
    return int(chain_links(facts, on).filter(pl.col("to_vendor").is_null())["service"].n_unique())


# --- what hits what ---------------------------------------------------------------------------------------------


def strikes(facts: Facts, on: date, kind: str) -> pl.DataFrame:
    """What each cause of a kind (CAUSES) hits directly.

    Columns: cause (null: any of them may), kind, key, effect, by (`kind:key` of the vendor or location that hits it;
    null where the cause is the thing itself or nobody knows).
    """
    if kind == SYSTEM:
        nothing = pl.lit(None, dtype=pl.String)
        return _in_use(facts, on).select(
            cause="key", kind=pl.lit(SYSTEM), key="key", effect=pl.lit(STOPS), by=nothing
        )
    if kind in ("location", "country_locations"):
        return _by_places(facts, on, kind)
    if kind in ("vendor", "group", "country_vendors"):
        return _by_vendors(facts, on, kind)
    raise ValueError(f"no cause: {kind}")


def depends_on(facts: Facts, on: date) -> pl.DataFrame:
    """Which vendor each service, cloud service and system rests on.

    Columns: kind, key, vendor (null: unknown), sure (Boolean: false for the vendors of a link that stands in a service
    but hangs loose, because the work is not recorded to come to its `from_vendor`).
    """
    steps = chain_steps(facts, on).select(kind=pl.lit(SERVICE), key="service", vendor="vendor")
    clouds = _used(facts, on, CloudService).select(kind=pl.lit(CLOUD), key="key", vendor="vendor")
    run = _in_use(facts, on).filter(pl.col("operated_by") == "vendor")
    systems = run.select(kind=pl.lit(SYSTEM), key="key", vendor="vendor")
    loose = chain_links(facts, on).filter(pl.col("step").is_null())
    told = [
        loose.select(kind=pl.lit(SERVICE), key="service", vendor=end) for end in ("from_vendor", "to_vendor")
    ]
    sure = pl.concat([steps, clouds, systems]).unique().with_columns(sure=True)
    return pl.concat([sure, pl.concat(told).unique().with_columns(sure=False)])


def serving(facts: Facts, on: date) -> pl.DataFrame:
    """Which systems in use stop without which service: kind, key, system."""
    systems = _in_use(facts, on).select(system="key")
    return pl.concat(
        _used(facts, on, model)
        .select("key", system="systems")
        .explode("system")
        .join(systems, on="system", how="semi")
        .select(pl.lit(model.about.name).alias("kind"), "key", "system")
        for model in (OutsourcedService, CloudService)
    ).unique()


def _by_vendors(facts: Facts, on: date, kind: str) -> pl.DataFrame:
    vendors = facts.frame(Vendor).select(vendor="key", group="group", country="country")
    cause = {"vendor": pl.col("vendor"), "group": pl.col("group"), "country_vendors": pl.col("country")}[kind]
    rests = depends_on(facts, on).join(vendors, on="vendor", how="left").with_columns(cause=cause)
    if kind == "group":  # a vendor without a group belongs to none
        rests = rests.filter(pl.col("cause").is_not_null() | pl.col("vendor").is_null())
    return rests.select(
        "cause",
        *_THING,
        effect=pl.when(pl.col("cause").is_not_null() & pl.col("sure"))
        .then(pl.lit(STOPS))
        .otherwise(pl.lit(UNKNOWN)),
        by="vendor:" + pl.col("vendor"),
    )


def _by_places(facts: Facts, on: date, kind: str) -> pl.DataFrame:
    places = facts.frame(Location).select(location="key", country="country")
    at = (
        _used(facts, on, CloudService)
        .select("key", location="locations")
        .explode("location")
        .unique()
        .join(places, on="location", how="left")
        .with_columns(cause=pl.col("location" if kind == "location" else "country"))
    )
    those = pl.len().over("key", "cause")
    effect = (
        pl.when(pl.col("cause").is_null())
        .then(pl.lit(UNKNOWN))
        .when(those == pl.len().over("key"))
        .then(pl.lit(STOPS))
        .otherwise(pl.lit(DEGRADED))
    )
    return at.select(
        "cause", kind=pl.lit(CLOUD), key="key", effect=effect, by="location:" + pl.col("location")
    )


# --- what follows -----------------------------------------------------------------------------------------------


def _followed(hit: pl.DataFrame, edges: pl.DataFrame, to: str, kind: str) -> pl.DataFrame:
    """What is hit because something that it needs is hit."""
    return hit.join(edges, on=_THING).select(
        kind=pl.lit(kind), key=to, effect="effect", by=pl.concat_str("kind", pl.lit(":"), "key")
    )


def whose_work(facts: Facts, on: date) -> pl.DataFrame:
    """Whose work it is: a system's unit; for a service without a system, that of the person in charge.

    Columns: kind, key, unit.
    """
    systems = _in_use(facts, on).select(kind=pl.lit(SYSTEM), key="key", unit="unit")
    people = facts.frame(Person).select(in_charge="key", unit="unit")
    served = serving(facts, on)
    alone = pl.concat(
        _used(facts, on, model).select(pl.lit(model.about.name).alias("kind"), "key", "in_charge")
        for model in (OutsourcedService, CloudService)
    ).join(served, on=_THING, how="anti")
    whose = alone.join(people, on="in_charge").select(*_THING, "unit")
    return pl.concat([systems, whose]).drop_nulls("unit")


def _weights(facts: Facts, on: date) -> pl.DataFrame:
    """Of every system in use, whether it is in scope, and critical: in scope and of high criticality."""
    scope = pl.col("in_scope").fill_null(False)
    critical = scope & (pl.col("criticality") == "high").fill_null(False)
    return _in_use(facts, on).select(kind=pl.lit(SYSTEM), key="key", in_scope=scope, critical=critical)


def _weighed(struck: pl.DataFrame, served: pl.DataFrame, weights: pl.DataFrame, kind: str) -> pl.DataFrame:
    known = struck.filter(pl.col("effect") != UNKNOWN).unique(["cause", *_THING, "effect"])
    stopped = known.filter(pl.col("effect") == STOPS)
    systems = (
        pl.concat(
            [
                stopped.join(served, on=_THING).select("cause", key="system"),
                stopped.filter(pl.col("kind") == SYSTEM).select("cause", "key"),
            ]
        )
        .unique()
        .join(weights, on="key")
        .group_by("cause")
        .agg(systems=pl.len(), critical=pl.col("critical").sum())
    )
    service = pl.col("kind") != SYSTEM
    counted = known.group_by("cause").agg(
        services=(service & (pl.col("effect") == STOPS)).sum(), degraded=(pl.col("effect") == DEGRADED).sum()
    )
    numbers = ("services", "degraded", "systems", "critical")
    return counted.join(systems, on="cause", how="left").select(
        kind=pl.lit(kind), key="cause", **{n: pl.col(n).fill_null(0).cast(pl.Int64) for n in numbers}
    )


def _totals(facts: Facts, on: date) -> dict[str, int]:
    weights = _weights(facts, on)
    used = sum(len(_used(facts, on, model)) for model in (OutsourcedService, CloudService))
    return {"services": used, "systems": len(weights), "critical": int(weights["critical"].sum())}


def _used(facts: Facts, on: date, model: type[OutsourcedService | CloudService]) -> pl.DataFrame:
    return facts.frame(model).filter(_stands(on))


def _in_use(facts: Facts, on: date) -> pl.DataFrame:
    return facts.frame(System).filter(_stands(on, "in_use_since_on", "in_use_until_on"))


def _stands(on: date, since: str = "since_on", until: str = "until_on") -> pl.Expr:
    """Whether a record's days contain the day: what has no first day recorded was there before."""
    begun = pl.col(since).is_null() | (pl.col(since) <= on)
    return begun & (pl.col(until).is_null() | (pl.col(until) >= on))
