"""Change one field of several records at once: choose the field, give the value, see what it does, then one act."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.records.fields import EvidenceFiles
from sekisho.records.record import Record, Values
from sekisho.records.register import Row, titles
from sekisho.records.register.listing import references_in
from sekisho.web.cells import value_html
from sekisho.web.entry import reader
from sekisho.web.forms import RecordForm, in_words, reason_of
from sekisho.web.templatetags.sekisho import say
from sekisho.web.views.record_form import editable
from sekisho.workflows.approve import AlreadyAsked, ask
from sekisho.workflows.change_many import Trial, change_many, tried

_NONE = Text("行を選んでください。", "Select rows first.")
_UNCHANGED = Text("変わる行はありません。", "No row would change.")
_DONE = Text("{n} 件を変更しました。", "{n} records are changed.")
_ASKED = Text("{n} 件を承認申請しました（{keys}）。", "{n} changes are submitted for approval ({keys}).")
_LATE = Text(
    "確認のあとでほかの人が変更した行があります。何も変更していません。もう一度確認してください。",
    "Somebody changed a row after you looked. Nothing was changed. Look again.",
)


@dataclass(frozen=True)
class Previewed:
    """One row of the preview, in words."""

    trial: Trial
    title: Text
    before: SafeString
    after: SafeString
    problems: list[str]


@require_POST
def bulk_edit(request: HttpRequest, kind: str) -> HttpResponse:
    model = editable(request, kind)
    keys = list(dict.fromkeys(request.POST.getlist("key")))
    if not keys:
        messages.error(request, say(_NONE))
        return redirect(_back(request, model))
    name = request.POST.get("field", "")
    if name not in _fields(model):
        return _page(request, model, keys)
    form = RecordForm(model, {}, request.POST if "how" in request.POST else None, only=(name,))
    if not form.is_bound or not form.is_valid():
        return _page(request, model, keys, form=form)
    values = {name: form.cleaned_data[name]}
    trials = tried(reader(request), model, keys, values)
    if request.POST["how"] == "take":
        return _taken(request, model, values, trials) or _page(request, model, keys, form=form, trials=trials)
    return _page(request, model, keys, form=form, trials=trials)


def _taken(
    request: HttpRequest, model: type[Record], values: Values, trials: list[Trial]
) -> HttpResponse | None:
    """Write what needs no approval in one act; submit each of the others. None where something is in the way."""
    seen = {t.key: request.POST.get(f"ver-{t.key}", "") for t in trials}
    if any(str(t.ver) != seen[t.key] for t in trials):
        messages.error(request, say(_LATE))
        return None
    changing = [t for t in trials if t.changes and not t.problems]
    reason, by = reason_of(request.POST), reader(request)
    plain = {t.key: t.ver for t in changing if not t.governed}
    try:
        written = change_many(by, model, values, plain, reason=reason) if plain else []
    except Conflict:
        messages.error(request, say(_LATE))
        return None
    except Invalid as wrong:
        messages.error(
            request, " ".join(in_words(model, t) for texts in wrong.problems.values() for t in texts)
        )
        return None
    _tell(request, len(written), _submitted(request, model, values, [t for t in changing if t.governed]))
    return redirect(_back(request, model))


def _submitted(request: HttpRequest, model: type[Record], values: Values, trials: list[Trial]) -> list[str]:
    """The keys of the approvals asked for, one a record; what is asked for already stays as it is."""
    keys = []
    for trial in trials:
        try:
            approval = ask(
                reader(request), model, trial.key, values, reason_of(request.POST), expected_ver=trial.ver
            )
            keys.append(approval.key)
        except (AlreadyAsked, Conflict, Invalid) as refused:
            messages.error(request, f"{trial.key}: {in_words(model, refused.text)}")
    return keys


def _tell(request: HttpRequest, written: int, asked: list[str]) -> None:
    if written:
        messages.success(request, say(_DONE.format(n=written)))
    if asked:
        messages.success(request, say(_ASKED.format(n=len(asked), keys=", ".join(asked))))
    if not written and not asked:
        messages.info(request, say(_UNCHANGED))


def _fields(model: type[Record]) -> dict[str, Text]:
    """The fields that may be changed together: all but files and what is personal."""
    return {
        n: f.label
        for n, f in model.kind_fields().items()
        if not isinstance(f, EvidenceFiles) and not f.personal
    }


def _page(
    request: HttpRequest,
    model: type[Record],
    keys: list[str],
    *,
    form: RecordForm | None = None,
    trials: list[Trial] | None = None,
) -> HttpResponse:
    name = next(iter(form.start)) if form else ""
    context = {
        "model": model,
        "about": model.about,
        "keys": keys,
        "fields": _fields(model),
        "field": name,
        "form": form,
        "picked": {},
        "rows": _previewed(model, name, trials) if trials else None,
        "changing": sum(t.changes and not t.problems for t in trials or []),
        "governed": sum(t.governed and t.changes and not t.problems for t in trials or []),
        "wrong": sum(bool(t.problems) for t in trials or []),
        "back": _back(request, model),
    }
    return render(request, "bulk_edit.html", context)


def _previewed(model: type[Record], name: str, trials: list[Trial]) -> list[Previewed]:
    field = model.kind_fields()[name]
    rows = [Row(t.key, 0, {name: value}) for t in trials for value in (t.before[name], t.after[name])]
    names = titles(references_in(model, rows) | {f"{model.about.name}:{t.key}" for t in trials})
    return [
        Previewed(
            t,
            names.get(f"{model.about.name}:{t.key}", Text(t.key, t.key)),
            value_html(field, t.before[name], names),
            value_html(field, t.after[name], names),
            [in_words(model, text) for texts in t.problems.values() for text in texts],
        )
        for t in trials
    ]


def _back(request: HttpRequest, model: type[Record]) -> str:
    """The list that the person came from, if it is one of ours."""
    wanted = request.POST.get("back", "")
    ours = reverse("register", args=(model.about.name,))
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe and wanted.startswith(ours) else ours
