"""What the addresses of the watch's stories ask for: where to look on, and what is wrong with what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from sekisho.kernel.errors import Invalid, NotFound, SekishoError
from sekisho.kernel.texts import Text
from sekisho.web.forms import reason_of, version_of
from sekisho.web.seen import actor_of
from sekisho.web.templatetags.sekisho import say
from sekisho.web.watching.around import Span
from sekisho.web.watching.story import Newest, instant
from sekisho.workflows.watch_after import false_alarms

_MARKED = Text("{key} を誤検知としました。", "{key} is marked as a false alarm.")
_LATEST = 2**43  # ms


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a story begins: at the newest, or behind a position; `until`: of which time (ms)."""

    upto: int | None = None
    until: int | None = None


def home() -> Path:
    """The folder in which the watch keeps its log."""
    return Path(settings.SEKISHO_HOME)


def place(request: HttpRequest) -> Place:
    """Where the page begins; what is no number begins at the newest."""
    upto, until = (_number(request.GET.get(name, "")) for name in ("upto", "until"))
    if upto is None or until is None:
        return Place()
    return Place(upto, min(until, _LATEST))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def span_of(begins: Place, found: Newest) -> Span:
    """The span of time that a page covers: to its oldest event, or all that is older where that is the last."""
    until = instant(begins.until) if begins.until is not None else None
    since = instant(found.rows[-1]["at"]) if found.rows and found.rest is not None else None
    return Span(since, until)


def older(request: HttpRequest, begins: Place, found: Newest) -> str:
    """The query of the page after this one; '' where this is the last.

    A page without events says nothing of the time that it covers: it shows all that stands beside them, and the pages
    after it (`until` 0) nothing of that again.
    """
    if found.rest is None:
        return ""
    over = not found.rows or begins.until == 0
    fields = request.GET.copy()
    fields["upto"] = str(found.rest)
    fields["until"] = "0" if over else str(found.rows[-1]["at"])
    return f"?{fields.urlencode()}"


def problem_of(refusal: SekishoError) -> str:
    """What an act refused, in the reader's language, without the names of fields."""
    if isinstance(refusal, Invalid):
        return " ".join(str(say(text)) for texts in refusal.problems.values() for text in texts)
    return str(say(refusal.text))


def mark_false(request: HttpRequest, alerts: list[str]) -> Text:
    """Mark one of these alerts as a false alarm, as the form asks; what was done in words.

    Raises Refused, NotFound, Invalid, Conflict.
    """
    key = request.POST.get("alert", "")
    if key not in alerts:
        raise NotFound(what=f"alert:{key[:64]}")
    actor, given = actor_of(request), request.POST
    false_alarms.mark(actor, key, reason_of(given), expected_ver=version_of(given))
    return _MARKED.format(key=key)
