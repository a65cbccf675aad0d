"""The CSIRT's duty roster: who is on call at any minute, the gaps ahead, the calendar; planning and handing on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.records.facts.roster import start_of
from sekisho.records.models import RosterShift
from sekisho.records.register import titles
from sekisho.rulebook.exceptions import limits_on
from sekisho.web.entry import may_edit
from sekisho.web.forms import reason_of, version_of
from sekisho.web.roster.asked import MONTH, Asked, asked
from sekisho.web.roster.days import calendar, shifts_between, tones_of
from sekisho.web.roster.planning import Planned, proposed, rotation, sent, team
from sekisho.web.roster.told import (
    GAPS_SHOWN,
    at_minute,
    coming,
    gaps_ahead,
    hours_between,
    named,
    next_after,
)
from sekisho.web.seen import actor_of, assessment, facts, require_state, then
from sekisho.web.templatetags.sekisho import door, say
from sekisho.workflows.roster import Team, may_swap, plan_rotation, swap_shift

CITATION = "9-3-3"
_PLANNED = Text("{n} 件の当番を登録しました。", "{n} shifts are in the roster.")
_SWAPPED = Text("当番 {key} を {name} に引き継ぎました。", "{key} is {name}'s now.")
_CHOOSE = Text("操作を選んでください。", "Choose what to do.")


@dataclass(frozen=True)
class Sent:
    """What was sent and refused: `act`, and what is wrong."""

    act: str = ""
    problem: str = ""
    status: int = 200


def roster(request: HttpRequest) -> HttpResponse:
    """`view`: month or week; `day`: one of it; `at`: a minute to be asked of; `shift`: the one whose panel is open."""
    require_state(request)
    question = asked(request)
    if request.method != "POST":
        return _page(request, question)
    name = request.POST.get("act", "")
    try:
        return _acted(request, question, name)
    except (Conflict, Invalid) as refusal:
        return _page(request, question, Sent(name, str(say(refusal.text)), refusal.status))


def _acted(request: HttpRequest, question: Asked, name: str) -> HttpResponse:
    actor, post = actor_of(request), request.POST
    if name == "plan":
        shifts = plan_rotation(actor, rotation(sent(post)), reason=reason_of(post))
        told = _PLANNED.format(n=len(shifts))
    elif name == "swap":
        shift = swap_shift(
            actor, question.shift, post.get("person", ""), reason_of(post), expected_ver=version_of(post)
        )
        told = _SWAPPED.format(key=shift.key, name=str(shift.person))
    else:
        raise Conflict(_CHOOSE)
    messages.success(request, say(told))
    return redirect(door("roster") + question.place)


def _page(request: HttpRequest, question: Asked, refused: Sent | None = None) -> HttpResponse:
    refused = refused or Sent()
    known, on = facts(request), question.on
    ahead = limits_on(known, on).value("roster_ahead")
    shifts = shifts_between(known, question.first, question.last)
    now, following = at_minute(known, question.at), next_after(known, question.at)
    one = known.frame(RosterShift).filter(pl.col("key") == question.shift)
    csirt = team(known, on)
    people = _people(shifts, one, now, following) | set(csirt)
    names = _names(request, people)
    shown = calendar(
        known, shifts, question.first, question.last, on=on, ahead=ahead, names=names, at=question.at,
        tones=tones_of(people), month=question.day.month if question.view == MONTH else None,
    )  # fmt: skip
    begin = question.at if clock.day_of(question.at) == on else start_of(on)
    ahead_until = start_of(on + timedelta(days=ahead))
    found = gaps_ahead(known, begin, ahead_until, shown.until_at)
    context = {
        "asked": question,
        "state": assessment(request)[CITATION],
        "on_call": named(now, names),
        "next": coming(following, names),
        "gaps": found[:GAPS_SHOWN],
        "gaps_all": len(found),
        "gaps_told": sum(gap.told for gap in found),
        "ahead": ahead,
        "calendar": shown,
        "rows": [piece_row(row, names) for row in shifts.iter_rows(named=True)],
        "people": [(key, names[key]) for key in csirt],
        "legend": [
            (names[key], tone) for key, tone in tones_of(people).items() if key in set(shifts["person"])
        ],
        "plan": _plan(request, csirt, shown.until_at, refused),
        "panel": _panel(request, one, names, csirt),
        "refused": refused,
        "typed": reason_of(request.POST),
        "chosen": request.POST.get("person", ""),
    }
    return render(request, "roster.html", context, status=refused.status)


def piece_row(row: dict[str, Any], names: dict[str, Text]) -> dict[str, Any]:
    """A shift as the table shows it."""
    return {
        "key": row["key"],
        "from_at": row["from_at"],
        "until_at": row["until_at"],
        "hours": hours_between(row["from_at"], row["until_at"]),
        "name": names[row["person"]],
        "deputy": names[row["deputy"]] if row["deputy"] else None,
    }


def _people(*frames: pl.DataFrame) -> set[str]:
    """Everybody whom the frames speak of."""
    told: set[str] = set()
    for frame in frames:
        for column in {"person", "deputy"} & set(frame.columns):
            told |= set(frame[column].drop_nulls())
    return told


def _names(request: HttpRequest, people: set[str]) -> dict[str, Text]:
    found = titles({f"person:{key}" for key in people}, then(request))
    return {key: found.get(f"person:{key}", Text(key, key)) for key in people}


def _plan(request: HttpRequest, csirt: list[str], until_at: Any, refused: Sent) -> Planned | None:
    """The form of a rotation, for who may keep the roster now."""
    if not may_edit(request, RosterShift):
        return None
    return sent(request.POST) if refused.act == "plan" else proposed(request.GET, csirt, until_at)


def _panel(
    request: HttpRequest, one: pl.DataFrame, names: dict[str, Text], csirt: list[str]
) -> dict[str, Any] | None:
    """The chosen shift: what it is, and whom it may be handed to."""
    if one.is_empty():
        return None
    row = one.row(0, named=True)
    now = clock.now()
    is_now = bool(request.moment.is_now)  # type: ignore[attr-defined]
    over = row["until_at"] <= now
    entitled = is_now and may_swap(actor_of(request), row["person"])
    begin = max(row["from_at"], now)
    offers: list[tuple[str, Text]] = []
    if entitled and not over:
        crew = Team(csirt)
        days = {clock.day_of(begin), clock.day_of(row["until_at"] - timedelta(microseconds=1))}
        offers = [
            (key, names[key])
            for key in csirt
            if key != row["person"] and all(crew.holds(key, day) for day in days)
        ]
    return piece_row(row, names) | {
        "ver": row["ver"], "person": row["person"], "over": over, "runs": row["from_at"] < now < row["until_at"],
        "entitled": entitled, "is_now": is_now, "offers": offers,
    }  # fmt: skip
