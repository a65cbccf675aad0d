from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "sekisho.access"
    label = "access"
    verbose_name = "アクセス権"
