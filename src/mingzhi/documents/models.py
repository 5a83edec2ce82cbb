"""Templates, numbers, papers, service. What has been issued is only ever added to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mingzhi.documents import choices
from mingzhi.kernel.secrets import SealedTextField


class Template(models.Model):
    """One version of a paper's template. ``body`` empty = shipped with the product, for everybody.

    A published text is never changed: an edit is a new version, and the old one becomes superseded.
    """

    body = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="适用机关"
    )
    code = models.CharField("文书代码", max_length=12)
    version = models.PositiveIntegerField("版本")
    title = models.CharField("文书名称", max_length=80)
    number_word = models.CharField("文号类别字", max_length=12, blank=True)
    outward = models.BooleanField("对外文书", default=False)
    seal = models.BooleanField("加盖印章", default=False)
    text = models.TextField("模板文本")
    text_digest = models.CharField("文本摘要", max_length=64)
    state = models.CharField("状态", max_length=12, choices=choices.TemplateState.choices, default="draft")
    created_at = models.DateTimeField("起草时间")
    created_by = models.CharField("起草人", max_length=40)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.CharField("发布人", max_length=40, blank=True)

    class Meta:
        verbose_name = "文书模板"
        verbose_name_plural = "文书模板"
        ordering = ("code", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("body", "code", "version"), name="template_version_once"),
            models.UniqueConstraint(
                fields=("code", "version"), condition=Q(body=None), name="template_shipped_version_once"
            ),
            models.UniqueConstraint(
                fields=("body", "code"), condition=Q(state="published"), name="template_one_in_force"
            ),
            models.UniqueConstraint(
                fields=("code",),
                condition=Q(state="published", body=None),
                name="template_shipped_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="template_published_has_date",
            ),
        ]


class NumberStyle(models.Model):
    """How a body writes its paper numbers. Absent = 第, no leading zeros."""

    body = models.OneToOneField("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    use_di = models.BooleanField("序号前加“第”字", default=True)
    pad = models.PositiveSmallIntegerField("序号补零位数", default=0)
    word_suffix = models.CharField("类别字后缀", max_length=4, default="字", blank=True)
    words = models.JSONField(
        "类别字", default=dict, blank=True, help_text="文书代码到类别字，未列的用模板所定"
    )

    class Meta:
        verbose_name = "文号格式"
        verbose_name_plural = "文号格式"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pad__lte=4), name="number_pad_at_most_four")
        ]


class NumberBlock(models.Model):
    """Numbers reserved for a device that works without the net (处罚法第五十二条：编有号码)."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    word = models.CharField("字头", max_length=40)
    year = models.PositiveSmallIntegerField("年份")
    first = models.PositiveIntegerField("起号")
    last = models.PositiveIntegerField("止号")
    holder = models.CharField("领用设备或人员", max_length=60)
    allotted_at = models.DateTimeField("领用时间")
    allotted_by = models.CharField("发放人", max_length=40)

    class Meta:
        verbose_name = "预留号段"
        verbose_name_plural = "预留号段"


class DocumentNumber(models.Model):
    """文书编号登记簿: issued once, never used again. A void leaves the row and adds a ``NumberVoid``."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    word = models.CharField("字头", max_length=40)
    year = models.PositiveSmallIntegerField("年份")
    seq = models.PositiveIntegerField("序号")
    text = models.CharField("文号", max_length=80)
    block = models.ForeignKey(
        NumberBlock, models.PROTECT, null=True, blank=True, related_name="numbers", verbose_name="号段"
    )
    allotted_at = models.DateTimeField("发号时间")
    allotted_by = models.CharField("发号人", max_length=40)

    class Meta:
        verbose_name = "文书编号"
        verbose_name_plural = "文书编号登记簿"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("body", "word", "year", "seq"), name="number_once"),
            models.UniqueConstraint(fields=("body", "text"), name="number_text_once"),
        ]


class NumberVoid(models.Model):
    """A number that will never stand on a paper, and why."""

    number = models.OneToOneField(DocumentNumber, models.PROTECT, related_name="void", verbose_name="文号")
    reason = models.CharField("作废原因", max_length=200)
    at = models.DateTimeField("作废时间")
    by = models.CharField("经办人", max_length=40)

    class Meta:
        verbose_name = "文号作废"
        verbose_name_plural = "文号作废"


class HandedWithdrawal(models.Model):
    """A paper that was handed over without the net, never registered and then withdrawn: its code says so.

    Every column is what the public page tells; who withdrew it is noted where it was withdrawn.
    """

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    code = models.CharField("核验码", max_length=20, unique=True)
    title = models.CharField("文书名称", max_length=80)
    number = models.CharField("文号", max_length=80)
    made_on = models.DateField("制作日期")
    content_sha256 = models.CharField("内容摘要", max_length=64)
    reason = models.CharField("撤回原因", max_length=200)
    at = models.DateTimeField("撤回时间")

    class Meta:
        verbose_name = "现场文书撤回"
        verbose_name_plural = "现场文书撤回"


class Paper(models.Model):
    """One paper as issued: template version and data, from which its page can always be made again.

    Never updated: what happens to it later (rendered, signed, served, voided) are rows of their own.
    ``step_id`` names a step of the procedures room, which lies above.
    """

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.PROTECT, related_name="papers", verbose_name="案卷"
    )
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    template = models.ForeignKey(Template, models.PROTECT, related_name="papers", verbose_name="模板版本")
    template_code = models.CharField("文书代码", max_length=12)
    title = models.CharField("文书名称", max_length=80)
    number = models.OneToOneField(
        DocumentNumber, models.PROTECT, null=True, blank=True, related_name="paper", verbose_name="文号"
    )
    data = SealedTextField("内容（规范形式）")
    data_digest = models.CharField("内容摘要", max_length=64)
    code = models.CharField("核验码", max_length=20, unique=True)
    outward = models.BooleanField("对外文书", default=False)
    step_id = models.BigIntegerField("环节", null=True, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="补正对象"
    )
    drawn_at = models.DateTimeField("制作时间")
    drawn_by = models.CharField("制作人", max_length=40)

    class Meta:
        verbose_name = "文书"
        verbose_name_plural = "文书"
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=["body", "-drawn_at"], name="paper_body_recent")]


class PaperFile(models.Model):
    """The page as signed: one per paper, for good."""

    paper = models.OneToOneField(Paper, models.PROTECT, related_name="page", verbose_name="文书")
    file_id = models.BigIntegerField("文件")
    sha256 = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)
    plain_sha256 = models.CharField("签名前摘要", max_length=64)
    size = models.PositiveBigIntegerField("字节")
    pages = models.PositiveSmallIntegerField("页数")
    layout = models.CharField("排版版本", max_length=20)
    certificate = models.CharField("签名证书指纹", max_length=64)
    rendered_at = models.DateTimeField("签章时间")

    class Meta:
        verbose_name = "文书文件"
        verbose_name_plural = "文书文件"


class PaperSignature(models.Model):
    """Who signed by hand, refused or was absent; the scan if there is one."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="signatures", verbose_name="文书")
    kind = models.CharField("身份", max_length=12, choices=choices.SignerKind.choices)
    name = SealedTextField("姓名")
    outcome = models.CharField("结果", max_length=12, choices=choices.SignatureOutcome.choices)
    note = models.CharField("注明", max_length=200, blank=True)
    file_id = models.BigIntegerField("扫描件", null=True, blank=True)
    #: Of the scan, since signatures are bound by it; NULL without one, and on rows older than that.
    sha256 = models.CharField("扫描件摘要", max_length=64, null=True, blank=True)
    at = models.DateTimeField("时间")
    by = models.CharField("记录人", max_length=40)

    class Meta:
        verbose_name = "文书签名"
        verbose_name_plural = "文书签名"


class PaperVoid(models.Model):
    """A paper withdrawn before it was served."""

    paper = models.OneToOneField(Paper, models.PROTECT, related_name="void", verbose_name="文书")
    reason = models.CharField("作废原因", max_length=200)
    at = models.DateTimeField("作废时间")
    by = models.CharField("经办人", max_length=40)

    class Meta:
        verbose_name = "文书作废"
        verbose_name_plural = "文书作废"


class Service(models.Model):
    """送达: one attempt to serve one paper, with its proof; ``deemed_on`` is the day it counts from."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="services", verbose_name="文书")
    dossier = models.ForeignKey(
        "dossiers.Dossier", models.PROTECT, related_name="services", verbose_name="案卷"
    )
    mode = models.CharField("送达方式", max_length=12, choices=choices.ServiceMode.choices)
    outcome = models.CharField("结果", max_length=8, choices=choices.ServiceOutcome.choices)
    deemed_on = models.DateField("视为送达日期", null=True, blank=True)
    #: Of the recipient, for a service that was done; NULL for an attempt, so that attempts may repeat.
    recipient_fingerprint = models.CharField(max_length=64, null=True, editable=False)
    facts = SealedTextField("送达情况（规范形式）")
    facts_digest = models.CharField("送达情况摘要", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=40)

    class Meta:
        verbose_name = "送达"
        verbose_name_plural = "送达"
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("paper", "recipient_fingerprint"),
                condition=Q(outcome="done"),
                name="paper_served_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="done", deemed_on__isnull=False) | Q(outcome="failed", deemed_on=None),
                name="service_done_has_date",
            ),
        ]
