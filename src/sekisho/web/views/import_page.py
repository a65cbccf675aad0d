"""Take a file of records: send it, see row by row what it would do, then take it, or on purpose its good rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString

from sekisho.access.rights import may_write, role_names
from sekisho.kernel.errors import Refused
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS, kind_named
from sekisho.records.models import Framework
from sekisho.records.record import Record
from sekisho.records.register import Row, titles
from sekisho.records.register.listing import references_in
from sekisho.reports.sheets import guarded
from sekisho.web import uploads
from sekisho.web.cells import value_html
from sekisho.web.entry import KEPT_BY_ACTS, reader
from sekisho.web.forms import reason_of
from sekisho.web.middleware import PastIsPast
from sekisho.web.templatetags.sekisho import say
from sekisho.workflows.attach import file_name
from sekisho.workflows.import_errors import Problem, TooLarge, Unreadable
from sekisho.workflows.import_file import ChangedSincePlan, NotAllGood, plan_import, take
from sekisho.workflows.import_plan import ImportPlan, PlannedRow
from sekisho.workflows.import_read import read_bytes
from sekisho.workflows.import_tables import MAX_BYTES

SHOWN_PROBLEMS = 300
SHOWN_ROWS = 50
_CHOOSE = Text("ファイルを選んでください。", "Choose a file.")
_GONE = Text("ファイルをもう一度送信してください。", "Send the file again.")
_OTHERWISE = Text(
    "確認のあとで記録が変わったため、結果が変わりました。何も取り込んでいません。もう一度確認してください。",
    "Records changed after you looked, so the result differs. Nothing was taken. Look again.",
)
_TAKEN = Text(
    "取り込みました。新規 {created} 件、変更 {changed} 件、変更なし {unchanged} 件、取り込まなかった行 {left_out} 件。",
    "Taken: {created} new, {changed} changed, {unchanged} unchanged, {left_out} rows left out.",
)
_PLACE, _FIELD, _WHAT = (
    Text("場所", "Where"),
    Text("項目", "Field"),
    Text("誤りと直し方", "What is wrong, and what to do"),
)


@dataclass(frozen=True)
class Preview:
    """A row of the file in words: what becomes of the record."""

    row: PlannedRow
    label: Text
    changes: list[tuple[Text, SafeString, SafeString]]


def import_page(request: HttpRequest) -> HttpResponse:
    """GET: what waits, or the way to send a file. POST `do`: send, take, take_good, drop."""
    if request.method != "POST":
        return _page(request, _plan(request))
    if not request.moment.is_now:  # type: ignore[attr-defined]
        raise PastIsPast
    done = {"send": _send, "take": _take, "take_good": _take, "drop": _drop}.get(
        request.POST.get("do", ""), _drop
    )
    return done(request)


def import_problems(request: HttpRequest) -> HttpResponse:
    """Every problem of the file that waits, as CSV."""
    plan = _plan(request)
    if plan is None:
        return redirect("import")
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow([say(_PLACE), say(_FIELD), say(_WHAT)])
    writer.writerows([p.cell, guarded(p.field), guarded(str(say(p.text)))] for p in plan.all_problems)
    headers = {"Content-Disposition": 'attachment; filename="problems.csv"'}
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _send(request: HttpRequest) -> HttpResponse:
    if not any(may_write(reader(request), model) for model in KINDS):
        raise Refused(roles=role_names(frozenset().union(*(m.about.writers for m in KINDS))))
    file, kind = request.FILES.get("file"), request.POST.get("kind", "")
    if file is None:
        messages.error(request, say(_CHOOSE))
        return redirect("import")
    name = file_name(file.name or "")
    if (file.size or 0) > MAX_BYTES:
        error = TooLarge(name=name, found=Text("20 MB 超", "over 20 MB"), bound="20 MB")
        return _page(request, None, refused=error)
    uploads.keep(request.session, name, kind, file.read())
    try:
        plan = _plan(request)
    except Unreadable as unreadable:
        uploads.drop(request.session)
        return _page(request, None, refused=unreadable)
    return _page(request, plan)


def _take(request: HttpRequest) -> HttpResponse:
    """Take what was shown: planned again, and refused where it would now do something else."""
    plan = _plan(request)
    if plan is None:
        messages.error(request, say(_GONE))
        return redirect("import")
    if plan.fingerprint != request.POST.get("fingerprint"):
        messages.error(request, say(_OTHERWISE))
        return _page(request, plan)
    only_good = request.POST["do"] == "take_good"
    try:
        taken = take(plan, reader(request), only_good=only_good, reason=reason_of(request.POST))
    except (NotAllGood, ChangedSincePlan) as refused:
        messages.error(request, say(refused.text))
        return _page(request, _plan(request))
    uploads.drop(request.session)
    counts = {"created": taken.created, "changed": taken.changed, "unchanged": taken.unchanged}
    messages.success(request, say(_TAKEN.format(**counts, left_out=taken.left_out)))
    kinds = list(plan.counts_by_kind)
    return redirect("register", kinds[0]) if len(kinds) == 1 else redirect("registers")


def _drop(request: HttpRequest) -> HttpResponse:
    uploads.drop(request.session)
    return redirect("import")


def _plan(request: HttpRequest) -> ImportPlan | None:
    """What taking the file that waits would do. Raises Unreadable."""
    held = uploads.waiting(request.session)
    return plan_import(reader(request), read_bytes(held.name, held.content, held.kind)) if held else None


def _page(request: HttpRequest, plan: ImportPlan | None, refused: Unreadable | None = None) -> HttpResponse:
    actor = reader(request)
    problems = list(islice(plan.all_problems, SHOWN_PROBLEMS)) if plan else []
    context: dict[str, Any] = {
        "plan": plan,
        "refused": refused,
        "problems": [(p, _label(p)) for p in problems],
        "problem_count": sum(1 for _ in plan.all_problems) if plan else 0,
        "kinds": [(kind_named(k).about, counts) for k, counts in plan.counts_by_kind.items()] if plan else [],
        "previews": _previews(plan) if plan else [],
        "shown_rows": SHOWN_ROWS,
        "writing": plan.counts["create"] + plan.counts["change"] if plan else 0,
        "loads_frameworks": may_write(actor, Framework),
        "writable": [m.about for m in KINDS if may_write(actor, m) and m.about.name not in KEPT_BY_ACTS],
    }
    return render(request, "import.html", context, status=refused.status if refused else 200)


def _label(problem: Problem) -> Text | str:
    """The label of the field that a problem is about."""
    fields = next((m.kind_fields() for m in KINDS if m.about.name == problem.sheet), {})
    return fields[problem.field].label if problem.field in fields else problem.field


def _previews(plan: ImportPlan) -> list[Preview]:
    """The first rows that would be written, with what changes."""
    rows = list(islice((r for r in plan.rows if r.action in ("create", "change")), SHOWN_ROWS))
    names = titles(set().union(*(_references(r) for r in rows)))
    return [
        Preview(row, row.model.about.label, list(_changes(row.model, row.changes, names))) for row in rows
    ]


def _references(row: PlannedRow) -> set[str]:
    values = [dict(zip(row.changes, side, strict=True)) for side in zip(*row.changes.values(), strict=True)]
    return references_in(row.model, [Row(row.key, 0, v) for v in values])


def _changes(
    model: type[Record], changes: dict[str, tuple[Any, Any]], names: dict[str, Text]
) -> Iterator[tuple[Text, SafeString, SafeString]]:
    fields = model.kind_fields()
    for name, (old, new) in changes.items():
        yield (
            fields[name].label,
            value_html(fields[name], old, names, short=True),
            value_html(fields[name], new, names, short=True),
        )
