"""To-dos: who owes what by when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Task(models.Model):
    """待办. Opened by a step, closed by a step; the person or the unit it lies with."""

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="案卷"
    )
    subject = models.CharField("对象", max_length=60, blank=True)
    kind = models.CharField("种类", max_length=60)
    title = models.CharField("事项", max_length=200)
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任机构"
    )
    assignee = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任人"
    )
    permission = models.CharField("所需权限", max_length=60, blank=True)
    due_on = models.DateField("应完成日期", null=True, blank=True)
    opened_at = models.DateTimeField("产生时间")
    closed_at = models.DateTimeField("完成时间", null=True, blank=True)
    closed_by = models.CharField("完成人", max_length=40, blank=True)

    class Meta:
        verbose_name = "待办"
        verbose_name_plural = "待办"
        indexes = [
            models.Index(
                fields=["assignee", "due_on"], name="task_open_assignee", condition=Q(closed_at=None)
            ),
            models.Index(
                fields=["body", "permission", "due_on"], name="task_open_pool", condition=Q(closed_at=None)
            ),
            models.Index(fields=["dossier", "kind"], name="task_open_dossier", condition=Q(closed_at=None)),
        ]
