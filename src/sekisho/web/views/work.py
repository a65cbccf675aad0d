"""What the reader must do, approve and acknowledge, soonest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.web.forms import reason_of, version_of
from sekisho.web.seen import actor_of, seen
from sekisho.web.templatetags.sekisho import door, record_url, say
from sekisho.workflows.acknowledge import acknowledge
from sekisho.workflows.incident import confirm, dismiss
from sekisho.workflows.my_work import Task, my_work

PER_PAGE = 100
EXCERPT = 6
DRAFTS_SHOWN = 10
SORTS = {
    "approve": (Text("承認", "Approve"), "signature"),
    "finish": (Text("申請", "Request"), "send"),
    "acknowledge": (Text("周知確認", "Acknowledge"), "file-check"),
    "confirm": (Text("検知の確認", "Detection"), "urgent"),
    "review": (Text("報告の確認", "Review"), "report"),
    "act": (Text("措置", "Action"), "tool"),
    "treat": (Text("リスク対応", "Treatment"), "shield"),
    "answer": (Text("指摘への対応", "Audit finding"), "clipboard-list"),
    "verify": (Text("対応の確認", "Verify"), "clipboard-check"),
    "mend": (Text("不足の解消", "Mend"), "alert-triangle"),
}
SPANS = (
    ("overdue", Text("期限超過", "Overdue")),
    ("week", Text("7日以内", "Within 7 days")),
    ("month", Text("30日以内", "Within 30 days")),
    ("later", Text("30日より先", "Later")),
    ("undated", Text("期限の定めなし", "No date set")),
)
_ACKNOWLEDGED = Text("周知確認を記録しました。", "Your acknowledgement is recorded.")
_CONFIRMED = Text("{key} をインシデントとして確定しました。", "{key} is confirmed as an incident.")
_DISMISSED = Text("{key} を対象外にしました。", "{key} is dismissed.")
_CHOOSE = Text("操作を選んでください。", "Choose what to do.")


@dataclass(frozen=True)
class Entry:
    """A task as the list shows it. `late` is how many days it is overdue, 0 where it is not."""

    task: Task
    words: Text
    icon: str
    url: str
    late: int


def work(request: HttpRequest) -> HttpResponse:
    """Filter: `what`, one of SORTS. `excerpt`: a fragment of the first few, for the home page."""
    if request.method == "POST":
        try:
            return _acted(request)
        except (Conflict, Invalid) as refusal:
            return _page(request, str(say(refusal.text)), refusal.status)
    return _excerpt(request) if "excerpt" in request.GET else _page(request)


def _acted(request: HttpRequest) -> HttpResponse:
    actor, name, key = actor_of(request), request.POST.get("act", ""), request.POST.get("key", "")
    if name == "acknowledge":
        acknowledge(actor, key)
        told = _ACKNOWLEDGED
    elif name in ("confirm", "dismiss"):
        doing = confirm if name == "confirm" else dismiss
        doing(actor, key, reason_of(request.POST), expected_ver=version_of(request.POST))
        told = _CONFIRMED if name == "confirm" else _DISMISSED
    else:
        raise Conflict(_CHOOSE)
    messages.success(request, say(told.format(key=key)))
    return redirect("work")


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    tasks = my_work(actor_of(request), seen(request))
    what = request.GET.get("what", "")
    what = what if what in SORTS else ""
    on, drafts = seen(request).on, _drafts(request, tasks) if what in ("", "confirm") else []
    listed = [task for task in tasks if what in ("", task.what) and task not in drafts]
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "spans": _spans(page, on),
        "what": what,
        "sorts": [(n, words, sum(t.what == n for t in tasks)) for n, (words, _) in SORTS.items()],
        "all": len(tasks),
        "overdue": sum(task.is_overdue(on) for task in tasks),
        "drafts": drafts,
        "problem": problem,
        "tried": request.POST.get("key", ""),
        "typed": reason_of(request.POST),
    }
    return render(request, "work.html", context, status=status)


def _drafts(request: HttpRequest, tasks: list[Task]) -> list[Task]:
    """The first detections, which are decided right here; nothing is on another day."""
    is_now = request.moment.is_now  # type: ignore[attr-defined]
    return [task for task in tasks if task.what == "confirm"][:DRAFTS_SHOWN] if is_now else []


def _excerpt(request: HttpRequest) -> HttpResponse:
    tasks = my_work(actor_of(request), seen(request))
    on = seen(request).on
    context = {
        "entries": [_entry(task, on) for task in tasks[:EXCERPT]],
        "more": max(0, len(tasks) - EXCERPT),
        "overdue": sum(task.is_overdue(on) for task in tasks),
    }
    return render(request, "parts/work_excerpt.html", context)


def _spans(page: Page[Task], on: date) -> list[tuple[str, Text, list[Entry]]]:
    """The page's tasks by how soon they are due; spans without any are left out."""
    found: dict[str, list[Entry]] = {name: [] for name, _ in SPANS}
    for task in page.object_list:
        found[_span(task.due, on)].append(_entry(task, on))
    return [(name, words, found[name]) for name, words in SPANS if found[name]]


def _span(due: date | None, on: date) -> str:
    if due is None:
        return "undated"
    if due < on:
        return "overdue"
    if due <= on + timedelta(days=7):
        return "week"
    return "month" if due <= on + timedelta(days=30) else "later"


def _entry(task: Task, on: date) -> Entry:
    words, icon = SORTS[task.what]
    late = (on - task.due).days if task.due and task.is_overdue(on) else 0
    return Entry(task, words, icon, url_of(task), late)


def url_of(task: Task) -> str:
    """Where the task is done: the approval, the record, or the clause that finds it."""
    if task.reference.startswith("approval:"):
        return door("approval", task.key)
    return record_url(task.reference) or (door("clause", task.clause) if task.clause else "")
