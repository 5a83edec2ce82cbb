"""The life of what a citizen sent in: steps and files, the body's own terms, answers of general use."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.kernel.secrets import SealedTextField
from mingzhi.publication import choices
from mingzhi.publication.models import Intake


class IntakeStep(models.Model):
    """One thing that was done with an intake. Append-only; its words are ciphertext at rest.

    ``unit`` is the unit that was named, charged or asked; ``until`` the day an extension runs to.
    """

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="steps", verbose_name="来件")
    kind = models.CharField("环节", max_length=20, choices=choices.IntakeStepKind.choices)
    at = models.DateTimeField("时间")
    by = models.CharField("经办", max_length=40)
    by_name = models.CharField("经办人", max_length=60)
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="机构"
    )
    until = models.DateField("延至", null=True, blank=True)
    said = SealedTextField("内容", blank=True, default="")

    class Meta:
        verbose_name = "来件办理环节"
        verbose_name_plural = "来件办理环节"
        indexes = [models.Index(fields=["intake", "id"], name="intake_step_intake")]


class IntakeFile(models.Model):
    """A file that came with an intake. Append-only; the name may tell who sent it, so it is ciphertext."""

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="files", verbose_name="来件")
    file_id = models.BigIntegerField("文件编号")
    sha256 = models.CharField("SHA-256", max_length=64)
    name = SealedTextField("文件名")
    media_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")

    class Meta:
        verbose_name = "来件附件"
        verbose_name_plural = "来件附件"
        constraints = [models.UniqueConstraint(fields=("intake", "sha256"), name="intake_file_once")]


class IntakeTerm(models.Model):
    """A term that the body set itself by its own complaint rules (S0 五2; S1 三(二); S2 五(四)), where no law
    that we could read sets one. The newest row that holds on the day is the term. Append-only."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    kind = models.CharField("种类", max_length=16, choices=choices.IntakeKind.choices)
    stage = models.CharField("期限", max_length=12, choices=choices.IntakeStage.choices)
    days = models.PositiveSmallIntegerField("天数")
    working = models.BooleanField("按工作日计算")
    valid_from = models.DateField("适用于此日起收到的来件")
    citation = models.CharField("依据", max_length=200)
    set_by = models.CharField("设定人", max_length=40)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "来件办理期限"
        verbose_name_plural = "来件办理期限"
        indexes = [models.Index(fields=["body", "kind", "stage", "-id"], name="intake_term_body")]
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=365), name="intake_term_some_days"),
        ]


class IntakeCheck(models.Model):
    """The body's own rule whether answers of a kind are approved by a second person. The newest row that holds
    on the day is the rule. Append-only."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    kind = models.CharField("种类", max_length=16, choices=choices.IntakeKind.choices)
    needed = models.BooleanField("答复须经另一人审核")
    valid_from = models.DateField("适用于此日起收到的来件")
    citation = models.CharField("依据", max_length=200)
    set_by = models.CharField("设定人", max_length=40)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "来件答复审核规则"
        verbose_name_plural = "来件答复审核规则"
        indexes = [models.Index(fields=["body", "kind", "-id"], name="intake_check_body")]


class IntakeTransfer(models.Model):
    """转送函: a letter passed to an agency outside this installation, as the paper that was made. Append-only.

    ``named`` = the sender's name and contact and the words as written stand on it; else they are masked.
    """

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="transfers", verbose_name="来件")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="转送机关")
    number = models.CharField("文号", max_length=60, unique=True)
    to_name = models.CharField("接收机关", max_length=80)
    named = models.BooleanField("附来件人信息")
    file_id = models.BigIntegerField("文件编号")
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField("制作时间")
    by = models.CharField("经办", max_length=40)
    by_name = models.CharField("经办人", max_length=60)

    class Meta:
        verbose_name = "来件转送函"
        verbose_name_plural = "来件转送函"
        indexes = [models.Index(fields=["intake", "id"], name="intake_transfer_intake")]


class IntakeTransferEvent(models.Model):
    """What became of a 转送函: sent, signed for, or sent back, with the scan of what came back. Append-only."""

    transfer = models.ForeignKey(IntakeTransfer, models.PROTECT, related_name="events", verbose_name="转送函")
    kind = models.CharField("事项", max_length=12, choices=choices.TransferState.choices)
    on = models.DateField("日期")
    way = models.CharField("方式", max_length=12, choices=choices.TransferWay.choices, blank=True)
    whom = models.CharField("签收人或者邮件编号", max_length=60, blank=True)
    reason = models.CharField("退回理由", max_length=300, blank=True)
    file_id = models.BigIntegerField("扫描件", null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    at = models.DateTimeField("登记时间")
    by = models.CharField("登记", max_length=40)
    by_name = models.CharField("登记人", max_length=60)

    class Meta:
        verbose_name = "来件转送回执"
        verbose_name_plural = "来件转送回执"
        constraints = [
            models.UniqueConstraint(
                fields=("transfer",), condition=Q(kind__in=("received", "refused")), name="transfer_ends_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="received") | Q(file_id__isnull=False), name="transfer_received_has_scan"
            ),
            models.CheckConstraint(
                condition=~Q(kind="refused") | ~Q(reason=""), name="transfer_refused_has_reason"
            ),
        ]


class Question(models.Model):
    """A question with its answer as anybody may read it (R038): without anybody's personal data, put
    before the public by somebody other than who proposed it."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    intake = models.ForeignKey(
        Intake, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="来自来件"
    )
    question = models.TextField("问题")
    answer = models.TextField("答复")
    state = models.CharField(
        "状态",
        max_length=12,
        choices=choices.QuestionState.choices,
        default=choices.QuestionState.PROPOSED,
    )
    proposed_by = models.CharField("提出人", max_length=40)
    proposed_name = models.CharField("提出人姓名", max_length=60)
    proposed_at = models.DateTimeField("提出时间")
    checked_by = models.CharField("审核人", max_length=40, blank=True)
    checked_name = models.CharField("审核人姓名", max_length=60, blank=True)
    published_at = models.DateTimeField("公开时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    reason = models.TextField("退回或者撤下理由", blank=True)

    class Meta:
        verbose_name = "公开问答"
        verbose_name_plural = "公开问答"
        indexes = [models.Index(fields=["state", "-id"], name="question_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_by="") | ~Q(checked_by=models.F("proposed_by")),
                name="question_proposer_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | ~Q(checked_by=""), name="question_published_was_checked"
            ),
        ]
