"""A graph as a page shows it: nodes and edges for the script, the same as a nested list, and as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.facts.chain_graph import COUNTRY, LINK, NOBODY_KNOWS, PLACE, VENDOR, Graph
from sekisho.records.facts.concentration import CLOUD, SERVICE, SYSTEM, UNIT
from sekisho.web.chains.asked import country_of, names_of
from sekisho.web.chains.marks import TONES, Mark, found, marks
from sekisho.web.seen import facts
from sekisho.web.templatetags.sekisho import say

COUNTRY_WORD = Text("国", "Country")
UNKNOWN_END = Text("再委託先不明", "Unknown subcontractor")
UNKNOWN_PLACE = Text("所在地不明", "Unknown location")
FINDINGS = {
    "falls_short": Text("✕ 不足 {n}", "✕ {n} short"),
    "mild": Text("✕ 不足 {n}", "✕ {n} short"),
    "no_evidence": Text("? 証跡なし {n}", "? {n} without evidence"),
    "met_by_exception": Text("例外承認", "Excepted"),
}
EFFECTS = {
    "stops": Text("停止", "Stops"),
    "unknown": Text("停止するか不明", "May stop: not known"),
    "degraded": Text("縮退して継続", "Goes on with less"),
}
UNIT_EFFECTS = {
    "stops": Text("業務に支障", "Disrupted"),
    "unknown": Text("支障があるか不明", "May be disrupted: not known"),
    "degraded": Text("影響は限定的", "Slightly affected"),
}
ICONS = {
    SYSTEM: "server", SERVICE: "briefcase", CLOUD: "cloud", VENDOR: "building", PLACE: "map", COUNTRY: "world",
    UNIT: "users-group", NOBODY_KNOWS: "question-mark",
}  # fmt: skip
End = tuple[str, str]  # kind, key


def effect_words(kind: str, effect: str) -> Text:
    """What becomes of a thing of the kind; a unit does not stop, its work is disrupted."""
    return (UNIT_EFFECTS if kind == UNIT else EFFECTS)[effect]


@dataclass(frozen=True)
class Node:
    """One thing of the graph. `effect`: of EFFECTS, where it is asked what stops."""

    kind: str
    key: str
    title: Text
    country: str
    layer: int
    mark: Mark | None
    effect: str = ""
    cause: bool = False

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def kind_text(self) -> Text:
        if self.kind in (COUNTRY, NOBODY_KNOWS):
            return COUNTRY_WORD if self.kind == COUNTRY else Text("不明", "Unknown")
        return kind_named(self.kind).about.label

    @property
    def effect_text(self) -> Text | None:
        return effect_words(self.kind, self.effect) if self.effect else None


@dataclass(frozen=True)
class Stop:
    """What becomes of each thing, and which nodes (`kind:key`) stop first."""

    effects: Mapping[End, str]
    causes: frozenset[str]


@dataclass
class Branch:
    """A node of the nested list: at which step of a chain, by which link (a subcontract), and what is below it."""

    node: Node
    step: int | None = None
    link: str = ""
    link_mark: Mark | None = None
    loose: bool = False
    below: list[Branch] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """A row of the table: in which service, at which step, who hands on to whom."""

    root: Node
    branch: Branch
    above: Node


@dataclass(frozen=True)
class Drawing:
    """All that the page shows of a graph. `found`: the findings about it (see marks.found)."""

    nodes: dict[End, Node]
    edges: list[dict[str, Any]]
    trees: list[Branch]
    others: list[tuple[Text, list[Node]]]
    steps: list[Step]
    found: pl.DataFrame

    def as_json(self) -> dict[str, Any]:
        """What the script draws; the texts in the reader's language."""
        return {"nodes": [_told(node) for node in self.nodes.values()], "edges": self.edges}


def drawing(request: HttpRequest, graph: Graph, stop: Stop | None = None) -> Drawing:
    """The graph with names and findings; where it is asked what stops, with that instead of the findings' colours."""
    ids = [f"{kind}:{key}" for kind, key in graph.nodes.select("kind", "key").iter_rows()]
    links = [f"{LINK}:{key}" for key in graph.edges["link"].drop_nulls().unique()]
    rows = found(request, [*ids, *(i.removeprefix(f"{NOBODY_KNOWS}:") for i in ids), *links])
    marked = {} if stop else marks(rows)
    nodes = _nodes(request, graph, marked, stop or Stop({}, frozenset()))
    edges = list(graph.edges.iter_rows(named=True))
    trees = sorted(_trees(nodes, edges, marked), key=_gravest_first)
    return Drawing(nodes, _edges(edges, marked), trees, _others(nodes), [*_steps(trees)], rows)


# --- nodes and edges ------------------------------------------------------------------------------------------------


def _nodes(request: HttpRequest, graph: Graph, marked: Mapping[str, Mark], stop: Stop) -> dict[End, Node]:
    known = facts(request)
    names = {k: names_of(known, k) for k in graph.nodes["kind"].unique() if is_kind(k)}
    countries = country_of(known)

    def node(kind: str, key: str, layer: int) -> Node:
        if kind == NOBODY_KNOWS:
            title = UNKNOWN_END if key.startswith(LINK) else UNKNOWN_PLACE
            return Node(kind, key, title, "", layer, marked.get(key))
        title = names.get(kind, {}).get(key, Text(key, key))
        of, effect = f"{kind}:{key}", stop.effects.get((kind, key), "")
        return Node(kind, key, title, countries.get(of, ""), layer, marked.get(of), effect, of in stop.causes)

    return {(kind, key): node(kind, key, layer) for kind, key, layer in graph.nodes.iter_rows()}


def _edges(edges: list[dict[str, Any]], marked: Mapping[str, Mark]) -> list[dict[str, Any]]:
    """Each pair of ends once, with the gravest mark of the links between them."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for edge in edges:
        source, target = (f"{edge[f'{end}_kind']}:{edge[f'{end}_key']}" for end in ("from", "to"))
        mark = marked.get(f"{LINK}:{edge['link']}") if edge["link"] else None
        loose = edge["step"] is None and edge["to_kind"] in (VENDOR, NOBODY_KNOWS) and bool(edge["service"])
        one = {
            "source": source,
            "target": target,
            "tone": mark.tone if mark else "",
            "seat": edge["to_kind"] == COUNTRY,
            "loose": loose or _hangs(edge),
            "link": edge["link"] or "",
        }
        twin = told.get((source, target))
        if twin is None or _weight(one["tone"]) > _weight(twin["tone"]):
            told[(source, target)] = one
    return list(told.values())


def _hangs(edge: Mapping[str, Any]) -> bool:
    """Whether it leads from a service to where a part of its chain hangs loose."""
    return edge["from_kind"] == SERVICE and edge["step"] is None


def _weight(tone: str) -> int:
    return TONES.index(tone) if tone else -1


def _told(node: Node) -> dict[str, Any]:
    lines = [str(say(node.title)), " ".join(filter(None, [str(say(node.kind_text)), node.country]))]
    if node.mark:
        lines.append(str(say(FINDINGS[node.mark.tone].format(n=node.mark.number))))
    if node.effect:
        lines.append(str(say(effect_words(node.kind, node.effect))))
    tone = node.mark.tone if node.mark else ""
    return {
        "id": node.id,
        "kind": node.kind,
        "label": "\n".join(lines),
        "layer": node.layer,
        "tone": tone,
        "effect": node.effect,
        "cause": node.cause,
    }


# --- the nested list and the table ---------------------------------------------------------------------------------


def _trees(
    nodes: Mapping[End, Node], edges: list[dict[str, Any]], marked: Mapping[str, Mark]
) -> list[Branch]:
    """Below each service, cloud and system that a vendor runs: its systems, its chain to the last, its locations."""
    below: dict[End, list[dict[str, Any]]] = {}
    chains: dict[tuple[str, str], list[dict[str, Any]]] = {}
    users: dict[End, list[End]] = {}
    for edge in edges:
        source, target = (edge["from_kind"], edge["from_key"]), (edge["to_kind"], edge["to_key"])
        if edge["service"]:
            chains.setdefault((edge["service"], source[1]), []).append(edge)
        elif source[0] == SYSTEM and target[0] in (SERVICE, CLOUD):
            users.setdefault(target, []).append(source)
        elif source[0] in (SERVICE, CLOUD, SYSTEM):
            below.setdefault(source, []).append(edge)

    def branch(edge: dict[str, Any], service: str, met: frozenset[str]) -> Branch:
        kind, key, link = edge["to_kind"], edge["to_key"], edge["link"] or ""
        one = Branch(nodes[kind, key], edge["step"], link)
        if kind != NOBODY_KNOWS:  # an unknown end bears the mark of its link itself
            one.link_mark = marked.get(f"{LINK}:{link}")
        one.loose = kind in (VENDOR, NOBODY_KNOWS) and edge["step"] is None and bool(service)
        if kind == VENDOR and key not in met:
            handed = sorted(chains.get((service, key), []), key=lambda e: (e["to_kind"], e["to_key"]))
            one.below = [branch(e, service, met | {key}) for e in handed]
        return one

    def tree(end: End) -> Branch:
        service = end[1] if end[0] == SERVICE else ""
        root = Branch(nodes[end])
        root.below = [Branch(nodes[user]) for user in sorted(users.get(end, []))]
        root.below += [branch(edge, service, frozenset()) for edge in below.get(end, [])]
        return root

    roots = [end for end in nodes if end[0] in (SERVICE, CLOUD) or (end[0] == SYSTEM and end in below)]
    alone = [end for end in nodes if end[0] == SYSTEM and not below.get(end) and not _used(end, users)]
    return [tree(end) for end in (*roots, *alone)]


def _used(end: End, users: Mapping[End, list[End]]) -> bool:
    return any(end in mine for mine in users.values())


def _others(nodes: Mapping[End, Node]) -> list[tuple[Text, list[Node]]]:
    """The nodes that no chain leads to in the list: units and countries."""
    groups = ((kind_named(UNIT).about.label, UNIT), (COUNTRY_WORD, COUNTRY))
    told = [(label, [n for n in nodes.values() if n.kind == kind]) for label, kind in groups]
    return [(label, members) for label, members in told if members]


def _gravest_first(tree: Branch) -> tuple[int, str, str]:
    return (-max(_weights(tree)), tree.node.title.ja, tree.node.id)


def _weights(branch: Branch) -> Iterator[int]:
    for mark in (branch.node.mark, branch.link_mark):
        yield _weight(mark.tone if mark else "")
    for one in branch.below:
        yield from _weights(one)


def _steps(trees: list[Branch]) -> Iterator[Step]:
    def walk(root: Node, above: Branch) -> Iterator[Step]:
        for one in above.below:
            if one.node.kind != SYSTEM:
                yield Step(root, one, above.node)
                yield from walk(root, one)

    for tree in trees:
        yield from walk(tree.node, tree)
