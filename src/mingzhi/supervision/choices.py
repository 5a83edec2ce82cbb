"""Choices of the supervision room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class Act(models.TextChoices):
    """What happened to an annual report."""

    SENT = "sent", "报送"
    RECEIVED = "received", "签收"
    APPROVED = "approved", "审定公布"
    DELIVERED = "delivered", "送达对方系统"
    RETURNED = "returned", "退回"


class Way(models.TextChoices):
    """How a report reaches whom it is due to, or from where one comes."""

    HERE = "here", "本系统内的机关"
    AWAY = "away", "其他安装的系统"


class Late(models.TextChoices):
    """Why a decision was not disclosed in time, as the unit explains it."""

    COLLECTION = "collection", "采集录入不及时"
    CHECK = "check", "审核不及时"
    PUBLISHING = "publishing", "发布不及时"
    CORRECTION = "correction", "公示稿退回修改"
    CONFIDENTIAL = "confidential", "研究是否不予公开"
    SYSTEM = "system", "系统、网络原因"
    OTHER = "other", "其他"
