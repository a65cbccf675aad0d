"""One record: its values, evidence, findings, what refers to it, approvals about it, and its history in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from sekisho.access.personal import hidden_fields
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.fields import AnyReference, EvidenceFiles, Words
from sekisho.records.models import Approval
from sekisho.records.record import Record
from sekisho.records.register import (
    Asked,
    Change,
    Condition,
    Page,
    Referrer,
    Row,
    history,
    listed,
    one,
    referrers,
    times_changed,
    titles,
)
from sekisho.records.register.listing import references_in
from sekisho.records.register.titles import as_title
from sekisho.rulebook.language import CLAUSES
from sekisho.rulebook.words import Finding, worded
from sekisho.web.cells import (
    Titles,
    masked_html,
    person_html,
    reference_html,
    value_html,
)
from sekisho.web.entry import may_edit, past, readable, reader
from sekisho.web.panels import panel_of
from sekisho.web.seen import assessment, seen
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.views.evidence import kept_files

VERSIONS = 20  # shown at first; the rest by a click
REFERRERS = 8
_OPS = {
    "create": Text("作成", "Created"),
    "update": Text("変更", "Changed"),
    "delete": Text("削除", "Removed"),
}
_ERASED = Text("（消去済み）", "(erased)")


@dataclass(frozen=True)
class Shown:
    """A field as the page shows it. `long`: it takes the whole width."""

    label: Text
    help: Text
    html: SafeString
    long: bool


@dataclass(frozen=True)
class Told:
    """A version in words: who, when, in which act, and each field's value before and after."""

    change: Change
    op: Text
    by: SafeString
    differences: list[tuple[Text, SafeString, SafeString]]


def record(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    model = readable(request, kind)
    then = past(request)
    row = one(model, key, then=then)
    hidden = _hidden(request, model, key)
    changes = history(model, key, then=then, at_most=None if "history" in request.GET else VERSIONS)
    names = _names(model, row, changes, then)
    approvals = _approvals(model, key, then)
    context = {
        "model": model,
        "about": model.about,
        "row": row,
        "title": record_title(model, row, names),
        "fields": shown_fields(model, row, names, hidden),
        "files": kept_files(row),
        "clauses": [(c, CLAUSES.get(c)) for c in model.about.clauses],
        "findings": _findings(request, model, key),
        "referrers": [
            _naming(r, f"{kind}:{key}") for r in referrers(model, key, then=then, at_most=REFERRERS)
        ],
        "approvals": approvals,
        "approval_lines": [_approval_line(r, approvals.titles) for r in approvals.rows] if approvals else [],
        "history": [told(model, c, names, hidden) for c in changes],
        "times_changed": times_changed(model, key, then=then),
        "panel": panel_of(request, kind, key),
        "may_edit": may_edit(request, model),
    }
    return render(request, "record.html", context)


def record_title(model: type[Record], row: Row, names: Titles) -> Text:
    """What the record goes by."""
    title: Any = model.kind_fields()[model.about.title]
    value = row.values[model.about.title]
    if target := getattr(title, "target", ""):
        return names.get(f"{target}:{value}", Text(row.key, row.key))
    return as_title(model, value, row.key)


def shown_fields(model: type[Record], row: Row, names: Titles, hidden: frozenset[str]) -> list[Shown]:
    """Every field but the evidence, in the order of the kind."""
    return [
        Shown(
            field.label,
            field.help,
            masked_html() if name in hidden else value_html(field, row.values[name], names),
            isinstance(field, Words) and bool(row.values[name]),
        )
        for name, field in model.kind_fields().items()
        if not isinstance(field, EvidenceFiles)
    ]


def told(model: type[Record], change: Change, names: Titles, hidden: frozenset[str]) -> Told:
    """A version in words; personal values that the reader may not see are masked."""
    fields = model.kind_fields()
    differences = []
    for d in change.differences:
        before, after = (
            value_html(fields[d.name], d.before, names),
            value_html(fields[d.name], d.after, names),
        )
        if d.erased:
            after = format_html("{}", say(_ERASED))
        if d.name in hidden:
            before = after = masked_html()
        differences.append((fields[d.name].label, before, after))
    return Told(change, _OPS[change.op], person_html(change.by, names), differences)


def _hidden(request: HttpRequest, model: type[Record], key: str) -> frozenset[str]:
    return hidden_fields(reader(request), model, key)


def _names(model: type[Record], row: Row, changes: list[Change], then: Facts | None) -> Titles:
    """The titles of all that the page speaks of, in one query."""
    versions = [Row(row.key, c.ver, c.values) for c in changes]
    people = {c.by for c in changes if c.by.startswith("person:")}
    return titles(references_in(model, [row, *versions]) | people, then)


def _findings(request: HttpRequest, model: type[Record], key: str) -> list[Finding]:
    """What clauses find about this very record, each clause's own (an item's are not told again by its paragraph)."""
    mine = (pl.col("kind") == model.about.name) & (pl.col("subject") == key)
    states = assessment(request).states
    frames = {c: s.own_findings.filter(mine) for c, s in states.items() if not s.own_findings.is_empty()}
    found = worded({c: f for c, f in frames.items() if not f.is_empty()}, seen(request))
    return [finding for findings in found.values() for finding in findings]


def _approvals(model: type[Record], key: str, then: Facts | None) -> Page | None:
    """The approvals about the record, newest first; None for an approval itself."""
    if model is Approval:
        return None
    about = Condition("subject", "is", (f"{model.about.name}:{key}",))
    return listed(Approval, Asked(conditions=(about,), descending=True), then=then, size=REFERRERS)


def _approval_line(row: Row, names: Titles) -> dict[str, Any]:
    fields, values = Approval.kind_fields(), row.values
    who = values["decided_by"] or values["asked_by"]
    return {
        "key": row.key,
        "url": door("approval", row.key) or door("record", "approval", row.key),
        "step": value_html(fields["step"], values["step"], names),
        "who": reference_html(f"person:{who}", names) if who else "",
        "at": values["at"],
    }


def _referring(model: type[Record], key: str, then: Facts | None) -> list[dict[str, Any]]:
    """What refers to the record; approvals about it stand in a list of their own."""
    found = referrers(model, key, then=then, at_most=REFERRERS)
    reference = f"{model.about.name}:{key}"
    return [_naming(r, reference) for r in found if (r.model, r.field) != (Approval, "subject")]


def _naming(found: Referrer, reference: str) -> dict[str, Any]:
    """What refers to the record by one field, with the address of the whole list."""
    field = found.model.kind_fields()[found.field]
    value = reference if isinstance(field, AnyReference) else reference.partition(":")[2]
    url = f"{reverse('register', args=(found.model.about.name,))}?{urlencode({found.field: value})}"
    return {
        "model": found.model,
        "label": field.label,
        "count": found.count,
        "first": found.first,
        "url": url,
    }
