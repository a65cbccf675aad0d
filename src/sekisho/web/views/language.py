"""Japanese or English, by one click, kept in a cookie."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as by_django


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """POST `language` ('ja' or 'en') and `next`, an address of this installation."""
    return by_django(request)
