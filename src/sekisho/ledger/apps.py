from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "sekisho.ledger"
    label = "ledger"
    verbose_name = "台帳"
