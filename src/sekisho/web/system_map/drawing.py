"""The system map as a page shows it: nodes and edges for the script, a list by unit, and the rows of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.facts.concentration import CLOUD, SYSTEM
from sekisho.records.facts.configuration import CONNECTS_TO, links, made_of
from sekisho.records.models import CloudService, System, Unit, Vendor
from sekisho.records.models.component import COMPONENT_KINDS, PHYSICAL
from sekisho.web.chains.asked import names_of
from sekisho.web.chains.drawing import FINDINGS, ICONS
from sekisho.web.chains.marks import Mark, found, marks
from sekisho.web.seen import facts, seen
from sekisho.web.system_map.asked import Asked, systems_in_use
from sekisho.web.system_map.marks import found_about_systems
from sekisho.web.system_map.rests import NOTHING, VENDOR
from sekisho.web.system_map.rests import rests as rests_of
from sekisho.web.templatetags.sekisho import say

DEEPEST = 2  # how many steps behind the internet the map tells apart
_UNCONNECTED, _CLOUDS, _VENDORS = DEEPEST + 1, DEEPEST + 2, DEEPEST + 3
_CRITICALITY = System.kind_fields()["criticality"]
_LEVEL = Text("重要度{level}", "{level}")
_PARTS = Text("構成要素 {n}", "{n} parts")
_UNKNOWN = Text("未登録 {n}", "{n} unregistered")
NO_UNIT = Text("所管部署の記録なし", "No unit on record")


@dataclass(frozen=True)
class Counted:
    """How many components a system has: by kind as (words, number), in all, physical, and discovered alone."""

    kinds: tuple[tuple[Text, int], ...] = ()
    registered: int = 0
    physical: int = 0
    discovered: int = 0

    @property
    def logical(self) -> int:
        return self.registered - self.physical


@dataclass(frozen=True)
class Node:
    """One system, cloud service or vendor. `aside`: a system that was not asked for, and hangs together with one."""

    kind: str
    key: str
    title: Text
    layer: int
    mark: Mark | None
    level: str = ""
    aside: bool = False
    counted: Counted = field(default_factory=Counted)

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def critical(self) -> bool:
        return self.level == "high"

    @property
    def level_text(self) -> Text:
        return _CRITICALITY.label_of(self.level)


@dataclass(frozen=True)
class Line:
    """A system in the list and in the table: with what it is connected, and on what it rests."""

    node: Node
    values: Mapping[str, Any]
    unit: Text
    connected: tuple[Node, ...]
    runs_on: tuple[Node, ...]
    rests: tuple[Node, ...]


@dataclass(frozen=True)
class Drawing:
    """`groups`: the lines by unit. `found`: what is found about the nodes (see chains.marks.found)."""

    nodes: tuple[Node, ...]
    edges: tuple[dict[str, Any], ...]
    groups: tuple[tuple[Text, tuple[Line, ...]], ...]
    found: pl.DataFrame

    @property
    def lines(self) -> list[Line]:
        return [line for _, lines in self.groups for line in lines]

    def as_json(self) -> dict[str, Any]:
        """What the script draws; the texts in the reader's language."""
        return {"nodes": [_told(node) for node in self.nodes], "edges": list(self.edges)}


def drawing(request: HttpRequest, asking: Asked, shown: Iterable[str]) -> Drawing:
    """The systems `shown` with those around them, and, where they are asked for, the clouds and vendors below."""
    known, on = facts(request), seen(request).on
    keys = [*shown]
    systems = systems_in_use(known, on).filter(pl.col("key").is_in({*keys, *asking.around}))
    between = links(known, on).filter(
        pl.col("from_system").is_in(systems["key"].implode()),
        pl.col("to_system").is_in(systems["key"].implode()),
    )
    rests = rests_of(request, keys) if asking.rests else NOTHING
    about = _found(request, [f"{SYSTEM}:{key}" for key in systems["key"]], rests)
    nodes = _nodes(request, systems, between, rests, about, set(keys))
    lines = _lines(request, systems.filter(pl.col("key").is_in(keys)), between, rests, nodes)
    edges = tuple(_edges(between, rests, nodes))
    return Drawing(tuple(nodes.values()), edges, _by_unit(lines), about)


# --- findings, nodes and edges ------------------------------------------------------------------------------------


def _found(request: HttpRequest, systems: list[str], rests: pl.DataFrame) -> pl.DataFrame:
    """What is found about systems by every clause, about clouds and vendors by the articles on them."""
    about = found_about_systems(request)
    wanted = pl.DataFrame({"node": systems}, schema={"node": pl.String})
    below = rests.select(pl.concat_str("kind", pl.lit(":"), "key")).to_series().unique().to_list()
    others = found(request, below).select(about.columns)
    return pl.concat([about.join(wanted, on="node", how="semi", maintain_order="left"), others])


def _nodes(
    request: HttpRequest,
    systems: pl.DataFrame,
    between: pl.DataFrame,
    rests: pl.DataFrame,
    about: pl.DataFrame,
    chosen: set[str],
) -> dict[str, Node]:
    known = facts(request)
    marked, counted = marks(about), _counted(request)
    layers = _layers(systems, between)
    nodes = [
        Node(
            SYSTEM, row["key"], Text(row["name"], row["name"]), layers[row["key"]],
            marked.get(f"{SYSTEM}:{row['key']}"), row["criticality"] or "", row["key"] not in chosen,
            counted.get(row["key"], Counted()),
        )
        for row in systems.sort("key").iter_rows(named=True)
    ]  # fmt: skip
    for kind, layer in ((CLOUD, _CLOUDS), (VENDOR, _VENDORS)):
        names = names_of(known, kind)
        for key in rests.filter(pl.col("kind") == kind)["key"].unique().sort():
            nodes.append(Node(kind, key, names.get(key, Text(key, key)), layer, marked.get(f"{kind}:{key}")))
    return {node.id: node for node in nodes}


def _layers(systems: pl.DataFrame, between: pl.DataFrame) -> dict[str, int]:
    """How far behind the internet each system stands: 0 faces it, DEEPEST or more are told as DEEPEST.

    What hangs together with nothing that faces the internet stands behind all the others.
    """
    near: dict[str, set[str]] = {key: set() for key in systems["key"]}
    for one, other in between.select("from_system", "to_system").iter_rows():
        near[one].add(other)
        near[other].add(one)
    at = set(systems.filter(pl.col("internet_facing"))["key"])
    layers: dict[str, int] = {}
    depth = 0
    while at:
        layers |= dict.fromkeys(at, min(depth, DEEPEST))
        at = {other for one in at for other in near[one]} - set(layers)
        depth += 1
    return {key: layers.get(key, _UNCONNECTED) for key in near}


def _counted(request: HttpRequest) -> dict[str, Counted]:
    counts: dict[str, list[tuple[str, int, int]]] = {}
    for system, kind, registered, discovered in made_of(facts(request), seen(request).on).iter_rows():
        counts.setdefault(system, []).append((kind, registered, discovered))
    order = [*COMPONENT_KINDS]
    return {
        system: Counted(
            tuple(
                (Text(*COMPONENT_KINDS[k]), n)
                for k, n, _ in sorted(rows, key=lambda r: order.index(r[0]))
                if n
            ),
            sum(n for _, n, _ in rows),
            sum(n for k, n, _ in rows if k in PHYSICAL),
            sum(n for *_, n in rows),
        )
        for system, rows in counts.items()
    }


def _edges(between: pl.DataFrame, rests: pl.DataFrame, nodes: Mapping[str, Node]) -> list[dict[str, Any]]:
    """As the graphs' script reads them: `plain` has no direction, `seat` is dotted, `beside` stays in a column."""
    ties = between.select("from_system", "to_system", "kind").iter_rows()
    told = [(f"{SYSTEM}:{one}", f"{SYSTEM}:{other}", way == CONNECTS_TO, False) for one, other, way in ties]
    below = rests.select("from", pl.concat_str("kind", pl.lit(":"), "key")).unique(maintain_order=True)
    told += [(one, other, False, True) for one, other in below.iter_rows()]
    return [
        {
            "source": one, "target": other, "tone": "", "link": "", "loose": False, "plain": plain, "seat": seat,
            "beside": nodes[one].layer == nodes[other].layer,
        }
        for one, other, plain, seat in told
    ]  # fmt: skip


def _told(node: Node) -> dict[str, Any]:
    lines = [str(say(node.title))]
    if node.kind == SYSTEM:
        parts = [_LEVEL.format(level=node.level_text)] if node.level else []
        parts.append(_PARTS.format(n=node.counted.registered))
        lines.append(" / ".join(str(say(part)) for part in parts))
    else:
        lines.append(str(say((CloudService if node.kind == CLOUD else Vendor).about.label)))
    last = [_UNKNOWN.format(n=node.counted.discovered)] if node.counted.discovered else []
    last += [FINDINGS[node.mark.tone].format(n=node.mark.number)] if node.mark else []
    if last:
        lines.append(" ".join(str(say(part)) for part in last))
    return {
        "id": node.id, "kind": node.kind, "label": "\n".join(lines), "layer": node.layer, "effect": "",
        "tone": node.mark.tone if node.mark else "", "critical": node.critical, "outside": node.aside,
    }  # fmt: skip


# --- lines ----------------------------------------------------------------------------------------------------------


def _lines(
    request: HttpRequest,
    systems: pl.DataFrame,
    between: pl.DataFrame,
    rests: pl.DataFrame,
    nodes: Mapping[str, Node],
) -> list[Line]:
    units = names_of(facts(request), Unit.about.name)
    connected: dict[str, list[Node]] = {}
    hosts: dict[str, list[Node]] = {}
    for one, other, way in between.select("from_system", "to_system", "kind").iter_rows():
        first, second = nodes[f"{SYSTEM}:{one}"], nodes[f"{SYSTEM}:{other}"]
        if way == CONNECTS_TO:
            connected.setdefault(one, []).append(second)
            connected.setdefault(other, []).append(first)
        else:
            hosts.setdefault(one, []).append(second)
    below: dict[str, dict[str, Node]] = {}
    for start, kind, key in rests.select("from", "kind", "key").iter_rows():
        below.setdefault(start, {})[f"{kind}:{key}"] = nodes[f"{kind}:{key}"]
    return [
        Line(
            nodes[f"{SYSTEM}:{row['key']}"], row, units.get(row["unit"], NO_UNIT),
            tuple(connected.get(row["key"], [])), tuple(hosts.get(row["key"], [])),
            tuple(below.get(f"{SYSTEM}:{row['key']}", {}).values()),
        )
        for row in systems.sort("key").iter_rows(named=True)
    ]  # fmt: skip


def _by_unit(lines: list[Line]) -> tuple[tuple[Text, tuple[Line, ...]], ...]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.values["unit"] or "", []).append(line)
    told = sorted(groups.items(), key=lambda group: (not group[0], group[0]))
    return tuple((mine[0].unit, tuple(mine)) for _, mine in told)
