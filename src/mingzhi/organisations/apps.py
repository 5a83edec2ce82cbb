from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "mingzhi.organisations"
    label = "organisations"
    verbose_name = "机构人员"
