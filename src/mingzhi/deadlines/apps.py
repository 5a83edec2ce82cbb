from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "mingzhi.deadlines"
    label = "deadlines"
    verbose_name = "期限"
