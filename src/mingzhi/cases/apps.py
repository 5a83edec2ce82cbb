from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "mingzhi.cases"
    label = "cases"
    verbose_name = "案件"
