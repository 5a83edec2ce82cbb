from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "mingzhi.integrations"
    label = "integrations"
    verbose_name = "对外报送"

    def ready(self) -> None:
        from mingzhi.integrations import double_publicity, listing, push

        for room in (double_publicity, listing, push):
            room.register()
