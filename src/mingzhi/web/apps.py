from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mingzhi.web"
    label = "web"
    verbose_name = "界面"

    def ready(self) -> None:
        from mingzhi.web import jobs  # noqa: F401 — registers the periodic job
        from mingzhi.web.field import events

        events.register()
