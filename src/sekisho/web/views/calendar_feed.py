"""The year calendar for calendar programs: an address that is itself the key, made and revoked on the account page."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response

from sekisho.access import pace
from sekisho.access.models import CALENDAR, Token
from sekisho.access.rights import Actor
from sekisho.access.tokens import actor_for_token, used
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.kept import Kept
from sekisho.kernel.texts import Text
from sekisho.records.facts import Snapshot, snapshot
from sekisho.reports.calendar_entries import Entry, entries
from sekisho.reports.ical import MEDIA_TYPE, ical
from sekisho.reports.year_calendar import Wanted, collected, only, year_from
from sekisho.web.calendar_months import url_of
from sekisho.web.errors import answer
from sekisho.web.seen import may_see_state

READS = ("GET", "HEAD")
MOST = 4_000  # events of one feed; the soonest go first
_KEPT_BYTES = 16 * 1024 * 1024
_written: Kept[bytes] = Kept(_KEPT_BYTES, len)
_ENDS = Text("カレンダーの購読アドレスの期限", "This calendar's address expires")


class NoSuchAddress(SekishoError):
    """Wrong, expired, revoked, of somebody who left: the answer is the same."""

    code = "no_such_calendar_address"
    status = 403
    text = Text(
        "カレンダーのアドレスが無効です（誤り・期限切れ・失効）。アカウント画面で新しいアドレスを発行してください。",
        "The calendar's address is not valid: wrong, expired or revoked. Make a new one on your account page.",
    )


@login_not_required
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """`token`: the secret. `language`: ja or en. `whose`: mine, or everything that the person may read."""
    token = used(request.GET.get("token", ""), CALENDAR)
    actor = actor_for_token(token) if token else None
    if token is None or actor is None or not may_see_state(actor):
        raise NoSuchAddress
    if request.method not in READS:  # after the key: who has none learns nothing, not even that
        return HttpResponseNotAllowed(READS)
    try:
        pace.take(actor.by)
    except pace.TooManyRequests as refusal:
        response = answer(request, refusal)
        response["Retry-After"] = str(refusal.data["seconds"])
        return response
    language = "en" if request.GET.get("language") == "en" else "ja"
    wanted = Wanted(mine=request.GET.get("whose") == "mine")
    return _answer(request, _content(request, token, actor, wanted, language), language)


def _answer(request: HttpRequest, content: bytes, language: str) -> HttpResponse:
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
    response["Cache-Control"] = "private, no-cache"
    response["Content-Language"] = language
    response["Content-Disposition"] = 'inline; filename="sekisho.ics"'
    found = get_conditional_response(request, response["ETag"], None, response)
    return found if isinstance(found, HttpResponse) else response


def _content(request: HttpRequest, token: Token, actor: Actor, wanted: Wanted, language: str) -> bytes:
    seen, root = snapshot(), request.build_absolute_uri("/")
    key: Hashable = (token.pk, actor, seen, wanted, language, root)
    content = _written.get(key)
    if content is None:
        found = [*_entries(actor, seen, wanted), _expiry(token)]
        content = ical(found, seen, language, lambda e: _address(request, e))
        _written.put(key, content)
    return content


def _address(request: HttpRequest, entry: Entry) -> str:
    """The entry's address with its host; '' for none: a relative '' would be the feed's own, with its secret."""
    path = url_of(entry)
    return request.build_absolute_uri(path) if path else ""


def _entries(actor: Actor, seen: Snapshot, wanted: Wanted) -> list[Entry]:
    """The next twelve months, and what is overdue of the last twelve."""
    days = collected(actor, seen, add_months(seen.on, -12), year_from(seen.on))
    return entries(only(days, wanted, actor, seen), seen, at_most=MOST)


def _expiry(token: Token) -> Entry:
    """An event of its own tells when the address ends: else the calendar would just fall silent."""
    words = Text(token.label, token.label)
    return Entry(clock.day_of(token.expires_at), "due", _ENDS, words, f"token/{token.pk}")
