from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "mingzhi.ledger"
    label = "ledger"
    verbose_name = "存证账本"

    def ready(self) -> None:
        from mingzhi.ledger import events  # noqa: F401 — registers the ledger's own kind
