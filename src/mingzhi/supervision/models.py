"""统计年报: what matters count for, the sums kept of it, frozen reports and what happened to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.supervision import choices


class Supplement(models.Model):
    """补报数: what a unit reports because no matter in this system tells it. Append-only; a wrong one is
    set right by a further one that takes it back (negative numbers)."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    unit = models.ForeignKey("organisations.Unit", models.PROTECT, related_name="+", verbose_name="报送机构")
    year = models.PositiveSmallIntegerField("年度")
    cell = models.CharField("统计项", max_length=40)
    cases = models.IntegerField("数量")
    amount_fen = models.BigIntegerField("金额（分）", default=0)
    source = models.CharField("数据来源", max_length=200)
    by = models.CharField("登记人", max_length=40)
    by_name = models.CharField("登记人姓名", max_length=60)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "补报数"
        verbose_name_plural = "补报数"
        indexes = [models.Index(fields=["body", "year"], name="supplement_body_year")]


class Counted(models.Model):
    """统计分录: a change of what a matter (an inspection, a supplement) counts for, written with the step that
    made it.

    Append-only and signed: sums over any rows are figures, sums over rows with ``at`` up to a moment are
    the figures as of it. Derived from steps and findings by ``counting``; fsck compares.
    """

    # The first columns of indexes below: no other is needed for the keys themselves.
    body = models.ForeignKey(
        "organisations.Body", models.PROTECT, related_name="+", verbose_name="机关", db_index=False
    )
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, related_name="+", verbose_name="承办机构", db_index=False
    )
    dossier = models.ForeignKey(
        "dossiers.Dossier",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="案卷",
        db_index=False,
    )
    supplement = models.ForeignKey(
        Supplement, models.PROTECT, null=True, related_name="+", verbose_name="补报数", db_index=False
    )
    finding = models.ForeignKey(
        "double_random.Finding",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="抽查结果",
        db_index=False,
    )
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    cell = models.CharField("统计项", max_length=40)
    cases = models.IntegerField("数量")
    amount_fen = models.BigIntegerField("金额（分）", default=0)
    at = models.DateTimeField("记入时间")

    class Meta:
        verbose_name = "统计分录"
        verbose_name_plural = "统计分录"
        indexes = [
            models.Index(fields=["body", "year", "cell", "dossier"], name="counted_figure"),
            models.Index(fields=["dossier"], name="counted_dossier"),
            models.Index(fields=["finding"], condition=Q(finding__isnull=False), name="counted_finding"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(dossier__isnull=False, supplement__isnull=True, finding__isnull=True)
                | Q(dossier__isnull=True, supplement__isnull=False, finding__isnull=True)
                | Q(dossier__isnull=True, supplement__isnull=True, finding__isnull=False),
                name="counted_from_one_source",
            )
        ]


class Rollup(models.Model):
    """The sums of ``Counted``, kept in the transaction of the step.

    ``slot`` spreads the writers of one figure over several rows, so that two decisions of one month do
    not wait on one another; readers add the slots up.
    """

    body_id = models.BigIntegerField("机关")
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    cell = models.CharField("统计项", max_length=40)
    unit_id = models.BigIntegerField("承办机构")
    slot = models.PositiveSmallIntegerField("分片")
    cases = models.IntegerField("数量")
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        verbose_name = "统计汇总"
        verbose_name_plural = "统计汇总"
        constraints = [
            models.UniqueConstraint(
                fields=("body_id", "year", "month", "cell", "unit_id", "slot"), name="rollup_once"
            )
        ]


class Block(models.Model):
    """封存的分录: the entries ``first``–``last`` of one body and year once more, column by column.

    Derived from ``Counted`` like the sums are, and compared with it by fsck (``blocks``). ``runs`` says how
    ``content`` is cut up; a stretch that is sealed has a row for every body and year in it.
    """

    body_id = models.BigIntegerField("机关")
    year = models.PositiveSmallIntegerField("年度")
    first = models.BigIntegerField("首条分录")
    last = models.BigIntegerField("末条分录")
    entries = models.PositiveIntegerField("分录数")
    earliest = models.DateTimeField("最早记入时间")
    latest = models.DateTimeField("最晚记入时间")
    runs = models.JSONField("分段")
    content = models.BinaryField("内容")

    class Meta:
        verbose_name = "封存分录"
        verbose_name_plural = "封存分录"
        indexes = [models.Index(fields=["body_id", "year"], name="block_body_year")]
        constraints = [
            models.UniqueConstraint(fields=("last", "body_id", "year"), name="block_once"),
        ]


class ReportVersion(models.Model):
    """年报的一版: figures, rule and words as they were frozen. Append-only; a correction is a further one."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    year = models.PositiveSmallIntegerField("年度")
    no = models.PositiveSmallIntegerField("版次")
    as_of = models.DateTimeField("数据截至")
    figures = models.JSONField("数据")
    rule = models.JSONField("统计规则")
    cases = models.PositiveIntegerField("所列案件数")
    cases_sha256 = models.CharField("所列案件摘要", max_length=64)
    narrative = models.TextField("总体情况说明")
    reason = models.TextField("更正理由", blank=True)
    difference = models.JSONField("与上一版的差异", default=list)
    pdf_id = models.BigIntegerField("年报文件")
    pdf_sha256 = models.CharField("年报文件校验值", max_length=64)
    xlsx_id = models.BigIntegerField("数据表文件")
    xlsx_sha256 = models.CharField("数据表文件校验值", max_length=64)
    by = models.CharField("编制人", max_length=40)
    by_name = models.CharField("编制人姓名", max_length=60)
    at = models.DateTimeField("定版时间")

    class Meta:
        verbose_name = "统计年报"
        verbose_name_plural = "统计年报"
        constraints = [
            models.UniqueConstraint(fields=("body", "year", "no"), name="report_version_once"),
            models.CheckConstraint(condition=Q(no=1) | ~Q(reason=""), name="report_correction_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年第 {self.no} 版"


class ReportEvent(models.Model):
    """One thing that happened to a report on its way: sent, signed for, approved. Append-only.

    ``link`` is the place in the body's chain (from 0); ``unit`` the unit that reports, where every unit does.
    """

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    year = models.PositiveSmallIntegerField("年度")
    version = models.ForeignKey(
        ReportVersion, models.PROTECT, null=True, related_name="events", verbose_name="版次"
    )
    act = models.CharField("事项", max_length=16, choices=choices.Act.choices)
    link = models.PositiveSmallIntegerField("环节")
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, null=True, related_name="+", verbose_name="报送机构"
    )
    sender = models.CharField("报送方", max_length=120)
    receiver = models.CharField("接收方", max_length=120)
    person = models.CharField("签收人", max_length=60, blank=True)
    number = models.CharField("文号或者签收号", max_length=80, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    scan_id = models.BigIntegerField("回执扫描件", null=True)
    # NULL, not "": SQLite makes a table anew for a default, and its append-only triggers would be gone.
    scan_sha256 = models.CharField("回执扫描件校验值", max_length=64, null=True)
    on = models.DateField("日期")
    by = models.CharField("登记人", max_length=40)
    by_name = models.CharField("登记人姓名", max_length=60)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "年报报送记录"
        verbose_name_plural = "年报报送记录"
        indexes = [models.Index(fields=["body", "year", "link"], name="report_event_link")]


class Station(models.Model):
    """报送渠道: by which way a receiver of the body's reports is reached (``up``), or who may hand its reports
    to the body (not ``up``). Set and ended, never changed; what a report was sent by stays readable."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    up = models.BooleanField("向上报送")
    name = models.CharField("对方名称", max_length=120)
    way = models.CharField("方式", max_length=8, choices=choices.Way.choices)
    peer = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, related_name="+", verbose_name="对方机关"
    )
    url = models.CharField("对方地址", max_length=300, blank=True)
    vkey = models.CharField("对方公钥", max_length=300, blank=True)
    due = models.CharField("应报日期", max_length=5, blank=True)
    set_by = models.CharField("设置人", max_length=40)
    set_at = models.DateTimeField("设置时间")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "年报报送渠道"
        verbose_name_plural = "年报报送渠道"
        constraints = [
            models.UniqueConstraint(
                fields=("body", "up", "name"), condition=Q(ended_at=None), name="station_once"
            ),
            models.CheckConstraint(
                condition=Q(way="here", peer__isnull=False) | Q(way="away", peer__isnull=True) & ~Q(vkey=""),
                name="station_has_its_end",
            ),
        ]


class Inbound(models.Model):
    """收到的年报: a version of another body's report as it was handed to this one. Append-only."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="接收机关")
    station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="+", verbose_name="渠道")
    sender = models.CharField("报送机关", max_length=120)
    peer = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, related_name="+", verbose_name="报送机关"
    )
    link = models.PositiveSmallIntegerField("报送环节")
    year = models.PositiveSmallIntegerField("年度")
    no = models.PositiveSmallIntegerField("版次")
    content = models.JSONField("内容")
    sha256 = models.CharField("校验值", max_length=64)
    note = models.TextField("签名", blank=True)
    pdf_id = models.BigIntegerField("年报文件")
    pdf_sha256 = models.CharField("年报文件校验值", max_length=64)
    at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = "收到的年报"
        verbose_name_plural = "收到的年报"
        constraints = [models.UniqueConstraint(fields=("body", "sha256"), name="inbound_once")]
        indexes = [models.Index(fields=["body", "year"], name="inbound_year")]


class InboundAnswer(models.Model):
    """签收或者退回: the body's one answer to a report it received. Append-only."""

    inbound = models.OneToOneField(Inbound, models.PROTECT, related_name="answer", verbose_name="收到的年报")
    act = models.CharField("答复", max_length=16, choices=choices.Act.choices)
    reason = models.CharField("退回理由", max_length=300, blank=True)
    by = models.CharField("签收人", max_length=40)
    by_name = models.CharField("签收人姓名", max_length=60)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "年报签收、退回"
        verbose_name_plural = "年报签收、退回"
        constraints = [
            models.CheckConstraint(
                condition=Q(act="received") | Q(act="returned") & ~Q(reason=""), name="inbound_return_reason"
            )
        ]


class LateExplanation(models.Model):
    """The unit's word on why a disclosure is late. Append-only; the latest counts."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    disclosure = models.ForeignKey(
        "publication.Disclosure", models.PROTECT, related_name="+", verbose_name="公示"
    )
    reason = models.CharField("原因", max_length=16, choices=choices.Late.choices)
    text = models.CharField("说明", max_length=300)
    by = models.CharField("说明人", max_length=40)
    by_name = models.CharField("说明人姓名", max_length=60)
    at = models.DateTimeField("说明时间")

    class Meta:
        verbose_name = "逾期公示原因"
        verbose_name_plural = "逾期公示原因"
