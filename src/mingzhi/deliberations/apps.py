from django.apps import AppConfig


class DeliberationsConfig(AppConfig):
    name = "mingzhi.deliberations"
    label = "deliberations"
    verbose_name = "听证与集体讨论"

    def ready(self) -> None:
        from mingzhi.deliberations import events, material

        events.register()
        material.register()
