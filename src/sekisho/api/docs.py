"""The description as JSON, and as a page for people: both for those who may come in, from local files alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from ninja.openapi.docs import Swagger
from ninja.openapi.views import openapi_json

from sekisho.api.describe import description
from sekisho.api.door import who
from sekisho.api.errors import NotSignedIn
from sekisho.api.problems import answer, understood
from sekisho.api.read import is_known
from sekisho.api.tell import bytes_answer, unchanged


class DocsPage(Swagger):
    """Swagger UI, all operations folded."""

    template = "api/docs.html"

    def __init__(self) -> None:
        super().__init__({"docExpansion": "none", "filter": True, "persistAuthorization": False})


def guarded(view: Any) -> Any:
    """What ninja serves besides operations. A browser that is not signed in is led to the sign-in page."""
    tells_json = view.func is openapi_json

    def shown(request: HttpRequest, **parameters: Any) -> HttpResponse:
        try:
            who(request)
            return _json(request, view.keywords["api"]) if tells_json else view(request, **parameters)
        except NotSignedIn as error:
            if tells_json or "Authorization" in request.headers:
                return answer(request, error)
            return redirect_to_login(request.get_full_path())
        except Exception as error:
            return answer(request, understood(error))

    return shown


def _json(request: HttpRequest, api: Any) -> HttpResponse:
    body, tag = description(api)
    return unchanged(tag) if is_known(request, tag) else bytes_answer(request, body, tag=tag)
