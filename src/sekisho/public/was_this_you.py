"""Article 10-6-3: 'was this you?', asked of a user by a link. Looking changes nothing; only the answer's POST does."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sekisho.kernel import clock
from sekisho.public.page import language, member_name
from sekisho.records.facts import facts_of, snapshot
from sekisho.workflows.watch_after.answering import LinkOver, answer, warning_of
from sekisho.workflows.watch_after.models import Warned
from sekisho.workflows.watch_after.notice import OTHER, TYPES


@csrf_exempt  # the token in the address is the only right there is: nobody is signed in, and no cookie is sent
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def was_this_you(request: HttpRequest, token: str) -> HttpResponse:
    """The question; and with POST (`answer`: mine or not_mine) its answer, once.

    A scanner of mail that opens the link, or even posts nothing to it, answers nothing.
    """
    given = request.POST.get("answer", "")
    try:
        if request.method == "POST" and given in (Warned.MINE, Warned.NOT_MINE):
            return _shown(request, answer(token, given), 200)
        return _shown(request, warning_of(token), 422 if request.method == "POST" else 200)
    except LinkOver:
        return _shown(request, None, 404)


def _shown(request: HttpRequest, warned: Warned | None, status: int) -> HttpResponse:
    """Never kept, never found by a search, and the address goes nowhere else."""
    today = clock.today()
    context = {
        "warned": warned,
        "what": TYPES.get(warned.facts.get("typ", ""), OTHER) if warned else None,
        "country": warned.facts.get("country") if warned else None,
        "network": warned.facts.get("network") if warned else None,
        "amount": warned.facts.get("amount") if warned else None,
        "asset": warned.facts.get("asset") if warned else None,
        "member": member_name(facts_of(snapshot()), today),
        "on": today,
    }
    with override(language(request)):
        response = render(request, "public_was_this_you.html", context, status=status)
    response.headers["Content-Language"] = language(request)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(response)
    return response
