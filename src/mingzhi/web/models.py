"""What the faces keep for a person: unfinished forms and saved list views. No fact of any case."""

from __future__ import annotations

from django.db import models

from mingzhi.kernel.secrets import SealedTextField


class Draft(models.Model):
    """An unfinished step form, ciphertext at rest; dropped when the step is taken."""

    account_id = models.BigIntegerField("账号")
    dossier_id = models.BigIntegerField("案卷")
    verb = models.CharField("环节", max_length=40)
    data = SealedTextField("填写内容")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "草稿"
        verbose_name_plural = "草稿"
        constraints = [
            models.UniqueConstraint(fields=("account_id", "dossier_id", "verb"), name="draft_once")
        ]


class SavedView(models.Model):
    """A filter of a list that a person keeps under a name."""

    account_id = models.BigIntegerField("账号")
    room = models.CharField("列表", max_length=24)
    name = models.CharField("名称", max_length=40)
    query = models.CharField("筛选条件", max_length=500)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "常用筛选"
        verbose_name_plural = "常用筛选"
        constraints = [models.UniqueConstraint(fields=("account_id", "room", "name"), name="saved_view_once")]


class Tries(models.Model):
    """How often one caller tried one thing lately; one count for all server processes. The caller's
    address is a keyed digest, and a row means nothing any more after ``until``."""

    key = models.CharField("事项与来源", max_length=80, primary_key=True)
    count = models.PositiveIntegerField("次数")
    until = models.DateTimeField("至", db_index=True)

    class Meta:
        verbose_name = "尝试次数"
        verbose_name_plural = "尝试次数"
