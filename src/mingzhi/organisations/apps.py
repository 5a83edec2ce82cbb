from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "mingzhi.organisations"
    label = "organisations"
    verbose_name = "机构人员"

    def ready(self) -> None:
        from mingzhi.organisations import events  # noqa: F401 — registers the ledger kinds
