from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "sekisho.public"
    label = "public"
    verbose_name = "公開"
