from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "mingzhi.procedures"
    label = "procedures"
    verbose_name = "程序"

    def ready(self) -> None:
        from mingzhi.procedures import events, material

        events.register()
        material.register()
