"""Choices of the deliberations room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class HearingState(models.TextChoices):
    REQUESTED = "requested", "已申请"
    REFUSED = "refused", "不予受理"
    NOTICED = "noticed", "已通知"
    HELD = "held", "已举行"
    ENDED = "ended", "已终止"
    REPORTED = "reported", "已提交听证报告"
    SUPERSEDED = "superseded", "已失效"
