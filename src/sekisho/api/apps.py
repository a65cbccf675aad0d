from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "sekisho.api"
    label = "api"
    verbose_name = "API"
