"""The public pages' addresses."""

from django.urls import path

from sekisho.public.policy import public_policy
from sekisho.public.stops import public_stops
from sekisho.public.was_this_you import was_this_you

urlpatterns = [
    path("policy/", public_policy, name="public_policy"),
    path("stops/", public_stops, name="public_stops"),
    path("was-this-you/<str:token>/", was_this_you, name="was_this_you"),
]
