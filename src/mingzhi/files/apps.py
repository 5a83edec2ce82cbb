from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "mingzhi.files"
    label = "files"
    verbose_name = "文件库"

    def ready(self) -> None:
        from mingzhi.files import actions, erasure, queries
        from mingzhi.ledger import api as ledger

        ledger.register_file_check(queries.still)
        ledger.register_strays(lambda at: actions.strays(at=at))
        erasure.register()
