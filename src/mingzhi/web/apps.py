from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mingzhi.web"
    label = "web"
    verbose_name = "界面"

    def ready(self) -> None:
        from mingzhi.web import exporting, importing, jobs  # noqa: F401 — register what the worker does
        from mingzhi.web.field import events
        from mingzhi.web.public import directory

        events.register()
        directory.register()
