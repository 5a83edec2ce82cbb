"""Hearings (行政处罚法第六十三条至第六十五条) and collective discussions (第五十七条第二款)."""

from __future__ import annotations

from django.db import models

from mingzhi.deliberations import choices


class Discussion(models.Model):
    """集体讨论: append-only minutes. Every member's view stands, dissent too; the chair speaks last."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    topic = models.CharField("议题", max_length=200)
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=120)
    chair = models.ForeignKey("organisations.Person", models.PROTECT, related_name="+", verbose_name="主持人")
    recorder = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="记录人"
    )
    views = models.JSONField("讨论意见")
    conclusion = models.TextField("结论")
    agreed = models.BooleanField("同意拟处理意见")
    chair_reasons = models.TextField("主要负责人与多数意见不一致的理由", blank=True)
    recorded_by = models.CharField("登记人", max_length=40)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "集体讨论"
        verbose_name_plural = "集体讨论"


class Hearing(models.Model):
    """听证: from request to report. Minutes are a paper; the recording is in the recording room."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    state = models.CharField("状态", max_length=16, choices=choices.HearingState.choices)
    requested_on = models.DateField("申请日期")
    requested_by = models.CharField("申请人", max_length=120)
    host = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主持人"
    )
    recorder = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录员"
    )
    starts_at = models.DateTimeField("举行时间", null=True, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    public = models.BooleanField("公开举行", default=True)
    closed_reason = models.CharField("不公开理由", max_length=200, blank=True)
    ended_because = models.CharField("终止原因", max_length=200, blank=True)
    report = models.TextField("听证报告意见", blank=True)

    class Meta:
        verbose_name = "听证"
        verbose_name_plural = "听证"
