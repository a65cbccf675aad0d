"""Live decisions: how many events got which answer, which rules found them, and the newest that were not allowed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.access.personal import may_see_personal
from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.models import HeldWithdrawal
from sekisho.rulebook.exceptions import limits_on
from sekisho.web.entry import readable
from sekisho.web.seen import actor_of, facts, seen
from sekisho.web.templatetags.sekisho import door, say
from sekisho.web.watching import asked, counts, days
from sekisho.web.watching.addresses import linkable, read
from sekisho.web.watching.newest import MOST, Wanted
from sekisho.web.watching.running import Standing, standing
from sekisho.web.watching.story import instant
from sekisho.web.watching.words import ACTIONS, TYPES, Rules
from sekisho.workflows.watch_rules import rules_by_name, rules_in_force

DAY = 24 * 60  # minutes
_JAPAN = 9 * 60
_LOOK_AGAIN = 5 * counts.MINUTE  # a page is told anew at least so often, for its times grow old
_NOT_SHOWN = Text("この文字列の画面はありません。", "There is no page for this.")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the chart: its minutes, and the minutes of a step."""

    name: str
    text: Text
    minutes: int
    step: int


SPANS = (
    Span("hour", Text("1時間", "1 hour"), 60, 5),
    Span("day", Text("24時間", "24 hours"), DAY, 60),
    Span("week", Text("7日", "7 days"), 7 * DAY, 6 * 60),
)


def watch_live(request: HttpRequest) -> HttpResponse:
    """`span` of the chart; `action` and `rule` of the newest; `q` leads to a user's or an address's story.

    `shown`: what an open page shows; it is answered with nothing while that is so, else with an event.
    """
    readable(request, "alert")
    if found := request.GET.get("q", "").strip():
        return _to_story(request, found)
    at = at_of(request)
    ms = int(at.timestamp() * 1000)
    looked = days.look(asked.home(), ms - 7 * DAY * counts.MINUTE)
    mark = f"{looked.mark}-{len(looked.parts)}-{ms // _LOOK_AGAIN}"
    if "shown" in request.GET:
        return _told(request.GET["shown"] == mark)
    return render(request, "watch_live.html", {"mark": mark, "at": at} | _shown(request, looked, ms))


def _shown(request: HttpRequest, looked: days.Looked, ms: int) -> dict[str, Any]:
    """What the page says of the log as it was looked at."""
    is_now = bool(request.moment.is_now)  # type: ignore[attr-defined]
    rules = Rules()
    span = next((s for s in SPANS if s.name == request.GET.get("span")), SPANS[1])
    steps = _steps(looked.counts, ms, span)
    return {
        "still": "still" in request.GET or not is_now,
        "ever": looked.counts.events > 0 or days.ever_judged(asked.home()),
        "partial": not looked.whole,
        "reaches": instant(looked.counts.since) if looked.counts.since else None,
        "stands": _stands(request, looked, ms) if is_now else None,
        "cards": _cards(looked.counts, ms),
        "spans": SPANS,
        "span": span,
        "steps": steps,
        "quiet": not any(number for step in steps for name, number in step["numbers"] if name != "allow"),
        "actions": [(name, *words) for name, words in ACTIONS.items()],
        **_by_rule(looked.counts, ms, rules),
        **_newest(request, looked, None if is_now else ms, rules),
    }


def at_of(request: HttpRequest) -> datetime:
    """The instant up to which is told: now, or the end of the day that is looked at."""
    if request.moment.is_now:  # type: ignore[attr-defined]
        return clock.now()
    return min(clock.now(), clock.end_of(seen(request).on))


def _to_story(request: HttpRequest, text: str) -> HttpResponse:
    """`to=address`: the text is a destination of funds; else it is an IP address, or a user."""
    is_address = request.GET.get("to") == "address" or (linkable(text) and read(text).is_ip)
    url = door("watch_address" if is_address else "watch_user", text)
    if not url:
        messages.error(request, say(_NOT_SHOWN))
    return redirect(url or "watch_live")


def _told(same: bool) -> HttpResponse:
    if same:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Trigger": json.dumps({"sekisho:moved": {}})})


def _stands(request: HttpRequest, looked: days.Looked, ms: int) -> Standing:
    """How the watch stands now; of another day that is not known."""
    silence = limits_on(facts(request), seen(request).on).value("watch_silence")
    heard = counts.last_heard(looked.counts, counts.Window.before(ms, SPANS[-1].minutes))
    return standing(asked.home(), heard, looked.mark, silence)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _windows(ms: int) -> list[counts.Window]:
    return [counts.Window.before(ms, span.minutes) for span in SPANS]


def _cards(found: counts.Counts, ms: int) -> list[dict[str, Any]]:
    """For each answer: how many of the last hour, day and week."""
    of = [counts.by_action(found, window) for window in _windows(ms)]
    return [
        {"action": name, "words": words, "tone": tone, "icon": icon}
        | dict(zip(("hour", "day", "week"), (each.get(name, 0) for each in of), strict=True))
        for name, (words, tone, icon) in ACTIONS.items()
    ]


def _steps(found: counts.Counts, ms: int, span: Span) -> list[dict[str, Any]]:
    """The chart's steps, the oldest first, with the number of each answer."""
    window, form = counts.Window.before(ms, span.minutes), "%m/%d %H:%M" if span.minutes > DAY else "%H:%M"
    return [
        {
            "at": instant(at),
            "short": instant(at).astimezone(clock.JAPAN).strftime(form),
            "numbers": [(name, of.get(name, 0)) for name in ACTIONS],
        }
        for at, of in counts.over_time(found, window, span.step, _JAPAN)
    ]


def _by_rule(found: counts.Counts, ms: int, rules: Rules) -> dict[str, Any]:
    """The rules that hit anything within the week, those of the last day first."""
    hour, day, week = (counts.by_rule(found, window) for window in _windows(ms))
    lines: list[dict[str, Any]] = [
        {"rule": rules.named(name), "hour": hour.get(name, 0), "day": day.get(name, 0), "week": number}
        for name, number in week.items()
    ]
    lines.sort(key=lambda line: (-line["day"], -line["week"], line["rule"].name))
    return {"by_rule": lines, "rule_names": sorted({*week, *rules_by_name(rules_in_force())})}


def _newest(request: HttpRequest, looked: days.Looked, until_ms: int | None, rules: Rules) -> dict[str, Any]:
    """The newest decisions that the filters leave. Who is not to look at persons sees none."""
    action, rule = request.GET.get("action", ""), request.GET.get("rule", "")
    wanted = Wanted(action if action in ACTIONS else "", rule[:64])
    rows = [
        row
        | {
            "at": instant(row["at"]),
            "what": TYPES.get(row["typ"], row["typ"]),
            "login": row["typ"] == "login" and row["ok"] is not None,
            "ip_linked": linkable(row["ip"]),
            "fired": rules.all(row["rules"]),
            "others": rules.all(row["rules"])[1:],
            "tried": rules.all(row["shadow"]),
        }
        for row in looked.newest(wanted, until_ms)
    ]
    return {
        "rows": rows,
        "most": MOST,
        "wanted": wanted,
        "personal": may_see_personal(actor_of(request), HeldWithdrawal),
    }
