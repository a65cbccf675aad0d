"""Who stands behind the member's outsourced work: every step of every chain, and the vendors that matter most.

Shared by the articles on outsourcing, cloud and audit, and by the pages that draw chains. Everything is worked out over
sets: a chain is followed step by step, all services at once (5,000 chains of 8 steps: about 0.03 s).
"""

from __future__ import annotations

from datetime import date
from weakref import WeakKeyDictionary

import polars as pl

from sekisho.records.chains import DEEPEST
from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import CloudService, OutsourcedService, Subcontract, System, Vendor

_NOTHING = pl.lit(None, dtype=pl.String)
_followed: WeakKeyDictionary[Facts, dict[date, pl.DataFrame]] = WeakKeyDictionary()


def chain_steps(facts: Facts, on: date) -> pl.DataFrame:
    """Every step of the chains of the services that run on the day, each vendor once a service, at its first step.

    Columns: service, vendor (null: unknown), step (Int64, 1 for the vendor under contract), from_vendor (null for step
    1), link (the subcontract's key; null for step 1), since_on (the first day on which all links to it stood; of the
    shortest way). Of several ways of the same length the link with the first key is told; every unknown end is a row.
    Followed once for the same facts and day. Reads OutsourcedService and Subcontract.
    """
    days = _followed.setdefault(facts, {})
    if on not in days:
        days[on] = _follow(facts, on)
    return days[on]


def _follow(facts: Facts, on: date) -> pl.DataFrame:
    links = (
        facts.frame(Subcontract)
        .filter(_standing(on))
        .select("service", "from_vendor", "to_vendor", link="key", begun="since_on")
        .sort("link")
    )
    at = (
        facts.frame(OutsourcedService)
        .filter(_standing(on))
        .select(
            "vendor",
            "since_on",
            service="key",
            step=pl.lit(1, pl.Int64),
            from_vendor=_NOTHING,
            link=_NOTHING,
        )
        .select(*_STEP)
    )
    steps, seen = [at], at.select("service", "vendor")
    for step in range(2, DEEPEST + 1):
        at = _next(at, links, step, seen)
        if at.is_empty():
            break
        steps.append(at)
        seen = pl.concat([seen, at.select("service", "vendor")])
    return pl.concat(steps)


_STEP = ("service", "vendor", "step", "from_vendor", "link", "since_on")


def _next(at: pl.DataFrame, links: pl.DataFrame, step: int, seen: pl.DataFrame) -> pl.DataFrame:
    """The steps below `at`: vendors that their service has not reached yet, each once, and all unknown ends."""
    below = (
        at.select("service", "since_on", from_vendor="vendor")
        .join(links, on=["service", "from_vendor"], maintain_order="right")
        .select(
            "service",
            "from_vendor",
            "link",
            vendor="to_vendor",
            step=pl.lit(step, pl.Int64),
            since_on=pl.max_horizontal("since_on", "begun"),
        )
        .select(*_STEP)
    )
    unknown = below.filter(pl.col("vendor").is_null())
    known = below.filter(pl.col("vendor").is_not_null()).join(
        seen, on=["service", "vendor"], how="anti", maintain_order="left"
    )
    return pl.concat([known.unique(["service", "vendor"], keep="first", maintain_order=True), unknown])


def chain_links(facts: Facts, on: date) -> pl.DataFrame:
    """Every link that stands on the day in a service that runs: what a graph of the chains is drawn of.

    Columns: service, link (the subcontract's key), from_vendor, to_vendor (null: unknown), step (Int64: that of the
    link; null where the work does not reach its `from_vendor`), since_on (null where none is recorded). Reads
    OutsourcedService and Subcontract.
    """
    reached = chain_steps(facts, on).select("service", from_vendor="vendor", step=pl.col("step") + 1)
    running = facts.frame(OutsourcedService).filter(_standing(on)).select(service="key")
    return (
        facts.frame(Subcontract)
        .filter(_standing(on))
        .join(running, on="service", how="semi")
        .drop("step")  # as somebody recorded it; here it is counted
        .join(reached, on=["service", "from_vendor"], how="left", maintain_order="left")
        .select("service", "from_vendor", "to_vendor", "step", "since_on", link="key")
    )


def direct_vendors(facts: Facts, on: date) -> pl.DataFrame:
    """Whoever works for the member itself on the day: services, clouds, and systems in scope that a vendor runs.

    Columns: vendor, since_on (its first day in any of them), holds_users_data (in any of them). One row each. Reads
    OutsourcedService, CloudService and System.
    """
    told = ("vendor", "since_on", "holds_users_data")
    systems = _systems(facts, on).filter(pl.col("operated_by") == "vendor")
    return _each_once(
        facts.frame(OutsourcedService).filter(_standing(on)).select(*told),
        facts.frame(CloudService).filter(_standing(on)).select(*told),
        systems.select("vendor", "holds_users_data", since_on="in_use_since_on").select(*told),
    )


def working_vendors(facts: Facts, on: date) -> pl.DataFrame:
    """Whoever works for the member on the day, directly or at any step of a chain; as `direct_vendors` otherwise.

    A subcontractor holds users' data where its service does: nothing else tells what is handed on. Reads
    OutsourcedService, Subcontract, CloudService and System.
    """
    flags = facts.frame(OutsourcedService).select("holds_users_data", service="key")
    chains = chain_steps(facts, on).join(flags, on="service", how="left")
    return _each_once(direct_vendors(facts, on), chains.select("vendor", "since_on", "holds_users_data"))


def _each_once(*parts: pl.DataFrame) -> pl.DataFrame:
    return (
        pl.concat(parts)
        .drop_nulls("vendor")
        .group_by("vendor")
        .agg(pl.col("since_on").min(), pl.col("holds_users_data").fill_null(False).any())
        .sort("vendor")
    )


def important_vendors(facts: Facts, on: date) -> pl.DataFrame:
    """The vendors that matter most on the day, each with the first reason that holds.

    Columns: vendor, why: `set` (the member says so), `runs_critical` (operates a critical system in scope),
    `serves_critical` (a service or cloud of it carries one), `holds_data` (a service or cloud of it, or a system it
    operates, holds users' data), `in_chain` (a subcontractor at any step of a service that matters for one of those
    reasons). What a vendor does counts whatever days its own record names; one that is only set counts while they last.
    Reads Vendor, System, OutsourcedService, Subcontract and CloudService.
    """
    systems = _systems(facts, on)
    critical = systems.filter(pl.col("criticality") == "high").select(system="key")
    run = systems.filter(pl.col("operated_by") == "vendor")
    services, clouds = (facts.frame(m).filter(_standing(on)) for m in (OutsourcedService, CloudService))
    serving = [
        used.select("key", "vendor", system="systems")
        .explode("system")
        .join(critical, on="system", how="semi")
        for used in (services, clouds)
    ]
    holding = [used.filter("holds_users_data") for used in (services, clouds, run)]
    matters = pl.concat([serving[0].select("key"), holding[0].select("key")]).unique()
    chained = chain_steps(facts, on).join(matters, left_on="service", right_on="key", how="semi")
    reasons = (
        ("set", [facts.frame(Vendor).filter("important", _standing(on)).select(vendor="key")]),
        ("runs_critical", [run.join(critical, left_on="key", right_on="system", how="semi")]),
        ("serves_critical", serving),
        ("holds_data", holding),
        ("in_chain", [chained.filter(pl.col("step") > 1)]),
    )
    every = [rows.select("vendor", why=pl.lit(why)) for why, parts in reasons for rows in parts]
    return pl.concat(every).drop_nulls("vendor").unique("vendor", keep="first", maintain_order=True)


def _systems(facts: Facts, on: date) -> pl.DataFrame:
    """The systems in scope and in use."""
    return facts.frame(System).filter("in_scope", _standing(on, "in_use_since_on", "in_use_until_on"))


def _standing(on: date, since: str = "since_on", until: str = "until_on") -> pl.Expr:
    """Whether a record's days contain the day: what has no first day recorded was there before."""
    begun = pl.col(since).is_null() | (pl.col(since) <= on)
    return begun & (pl.col(until).is_null() | (pl.col(until) >= on))
