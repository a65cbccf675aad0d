"""The detection rules in force: what each asks, does and found, where they come from, and their source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.access.rights import may_read, may_write
from sekisho.records.models import Alert, Approval, Person, WatchRules
from sekisho.rulebook.exceptions import limits_on
from sekisho.rulebook.limits import Limit, all_limits
from sekisho.watch.contents import shipped_text
from sekisho.watch.program import Program
from sekisho.web.entry import readable
from sekisho.web.seen import actor_of, facts, seen
from sekisho.web.views.watch_live import at_of
from sekisho.web.watching import asked, counts, days
from sekisho.web.watching.rules import SPANS, lines_of
from sekisho.web.watching.story import instant
from sekisho.web.watching.words import ACTIONS
from sekisho.workflows.watch_rules import InForce, in_force

LIMITS = ("watch_silence", "watched_channel_silence", "user_told_time")
SOURCE = "watch_rules.yaml"


@dataclass(frozen=True)
class Origin:
    """Where the set comes from: its record and who approved that, or ('record' None) the product."""

    record: WatchRules | None
    approval: Approval | None
    approver: Person | None
    text: str


def watch_rules(request: HttpRequest) -> HttpResponse:
    """`source`: the file alone, to be kept or changed."""
    readable(request, "watch_rules")
    standing = in_force()
    origin = _origin(standing)
    if "source" in request.GET:
        return _source(origin)
    at = at_of(request)
    ms = int(at.timestamp() * 1000)
    looked = days.look(asked.home(), ms - SPANS[-1] * counts.MINUTE)
    lines = lines_of(standing.program, looked.counts, ms)
    context = {
        "at": at,
        "standing": standing,
        "origin": origin,
        "lines": lines,
        "live": sum(line.rule is not None and line.rule.live for line in lines),
        "shadow": sum(line.rule is not None and not line.rule.live for line in lines),
        "events": sum(counts.by_action(looked.counts, counts.Window.before(ms, SPANS[-1])).values()),
        "partial": not looked.whole,
        "reaches": instant(looked.counts.since) if looked.counts.since else None,
        "escalate": _escalate(standing.program),
        "limits": _limits(request),
        "source": list(enumerate(origin.text.splitlines(), 1)),
        "waiting": _waiting(request),
        **_possible(request),
    }
    return render(request, "watch_rules.html", context)


def _origin(standing: InForce) -> Origin:
    if standing.record is None:
        return Origin(None, None, None, shipped_text())
    record = WatchRules.objects.get(pk=standing.record)
    approval = Approval.objects.filter(
        subject=record.reference, step="approved", subject_ver=standing.version
    ).first()
    approver = Person.objects.filter(pk=approval.decided_by_id).first() if approval else None
    return Origin(record, approval, approver, record.rules)


def _source(origin: Origin) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{SOURCE}"'}
    return HttpResponse(origin.text, content_type="text/plain; charset=utf-8", headers=headers)


def _escalate(program: Program) -> list[tuple[int, str]]:
    """From which sum of weights on at least which answer is given."""
    return [(least, action.name.lower()) for least, action in program.escalate]


def _limits(request: HttpRequest) -> list[tuple[Limit, int]]:
    """The limits that the rule judges the watch by, each with its value of the day."""
    standing = limits_on(facts(request), seen(request).on)
    return [(all_limits()[name], standing.value(name)) for name in LIMITS]


def _waiting(request: HttpRequest) -> list[Approval]:
    """Changes of rules that wait for a decision."""
    if not may_read(actor_of(request), Approval):
        return []
    mine = Approval.objects.filter(subject__startswith=f"{WatchRules.about.name}:", step="submitted")
    return list(mine.order_by("key"))


def _possible(request: HttpRequest) -> dict[str, Any]:
    actor, is_now = actor_of(request), bool(request.moment.is_now)  # type: ignore[attr-defined]
    return {
        "proposes": is_now and may_write(actor, WatchRules),
        "sees_alerts": may_read(actor, Alert),
        "actions": {name: words for name, (words, _, _) in ACTIONS.items()},
    }
