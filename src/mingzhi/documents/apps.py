from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "mingzhi.documents"
    label = "documents"
    verbose_name = "执法文书"

    def ready(self) -> None:
        from mingzhi.documents import events, jobs, material  # noqa: F401 — rooms are known only once models are

        events.register()
        material.register()
