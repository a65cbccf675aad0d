"""Who has access: the administrator's page. Accounts come in and stand still here; rights come from appointments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.access.assurance import with_second_factor
from sekisho.access.lock_out import locked_logins
from sekisho.access.models import WATCH, Account, Token
from sekisho.access.rights import Actor, actor_for_account
from sekisho.access.sessions import sessions_of
from sekisho.access.tokens import stands
from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.records.models import Person
from sekisho.web.accounts.account import DAYS, asked_bounds, asked_expiry
from sekisho.web.accounts.adapter import in_words
from sekisho.web.accounts.roles import held_in_words
from sekisho.workflows import account as acts

PER_PAGE = 50
CHOICES = 500  # people offered by name in the form; past that one types the key


@never_cache
@require_GET
def people_access(request: HttpRequest) -> HttpResponse:
    acts.require_administrator(_actor(request))
    sought = request.GET.get("q", "").strip()
    accounts = Account.objects.order_by("login")
    if sought:
        people = Person.objects.filter(name__icontains=sought).values("pk")
        accounts = accounts.filter(Q(login__icontains=sought) | Q(person=sought) | Q(person__in=people))
    page = Paginator(accounts, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/people_access.html",
        {"page": page, "rows": _rows(list(page)), "q": sought, **_service_tokens()},
    )


@never_cache
@require_http_methods(["GET", "POST"])
@reauthentication_required(app="allauth.account", allow_get=True)
def people_access_new(request: HttpRequest) -> HttpResponse:
    """A new account; the answer shows its one-time password this once."""
    acts.require_administrator(_actor(request))
    told: dict[str, Any] = {"people": _people_without_account(), "given": request.POST}
    status = 200
    if request.method == "POST":
        try:
            account, password = acts.create_account(
                _actor(request),
                request.POST.get("login", ""),
                person=request.POST.get("person", "").split(" ")[0],
                administers=request.POST.get("administers") == "on",
            )
            return _one_time(request, account, password)
        except Invalid as error:
            told["problems"], status = error.problems, error.status
    return render(request, "accounts/people_access_new.html", told, status=status)


@never_cache
@require_GET
def people_access_one(request: HttpRequest, account_id: int) -> HttpResponse:
    acts.require_administrator(_actor(request))
    account = get_object_or_404(Account, pk=account_id)
    (row,) = _rows([account])
    told = {
        "row": row,
        "held": held_in_words(actor_for_account(account)),
        "sessions": sessions_of(account),
        "tokens": [(t, stands(t)) for t in account.tokens.order_by("-created_at")],
        "is_own": account.pk == request.user.pk,
    }
    return render(request, "accounts/people_access_one.html", told)


@never_cache
@require_POST
@reauthentication_required(app="allauth.account")
def people_access_act(request: HttpRequest, account_id: int, name: str) -> HttpResponse:
    """One act on one account, by its name in the address."""
    actor, account = _actor(request), get_object_or_404(Account, pk=account_id)
    if name == "reset-password":
        return _one_time(request, account, acts.reset_password(actor, account))
    if name not in ACTS:
        raise NotFound(what=name)
    do, told = ACTS[name]
    do(actor, account)
    messages.success(request, in_words(told))
    return redirect("people_access_one", account_id=account.pk)


@never_cache
@require_POST
@reauthentication_required(app="allauth.account")
def people_access_token_new(request: HttpRequest) -> HttpResponse:
    """A service's token, with exactly the kinds chosen; its secret is shown this once."""
    told: dict[str, Any] = {}
    status = 200
    try:
        told["issued"], told["secret"] = _issued(request)
    except Invalid as error:
        told, status = {"problems": error.problems, "given": request.POST}, error.status
    page = Paginator(Account.objects.order_by("login"), PER_PAGE).get_page(1)
    told |= {"page": page, "rows": _rows(list(page)), "q": "", **_service_tokens()}
    return render(request, "accounts/people_access.html", told, status=status)


def _issued(request: HttpRequest) -> tuple[Token, str]:
    """A service's token, for the API or for the watch."""
    label, service = request.POST.get("label", ""), request.POST.get("service", "").strip()
    expires_at = asked_expiry(request)
    if request.POST.get("opens") == WATCH:
        return acts.issue_watch_token(_actor(request), label=label, service=service, expires_at=expires_at)
    reads, writes = asked_bounds(request, "listed")
    return acts.issue_token(
        _actor(request), label=label, expires_at=expires_at, service=service, reads=reads, writes=writes
    )


@require_POST
@reauthentication_required(app="allauth.account")
def people_access_token_revoke(request: HttpRequest, token_id: str) -> HttpResponse:
    token = get_object_or_404(Token, pk=token_id)
    acts.revoke_token(_actor(request), token)
    messages.success(request, in_words(Text("トークンを失効させました。", "The token is revoked.")))
    if token.account_id:
        return redirect("people_access_one", account_id=token.account_id)
    return redirect("people_access")


ACTS: dict[str, tuple[Callable[[Actor, Account], None], Text]] = {
    "close": (
        lambda actor, account: acts.set_active(actor, account, False),
        Text("アカウントを停止しました。", "The account is closed."),
    ),
    "open": (
        lambda actor, account: acts.set_active(actor, account, True),
        Text("アカウントを有効にしました。", "The account is open."),
    ),
    "end-sessions": (
        acts.end_sessions,
        Text("すべてのセッションを終了しました。", "All sessions have ended."),
    ),
    "reset-second-factor": (
        acts.reset_second_factor,
        Text("二要素認証を解除しました。", "The second factor is removed."),
    ),
    "unlock": (acts.unlock, Text("ロックを解除しました。", "The lock is lifted.")),
    "let-administer": (
        lambda actor, account: acts.set_administers(actor, account, True),
        Text("アカウント管理を許可しました。", "The account may administer accounts."),
    ),
    "stop-administering": (
        lambda actor, account: acts.set_administers(actor, account, False),
        Text("アカウント管理の許可を取り消しました。", "The account no longer administers accounts."),
    ),
}


def _one_time(request: HttpRequest, account: Account, password: str) -> HttpResponse:
    (row,) = _rows([account])
    return render(request, "accounts/one_time_password.html", {"row": row, "password": password})


def _rows(accounts: list[Account]) -> list[dict[str, Any]]:
    """What the list shows of each account, in a fixed number of queries."""
    people = {p.key: p for p in Person.objects.filter(pk__in=[a.person for a in accounts if a.person])}
    strong, locked = with_second_factor(accounts), locked_logins([a.login for a in accounts])
    today = clock.today()
    return [
        {
            "account": account,
            "person": (person := people.get(account.person)),
            "gone": person is not None and person.left_on is not None and person.left_on < today,
            "second_factor": account.pk in strong,
            "locked": account.login in locked,
        }
        for account in accounts
    ]


def _service_tokens() -> dict[str, Any]:
    listed = Token.objects.filter(account=None).order_by("-created_at")[:200]
    return {
        "service_tokens": [(t, stands(t)) for t in listed],
        "days": DAYS,
        "readable": [m.about for m in KINDS],
        "writable": [m.about for m in KINDS],
    }


def _people_without_account() -> list[Person]:
    today = clock.today()
    working = Person.objects.filter(Q(left_on=None) | Q(left_on__gte=today))
    return list(
        working.exclude(pk__in=Account.objects.exclude(person="").values("person")).order_by("pk")[:CHOICES]
    )


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
