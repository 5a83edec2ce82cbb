from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "mingzhi.publication"
    label = "publication"
    verbose_name = "公示"

    def ready(self) -> None:
        from mingzhi.ledger import api as ledger
        from mingzhi.publication import events, feed, jobs, material  # noqa: F401 — registers kinds and jobs

        events.register()
        ledger.register_check("publication:feed", feed.misplaced)
        material.register()
