"""What the faces keep for a person: unfinished forms, saved list views, tries, and what phones sent with
what became of it. No fact of any case: an accepted item is a step or a record in the rooms below."""

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


class ExportState(models.TextChoices):
    WAITING = "waiting", "等待生成"
    RUNNING = "running", "正在生成"
    READY = "ready", "可以下载"
    FAILED = "failed", "未能生成"


class Export(models.Model):
    """A list that somebody asked to take away as a table: made by the worker, kept for a while, for the one
    who asked and nobody else. That it was asked and taken is in the second log, which outlives it."""

    account_id = models.BigIntegerField("账号", db_index=True)
    kind = models.CharField("列表", max_length=24)
    query = models.CharField("筛选条件", max_length=500, blank=True)
    purpose = models.CharField("用途", max_length=200)
    state = models.CharField("状态", max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    total = models.PositiveIntegerField("行数", default=0)
    written = models.PositiveIntegerField("已写", default=0)
    problem = models.CharField("未能生成的原因", max_length=300, blank=True)
    content = models.BinaryField("文件", null=True)
    size = models.PositiveIntegerField("字节", default=0)
    asked_at = models.DateTimeField("申请时间")
    ready_at = models.DateTimeField("生成时间", null=True)
    until = models.DateTimeField("保留至", db_index=True)

    class Meta:
        verbose_name = "导出"
        verbose_name_plural = "导出"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=ExportState.READY, content__isnull=False)
                | ~models.Q(state=ExportState.READY) & models.Q(content__isnull=True),
                name="export_ready_iff_made",
            )
        ]


class ImportState(models.TextChoices):
    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "可以导入"
    REFUSED = "refused", "须改正"
    PUTTING = "putting", "正在导入"
    DONE = "done", "已导入"
    CANCELLED = "cancelled", "已取消"
    FAILED = "failed", "未能导入"


class ListImport(models.Model):
    """A large file on its way into the draft of a list: checked by the worker, put in when somebody said so.

    ``turn`` is raised with every errand given to the worker; one that holds an earlier turn, or finds the
    state changed, stops and has no effect. ``told_at``: when the worker last said how far it is; empty
    while the errand waits. ``seen`` is the draft's digest that the file was checked against.
    """

    account_id = models.BigIntegerField("账号")
    version_id = models.BigIntegerField("清单版本", db_index=True)
    file_id = models.BigIntegerField("文件")
    name = models.CharField("文件名", max_length=120)
    size = models.BigIntegerField("字节")
    seen = models.CharField("草稿内容摘要", max_length=64)
    state = models.CharField("状态", max_length=9, choices=ImportState.choices, default=ImportState.CHECKING)
    turn = models.PositiveSmallIntegerField("次序", default=1)
    starts = models.PositiveSmallIntegerField("本次序已开始", default=0)
    rows = models.PositiveIntegerField("已读行数", default=0)
    bad = models.PositiveIntegerField("须改正", default=0)
    percent = models.PositiveSmallIntegerField("进度", default=0)
    cells = models.JSONField("须改正的单元格", default=list)
    difference = models.JSONField("与草稿相比", null=True)
    problem = models.CharField("未能导入的原因", max_length=300, blank=True)
    asked_at = models.DateTimeField("提交时间")
    told_at = models.DateTimeField("最近进展", null=True)
    ended_at = models.DateTimeField("结束时间", null=True, db_index=True)

    class Meta:
        verbose_name = "清单导入"
        verbose_name_plural = "清单导入"
        constraints = [
            models.UniqueConstraint(
                fields=("version_id",),
                condition=models.Q(state__in=(ImportState.CHECKING, ImportState.PUTTING)),
                name="list_import_one_going",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=(ImportState.CHECKING, ImportState.CHECKED, ImportState.PUTTING),
                    ended_at__isnull=True,
                )
                | models.Q(
                    state__in=(
                        ImportState.REFUSED,
                        ImportState.DONE,
                        ImportState.CANCELLED,
                        ImportState.FAILED,
                    ),
                    ended_at__isnull=False,
                ),
                name="list_import_ended_iff_over",
            ),
        ]


class Tries(models.Model):
    """How often one caller tried one thing lately; one count for all server processes. The caller's
    address is a keyed digest, and a row means nothing any more after ``until``."""

    key = models.CharField("事项与来源", max_length=80, primary_key=True)
    count = models.PositiveIntegerField("次数")
    until = models.DateTimeField("至", db_index=True)

    class Meta:
        verbose_name = "尝试次数"
        verbose_name_plural = "尝试次数"


class FieldItem(models.Model):
    """One thing that an officer's phone sent: a recording, a record form, a penalty on the spot.

    Append-only. What became of it are ``FieldOutcome`` rows: an item without one was received and not
    yet judged, and is judged when the phone sends it again. ``payload`` is canonical JSON as sent.
    """

    key = models.CharField("提交凭据", max_length=64, unique=True)
    account_id = models.BigIntegerField("账号")
    person_id = models.BigIntegerField("人员")
    person_name = models.CharField("提交人", max_length=60)
    body_id = models.BigIntegerField("机关")
    unit_id = models.BigIntegerField("承办机构", null=True)
    dossier_id = models.BigIntegerField("案卷", null=True)
    kind = models.CharField("种类", max_length=12)
    title = models.CharField("事项", max_length=200)
    device = models.CharField("设备", max_length=40)
    clock_offset_ms = models.BigIntegerField("设备时钟误差（毫秒）")
    payload = SealedTextField("内容（规范形式）")
    payload_sha256 = models.CharField("内容摘要", max_length=64)
    occurred_at = models.DateTimeField("发生时间")
    received_at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = "现场提交"
        verbose_name_plural = "现场提交"
        indexes = [
            models.Index(fields=["account_id", "-id"], name="field_item_account"),
            models.Index(fields=["body_id", "-id"], name="field_item_body"),
        ]


class FieldFile(models.Model):
    """A file that came with an item: ``claimed`` is the phone's hash at capture, ``sha256`` what arrived."""

    item = models.ForeignKey(FieldItem, models.PROTECT, related_name="files", verbose_name="现场提交")
    place = models.PositiveSmallIntegerField("序号")
    file_id = models.BigIntegerField("文件")
    sha256 = models.CharField("收到的摘要", max_length=64)
    claimed = models.CharField("采集时的摘要", max_length=64)

    class Meta:
        verbose_name = "现场提交的文件"
        verbose_name_plural = "现场提交的文件"
        constraints = [models.UniqueConstraint(fields=("item", "place"), name="field_file_once")]


class FieldOutcome(models.Model):
    """What became of an item, each time it was judged or a person decided on it; the latest counts."""

    item = models.ForeignKey(FieldItem, models.PROTECT, related_name="outcomes", verbose_name="现场提交")
    turn = models.PositiveSmallIntegerField("次序")
    state = models.CharField("结果", max_length=12)
    dossier_id = models.BigIntegerField("案卷", null=True)
    step_id = models.BigIntegerField("环节", null=True)
    record_id = models.BigIntegerField("记录", null=True)
    paper_id = models.BigIntegerField("文书", null=True)
    detail = SealedTextField("情况（规范形式）")
    detail_sha256 = models.CharField("情况摘要", max_length=64)
    by = models.CharField("办理人", max_length=40)
    by_name = models.CharField("办理人姓名", max_length=60)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "现场提交的结果"
        verbose_name_plural = "现场提交的结果"
        constraints = [models.UniqueConstraint(fields=("item", "turn"), name="field_outcome_turn")]
