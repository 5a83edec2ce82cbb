from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mingzhi.outbox"
    label = "outbox"
    verbose_name = "发件箱"

    def ready(self) -> None:
        from mingzhi.outbox import jobs, ledger_jobs  # noqa: F401 — registers the periodic jobs
