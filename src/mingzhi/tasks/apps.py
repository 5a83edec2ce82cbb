from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "mingzhi.tasks"
    label = "tasks"
    verbose_name = "待办"
