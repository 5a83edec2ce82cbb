"""Fixed words of the room."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """How far a clock is. «Late» is not among them: it follows from the due date and the day."""

    RUNNING = "running", "计算中"
    SUSPENDED = "suspended", "中止"
    MET = "met", "已办结"
    DROPPED = "dropped", "已终止"


class DayKind(models.TextChoices):
    """What the calendar says of one day; a day without a row follows the week."""

    HOLIDAY = "holiday", "放假"
    MAKEUP = "makeup", "调休上班"
    WEEK = "week", "按周历（撤销原安排）"


class YearStatus(models.TextChoices):
    """Whether the State Council's notice for the year is in the calendar."""

    OFFICIAL = "official", "已公布"
    PROVISIONAL = "provisional", "暂定"


class RevisionAct(models.TextChoices):
    """How the calendar changed."""

    LOADED = "loaded", "装入年度安排"
    DAY_SET = "day_set", "修改单日"
