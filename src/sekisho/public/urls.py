"""The public pages' addresses."""

from django.urls import path

from sekisho.public.policy import public_policy
from sekisho.public.stops import public_stops

urlpatterns = [
    path("policy/", public_policy, name="public_policy"),
    path("stops/", public_stops, name="public_stops"),
]
