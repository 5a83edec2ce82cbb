from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "mingzhi.publication"
    label = "publication"
    verbose_name = "公示"

    def ready(self) -> None:
        from mingzhi.publication import events, jobs, material  # noqa: F401 — registers kinds and jobs

        events.register()
        material.register()
