"""What the store holds: one row per content and name."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """One stored content under one display name. Append-only: triggers refuse UPDATE and DELETE.

    The bytes lie at ``FILES_ROOT/aa/bb/<sha256>``. The same bytes under the same name and media type
    are the same row; under another name they are another row over the same bytes.
    """

    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    name = models.CharField("文件名", max_length=160)
    media_type = models.CharField("实际类型", max_length=100)
    stated_type = models.CharField("声明类型", max_length=100, blank=True)
    remarks = models.JSONField("提示", default=list, blank=True)
    created_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        constraints = (
            models.UniqueConstraint(
                fields=["sha256", "name", "media_type", "stated_type"], name="files_content_name_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"
