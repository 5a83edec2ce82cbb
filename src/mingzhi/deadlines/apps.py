from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "mingzhi.deadlines"
    label = "deadlines"
    verbose_name = "期限"

    def ready(self) -> None:
        from mingzhi.deadlines import events  # noqa: F401 — registers the ledger kinds
