from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "mingzhi.review"
    label = "review"
    verbose_name = "法制审核"

    def ready(self) -> None:
        from mingzhi.review import events, material

        events.register()
        material.register()
