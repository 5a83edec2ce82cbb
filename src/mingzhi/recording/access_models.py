"""Who asked to look and what was answered; what was played; what was made from a record.

``AccessRequest``, ``AccessDecision``, ``AccessRevocation`` and ``Derivation`` are facts and append-only.
``PlaySession`` and ``DerivationOrder`` are work in progress: they count on until they end.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from mingzhi.recording import choices


class AccessRequest(models.Model):
    """调阅申请: one record, or the whole dossier when ``record`` is empty (R099)."""

    number = models.CharField("编号", max_length=60, unique=True)
    kind = models.CharField("事项", max_length=12, choices=choices.AccessKind.choices)
    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    record = models.ForeignKey(
        "recording.Record", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录"
    )
    use = models.CharField("用途", max_length=16, choices=choices.Use.choices)
    reason = models.CharField("具体用途", max_length=300, blank=True)
    days = models.PositiveSmallIntegerField("期限（日）")
    asked_by = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="申请人"
    )
    asked_by_name = models.CharField("申请人姓名", max_length=60)
    at = models.DateTimeField("申请时间")

    class Meta:
        verbose_name = "调阅申请"
        verbose_name_plural = "调阅申请"
        indexes: ClassVar = [
            models.Index(fields=["asked_by", "-at"], name="access_asked_by"),
            models.Index(fields=["dossier", "asked_by"], name="access_dossier"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(days__gte=1), name="access_some_days"),
            models.CheckConstraint(
                condition=~Q(use="other") | ~Q(reason=""), name="access_other_says_what_for"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AccessDecision(models.Model):
    """The answer to a request, by somebody else than who asked. Approved: until when."""

    request = models.OneToOneField(
        AccessRequest, models.PROTECT, related_name="decision", verbose_name="申请"
    )
    approved = models.BooleanField("批准")
    reason = models.CharField("意见", max_length=300, blank=True)
    expires_at = models.DateTimeField("有效至", null=True, blank=True)
    decided_by = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="审批人"
    )
    decided_by_name = models.CharField("审批人姓名", max_length=60)
    at = models.DateTimeField("审批时间")

    class Meta:
        verbose_name = "调阅审批"
        verbose_name_plural = "调阅审批"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved=True, expires_at__gt=F("at")) | Q(approved=False, expires_at=None),
                name="access_approval_ends",
            ),
            models.CheckConstraint(
                condition=Q(approved=True) | ~Q(reason=""), name="access_refusal_says_why"
            ),
        ]


class AccessRevocation(models.Model):
    """The grant was taken back, or the request was withdrawn before it was answered."""

    request = models.OneToOneField(
        AccessRequest, models.PROTECT, related_name="revocation", verbose_name="申请"
    )
    reason = models.CharField("原因", max_length=300)
    revoked_by = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="收回人"
    )
    revoked_by_name = models.CharField("收回人姓名", max_length=60)
    at = models.DateTimeField("收回时间")

    class Meta:
        verbose_name = "调阅收回"
        verbose_name_plural = "调阅收回"


class PlaySession(models.Model):
    """One sitting before the player: one entry in the second log, its byte ranges summed here."""

    key = models.CharField("会话", max_length=32, unique=True)
    record = models.ForeignKey("recording.Record", models.PROTECT, related_name="+", verbose_name="记录")
    by = models.CharField("人员", max_length=40)
    opened_at = models.DateTimeField("开始时间")
    last_at = models.DateTimeField("最近读取时间")
    ranges = models.PositiveIntegerField("读取次数", default=0)
    bytes = models.PositiveBigIntegerField("读取字节", default=0)
    first_byte = models.PositiveBigIntegerField("最前字节", null=True, blank=True)
    last_byte = models.PositiveBigIntegerField("最后字节", null=True, blank=True)

    class Meta:
        verbose_name = "播放"
        verbose_name_plural = "播放"
        indexes: ClassVar = [models.Index(fields=["record", "opened_at"], name="play_record")]


class DerivationOrder(models.Model):
    """A derivative ordered and how far its making has come. ``lasting``: it becomes a record of the
    dossier; otherwise it is a marked copy for who ordered it."""

    record = models.ForeignKey("recording.Record", models.PROTECT, related_name="+", verbose_name="原件")
    lasting = models.BooleanField("存入案卷")
    title = models.CharField("名称", max_length=200)
    recipe = models.JSONField("制作方法")
    use = models.CharField("用途", max_length=16, choices=choices.Use.choices)
    reason = models.CharField("事由", max_length=300)
    access = models.ForeignKey(
        AccessRequest, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="调阅申请"
    )
    ordered_by = models.CharField("制作人", max_length=40)
    ordered_by_name = models.CharField("制作人姓名", max_length=60)
    ordered_at = models.DateTimeField("提出时间")
    state = models.CharField(
        "进度", max_length=12, choices=choices.WorkState.choices, default=choices.WorkState.WAITING
    )
    percent = models.PositiveSmallIntegerField("完成比例", default=0)
    error = models.CharField("未能制作的原因", max_length=300, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    made = models.OneToOneField(
        "recording.Derivation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="成果"
    )

    class Meta:
        verbose_name = "衍生件制作"
        verbose_name_plural = "衍生件制作"
        indexes: ClassVar = [
            models.Index(fields=["record", "-ordered_at"], name="derivation_order_record"),
            models.Index(fields=["ordered_by", "-ordered_at"], name="derivation_order_by"),
        ]


class Derivation(models.Model):
    """How one thing was made from another: parent's and child's hashes, parameters, tool, who, when.

    ``subject`` names the parent as the logs do (``record:12``, ``paper:7``). ``record`` is the child
    where it became a record; a marked copy that left has only its hash, by which it is known again,
    and its file while that is kept.
    """

    subject = models.CharField("原件", max_length=40)
    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    parent = models.ForeignKey(
        "recording.Record", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原件记录"
    )
    parent_sha256 = models.CharField("原件 SHA-256", max_length=64)
    record = models.OneToOneField(
        "recording.Record", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="衍生件"
    )
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("字节")
    recipe = models.JSONField("制作方法")
    tool = models.CharField("制作工具", max_length=120)
    use = models.CharField("用途", max_length=16, choices=choices.Use.choices)
    reason = models.CharField("事由", max_length=300, blank=True)
    access = models.ForeignKey(
        AccessRequest, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="调阅申请"
    )
    made_by = models.CharField("制作人", max_length=40)
    made_by_name = models.CharField("制作人姓名", max_length=60)
    at = models.DateTimeField("制作时间")

    class Meta:
        verbose_name = "衍生件"
        verbose_name_plural = "衍生件"
        indexes: ClassVar = [models.Index(fields=["subject", "at"], name="derivation_subject")]
