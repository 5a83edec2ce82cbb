"""移交档案馆: lists of dossiers that go to the state archive, and everything that was done with them.

All append-only: what state a list or a line is in follows from the rows (``transfer.list_view``).
"""

from __future__ import annotations

from django.db import models

from mingzhi.dossiers import choices


class TransferList(models.Model):
    """移交清单: dossiers whose term in the bureau's own keeping is over, proposed for hand-over."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="移交机关")
    number = models.CharField("清单编号", max_length=60, unique=True)
    receiver = models.CharField("接收档案馆", max_length=120)
    description = models.CharField("内容描述", max_length=300)
    at = models.DateTimeField("提出时间")
    by = models.CharField("提出人", max_length=40)
    by_name = models.CharField("提出人姓名", max_length=60)

    class Meta:
        verbose_name = "移交清单"
        verbose_name_plural = "移交清单"


class TransferLine(models.Model):
    """One dossier on a list, with the index it had when listed."""

    list = models.ForeignKey(TransferList, models.PROTECT, related_name="lines", verbose_name="清单")
    archive = models.ForeignKey(
        "dossiers.ArchiveRecord", models.PROTECT, related_name="transfer_lines", verbose_name="归档"
    )
    transfer_on = models.DateField("应移交日期")
    index_digest = models.CharField("目录摘要", max_length=64)

    class Meta:
        verbose_name = "移交清单条目"
        verbose_name_plural = "移交清单条目"
        constraints = [models.UniqueConstraint(fields=("list", "archive"), name="transfer_line_once")]


class TransferDecision(models.Model):
    """The leader's word on a list. ``lines_digest`` is what was decided on."""

    list = models.OneToOneField(TransferList, models.PROTECT, related_name="decision", verbose_name="清单")
    approved = models.BooleanField("同意")
    note = models.CharField("意见", max_length=300, blank=True)
    lines_digest = models.CharField("清单摘要", max_length=64)
    at = models.DateTimeField("审批时间")
    by = models.CharField("审批人", max_length=40)
    by_name = models.CharField("审批人姓名", max_length=60)

    class Meta:
        verbose_name = "移交审批"
        verbose_name_plural = "移交审批"


class TransferWithdrawal(models.Model):
    """撤销清单: taken back before anything was handed over; its dossiers may be listed anew."""

    list = models.OneToOneField(TransferList, models.PROTECT, related_name="withdrawal", verbose_name="清单")
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("撤销时间")
    by = models.CharField("撤销人", max_length=40)
    by_name = models.CharField("撤销人姓名", max_length=60)

    class Meta:
        verbose_name = "撤销移交清单"
        verbose_name_plural = "撤销移交清单"


class TransferPackage(models.Model):
    """An archive package made for a line, and the four-property check that was run on it before it leaves."""

    line = models.ForeignKey(TransferLine, models.PROTECT, related_name="packages", verbose_name="条目")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+", verbose_name="档案包")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.BigIntegerField("字节数")
    index_digest = models.CharField("目录摘要", max_length=64)
    passed = models.BooleanField("检测通过")
    checks = models.JSONField("四性检测")
    at = models.DateTimeField("检测时间")

    class Meta:
        verbose_name = "移交档案包"
        verbose_name_plural = "移交档案包"


class TransferHandOver(models.Model):
    """移交登记: the packages of a list left on a medium. ``file`` is the manifest that went with them."""

    list = models.ForeignKey(TransferList, models.PROTECT, related_name="hand_overs", verbose_name="清单")
    medium = models.CharField("移交方式", max_length=12, choices=choices.Medium.choices)
    medium_kind = models.CharField("载体类型、规格", max_length=80, blank=True)
    medium_numbers = models.CharField("载体起止顺序号", max_length=80, blank=True)
    clerk = models.CharField("填表人", max_length=60)
    reviewer = models.CharField("审核人", max_length=60)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+", verbose_name="移交目录")
    sha256 = models.CharField("移交目录 SHA-256", max_length=64)
    size = models.BigIntegerField("移交数据量（字节）")
    at = models.DateTimeField("移交时间")
    by = models.CharField("移交人", max_length=40)
    by_name = models.CharField("移交人姓名", max_length=60)

    class Meta:
        verbose_name = "移交登记"
        verbose_name_plural = "移交登记"


class TransferReceipt(models.Model):
    """What the archive answered: its signed receipt, or the scan of its stamped register."""

    list = models.ForeignKey(TransferList, models.PROTECT, related_name="receipts", verbose_name="清单")
    kind = models.CharField("回执形式", max_length=8, choices=choices.ReceiptKind.choices)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+", verbose_name="回执")
    sha256 = models.CharField("SHA-256", max_length=64)
    key = models.CharField("接收方公钥", max_length=300, blank=True)
    receiver = models.CharField("接收单位", max_length=120)
    received_by = models.CharField("接收人", max_length=60)
    received_on = models.DateField("接收日期")
    at = models.DateTimeField("登记时间")
    by = models.CharField("登记人", max_length=40)
    by_name = models.CharField("登记人姓名", max_length=60)

    class Meta:
        verbose_name = "移交回执"
        verbose_name_plural = "移交回执"


class TransferResult(models.Model):
    """What became of one line: taken in, or come back with the reason."""

    receipt = models.ForeignKey(TransferReceipt, models.PROTECT, related_name="results", verbose_name="回执")
    line = models.OneToOneField(TransferLine, models.PROTECT, related_name="result", verbose_name="条目")
    accepted = models.BooleanField("已接收")
    reason = models.CharField("退回原因", max_length=300, blank=True)
    number = models.CharField("接收方档号", max_length=80, blank=True)

    class Meta:
        verbose_name = "移交结果"
        verbose_name_plural = "移交结果"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted=True) | ~models.Q(reason=""), name="transfer_rejected_says_why"
            )
        ]
