"""What must leave after commit, and when each periodic job last ran."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.outbox.choices import State


class OutboxMessage(models.Model):
    """Something to do after the work committed: made in the work's transaction, run by the worker.

    ``key`` names the effect; a handler hands it to whatever it calls, so that running twice has one
    effect. ``payload`` holds ids and small facts, never personal data.
    """

    kind = models.CharField("事项", max_length=80)
    payload = models.JSONField("内容", default=dict)
    key = models.CharField("幂等键", max_length=160, blank=True)
    not_before = models.DateTimeField("最早处理时间")
    attempts = models.PositiveSmallIntegerField("已尝试", default=0)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    last_error = models.CharField("最近错误", max_length=500, blank=True)
    created_at = models.DateTimeField("登记时间")
    tried_at = models.DateTimeField("最近尝试", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "外发事项"
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "key"),
                condition=~Q(key=""),
                name="outbox_key_once",
                violation_error_message="同一幂等键的外发事项已经登记",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at__isnull=True)
                | Q(state__in=("done", "failed"), finished_at__isnull=False),
                name="outbox_finished_iff_ended",
                violation_error_message="已结束的外发事项应有结束时间",
            ),
        )
        indexes = (
            # The worker's question; `finished_at IS NULL` is what both planners can prove.
            models.Index(
                fields=("not_before", "id"), condition=Q(finished_at__isnull=True), name="outbox_due"
            ),
            models.Index(fields=("finished_at",), condition=Q(state="failed"), name="outbox_failed"),
        )

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}（{self.get_state_display()}）"


class PeriodicRun(models.Model):
    """When a periodic job last ran and how; survives restarts."""

    name = models.CharField("任务", max_length=80, primary_key=True)
    started_at = models.DateTimeField("最近开始", null=True)
    finished_at = models.DateTimeField("最近完成", null=True)
    next_at = models.DateTimeField("下次时间", null=True)
    last_error = models.CharField("最近错误", max_length=500, blank=True)
    failures = models.PositiveIntegerField("连续失败", default=0)

    class Meta:
        verbose_name = "定时任务"

    def __str__(self) -> str:
        return self.name
