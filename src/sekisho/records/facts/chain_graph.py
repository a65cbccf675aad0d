"""The outsourcing graph of a day: systems, what serves them, who does it down to the last, and where.

The page that draws chains asks for a part of it: that of a service, a vendor, a system, or of what stops together. It
is selected and counted over sets; a page turns into objects only what it is going to draw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from sekisho.records.facts.concentration import (
    CLOUD,
    SERVICE,
    SYSTEM,
    UNIT,
    UNKNOWN,
    depends_on,
    serving,
    what_stops,
    whose_work,
)
from sekisho.records.facts.outsourcing import chain_links, chain_steps
from sekisho.records.facts.snapshot import Facts
from sekisho.records.models import CloudService, Location, Subcontract, Vendor

VENDOR, PLACE, LINK = (m.about.name for m in (Vendor, Location, Subcontract))
COUNTRY, NOBODY_KNOWS = "country", "unknown"  # nodes that are no records; an unknown one's key says of what
_LAYERS = {UNIT: 0, SYSTEM: 1, SERVICE: 2, CLOUD: 2, PLACE: 3}
_BEFORE_STEPS = 2  # the layer before that of the vendors under contract

EDGE = {
    "from_kind": pl.String,
    "from_key": pl.String,
    "to_kind": pl.String,
    "to_key": pl.String,
    "service": pl.String,  # of a chain's link: whose chain it is
    "link": pl.String,  # the subcontract's key
    "step": pl.Int64,  # of the vendor that the edge leads to; null where the link hangs loose
}
THING = ("kind", "key")


@dataclass(frozen=True)
class Graph:
    """`nodes`: kind, key, layer (0: units, then rightwards). `edges`: EDGE, from what needs to what is needed."""

    nodes: pl.DataFrame
    edges: pl.DataFrame

    def __len__(self) -> int:
        return len(self.nodes)


# --- which part ---------------------------------------------------------------------------------------------------


def whole(facts: Facts, on: date) -> Graph:
    """All that rests on somebody outside."""
    return _graph(facts, on, depends_on(facts, on).select(THING).unique())


def of_service(facts: Facts, on: date, kind: str, key: str) -> Graph:
    """An outsourced or cloud service, by kind and key."""
    things = depends_on(facts, on).select(THING).unique()
    return _graph(facts, on, things.filter(pl.col("kind") == kind, pl.col("key") == key))


def of_vendor(facts: Facts, on: date, key: str) -> Graph:
    """Everything in which the vendor has a part, at whatever step."""
    return _graph(facts, on, depends_on(facts, on).filter(pl.col("vendor") == key).select(THING).unique())


def of_system(facts: Facts, on: date, key: str) -> Graph:
    """What the system needs; the other systems that need the same are left out."""
    served = serving(facts, on).filter(pl.col("system") == key).select(THING)
    run = pl.DataFrame({"kind": [SYSTEM], "key": [key]})
    known = depends_on(facts, on).select(THING).unique()
    things = pl.concat([served, run]).join(known, on=THING, how="semi")
    return _without_others(_graph(facts, on, things), SYSTEM, [key])


def of_stop(facts: Facts, on: date, kind: str, key: str) -> Graph:
    """What stops or goes on with less if `key` stops (see `what_stops`), and on which way it comes to that."""
    hit = what_stops(facts, on, kind, key).filter(pl.col("effect") != UNKNOWN)
    things = hit.filter(pl.col("kind") != UNIT).select(THING)
    if kind == SYSTEM:
        causes = things
    else:
        struck = hit["through"].explode().drop_nulls().unique()
        causes = pl.DataFrame({"at": struck}, schema={"at": pl.String}).select(
            kind=pl.col("at").str.split(":").list.first(), key=pl.col("at").str.replace(r"^[^:]*:", "")
        )
        causes = causes.filter(pl.col("kind").is_in([VENDOR, PLACE]))
    drawn = _graph(facts, on, things, homes=True)
    kept = _leading_to(drawn.edges, causes)
    mine = pl.concat([hit.select(THING), drawn.nodes.filter(pl.col("kind") == VENDOR).select(THING), causes])
    ground = drawn.nodes.filter(
        pl.col("kind") == COUNTRY, pl.col("key") == key, kind in ("country_vendors", "country_locations")
    )
    return _within(drawn, pl.concat([kept.join(mine, on=THING, how="semi"), ground.select(THING)]))


# --- edges ---------------------------------------------------------------------------------------------------------


def _graph(facts: Facts, on: date, things: pl.DataFrame, *, homes: bool = False) -> Graph:
    """The graph of some services, clouds and systems that vendors run; with the units whose work it is."""
    parts = [
        _uses(facts, on, things),
        _first_vendors(facts, on, things),
        _handed_on(facts, on, things),
        _places(facts, on, things),
    ]
    if homes:
        work = whose_work(facts, on)
        concerned = pl.concat([things, parts[0].select(kind="from_kind", key="from_key")]).unique()
        whose = work.join(concerned, on=THING, how="semi")
        parts.append(_edges(whose, pl.lit(UNIT), "unit", "kind", "key"))
    edges = pl.concat(parts)
    edges = pl.concat([edges, _countries(facts, edges)])
    return Graph(_nodes(edges, things), edges)


def _uses(facts: Facts, on: date, things: pl.DataFrame) -> pl.DataFrame:
    served = serving(facts, on).join(things, on=THING, how="semi")
    return _edges(served, pl.lit(SYSTEM), "system", "kind", "key")


def _first_vendors(facts: Facts, on: date, things: pl.DataFrame) -> pl.DataFrame:
    """From each thing to whom the member has asked; from a service also to where a part of its chain hangs loose."""
    first = chain_steps(facts, on).filter(pl.col("step") == 1)
    services = first.select("step", "vendor", kind=pl.lit(SERVICE), key="service")
    others = depends_on(facts, on).filter(pl.col("kind") != SERVICE).with_columns(step=pl.lit(1, pl.Int64))
    loose = chain_links(facts, on).filter(pl.col("step").is_null())
    below = loose.select("service", from_vendor="to_vendor")
    tops = loose.join(below, on=["service", "from_vendor"], how="anti").unique(["service", "from_vendor"])
    hanging = tops.select("step", vendor="from_vendor", kind=pl.lit(SERVICE), key="service")
    asked = pl.concat([part.select("kind", "key", "vendor", "step") for part in (services, others, hanging)])
    mine = asked.drop_nulls("vendor").join(things, on=THING, how="semi")
    return _edges(mine, "kind", "key", pl.lit(VENDOR), "vendor", step="step")


def _handed_on(facts: Facts, on: date, things: pl.DataFrame) -> pl.DataFrame:
    mine = things.filter(pl.col("kind") == SERVICE).select(service="key")
    links = chain_links(facts, on).join(mine, on="service", how="semi")
    known = pl.col("to_vendor").is_not_null()
    to_kind = pl.when(known).then(pl.lit(VENDOR)).otherwise(pl.lit(NOBODY_KNOWS))
    to_key = pl.coalesce("to_vendor", f"{LINK}:" + pl.col("link"))
    return _edges(
        links, pl.lit(VENDOR), "from_vendor", to_kind, to_key, service="service", link="link", step="step"
    )


def _places(facts: Facts, on: date, things: pl.DataFrame) -> pl.DataFrame:
    clouds = things.filter(pl.col("kind") == CLOUD).select("key")
    at = facts.frame(CloudService).join(clouds, on="key", how="semi").select("key", place="locations")
    at = at.explode("place").unique(maintain_order=True)
    to_kind = pl.when(pl.col("place").is_null()).then(pl.lit(NOBODY_KNOWS)).otherwise(pl.lit(PLACE))
    return _edges(at, pl.lit(CLOUD), "key", to_kind, pl.coalesce("place", f"{CLOUD}:" + pl.col("key")))


def _countries(facts: Facts, edges: pl.DataFrame) -> pl.DataFrame:
    ends = edges.select(kind="to_kind", key="to_key").unique()
    told = pl.concat(
        facts.frame(model).select(pl.lit(model.about.name).alias("kind"), "key", "country")
        for model in (Vendor, Location)
    )
    seated = ends.join(told.drop_nulls("country"), on=THING)
    return _edges(seated, "kind", "key", pl.lit(COUNTRY), "country")


def _edges(
    rows: pl.DataFrame,
    from_kind: str | pl.Expr,
    from_key: str,
    to_kind: str | pl.Expr,
    to_key: str | pl.Expr,
    **more: str,
) -> pl.DataFrame:
    nothing = {n: pl.lit(None, dtype=EDGE[n]) for n in ("service", "link", "step")}
    told = rows.select(
        from_kind=from_kind,
        from_key=from_key,
        to_kind=to_kind,
        to_key=to_key,
        **(nothing | {n: pl.col(c) for n, c in more.items()}),
    )
    return told.select(*EDGE)


# --- nodes, and parts of a graph -----------------------------------------------------------------------------------


def _nodes(edges: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """Every thing and every end of an edge, each in its layer: a vendor in that of its last step, countries last."""
    ends = [
        things,
        edges.select(kind="from_kind", key="from_key"),
        edges.select("step", kind="to_kind", key="to_key"),
    ]
    steps = pl.concat(ends, how="diagonal").group_by(THING).agg(pl.col("step").max())
    fixed = pl.col("kind").replace_strict(_LAYERS, default=None, return_dtype=pl.Int64)
    after = pl.when(pl.col("kind") != COUNTRY).then(
        pl.coalesce(pl.col("step") + _BEFORE_STEPS, _BEFORE_STEPS + 2)
    )
    nodes = steps.select(*THING, layer=pl.coalesce(fixed, after))
    last = pl.col("layer").max().fill_null(0) + 1
    return nodes.with_columns(pl.col("layer").fill_null(last)).sort("layer", "kind", "key")


def _leading_to(edges: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """The causes and all from which an edge leads to one of them, step by step backwards: kind, key."""
    back = edges.select(to_kind="to_kind", to_key="to_key", kind="from_kind", key="from_key").unique()
    met = at = causes.unique()
    while not at.is_empty():
        at = (
            back.join(at, left_on=["to_kind", "to_key"], right_on=THING, how="semi")
            .select(THING)
            .unique()
            .join(met, on=THING, how="anti")
        )
        met = pl.concat([met, at])
    return met


def _within(graph: Graph, kept: pl.DataFrame) -> Graph:
    edges = graph.edges.join(kept, left_on=["from_kind", "from_key"], right_on=THING, how="semi").join(
        kept, left_on=["to_kind", "to_key"], right_on=THING, how="semi"
    )
    return Graph(graph.nodes.join(kept, on=THING, how="semi"), edges)


def _without_others(graph: Graph, kind: str, keys: Iterable[str]) -> Graph:
    """The graph without the other nodes of a kind."""
    kept = graph.nodes.filter((pl.col("kind") != kind) | pl.col("key").is_in(list(keys)))
    return _within(graph, kept.select(THING))


def together(first: Graph, *more: Graph) -> Graph:
    """Several graphs as one."""
    graphs = (first, *more)
    nodes = pl.concat(g.nodes for g in graphs).group_by(THING).agg(pl.col("layer").max())
    edges = pl.concat(g.edges for g in graphs).unique(maintain_order=True)
    return Graph(nodes.sort("layer", "kind", "key"), edges)
