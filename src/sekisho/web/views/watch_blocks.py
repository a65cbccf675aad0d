"""The watch's blocks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.web.entry import readable


def watch_blocks(request: HttpRequest) -> HttpResponse:
    readable(request, "block_list")
    return render(request, "watch_blocks.html")
