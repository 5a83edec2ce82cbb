from django.apps import AppConfig


class DoubleRandomConfig(AppConfig):
    name = "mingzhi.double_random"
    label = "double_random"
    verbose_name = "双随机抽查"

    def ready(self) -> None:
        from mingzhi.double_random import events

        events.register()
