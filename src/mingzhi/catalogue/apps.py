from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "mingzhi.catalogue"
    label = "catalogue"
    verbose_name = "事项目录"

    def ready(self) -> None:
        from mingzhi.catalogue import events

        events.register()
