"""What every request passes through: language, session, reader, moment, permission, errors. Settings give the order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.translation import activate

from sekisho.access.models import Account
from sekisho.access.rights import actor_for_account, nobody
from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.web.errors import answer
from sekisho.web.moment import Moment, moment_of

Next = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger(__name__)

SAFE = ("GET", "HEAD", "OPTIONS")
NOTED_SECONDS = 60  # how exactly the last use of a session is known: no write at each click
WORKS_IN_THE_PAST = {"account_logout", "time_machine", "set_language"}
NOT_A_USE = {"live"}  # a page that is left open asks by itself; that keeps no session alive
BEFORE_A_NEW_PASSWORD = {"account_change_password", "account_logout", "set_language"}
DENIES_BY_ITSELF = "/api/"  # the API: tokens, and errors in its own form


class PastIsPast(SekishoError):
    code = "past_is_read_only"
    status = 403
    text = Text(
        "過去・将来の日を表示中は変更できません。「今日に戻る」を押してから、もう一度行ってください。",
        "Nothing can be changed while another day is shown. Go back to today, then repeat it.",
    )


class Middleware:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response


class Language(Middleware):
    """Japanese, unless the reader chose English by a click; what the browser prefers does not count."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SessionLimits(Middleware):
    """A session ends when it was not used for a while, and in any case after some hours."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and _is_over(request):
            logout(request)
        response = self.get_response(request)
        if request.user.is_authenticated and request.session.session_key:
            _note_use(request)
        return response


def _is_over(request: HttpRequest) -> bool:
    now, session = clock.now(), request.session
    began, used = session.get("began_at"), session.get("used_at")
    if began is None or used is None:  # the first request of a session
        return False
    return bool(
        now - datetime.fromisoformat(began) > settings.SEKISHO_SESSION
        or now - datetime.fromisoformat(used) > settings.SEKISHO_IDLE
    )


def _note_use(request: HttpRequest) -> None:
    match, session, now = request.resolver_match, request.session, clock.now()
    session.setdefault("began_at", clock.iso(now))
    used = session.get("used_at")
    by_itself = "X-Sekisho-Live" in request.headers or (match is not None and match.view_name in NOT_A_USE)
    if used and by_itself:
        return
    if used is None or abs((now - datetime.fromisoformat(used)).total_seconds()) >= NOTED_SECONDS:
        session["used_at"] = clock.iso(now)
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=now)


class Reader(Middleware):
    """`request.actor`: who acts, with today's rights. `request.moment`: the day that is shown."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = nobody()  # type: ignore[attr-defined]
        request.moment = Moment(clock.today())  # type: ignore[attr-defined]
        account = request.user
        if isinstance(account, Account):
            actor = actor_for_account(account)
            if account.person and not actor.works_here:
                logout(request)  # left the firm: live sessions end with the last day
            else:
                request.actor = actor  # type: ignore[attr-defined]
                request.moment = moment_of(request.session)  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(by=request.actor.by):  # type: ignore[attr-defined]
            response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault(
                "Cache-Control", "private, no-store"
            )  # not for the next user of the machine
        return response


class DenyByDefault(LoginRequiredMiddleware):
    """Without sign-in nothing is shown that is not marked `login_not_required`."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path.startswith(DENIES_BY_ITSELF):
            return None
        denied: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        if denied is not None and request.headers.get("HX-Request"):
            # A fragment cannot show the sign-in page: send the whole page there.
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return denied or _new_password_first(request)


def _new_password_first(request: HttpRequest) -> HttpResponseBase | None:
    """Whoever came in with a one-time password sets an own one before anything else."""
    match = request.resolver_match
    if not getattr(request.user, "must_change_password", False) or match is None:
        return None
    return None if match.view_name in BEFORE_A_NEW_PASSWORD else redirect("account_change_password")


class PastIsReadOnly(Middleware):
    """While another day than today is shown, nothing is written."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        moment: Moment = request.moment  # type: ignore[attr-defined]
        match = request.resolver_match
        name = match.view_name if match else ""
        by_itself = request.path.startswith(DENIES_BY_ITSELF)
        if moment.is_now or request.method in SAFE or name in WORKS_IN_THE_PAST or by_itself:
            return None
        return answer(request, PastIsPast())


class ErrorPages(Middleware):
    """An error of the product's own becomes a page (or a fragment) that says what, why and what next."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if not isinstance(error, SekishoError):
            return None
        log.info("refused", code=error.code, status=error.status, path=request.path)
        return answer(request, error)
