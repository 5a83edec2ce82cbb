"""What was recorded on a dossier, what was not and why, what was verified. All append-only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.recording import (  # noqa: F401 — Django looks for models here
    access_models,
    choices,
    models_equipment,
)


class Record(models.Model):
    """One deposited file: an audio-visual record of an act, or a piece of evidence.

    ``captured_at`` and ``ended_at`` are true time as the officer states them; ``device_clock_offset_s``
    is the device's clock minus true time. ``found_captured_at`` is what the file itself says (EXIF).
    ``upload_hours`` and ``upload_citation`` keep the norm that was applied when it came in.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    kind = models.CharField("类别", max_length=12, choices=choices.RecordKind.choices)
    evidence_kind = models.CharField(
        "证据种类", max_length=16, choices=choices.EvidenceKind.choices, blank=True
    )
    act = models.CharField("执法环节", max_length=60, blank=True)
    step = models.CharField("对应环节", max_length=60, blank=True)
    title = models.CharField("名称", max_length=200)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+", verbose_name="文件")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    source = models.CharField("来源", max_length=20, choices=choices.Source.choices)
    captured_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间")
    found_captured_at = models.DateTimeField("文件内记载的时间", null=True, blank=True)
    device = models.CharField("设备编号", max_length=80, blank=True)
    device_clock_offset_s = models.IntegerField("设备时钟误差（秒）", default=0)
    operator = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录人"
    )
    place = models.CharField("地点", max_length=200, blank=True)
    full = models.BooleanField("全程记录", default=False)
    interruption = models.CharField("中断说明", max_length=500, blank=True)
    statement = models.JSONField("语音说明", default=list, blank=True)
    purpose = models.CharField("证明目的", max_length=300, blank=True)
    note = models.CharField("备注", max_length=500, blank=True)
    remarks = models.JSONField("系统提示", default=list, blank=True)
    late = models.BooleanField("逾期上传", default=False)
    late_reason = models.CharField("逾期原因", max_length=300, blank=True)
    upload_hours = models.PositiveSmallIntegerField("上传时限（小时）", null=True, blank=True)
    upload_citation = models.CharField("时限依据", max_length=200, blank=True)
    deposited_at = models.DateTimeField("入库时间")
    deposited_by = models.CharField("入库人", max_length=40)
    derived_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原件"
    )

    class Meta:
        verbose_name = "记录"
        verbose_name_plural = "记录"
        indexes = (
            models.Index(fields=["dossier", "kind", "act"], name="recording_dossier_act"),
            models.Index(fields=["deposited_at"], name="recording_late", condition=Q(late=True)),
        )
        constraints = (
            models.UniqueConstraint(fields=["dossier", "kind", "act", "file"], name="recording_once"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=models.F("captured_at")), name="recording_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(late=False) | ~Q(late_reason=""), name="recording_late_has_reason"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Verification(models.Model):
    """A piece of evidence was checked: true or not (行政处罚法第四十六条第二款). The latest one counts."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="verifications", verbose_name="证据")
    genuine = models.BooleanField("查证属实")
    finding = models.CharField("查证情况", max_length=500)
    verified_by = models.CharField("查证人", max_length=40)
    verified_by_name = models.CharField("查证人姓名", max_length=60)
    at = models.DateTimeField("查证时间")

    class Meta:
        verbose_name = "证据查证"
        verbose_name_plural = "证据查证"


class Excuse(models.Model):
    """An act was not recorded, or its recording was interrupted: ground and reason, asked by one person.

    ``record`` is the interrupted recording; without one the act was not recorded at all. The answer is
    an ``ExcuseDecision`` of somebody else; ``approved_by`` holds approvals from before requests existed.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    act = models.CharField("执法环节", max_length=60)
    record = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="excuses", verbose_name="中断的记录"
    )
    ground = models.CharField("情形", max_length=16, choices=choices.Ground.choices)
    reason = models.CharField("具体理由", max_length=500)
    approved_by = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    asked_by = models.CharField("申请人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "未作音像记录说明"
        verbose_name_plural = "未作音像记录说明"
        indexes = (models.Index(fields=["dossier", "act"], name="recording_excuse_act"),)


class ExcuseDecision(models.Model):
    """The answer to an excuse, by a person who neither asked nor handles the case. One per excuse."""

    excuse = models.OneToOneField(Excuse, models.PROTECT, related_name="decision", verbose_name="说明")
    approved = models.BooleanField("批准")
    opinion = models.CharField("意见", max_length=300, blank=True)
    decided_by = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="审批人"
    )
    at = models.DateTimeField("审批时间")

    class Meta:
        verbose_name = "未作音像记录审批"
        verbose_name_plural = "未作音像记录审批"
        constraints = (
            models.CheckConstraint(
                condition=Q(approved=True) | ~Q(opinion=""), name="recording_refusal_has_opinion"
            ),
        )


class Expected(models.Model):
    """An act of the recording list has taken place; its recording is due within the upload term.

    ``began_at``…``ended_at`` is the act. A recording of the same act answers it when it touches
    ``window_from``…``window_until``: the days of a step, the minutes around an end noted by hand. ``step`` is the id of the step that
    raised it, where one did. ``mode`` and ``citation`` keep what the list and the norm asked then.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    act = models.CharField("执法环节", max_length=60)
    mode = models.CharField("记录要求", max_length=16, choices=choices.Mode.choices)
    step = models.PositiveBigIntegerField("环节", null=True, blank=True)
    began_at = models.DateTimeField("环节开始时间")
    ended_at = models.DateTimeField("环节结束时间")
    window_from = models.DateTimeField("记录起算")
    window_until = models.DateTimeField("记录截止")
    due_at = models.DateTimeField("应上传时间")
    citation = models.CharField("时限依据", max_length=200, blank=True)
    noted_by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "待上传音像记录"
        verbose_name_plural = "待上传音像记录"
        indexes = (
            models.Index(fields=["body", "due_at"], name="recording_due"),
            models.Index(fields=["dossier", "act"], name="recording_expected_act"),
        )
        constraints = (
            models.UniqueConstraint(fields=["dossier", "act", "ended_at"], name="recording_expected_once"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=models.F("began_at")), name="recording_expected_ends_after_start"
            ),
        )


class Probe(models.Model):
    """What a recording's own container says, found by a child process that trusts nothing in it.

    ``found_at`` is the capture time written in the file, as it stands there. ``thumb`` and ``wave`` are
    pictures made once from it. Sizes in pixels, lengths in milliseconds.
    """

    record = models.OneToOneField(Record, models.PROTECT, related_name="probe", verbose_name="记录")
    outcome = models.CharField("结果", max_length=8, choices=choices.ProbeOutcome.choices)
    container = models.CharField("封装格式", max_length=60, blank=True)
    duration_ms = models.PositiveBigIntegerField("时长（毫秒）", null=True, blank=True)
    video_codec = models.CharField("视频编码", max_length=40, blank=True)
    audio_codec = models.CharField("音频编码", max_length=40, blank=True)
    width = models.PositiveIntegerField("宽", null=True, blank=True)
    height = models.PositiveIntegerField("高", null=True, blank=True)
    found_at = models.DateTimeField("文件内记载的时间", null=True, blank=True)
    remarks = models.JSONField("系统提示", default=list, blank=True)
    thumb = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="缩略图"
    )
    wave = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="波形图"
    )
    at = models.DateTimeField("识别时间")

    class Meta:
        verbose_name = "文件识别结果"
        verbose_name_plural = "文件识别结果"


class Note(models.Model):
    """What somebody saw or heard at a moment of a recording. ``position_ms`` counts from its beginning."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="notes", verbose_name="记录")
    position_ms = models.PositiveBigIntegerField("位置（毫秒）")
    text = models.CharField("内容", max_length=500)
    by = models.CharField("标注人", max_length=40)
    by_name = models.CharField("标注人姓名", max_length=60)
    at = models.DateTimeField("标注时间")

    class Meta:
        verbose_name = "时点标注"
        verbose_name_plural = "时点标注"
        indexes = (models.Index(fields=["record", "position_ms"], name="recording_note_position"),)
