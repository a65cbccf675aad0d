"""The watch's holds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.web.entry import readable


def watch_holds(request: HttpRequest) -> HttpResponse:
    readable(request, "held_withdrawal")
    return render(request, "watch_holds.html")
