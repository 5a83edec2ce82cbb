from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "mingzhi.dossiers"
    label = "dossiers"
    verbose_name = "案卷"

    def ready(self) -> None:
        from mingzhi.dossiers import events

        events.register()
