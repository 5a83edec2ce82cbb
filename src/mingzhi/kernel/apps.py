from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "mingzhi.kernel"
    label = "kernel"
    verbose_name = "内核"
