"""Every door's addresses."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("sekisho.api.urls")),
    path("v1/", include("sekisho.api.bouncer")),
    path("", include("sekisho.web.urls")),
    path("public/", include("sekisho.public.urls")),
]

handler400 = "sekisho.web.errors.bad_request"
handler403 = "sekisho.web.errors.permission_denied"
handler404 = "sekisho.web.errors.page_not_found"
handler500 = "sekisho.web.errors.server_error"
