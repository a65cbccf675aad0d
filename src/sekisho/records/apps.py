from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    name = "sekisho.records"
    label = "records"
    verbose_name = "記録"

    def ready(self) -> None:
        post_migrate.connect(_install_guards, sender=self)


def _install_guards(using: str = "default", **_: object) -> None:
    """After every migration the triggers stand again."""
    from sekisho.ledger import guards  # noqa: PLC0415 - models are ready only now
    from sekisho.records.contents import record_tables  # noqa: PLC0415

    guards.install(connections[using], record_tables())
