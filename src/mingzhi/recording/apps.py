from django.apps import AppConfig


class RecordingConfig(AppConfig):
    name = "mingzhi.recording"
    label = "recording"
    verbose_name = "记录"

    def ready(self) -> None:
        # Rooms are known only once models are.
        from mingzhi.recording import access_events, derivatives, events, jobs, material  # noqa: F401

        events.register()
        access_events.register()
        material.register()
