"""What the store holds: one row per content and name."""

from __future__ import annotations

from django.db import models

from mingzhi.files.choices import UploadState


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


class Upload(models.Model):
    """One resumable upload (tus 1.0) on its way in; private to its owner. Not a fact, so it may change.

    ``offset`` is what the server vouches for: those bytes are flushed to the disk, and any further
    bytes of the part are cut off before the upload goes on. The row stays after the end, so that
    "expired" can be told from "never was" and a body's stored volume can be summed.
    """

    token = models.CharField("上传编号", max_length=32, unique=True)
    owner = models.CharField("上传人", max_length=60)
    group = models.CharField("所属机关", max_length=60)
    name = models.CharField("文件名", max_length=160)
    stated_type = models.CharField("声明类型", max_length=100, blank=True)
    metadata = models.TextField("原样元数据", blank=True)
    wanted_sha256 = models.CharField("上传端计算的 SHA-256", max_length=64, blank=True)
    concat = models.TextField("拼接方式", blank=True)
    length = models.PositiveBigIntegerField("应有字节数")
    offset = models.PositiveBigIntegerField("已落盘字节数", default=0)
    state = models.CharField(
        "状态", max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    media_type = models.CharField("实际类型", max_length=100, blank=True)
    remarks = models.JSONField("提示", default=list, blank=True)
    refusal = models.CharField("未予接收的原因", max_length=300, blank=True)
    created_at = models.DateTimeField("开始时间")
    whole_at = models.DateTimeField("传完时间", null=True)
    expires_at = models.DateTimeField("失效时间")
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name="入库文件", null=True, related_name="+")

    class Meta:
        verbose_name = "上传"
        verbose_name_plural = "上传"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(offset__lte=models.F("length")), name="files_upload_offset_within_length"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=UploadState.WHOLE) | models.Q(offset=models.F("length")),
                name="files_upload_whole_has_every_byte",
            ),
            models.CheckConstraint(
                condition=models.Q(file__isnull=True) | models.Q(state=UploadState.WHOLE),
                name="files_upload_taken_only_when_whole",
            ),
        )
        indexes = (
            models.Index(fields=["owner", "state"], name="files_upload_of_owner"),
            models.Index(fields=["group", "state"], name="files_upload_of_group"),
            models.Index(fields=["state", "expires_at"], name="files_upload_expiry"),
            models.Index(fields=["sha256"], name="files_upload_content"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.offset}/{self.length}"


class Erasure(models.Model):
    """A content lawfully erased under an approved destruction list. Append-only, with its ledger entry."""

    sha256 = models.CharField("SHA-256", max_length=64)
    order = models.CharField("销毁清册", max_length=60)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "依法销毁"
        verbose_name_plural = "依法销毁"
        constraints = (models.UniqueConstraint(fields=["sha256", "order"], name="files_erased_once"),)


class Return(models.Model):
    """A content erased under an order was stored again since, under whatever name: that order no longer
    tells of it nor reaches it. Append-only, with its ledger entry."""

    erasure = models.OneToOneField(Erasure, models.PROTECT, related_name="returned", verbose_name="依法销毁")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "销毁后重新入库"
        verbose_name_plural = "销毁后重新入库"
