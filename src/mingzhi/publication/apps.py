from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "mingzhi.publication"
    label = "publication"
    verbose_name = "公示"
