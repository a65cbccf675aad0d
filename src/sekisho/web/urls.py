"""The pages' addresses, one a line: name, view, template and test share one word."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    # sign-in, account, access
    path("", include("sekisho.web.accounts.urls")),
]
