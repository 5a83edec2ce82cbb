from django.apps import AppConfig


class RecordingConfig(AppConfig):
    name = "mingzhi.recording"
    label = "recording"
    verbose_name = "记录"
