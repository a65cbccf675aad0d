"""On what systems rest: the cloud services and the vendors below them."""

from __future__ import annotations

import polars as pl
from django.http import HttpRequest

from sekisho.records.facts import Facts
from sekisho.records.facts.concentration import CLOUD, SERVICE, SYSTEM, serving
from sekisho.records.models import CloudService, OutsourcedService, Vendor
from sekisho.web.seen import facts, seen
from sekisho.web.system_map.asked import systems_in_use

VENDOR = Vendor.about.name
_REST = {"from": pl.String, "kind": pl.String, "key": pl.String}
NOTHING = pl.DataFrame(schema=_REST)


def rests(request: HttpRequest, keys: list[str]) -> pl.DataFrame:
    """From a system (`from`: its id) to the clouds and vendors below it, from a cloud to its vendor: kind, key.

    A vendor is below a system that it operates, and below one that outsourced work of it serves.
    """
    known, on = facts(request), seen(request).on
    served = serving(known, on).filter(pl.col("system").is_in(keys))
    below = f"{SYSTEM}:" + pl.col("system")
    clouds = served.filter(pl.col("kind") == CLOUD).select("key", start=below)
    services = served.filter(pl.col("kind") == SERVICE).select("key", start=below)
    run = systems_in_use(known, on).filter(pl.col("key").is_in(keys), pl.col("operated_by") == "vendor")
    parts = (
        (CLOUD, clouds),
        (VENDOR, _of_vendor(known, CloudService, clouds.select("key", start=f"{CLOUD}:" + pl.col("key")))),
        (VENDOR, _of_vendor(known, OutsourcedService, services)),
        (VENDOR, run.select(key="vendor", start=f"{SYSTEM}:" + pl.col("key"))),
    )
    told = [rows.select(pl.col("start").alias("from"), kind=pl.lit(kind), key="key") for kind, rows in parts]
    return pl.concat([NOTHING, *told]).drop_nulls("key").unique().sort("from", "kind", "key")


def _of_vendor(
    known: Facts, kind: type[CloudService | OutsourcedService], rows: pl.DataFrame
) -> pl.DataFrame:
    """The rows (by `key`) with the vendor of each in place of it."""
    vendors = known.frame(kind).select("key", "vendor")
    return rows.join(vendors, on="key").select("start", key="vendor")
