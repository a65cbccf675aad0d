from django.apps import AppConfig


class WatchAfterConfig(AppConfig):
    name = "sekisho.workflows.watch_after"
    label = "watch_after"
    verbose_name = "検知の後"
