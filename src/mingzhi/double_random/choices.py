"""Choices of the double-random room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class Outcome(models.TextChoices):
    """What a random inspection found. The wording of each platform is set with its channel (待核实)."""

    CLEAN = "clean", "未发现问题"
    MENDED = "mended", "发现问题，已责令改正"
    PENDING = "pending", "发现问题，待后续处理"
    UNREACHABLE = "unreachable", "通过登记的住所（经营场所）无法联系"
    REFUSED = "refused", "不配合检查"
    IDLE = "idle", "未发现开展本次抽查涉及的经营活动"
    CLOSED = "closed", "已注销、停业"


class Stage(models.TextChoices):
    """Where a draw stands; it follows from what was recorded of it."""

    COMMITTED = "committed", "已公布名录，待抽取"
    DRAWN = "drawn", "已抽取，检查中"
    DONE = "done", "检查完毕"
    VOIDED = "voided", "已作废"
