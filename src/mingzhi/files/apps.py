from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "mingzhi.files"
    label = "files"
    verbose_name = "文件库"
