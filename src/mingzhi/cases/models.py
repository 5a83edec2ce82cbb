"""Clues. A case itself is a dossier with its steps; nothing of it is stored a second time."""

from __future__ import annotations

from django.db import models

from mingzhi.cases import choices
from mingzhi.kernel.secrets import SealedTextField


class Clue(models.Model):
    """案源线索 (P01): where a case may come from. Registered once, then filed or dismissed with reason."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办机构"
    )
    number = models.CharField("线索编号", max_length=40, unique=True)
    source = models.CharField("来源", max_length=16, choices=choices.ClueSource.choices)
    received_at = models.DateTimeField("收到时间")
    title = models.CharField("线索摘要", max_length=200)
    detail = models.TextField("具体情况")
    place = models.CharField("发生地点", max_length=200, blank=True)
    occurred_on = models.DateField("发生日期", null=True, blank=True)
    suspect = models.CharField("涉嫌违法当事人", max_length=200, blank=True)
    informant = SealedTextField("线索提供人", blank=True, default="")
    informant_phone = SealedTextField("线索提供人电话", blank=True, default="")
    anonymous = models.BooleanField("要求保密", default=False)
    state = models.CharField("状态", max_length=16, choices=choices.ClueState.choices)
    check_due_on = models.DateField("核查期限", null=True, blank=True)
    dismissed_reason = models.TextField("不予立案理由", blank=True)
    dossier = models.ForeignKey(
        "dossiers.Dossier", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="立案案卷"
    )
    registered_by = models.CharField("登记人", max_length=40)
    registered_by_name = models.CharField("登记人姓名", max_length=60)
    registered_at = models.DateTimeField("登记时间")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "案源线索"
        verbose_name_plural = "案源线索"
        indexes = [models.Index(fields=["body", "state", "-registered_at"], name="clue_body_state")]

    def __str__(self) -> str:
        return self.number
