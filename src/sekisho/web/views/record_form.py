"""The form of one record: new, edit, remove. What takes approval is submitted for it, or kept as a draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.rights import role_names
from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.records.fields import AnyReference, KindField, Reference, References
from sekisho.records.record import Record, Values
from sekisho.records.register import Row, change_at, one, referrers, titles
from sekisho.records.register.listing import references_in
from sekisho.rulebook.language import CLAUSES
from sekisho.web.cells import Titles, value_html
from sekisho.web.entry import KEPT_BY_ACTS, reader, writable
from sekisho.web.forms import KEY, RecordForm, reason_of, version_of
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.views.evidence import uploaded
from sekisho.web.views.record import record_title
from sekisho.workflows.approve import ask, ask_removal
from sekisho.workflows.attach import kept, with_files
from sekisho.workflows.record import NeedsApproval, refuse_governed, remove_record, save_record

SAVE, SUBMIT, DRAFT = "save", "submit", "draft"
_SAVED = Text("{key} を保存しました。", "{key} is saved.")
_REMOVED = Text("{key} を登録から外しました。", "{key} is taken out of the register.")
_SUBMITTED = Text(
    "{key} として申請しました。承認後に反映されます。", "Submitted as {key}; it takes effect when approved."
)
_DRAFTED = Text("{key} として下書きを保存しました。", "Kept as the draft {key}.")
_UNCHANGED = Text("変更された項目はありません。", "Nothing was changed.")
_OTHERS_FIRST = Text(
    "ほかの人が先に変更しました。下の表で相手の変更を確かめ、よければもう一度保存してください。あなたの入力は残っています。",
    "Somebody else changed it first. See below what they changed, then save again if you still want to. "
    "What you typed is kept.",
)
_WHY = Text("理由を入力してください。", "Give the reason.")
_TAKEN = Text("このキーは既に使われています。", "This key is in use already.")


@dataclass
class Editing:
    """A form under way. `row`: the record as it stands, None for a new one. `ver`: the version the form starts from."""

    model: type[Record]
    form: RecordForm
    row: Row | None = None
    ver: int = 0
    conflict: list[dict[str, Any]] = field(default_factory=list)
    asked_to_approve: bool = False

    @property
    def key(self) -> str | None:
        return self.row.key if self.row else None

    @property
    def governed(self) -> bool:
        """Whether what is typed so far takes an approval."""
        values = self.form.whole() if self.form.is_bound and self.form.is_valid() else self.form.base or {}
        return self.asked_to_approve or bool(self.model.about.approvers(values))


def record_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new record. The query string may fill in fields."""
    model = editable(request, kind)
    form = RecordForm(model, None, request.POST if request.method == "POST" else None, given=request.GET)
    editing = Editing(model, form)
    return _taken(request, editing) or _page(request, editing)


def record_edit(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    model = editable(request, kind)
    row = one(model, key)
    if request.method != "POST":
        return _page(request, Editing(model, RecordForm(model, row.values), row, row.ver))
    ver = version_of(request.POST)
    base = row.values if ver == row.ver else change_at(model, key, ver)
    form = RecordForm(model, row.values if base is None else base, request.POST)
    editing = Editing(model, form, row, ver)
    return _taken(request, editing) or _page(request, editing)


def record_remove(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Asks first; then removes, or submits the removal for approval."""
    model = editable(request, kind)
    row = one(model, key)
    problems: list[Text] = []
    if request.method == "POST":
        try:
            return _removed(request, model, row)
        except Invalid as wrong:
            problems = [text for texts in wrong.problems.values() for text in texts]
    context = {
        "model": model,
        "about": model.about,
        "row": row,
        "title": record_title(model, row, titles(references_in(model, [row]))),
        "referrers": referrers(model, key),
        "governed": bool(model.about.approvers(row.values)),
        "problems": problems,
    }
    return render(request, "record_remove.html", context, status=422 if problems else 200)


def editable(request: HttpRequest, kind: str) -> type[Record]:
    """The kind, if the reader may write it by a form."""
    model = writable(request, kind)
    if model.about.name in KEPT_BY_ACTS:
        refuse_governed(model, {})
    return model


def _removed(request: HttpRequest, model: type[Record], row: Row) -> HttpResponse:
    reason, ver, by = reason_of(request.POST), version_of(request.POST), reader(request)
    if not reason:
        raise Invalid({"": [_WHY]})
    try:
        remove_record(by, model, row.key, expected_ver=ver, reason=reason)
    except NeedsApproval:
        approval = ask_removal(by, model, row.key, reason, expected_ver=ver)
        return _to_approval(request, approval.key, _SUBMITTED, model)
    messages.success(request, say(_REMOVED.format(key=row.key)))
    return redirect("register", model.about.name)


def _taken(request: HttpRequest, editing: Editing) -> HttpResponse | None:
    """Write what was sent, or submit it; None where the form must be shown (again)."""
    if request.method != "POST" or not editing.form.is_valid():
        return None
    try:
        return _written(request, editing)
    except NeedsApproval as needs:
        editing.asked_to_approve = True
        editing.form.add_error(None, say(needs.text))
    except Invalid as wrong:
        editing.form.tell(wrong.problems)
    except Conflict as late:
        _show_conflict(request, editing, late)
    return None


def _written(request: HttpRequest, editing: Editing) -> HttpResponse:
    model, key, how = editing.model, editing.key, request.POST.get("how", SAVE)
    values = editing.form.values() | _evidence(request, editing.row)
    if key is not None and not values:
        messages.info(request, say(_UNCHANGED))
        return redirect("record", model.about.name, key)
    wanted, reason, by = (
        key or editing.form.cleaned_data.get(KEY) or None,
        reason_of(request.POST),
        reader(request),
    )
    if how in (SUBMIT, DRAFT) and model.about.approvers(editing.form.whole()):
        ver = editing.ver if key or wanted else None
        approval = ask(by, model, wanted, values, reason, draft=how == DRAFT, expected_ver=ver)
        return _to_approval(request, approval.key, _DRAFTED if how == DRAFT else _SUBMITTED, model)
    record = save_record(by, model, wanted, values, expected_ver=editing.ver, reason=reason)
    messages.success(request, say(_SAVED.format(key=record.key)))
    return redirect("record", model.about.name, record.key)


def _evidence(request: HttpRequest, row: Row | None) -> Values:
    """The record's files less those taken off, and those sent; nothing where they stay as they are."""
    before = (row.values["evidence"] if row else None) or []
    dropped = set(request.POST.getlist("drop_evidence"))
    files = uploaded(request)
    if not files and not dropped:
        return {}
    left = [e for e in before if e["sha256"] not in dropped]
    return {"evidence": with_files(left, kept(files) if files else []) or None}


def _to_approval(request: HttpRequest, key: str, words: Text, model: type[Record]) -> HttpResponse:
    messages.success(request, say(words.format(key=key)))
    return redirect(door("approval", key) or door("register", model.about.name))


def _show_conflict(request: HttpRequest, editing: Editing, late: Conflict) -> None:
    """The form anew on the version that stands now: theirs where the person typed nothing, and both told."""
    if editing.row is None or type(late) is not Conflict:
        taken = editing.row is None and type(late) is Conflict
        editing.form.add_error(KEY if taken else None, say(_TAKEN if taken else late.text))
        return
    current, old = one(editing.model, editing.row.key), editing.form
    editing.form = RecordForm(editing.model, current.values, old.typed_over(current.values))
    editing.conflict = _differences(editing.model, old, current)
    editing.row, editing.ver = current, current.ver
    editing.form.add_error(None, say(_OTHERS_FIRST))


def _differences(model: type[Record], old: RecordForm, current: Row) -> list[dict[str, Any]]:
    """The fields that the other changed: as the person saw them, as they are now, as the person typed them."""
    base, fields, touched = old.base or {}, model.kind_fields(), set(old.touched())
    rows = [Row(current.key, 0, values) for values in (base, current.values, old.whole())]
    names = titles(references_in(model, rows))
    return [
        {
            "label": fields[name].label,
            "before": value_html(fields[name], base.get(name), names),
            "theirs": value_html(fields[name], current.values[name], names),
            "mine": value_html(fields[name], old.whole()[name], names) if name in touched else None,
        }
        for name in fields
        if base.get(name) != current.values[name]
    ]


def _page(request: HttpRequest, editing: Editing) -> HttpResponse:
    model, row = editing.model, editing.row
    names: Titles = titles(_referred(editing))
    governed = editing.governed
    approvers = model.about.approvers(editing.form.base or {})
    context = {
        "model": model,
        "about": model.about,
        "row": row,
        "title": record_title(model, row, names) if row else None,
        "form": editing.form,
        "picked": names,
        "ver": editing.ver,
        "conflict": editing.conflict,
        "governed": governed,
        "approvers": role_names(approvers) if approvers else None,
        "clauses": [(c, CLAUSES.get(c)) for c in model.about.clauses],
        "files": (row.values["evidence"] if row else None) or [],
    }
    return render(request, "record_form.html", context, status=422 if editing.form.errors else 200)


def _referred(editing: Editing) -> set[str]:
    """The records that the form's fields name: those of the record, and those typed."""
    form = editing.form
    rows = [editing.row] if editing.row else []
    if form.is_bound and form.is_valid():
        rows.append(Row("", 0, form.whole()))
    fields = {n: f for n, f in editing.model.kind_fields().items() if n in form.fields}
    given = Row("", 0, {n: _keys(f, str(form.initial.get(n) or "")) for n, f in fields.items()})
    return references_in(editing.model, [*rows, given])


def _keys(kind_field: KindField, text: str) -> str | list[str] | None:
    """The records that the start of a field names; None of what names no records."""
    if isinstance(kind_field, References):
        return [key.strip() for key in text.split(";") if key.strip()]
    return text if isinstance(kind_field, Reference | AnyReference) else None
