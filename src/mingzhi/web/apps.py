from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mingzhi.web"
    label = "web"
    verbose_name = "界面"
