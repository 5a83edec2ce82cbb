from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "mingzhi.supervision"
    label = "supervision"
    verbose_name = "监督统计"

    def ready(self) -> None:
        from mingzhi.supervision import events, handing, jobs, journal  # noqa: F401 — registers kinds and jobs

        events.register()
        journal.register()
