"""The API's addresses; whatever else is under /api/ is answered by a problem, not by a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from sekisho.api.contents import api
from sekisho.api.problems import NothingHere, answer


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    return answer(request, NothingHere())


urlpatterns = [
    path("", api.urls),
    re_path(r"", nothing_here),
]
