"""Take a framework of controls from a file: look at what it would do, then take it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.rights import require_write
from sekisho.connectors.contents import FRAMEWORK_FORMATS, framework_format
from sekisho.connectors.language import Unreadable
from sekisho.kernel.errors import Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import Framework, FrameworkControl
from sekisho.web.entry import reader
from sekisho.web.forms import reason_of
from sekisho.web.middleware import PastIsPast
from sekisho.web.templatetags.sekisho import say
from sekisho.workflows.attach import file_name
from sekisho.workflows.load_framework import FrameworkPlan, load_framework, plan_framework

SHOWN = 50  # controls of a preview
_CHOOSE = Text("ファイルを選んでください。", "Choose a file.")
_TOO_LARGE = Text(
    "「{name}」は大きすぎます（上限 {most} MB）。", "'{name}' is too large (at most {most} MB)."
)
_TAKEN = Text(
    "取り込みました。管理策: 追加 {new} 件、変更 {changed} 件、変更なし {unchanged} 件。",
    "Taken. Controls: {new} new, {changed} changed, {unchanged} as they were.",
)


def framework_load(request: HttpRequest) -> HttpResponse:
    """GET: the way to send a file. POST `do`: look (nothing is written) or take."""
    for model in (Framework, FrameworkControl):
        require_write(reader(request), model)
    if not request.moment.is_now:  # type: ignore[attr-defined]
        raise PastIsPast
    if request.method != "POST":
        return _page(request)
    try:
        return _taken(request)
    except Invalid as wrong:
        return _page(request, problems=[text for texts in wrong.problems.values() for text in texts])
    except (NotFound, Unreadable) as refused:
        return _page(request, problems=[refused.text])


def _taken(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        return _page(request, problems=[_CHOOSE])
    name, most = file_name(file.name or ""), framework_format(file.name or "").max_bytes
    if (file.size or 0) > most:
        return _page(request, problems=[_TOO_LARGE.format(name=name, most=most // 1024 // 1024)])
    by, data = reader(request), file.read()
    told = {"name": request.POST.get("name", ""), "version": request.POST.get("version", "")}
    if request.POST.get("do") != "take":
        return _page(request, plan=plan_framework(by, name, data, **told))
    key, done = load_framework(by, name, data, **told, reason=reason_of(request.POST))
    messages.success(request, say(_TAKEN.format(**done.counts)))
    return redirect("record", "framework", key)


def _page(
    request: HttpRequest, plan: FrameworkPlan | None = None, problems: list[Text] | None = None
) -> HttpResponse:
    context = {
        "plan": plan,
        "problems": problems or [],
        "shown": plan.new[:SHOWN] if plan else (),
        "formats": FRAMEWORK_FORMATS,
        "accept": ",".join(ending for f in FRAMEWORK_FORMATS for ending in f.endings),
        "name": request.POST.get("name", ""),
        "version": request.POST.get("version", ""),
    }
    return render(request, "framework_load.html", context, status=422 if problems else 200)
