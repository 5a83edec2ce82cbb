"""Fixed words of the room."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """How far a message is. «Being run» is no state: it is a row lock that a crash lets go of."""

    WAITING = "waiting", "待处理"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
