"""Steps: append-only, the only source of a dossier's state."""

from __future__ import annotations

from django.db import models


class Step(models.Model):
    """环节: one thing that somebody did at a time.

    ``at`` is the server's time; ``occurred_at`` is when it happened by the entrant's word; the gap
    is shown (R067). ``norms`` holds ids, values and versions of the rules that were applied (style
    rule 21). Triggers refuse UPDATE and DELETE.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    seq = models.PositiveIntegerField("序号")
    verb = models.CharField("环节", max_length=40)
    stage = models.CharField("阶段", max_length=16)
    from_state = models.CharField("原状态", max_length=32)
    to_state = models.CharField("新状态", max_length=32)
    by = models.CharField("办理人", max_length=40)
    by_name = models.CharField("办理人姓名", max_length=60)
    by_unit = models.BigIntegerField("办理机构", null=True)
    at = models.DateTimeField("登记时间")
    occurred_at = models.DateTimeField("发生时间")
    facts = models.JSONField("事实")
    norms = models.JSONField("适用规则", default=dict)
    key = models.CharField("提交凭据", max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "环节"
        verbose_name_plural = "环节"
        constraints = [models.UniqueConstraint(fields=("dossier", "seq"), name="step_seq_once")]
        indexes = [models.Index(fields=["verb", "at"], name="step_verb_at")]
