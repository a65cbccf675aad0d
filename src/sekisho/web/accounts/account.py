"""One's own account: means of sign-in, sessions, tokens, and the roles that one holds today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sekisho.access.assurance import has_second_factor
from sekisho.access.models import API, CALENDAR, Account, Token
from sekisho.access.rights import Actor, may_read, may_write
from sekisho.access.sessions import sessions_of
from sekisho.access.tokens import stands
from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.web.accounts.adapter import in_words
from sekisho.web.accounts.roles import approves, held_in_words
from sekisho.workflows import account as acts

DAYS = (30, 90, 180, 365)
SCOPES = {
    "read": Text("閲覧のみ（本人が見られるすべて）", "Read only: whatever I may see"),
    "all": Text("本人と同じ（閲覧と編集）", "The same as I: read and write"),
    "listed": Text("選んだ登録簿だけ", "Only the registers chosen below"),
}


@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/account.html", _page(request))


@require_POST
def account_session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    acts.end_sessions(_actor(request), _account(request), session_id)
    messages.success(request, in_words(Text("セッションを終了しました。", "The session has ended.")))
    return redirect("account")


@require_POST
def account_sessions_end(request: HttpRequest) -> HttpResponse:
    """Every session, this one too."""
    acts.end_sessions(_actor(request), _account(request))
    logout(request)
    messages.success(
        request, in_words(Text("すべての端末でサインアウトしました。", "You are signed out everywhere."))
    )
    return redirect("account_login")


@never_cache
@require_POST
@reauthentication_required(app="allauth.account")
def account_token_new(request: HttpRequest) -> HttpResponse:
    """A new token, its secret on the page that answers and never again."""
    reads, writes = asked_bounds(request, "read")
    try:
        token, secret = acts.issue_token(
            _actor(request),
            label=request.POST.get("label", ""),
            expires_at=asked_expiry(request),
            account=_account(request),
            reads=reads,
            writes=writes,
        )
    except Invalid as error:
        page = {**_page(request), "problems": error.problems, "given": request.POST}
        return render(request, "accounts/account.html", page, status=error.status)
    return render(request, "accounts/account.html", {**_page(request), "issued": token, "secret": secret})


@never_cache
@require_POST
@reauthentication_required(app="allauth.account")
def account_calendar_new(request: HttpRequest) -> HttpResponse:
    """A new address of the calendar feed, on the page that answers and never again."""
    try:
        token, secret = acts.issue_calendar_address(
            _actor(request),
            _account(request),
            label=request.POST.get("label", ""),
            expires_at=asked_expiry(request),
        )
    except Invalid as error:
        page = {**_page(request), "calendar_problems": error.problems, "given_calendar": request.POST}
        return render(request, "accounts/account.html", page, status=error.status)
    told = {"issued": token, "address": _feed_address(request, secret)}
    return render(request, "accounts/account.html", _page(request) | told)


def _feed_address(request: HttpRequest, secret: str) -> str:
    """The address of the feed. An account has no language of its own: the address tells it."""
    asked = {
        "token": secret,
        "language": "en" if request.POST.get("language") == "en" else "ja",
        "whose": "all" if request.POST.get("whose") == "all" else "mine",
    }
    return f"{request.build_absolute_uri(reverse('calendar_feed'))}?{urlencode(asked)}"


@require_POST
def account_token_revoke(request: HttpRequest, token_id: str) -> HttpResponse:
    acts.revoke_token(_actor(request), get_object_or_404(Token, pk=token_id, account=_account(request)))
    messages.success(request, in_words(Text("失効させました。", "It is revoked.")))
    return redirect("account")


def asked_bounds(request: HttpRequest, default: str) -> tuple[list[str] | None, list[str] | None]:
    """(reads, writes) of the token form."""
    scope = request.POST.get("scope", default)
    if scope == "all":
        return None, None
    if scope == "listed":
        writes = request.POST.getlist("writes")
        return sorted({*request.POST.getlist("reads"), *writes}), writes
    return None, []


def asked_expiry(request: HttpRequest) -> Any:
    days = request.POST.get("days", "")
    return clock.now() + timedelta(days=int(days) if days in {str(d) for d in DAYS} else DAYS[0])


def _page(request: HttpRequest) -> dict[str, Any]:
    account, actor = _account(request), _actor(request)
    means = list(Authenticator.objects.filter(user=account).order_by("created_at"))
    codes = next((a.wrap() for a in means if a.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "account": account,
        "held": held_in_words(actor),
        "totp": next((a for a in means if a.type == Authenticator.Type.TOTP), None),
        "passkeys": [a for a in means if a.type == Authenticator.Type.WEBAUTHN],
        "codes_made": codes is not None,
        "codes_left": len(codes.get_unused_codes()) if codes else 0,
        "must_add_second_factor": approves(actor) and not has_second_factor(account),
        "sessions": sessions_of(account),
        "this_session": request.session.session_key,
        "tokens": _tokens(account, API),
        "calendars": _tokens(account, CALENDAR),
        "scopes": SCOPES,
        "days": DAYS,
        "readable": [m.about for m in KINDS if may_read(actor, m)],
        "writable": [m.about for m in KINDS if may_write(actor, m)],
    }


def _tokens(account: Account, purpose: str) -> list[tuple[Token, bool]]:
    """The account's newest tokens for a purpose, each with whether it is good."""
    return [(t, stands(t)) for t in account.tokens.filter(purpose=purpose).order_by("-created_at")[:100]]


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # noqa: S101 - DenyByDefault let nobody else in
    return request.user


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
