from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mingzhi.outbox"
    label = "outbox"
    verbose_name = "发件箱"
