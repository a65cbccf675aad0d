"""The story of one user."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.access.rights import require_write
from sekisho.records.models import HeldWithdrawal
from sekisho.web.seen import actor_of


def watch_user(request: HttpRequest, user: str) -> HttpResponse:
    require_write(actor_of(request), HeldWithdrawal)
    return render(request, "watch_user.html", {"user": user})
