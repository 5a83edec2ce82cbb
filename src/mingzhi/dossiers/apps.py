from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "mingzhi.dossiers"
    label = "dossiers"
    verbose_name = "案卷"

    def ready(self) -> None:
        from mingzhi.dossiers import events, held, jobs, transfer  # noqa: F401 — registers kinds and jobs

        events.register()
        held.register()
        transfer.register()
