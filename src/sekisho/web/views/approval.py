"""One approval: what would change, who may decide it, its steps in the ledger; and the buttons of those who may act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString

from sekisho.access.assurance import require_second_factor
from sekisho.access.rights import may_write, role_names
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Approval
from sekisho.records.record import Record, Values
from sekisho.records.register import Row, history, one, titles
from sekisho.records.register.history import Change as Version
from sekisho.records.register.listing import references_in
from sekisho.web.cells import Titles, person_html, reference_html, value_html
from sekisho.web.entry import past, readable, reader
from sekisho.web.forms import in_words, reason_of, version_of
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.views.approvals import changed, op_words
from sekisho.workflows import approve
from sekisho.workflows.change import Change

ACTS: dict[str, Callable[..., Approval]] = {
    "approve": approve.approve,
    "send_back": approve.send_back,
    "withdraw": approve.withdraw,
    "submit": lambda actor, key, reason, ver: approve.submit(actor, key, ver, reason),
}
DECISIONS = ("approve", "send_back")  # these take a second factor
DONE = {
    "approve": Text(
        "{key} を承認しました。変更は反映済みです。", "{key} is approved, and the change is written."
    ),
    "send_back": Text("{key} を差し戻しました。", "{key} is sent back."),
    "withdraw": Text("{key} を取り下げました。", "{key} is withdrawn."),
    "submit": Text("{key} を申請しました。", "{key} is submitted."),
}
ACT_WORDS = {
    "ask_approval": Text("起案・申請", "Asked for"),
    "edit_draft": Text("修正", "Edited"),
    "submit_approval": Text("提出", "Submitted"),
    "approve": Text("承認", "Approved"),
    "send_back": Text("差戻し", "Sent back"),
    "withdraw_approval": Text("取下げ", "Withdrawn"),
}
PATH = (
    ("draft", Text("下書き", "Draft")),
    ("submitted", Text("申請中", "Submitted")),
    ("approved", Text("承認済", "Approved")),
    ("in_force", Text("施行", "In force")),
)


@dataclass(frozen=True)
class Difference:
    """A field's value before and after, in words."""

    label: Text
    before: SafeString
    after: SafeString


@dataclass(frozen=True)
class Step:
    """One line of the ledger about the approval."""

    words: Text
    by: SafeString
    version: Version


def approval(request: HttpRequest, key: str) -> HttpResponse:
    readable(request, "approval")
    if request.method != "POST":
        return _page(request, key)
    try:
        return _acted(request, key)
    except (Conflict, Invalid, Refused) as refusal:
        return _page(request, key, _told(request, key, refusal), refusal.status)


def _acted(request: HttpRequest, key: str) -> HttpResponse:
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise Conflict(Text("操作を選んでください。", "Choose what to do."))
    if name in DECISIONS:
        require_second_factor(request)
    ACTS[name](reader(request), key, reason_of(request.POST), version_of(request.POST))
    messages.success(request, say(DONE[name].format(key=key)))
    return redirect("approval", key)


def _told(request: HttpRequest, key: str, refusal: Conflict | Invalid | Refused) -> list[str]:
    """What an act refused, in the words of the record that it is about."""
    change = changed(one(Approval, key))
    if isinstance(refusal, Invalid) and change:
        fields = change.model.kind_fields()
        return [
            f"{say(fields[name].label)}: {in_words(change.model, text)}" if name in fields else str(say(text))
            for name, texts in refusal.problems.items()
            for text in texts
        ]
    return [str(say(refusal.text))]


def _page(
    request: HttpRequest, key: str, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    then = past(request)
    row = one(Approval, key, then=then)
    change = changed(row)
    versions = history(Approval, key, then=then)
    names = titles(_spoken_of(row, change, versions), then)
    context = {
        "row": row,
        "values": row.values,
        "change": change,
        "op": op_words(change),
        "subject": change.words(names) if change else Text(row.values["subject"], row.values["subject"]),
        "subject_url": _subject_url(change),
        "step": value_html(Approval.kind_fields()["step"], row.values["step"], names),
        "path": _path(row, change, request.moment.on),  # type: ignore[attr-defined]
        "people": {n: _person(row.values[n], names) for n in ("asked_by", "decided_by")},
        "role": role_names(frozenset({row.values["role"]})) if row.values["role"] else None,
        "in_force_on": _in_force_on(row, change),
        "differences": differences(change, names) if change else [],
        "steps": [_step(version, names) for version in versions],
        "problems": problems or [],
        "typed": reason_of(request.POST),
        **_possible(request, row, change),
    }
    return render(request, "approval.html", context, status=status)


def differences(change: Change, names: Titles) -> list[Difference]:
    """The fields whose value would change; of a record that goes, all that it holds."""
    fields, before = change.model.kind_fields(), change.before
    after: Values = change.values if change.op == "write" else {}
    return [
        Difference(
            field.label,
            value_html(field, before.get(name), names),
            value_html(field, after.get(name), names),
        )
        for name, field in fields.items()
        if (before.get(name) or None) != (after.get(name) or None) and change.op != "erase"
    ]


def _possible(request: HttpRequest, row: Row, change: Change | None) -> dict[str, Any]:
    """What the reader may do with it now, who may decide it, and why not the reader."""
    step, is_now = row.values["step"], request.moment.is_now  # type: ignore[attr-defined]
    if change is None or step not in approve.OPEN or not is_now:
        return {}
    actor = reader(request)
    written_by = approve.authors({row.key: row.values["asked_by"]})[row.key]
    refusal = approve.refusal_of(actor, change, written_by) if step == "submitted" else None
    may = may_write(actor, change.model)
    return {
        "may_decide": step == "submitted" and refusal is None,
        "refusal": refusal.text if refusal and actor.holds(change.roles) else None,
        "deciders": _people(approve.entitled(change, written_by, clock.today()))
        if step == "submitted"
        else [],
        "roles": role_names(change.roles) if step == "submitted" else None,
        "is_stale": _is_stale(change.model, change),
        "may_withdraw": actor.person == row.values["asked_by"],
        "may_submit": step == "draft" and may,
        "may_edit": step in ("draft", "sent_back") and may and change.op == "write",
    }


def _is_stale(model: type[Record], change: Change) -> bool:
    now = model.objects.filter(pk=change.key).values_list("ver", flat=True).first() or 0
    return now != change.seen


def _people(keys: list[str]) -> list[SafeString]:
    names = titles(f"person:{key}" for key in keys)
    return [reference_html(f"person:{key}", names) for key in keys]


def _spoken_of(row: Row, change: Change | None, versions: list[Version]) -> set[str]:
    found = {v.by for v in versions if v.by.startswith("person:")}
    found |= {f"person:{row.values[n]}" for n in ("asked_by", "decided_by") if row.values[n]}
    if change:
        found |= change.spoken_of
        states = [Row(change.key, 0, dict(v)) for v in (change.before, change.values) if v]
        found |= references_in(change.model, states)
    return found


def _subject_url(change: Change | None) -> str:
    """The record's page, where it is on record."""
    if change is None or not change.model.objects.filter(pk=change.key).exists():
        return ""
    return door("record", change.model.about.name, change.key)


def _in_force_on(row: Row, change: Change | None) -> date | None:
    """The day that the change names; once it is approved, else that of the decision."""
    named = change.in_force_on if change else None
    decided = row.values["at"] if row.values["step"] == "approved" else None
    return named or (clock.day_of(decided) if decided else None)


def _path(row: Row, change: Change | None, on: date) -> list[tuple[Text, str]]:
    """The way of a change: each station with `done`, `here` or ''. What was sent back or withdrawn left it."""
    step, force = row.values["step"], _in_force_on(row, change)
    if step in ("sent_back", "withdrawn"):
        return []
    reached = [name for name, _ in PATH].index(step)
    if step == "approved" and force and force <= on:
        reached += 1
    return [
        (words, "here" if n == reached else "done" if n < reached else "")
        for n, (_, words) in enumerate(PATH)
    ]


def _person(key: Any, names: Titles) -> SafeString:
    return reference_html(f"person:{key}", names) if key else SafeString("")


def _step(version: Version, names: Titles) -> Step:
    words = ACT_WORDS.get(version.act_name, Text(version.act_name, version.act_name))
    return Step(words, person_html(version.by, names), version)
