from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "mingzhi.backup"
    label = "backup"
    verbose_name = "备份与恢复"

    def ready(self) -> None:
        from mingzhi.backup import jobs

        jobs.arrange()
