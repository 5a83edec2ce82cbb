from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "mingzhi.cases"
    label = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        from mingzhi.cases import events
        from mingzhi.cases.core import archive_terms  # noqa: F401 — registers a job
        from mingzhi.cases.core.held import HELD
        from mingzhi.cases.matters import options as matter_options
        from mingzhi.cases.matters.tables import JOINT, MATTER
        from mingzhi.cases.penalty import options
        from mingzhi.cases.penalty.ordinary import ORDINARY
        from mingzhi.cases.penalty.summary import SUMMARY
        from mingzhi.procedures import api as procedures

        events.register()
        options.register()
        matter_options.register()
        procedures.register(ORDINARY)
        procedures.register(SUMMARY)
        procedures.register(HELD)
        procedures.register(MATTER)
        procedures.register(JOINT)
