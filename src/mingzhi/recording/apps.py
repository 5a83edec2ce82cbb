from django.apps import AppConfig


class RecordingConfig(AppConfig):
    name = "mingzhi.recording"
    label = "recording"
    verbose_name = "记录"

    def ready(self) -> None:
        from mingzhi.recording import events, jobs, material  # noqa: F401 — rooms are known only once models are

        events.register()
        material.register()
