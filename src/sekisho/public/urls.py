"""The public pages' addresses."""

from django.urls import path

from sekisho.public.policy import public_policy

urlpatterns = [
    path("policy/", public_policy, name="public_policy"),
]
