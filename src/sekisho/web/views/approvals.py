"""Changes that take approval: those that wait for the reader, the reader's own, all open ones, all decided ones."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sekisho.access.rights import role_names
from sekisho.kernel.texts import Text
from sekisho.records.models import Approval
from sekisho.records.register import Asked, Condition, Page, Row, listed, titles
from sekisho.web.cells import Titles, reference_html, value_html
from sekisho.web.entry import past, readable
from sekisho.web.seen import actor_of, facts, seen
from sekisho.workflows.approve import authors, may_decide
from sekisho.workflows.change import Change, UnreadableChange, read_before, read_change
from sekisho.workflows.my_work import as_of

PER_PAGE = 50
WAITING_AT_MOST = 200  # newest submitted ones that are looked through for the reader
NAMES = (
    "subject",
    "step",
    "change",
    "asked_by",
    "asked_at",
    "role",
    "decided_by",
    "decision",
    "reason",
    "at",
)
SHOWN = {
    "waiting": Text("自分の承認待ち", "Waiting for me"),
    "mine": Text("自分の申請", "Asked by me"),
    "open": Text("申請中すべて", "All submitted"),
    "decided": Text("決定済み", "Decided"),
}
STEPS = {"open": ("submitted",), "decided": ("approved", "sent_back", "withdrawn")}
OP_WORDS = {
    "new": Text("新規", "New"),
    "write": Text("変更", "Change"),
    "remove": Text("登録から外す", "Removal"),
    "erase": Text("個人情報の消去", "Erasure of personal values"),
}


@dataclass(frozen=True)
class Line:
    """One approval as the table shows it. `change` is None where it holds none that could be applied."""

    row: Row
    change: Change | None
    subject: Text
    step: SafeString
    asked_by: SafeString
    decided_by: SafeString

    @property
    def op(self) -> Text:
        return op_words(self.change)

    @property
    def roles(self) -> Text:
        return role_names(self.change.roles) if self.change else Text("", "")

    @property
    def in_force_on(self) -> date | None:
        return self.change.in_force_on if self.change else None


def approvals(request: HttpRequest) -> HttpResponse:
    """`show` is one of SHOWN; without it, what waits for the reader, or all that is open where nothing does."""
    readable(request, "approval")
    waiting = waiting_for(request)
    show = request.GET.get("show", "")
    if show not in SHOWN:
        show = "waiting" if waiting else "open"
    found = _page(request, show, waiting)
    context = {
        "lines": lines(request, found),
        "found": found,
        "page": Paginator(range(found.total), found.size).page(found.number),
        "show": show,
        "tabs": [(name, words, len(waiting) if name == "waiting" else None) for name, words in SHOWN.items()],
    }
    return render(request, "approvals.html", context)


def waiting_for(request: HttpRequest) -> list[Row]:
    """The submitted changes that the reader may decide, newest first."""
    actor = as_of(actor_of(request), facts(request), seen(request).on)
    rows = _listed(request, [Condition("step", "is", ("submitted",))], size=WAITING_AT_MOST).rows
    changes = {row.key: change for row in rows if (change := changed(row))}
    read_before(list(changes.values()))
    written_by = authors({row.key: row.values["asked_by"] for row in rows})
    return [
        row for row in rows if row.key in changes and may_decide(actor, changes[row.key], written_by[row.key])
    ]


def lines(request: HttpRequest, found: Page) -> list[Line]:
    """The rows of a page in words."""
    changes = {row.key: changed(row) for row in found.rows}
    told = [change for change in changes.values() if change]
    read_before(told)
    people = {reference for change in told for reference in change.spoken_of}
    names = found.titles | titles(people - set(found.titles), past(request))
    step = Approval.kind_fields()["step"]
    return [
        Line(
            row,
            change := changes[row.key],
            change.words(names)
            if change
            else names.get(row.values["subject"], _plain(row.values["subject"])),
            value_html(step, row.values["step"], names),
            _person(row.values["asked_by"], names),
            _person(row.values["decided_by"], names),
        )
        for row in found.rows
    ]


def changed(row: Row) -> Change | None:
    """The change that an approval is about; None where it holds none that could be applied."""
    with suppress(UnreadableChange):
        return read_change(row.key, row.values["subject"], row.values["change"])
    return None


def op_words(change: Change | None) -> Text:
    if change is None:
        return Text("", "")
    return OP_WORDS["new" if change.op == "write" and not change.seen else change.op]


def _page(request: HttpRequest, show: str, waiting: list[Row]) -> Page:
    if show == "waiting":
        people = {f"person:{row.values['asked_by']}" for row in waiting}
        return Page(waiting, len(waiting), 1, WAITING_AT_MOST, titles(people, past(request)))
    if show == "mine":
        return _listed(request, [Condition("asked_by", "is", (actor_of(request).person or "-",))])
    return _listed(request, [Condition("step", "is", STEPS[show])])


def _listed(request: HttpRequest, conditions: list[Condition], size: int = PER_PAGE) -> Page:
    wanted = request.GET.get("page", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    asked = Asked(conditions=tuple(conditions), sort="key", descending=True)
    return listed(Approval, asked, number=number, size=size, names=NAMES, then=past(request))


def _person(key: Any, names: Titles) -> SafeString:
    return reference_html(f"person:{key}", names) if key else SafeString("")


def _plain(reference: str) -> Text:
    return Text(reference, reference)
