"""Mend what a draft, or a change that was sent back, asks for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.records.models import Approval
from sekisho.records.register import Row, one, titles
from sekisho.records.register.listing import references_in
from sekisho.web.entry import PastIsPast, readable, reader
from sekisho.web.forms import RecordForm, reason_of, version_of
from sekisho.web.templatetags.sekisho import say
from sekisho.web.views.approvals import changed
from sekisho.workflows.approve import NEXT, WrongStep, edit_draft, submit
from sekisho.workflows.change import Change, UnreadableChange

_SAVED = Text("{key} の下書きを保存しました。", "The draft {key} is saved.")
_SUBMITTED = Text("{key} を申請しました。", "{key} is submitted.")


def approval_edit(request: HttpRequest, key: str) -> HttpResponse:
    readable(request, "approval")
    if not request.moment.is_now:  # type: ignore[attr-defined]
        raise PastIsPast
    row = one(Approval, key)
    change = _editable(row)
    form = RecordForm(change.model, change.values, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _saved(request, row, change, form)
        except Invalid as wrong:
            form.tell(wrong.problems)
        except Conflict as late:
            form.add_error(None, str(say(late.text)))
    return _page(request, row, change, form)


def _editable(row: Row) -> Change:
    """The change, if it may be edited at its step. Raises UnreadableChange, WrongStep."""
    change = changed(row)
    if change is None or change.op != "write":
        raise UnreadableChange(key=row.key)
    if (row.values["step"], "edit_draft") not in NEXT:
        raise WrongStep(key=row.key, step=Approval.kind_fields()["step"].label_of(row.values["step"]))
    return change


def _saved(request: HttpRequest, row: Row, change: Change, form: RecordForm) -> HttpResponse:
    by, reason = reader(request), reason_of(request.POST)
    whole = change.values | form.values()
    edited = edit_draft(by, row.key, whole, reason, expected_ver=version_of(request.POST))
    messages.success(request, say(_SAVED.format(key=row.key)))
    if request.POST.get("how") == "submit":
        try:
            submit(by, row.key, edited.ver, reason)
            messages.success(request, say(_SUBMITTED.format(key=row.key)))
        except (Conflict, Invalid) as refusal:
            messages.error(request, say(refusal.text))
    return redirect("approval", row.key)


def _page(request: HttpRequest, row: Row, change: Change, form: RecordForm) -> HttpResponse:
    states = [Row(change.key, 0, change.values)]
    if form.is_bound and form.is_valid():
        states.append(Row(change.key, 0, form.whole()))
    names = titles(references_in(change.model, states) | change.spoken_of)
    context = {"row": row, "subject": change.words(names), "form": form, "picked": names}
    return render(request, "approval_edit.html", context, status=422 if form.errors else 200)
