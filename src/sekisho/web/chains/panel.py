"""What the page of chains tells about one node: its main values, what is found about it, and where to go from there."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import HttpRequest
from django.utils.safestring import SafeString

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.facts.chain_graph import COUNTRY, LINK, NOBODY_KNOWS, PLACE, VENDOR
from sekisho.records.facts.concentration import CLOUD, SERVICE, SYSTEM, UNIT, depends_on
from sekisho.records.facts.outsourcing import important_vendors
from sekisho.records.record import Record
from sekisho.records.register import Row, titles
from sekisho.records.register.listing import references_in
from sekisho.web.cells import value_html
from sekisho.web.chains.marks import found, in_words
from sekisho.web.seen import facts, seen, then
from sekisho.web.templatetags.sekisho import record_url, say

FINDINGS_SHOWN = 30
_TOLD: dict[str, tuple[str, ...]] = {
    SYSTEM: ("unit", "in_scope", "criticality", "operated_by", "vendor"),
    SERVICE: (
        "vendor",
        "systems",
        "in_charge",
        "holds_users_data",
        "chain_checked_on",
        "since_on",
        "until_on",
    ),
    CLOUD: ("vendor", "model", "systems", "locations", "location_confirmed_on", "key_custody", "in_charge"),
    VENDOR: ("country", "group", "since_on", "until_on"),
    LINK: ("service", "from_vendor", "to_vendor", "what", "approved_on", "since_on"),
    PLACE: ("country", "region", "allowed", "risk_noted_on"),
    UNIT: ("function", "parent"),
}
_IMPORTANT = Text("重要な委託先", "Important vendor")
_WHY = {
    "set": Text("指定による", "as the member set it"),
    "runs_critical": Text("重要度「高」のシステムを運用", "it operates a critical system"),
    "serves_critical": Text("重要度「高」のシステムに関わる業務", "it serves a critical system"),
    "holds_data": Text("利用者データを取り扱う", "it holds users' data"),
    "in_chain": Text("重要な業務の再委託先", "it is in the chain of a service that matters"),
}
_STEPS = Text("関わる業務・システム", "Has a part in")
_PARTS = Text("{n} 件", "{n}")


def panel(request: HttpRequest, node: str) -> dict[str, Any]:
    """The panel of a node (`kind:key`). Raises NotFound for what is none, or is not on record at the moment."""
    kind, _, key = node.partition(":")
    if kind == NOBODY_KNOWS:  # told by what is recorded of it
        return panel(request, key) | {"unknown": True}
    if kind == COUNTRY and key:
        return _country(request, key)
    if kind not in _TOLD or not is_kind(kind):
        raise NotFound(what=node)
    model = kind_named(kind)
    row = facts(request).frame(model).filter(pl.col("key") == key)
    if row.is_empty():
        raise NotFound(what=node)
    rows = found(request, [node])
    told = in_words(request, rows.head(FINDINGS_SHOWN))
    stops = {VENDOR: "vendor", PLACE: "location", SYSTEM: "system"}.get(kind, "")
    return {
        "node": node,
        "kind_text": model.about.label,
        "url": record_url(node),
        "key": key,
        "findings": told,
        "more": len(rows) - len(told),
        "stops": stops,
        "chain": {SERVICE: "service", CLOUD: "service", VENDOR: "vendor", SYSTEM: "system"}.get(kind, ""),
        "of": node if kind in (SERVICE, CLOUD) else key,
        **_values(request, model, row.row(0, named=True)),
    }


def _values(request: HttpRequest, model: type[Record], values: dict[str, Any]) -> dict[str, Any]:
    """The title and the main values in words."""
    fields = model.kind_fields()
    named = (*_TOLD[model.about.name], model.about.title)
    part = {n: values[n] for n in named if n in values}
    names = titles(references_in(model, [Row(values["key"], values["ver"], part)]), then(request))
    title = part[model.about.title]
    target = getattr(fields[model.about.title], "target", "")
    heading = names.get(f"{target}:{title}", Text(title, title)) if target else Text(title, title)
    lines = [
        (fields[n].label, value_html(fields[n], part[n], names))
        for n in named[:-1]
        if n in part and part[n] not in (None, [])
    ]
    more = _of_vendor(request, values["key"]) if model.about.name == VENDOR else []
    return {"title": heading, "values": [*lines, *more]}


def _of_vendor(request: HttpRequest, key: str) -> list[tuple[Text, SafeString | str]]:
    known, on = facts(request), seen(request).on
    parts = depends_on(known, on).filter(pl.col("vendor") == key).select("kind", "key").n_unique()
    told: list[tuple[Text, SafeString | str]] = [(_STEPS, str(say(_PARTS.format(n=parts))))]
    why = important_vendors(known, on).filter(pl.col("vendor") == key)["why"].to_list()
    if why:
        told.append((_IMPORTANT, str(say(_WHY.get(why[0], Text(why[0], why[0]))))))
    return told


def _country(request: HttpRequest, code: str) -> dict[str, Any]:
    """A country is no record: how many vendors are seated in it, and how many locations it has."""
    known = facts(request)
    numbers = [
        (kind_named(k).about.label, len(known.frame(kind_named(k)).filter(pl.col("country") == code)))
        for k in (VENDOR, PLACE)
    ]
    if not sum(number for _, number in numbers):
        raise NotFound(what=f"{COUNTRY}:{code}")
    return {
        "node": f"{COUNTRY}:{code}",
        "kind_text": Text("国", "Country"),
        "title": Text(code, code),
        "values": [(label, str(say(_PARTS.format(n=number)))) for label, number in numbers],
        "findings": [],
        "more": 0,
        "stops": "country",
        "of": code,
    }
