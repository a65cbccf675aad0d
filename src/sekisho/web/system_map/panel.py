"""What the system map tells about a node: a system's parts and neighbours; who rests on a cloud or a vendor."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import HttpRequest

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records.facts.concentration import CLOUD, SERVICE, SYSTEM, serving
from sekisho.records.facts.configuration import made_of
from sekisho.records.models import OutsourcedService, System
from sekisho.records.models.component import COMPONENT_KINDS
from sekisho.records.register import Row, titles
from sekisho.records.register.listing import references_in
from sekisho.web.cells import value_html
from sekisho.web.chains.asked import names_of
from sekisho.web.chains.marks import in_words
from sekisho.web.chains.panel import panel as vendor_panel
from sekisho.web.seen import facts, seen, then
from sekisho.web.system_map.asked import Asked, systems_in_use
from sekisho.web.system_map.components import Components, components
from sekisho.web.system_map.drawing import drawing
from sekisho.web.system_map.marks import found_about_systems
from sekisho.web.system_map.rests import VENDOR

FINDINGS_SHOWN = 30
_TOLD = (
    "unit", "criticality", "in_scope", "internet_facing", "holds_users_data", "operated_by", "vendor",
    "in_use_since_on", "in_use_until_on", "maintenance_months",
)  # fmt: skip


def panel(request: HttpRequest, node: str) -> dict[str, Any]:
    """The panel of a node (`kind:key`). Raises NotFound for what is none, or is not on record at the moment."""
    kind, _, key = node.partition(":")
    if kind == SYSTEM:
        return _of_system(request, key)
    if kind not in (CLOUD, VENDOR):
        raise NotFound(what=node)
    return vendor_panel(request, node) | {"resting": _resting(request, kind, key)}


def components_at(request: HttpRequest, node: str) -> Components | None:
    """The components of the system that is chosen; None where no system is."""
    kind, _, key = node.partition(":")
    if kind != SYSTEM:
        return None
    row = _row(request, key)
    return components(request, key, Text(row["name"], row["name"]))


def _row(request: HttpRequest, key: str) -> dict[str, Any]:
    row = facts(request).frame(System).filter(pl.col("key") == key)
    if row.is_empty():
        raise NotFound(what=f"{SYSTEM}:{key}")
    return row.row(0, named=True)


def _of_system(request: HttpRequest, key: str) -> dict[str, Any]:
    row = _row(request, key)
    fields = System.kind_fields()
    part = {name: row[name] for name in _TOLD if row[name] is not None}
    names = titles(references_in(System, [Row(key, row["ver"], part)]), then(request))
    about = found_about_systems(request).filter(pl.col("node") == f"{SYSTEM}:{key}")
    told = in_words(request, about.head(FINDINGS_SHOWN))
    return {
        "node": f"{SYSTEM}:{key}",
        "kind_text": System.about.label,
        "key": key,
        "title": Text(row["name"], row["name"]),
        "values": [(fields[n].label, value_html(fields[n], value, names)) for n, value in part.items()],
        "findings": told,
        "more": len(about) - len(told),
        "counts": _counts(request, key),
        "line": _line(request, key),
    }


def _counts(request: HttpRequest, key: str) -> list[tuple[Text, int, int]]:
    """Of each kind of component: how many are registered, and how many only discovered."""
    rows = made_of(facts(request), seen(request).on).filter(pl.col("system") == key)
    numbers = {kind: (registered, found) for _, kind, registered, found in rows.iter_rows()}
    return [(Text(*words), *numbers[kind]) for kind, words in COMPONENT_KINDS.items() if kind in numbers]


def _line(request: HttpRequest, key: str) -> Any:
    """The system with all its neighbours, as the table tells of it; None where it is not in use on the day."""
    systems = systems_in_use(facts(request), seen(request).on)["key"]
    if key not in systems:
        return None
    around = frozenset(systems) - {key}
    lines = drawing(request, Asked("", "", True, frozenset({key}), around, (), ()), [key]).lines
    return lines[0]


def _resting(request: HttpRequest, kind: str, key: str) -> list[tuple[str, Text]]:
    """The systems that rest on a cloud or a vendor directly: key and name."""
    known, on = facts(request), seen(request).on
    served = serving(known, on)
    run = systems_in_use(known, on).filter(pl.col("operated_by") == "vendor", pl.col("vendor") == key)
    if kind == CLOUD:
        keys = set(served.filter(pl.col("kind") == CLOUD, pl.col("key") == key)["system"])
    else:
        mine = known.frame(OutsourcedService).filter(pl.col("vendor") == key)["key"]
        of_services = served.filter(pl.col("kind") == SERVICE, pl.col("key").is_in(mine.implode()))
        keys = {*of_services["system"], *run["key"]}
    names = names_of(known, SYSTEM)
    return [(one, names[one]) for one in sorted(keys)]
